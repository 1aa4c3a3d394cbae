"""Taking turns where the minimums of all cars do not fit (DESIGN section 5.9).

The allocator lets in as many cars as possible. That alone would never serve a car on three phases where
three on one phase each want the same room, nor keep a car on that has just got its turn. So, where the
minimums of all who ask do not fit, it is settled first who stands aside in this step:

1. who got his turn less than `MIN_ON_S` ago keeps it;
2. who has waited for `PATIENCE_S` goes next, longest first. Where his minimum does not fit, the room that
   he needs is not given to others either: it comes free when their turns end. He holds it only while he could
   be admitted beside those of higher priority and those who go before him: else a whole turn passes before his,
   and somebody else may use it for that. A load other than cars that stands in his way
   for less than `HOLD_S` costs him no place either: meanwhile nobody new gets what he needs, but who charges
   goes on;
3. the others as the allocator chooses: as many as possible, longest waiting first.

A turn that is broken off by lack of room goes on with its old place in the queue and what was left of it.
`longest_wait_s` says how long anybody can wait.
"""

from collections.abc import Iterable, Mapping, Sequence

from kwartier.control.allocation import AllocCharger, Tree
from kwartier.control.allocation.left import Left, left
from kwartier.control.allocation.tree import Reach
from kwartier.control.memory import PointMemory
from kwartier.site.once import once_per_site
from kwartier.site.phases import PhaseVector
from kwartier.site.topology import Site

MIN_ON_S = 900.0
"""A car that got its turn keeps it for this long before one that waits may take its place."""
PATIENCE_S = 900.0
HOLD_S = 1200.0
"""So long he keeps his place at the front while another load stands in his way."""
CHANGE_S = 60.0
"""What a change of turns may take: one comes down, his reading confirms it, the next one is raised."""
EPS_A = 1e-6
KEEPS_S = 1e9
"""The claim of who keeps his turn: longer than anybody has waited."""


@once_per_site
def tree_of_site(site: Site) -> Tree:
    """The tree of a site does not change while it runs."""
    return Tree(site.parents)


def claim_s(remembered: PointMemory, now_s: float) -> float:
    """How strong a claim on a place is. Who has just got his turn, or stands still to change his phases, keeps
    it; then who waits longest."""
    if remembered.switch is not None and remembered.switch.moving:
        return KEEPS_S
    if remembered.started_s is not None:
        return KEEPS_S if now_s - remembered.started_s + remembered.served_s < MIN_ON_S else 0.0
    return now_s - remembered.waiting_s if remembered.waiting_s is not None else 0.0


def longest_wait_s(rivals: int, places: int) -> float:
    """How long a car waits at most for its turn while it could be admitted if it were alone.

    `rivals` is how many other cars may stand in its way, directly or through others; `places` how many of all
    these cars fit together, whichever they are (at least 1).
    """
    return PATIENCE_S + -(-(rivals + 1) // max(1, places)) * (MIN_ON_S + CHANGE_S)


def begin_turn(draft: PointMemory, now_s: float) -> None:
    """It has current: note since when, and how long it had waited."""
    if draft.started_s is None:
        draft.started_s = now_s
        draft.queued_s = now_s if draft.waiting_s is None else draft.waiting_s
    draft.waiting_s = None


def end_turn(draft: PointMemory, waits: bool, now_s: float) -> None:
    """It has no current. One whose turn was broken off takes up its old place in the queue; one that took nothing has
    had its turn."""
    started_s, draft.started_s = draft.started_s, None
    if draft.unheard:
        return  # nothing is known of its car, which may be waiting still
    if not waits:
        draft.waiting_s = draft.queued_s = None
        draft.served_s = 0.0
    elif draft.waiting_s is None:
        draft.served_s += 0.0 if started_s is None else now_s - started_s
        broken = started_s is not None and draft.served_s < MIN_ON_S and not draft.idle
        if broken and draft.queued_s is not None:
            draft.waiting_s = draft.queued_s
        else:
            draft.waiting_s, draft.served_s = now_s, 0.0


def stand_aside(
    tree: Tree,
    chargers: Sequence[AllocCharger],
    room_a: Mapping[str, PhaseVector],
    points: Mapping[str, PointMemory],
    now_s: float,
    together_a: Mapping[str, float] | None = None,
) -> set[str]:
    """Ids of the chargers that get nothing in this step, so that all the others' minimums fit. `waiting_s`
    of each is its claim. Those whom no circuit has room for anyway are left to the allocator. `together_a`:
    what circuits with a limit on the sum of their phases have left for cars on all of them. Notes in the
    drafts `points` who could be admitted alone."""
    room = left(tree, room_a, together_a)
    reach_of = tree.reach
    everybody = [(c, reach_of(c.circuit, c.phases)) for c in chargers]
    least_a = _least_a(everybody)
    crowded = _crowded(room, least_a)
    if not crowded:
        return set()  # as nearly always
    reaches = tree.reaches
    most_a = {number: room.one_a(reaches[number]) + EPS_A for number in least_a}
    asking = [
        (c, reach)
        for c, reach in everybody
        if 0.0 < c.min_a <= c.max_a and (c.min_a <= most_a[reach.number] or _keeps_place(c, points, now_s))
    ]
    if len(asking) < len(everybody):
        crowded = _crowded(room, _least_a(asking))
        if not crowded:
            return set()
    # Only where there is a crowd does anybody have to stand aside; all other rows hold everybody.
    touching = {
        number
        for number in most_a
        if not crowded.isdisjoint((reach := reaches[number]).rows) or not crowded.isdisjoint(room.sums(reach))
    }
    levels: dict[int, list[tuple[AllocCharger, Reach]]] = {}
    for one in asking:
        if one[1].number in touching:
            level = levels.get(one[0].priority)
            if level is None:
                levels[one[0].priority] = [one]
            else:
                level.append(one)
    aside: set[str] = set()
    for priority in sorted(levels, reverse=True):
        aside |= _settle(levels[priority], room, points, now_s)
    return aside


def _keeps_place(charger: AllocCharger, points: Mapping[str, PointMemory], now_s: float) -> bool:
    """Whether he is next, and could have been admitted alone a while ago."""
    return (
        charger.waiting_s >= PATIENCE_S
        and points[charger.id].started_s is None
        and now_s - points[charger.id].alone_s <= HOLD_S
    )


def _settle(
    level: list[tuple[AllocCharger, Reach]],
    room: Left,
    points: Mapping[str, PointMemory],
    now_s: float,
) -> set[str]:
    """One priority: books who goes first in `room`; returns who stands aside."""
    alone = _alone(level, room, points, now_s)
    promised = room.copy()
    queue = sorted(_without_the_sure(level, room, promised, points), key=lambda c: -c.waiting_s)
    others: list[AllocCharger] = []
    blocked: list[AllocCharger] = []
    aside: set[str] = set()
    for charger in queue:
        if charger.waiting_s < PATIENCE_S:
            others.append(charger)
            continue
        on = points[charger.id].started_s is not None
        if room.fits(charger):
            room.take(charger)
            if not on:
                promised.take(charger)
        elif on:
            others.append(charger)  # its turn holds, but the room for all turns has shrunk
        else:
            aside.add(charger.id)
            if charger.id in alone:
                if promised.fits(charger):
                    promised.take(charger)
                    room.take(charger)
            elif _keeps_place(charger, points, now_s):
                blocked.append(charger)
    if blocked:
        # Another load stands in their way: who charges may go on meanwhile, nobody new begins.
        charging = [c for c in others if points[c.id].started_s is not None]
        others = [c for c in others if points[c.id].started_s is None]
        aside |= _admit(charging, room)
        for charger in blocked:
            room.take(charger)
    return aside | _admit(others, room)


def _admit(chargers: list[AllocCharger], room: Left) -> set[str]:
    """Book as many as possible, as the allocator would when each takes its minimum; returns the others."""
    if not chargers:
        return set()
    left: set[str] = set()
    for charger, admitted in zip(chargers, room.let_in(chargers), strict=True):
        if admitted:
            room.take(charger)
        else:
            left.add(charger.id)
    return left


def _alone(
    level: list[tuple[AllocCharger, Reach]],
    room: Left,
    points: Mapping[str, PointMemory],
    now_s: float,
) -> set[str]:
    """Who of those that wait could be admitted alone; noted in their drafts."""
    known: dict[int, float] = {}
    out: set[str] = set()
    for charger, reach in level:
        remembered = points[charger.id]
        if remembered.started_s is not None:
            continue
        one_a = known.get(reach.number)
        if one_a is None:
            one_a = known[reach.number] = room.one_a(reach)
        if one_a >= charger.min_a - EPS_A:
            out.add(charger.id)
            remembered.alone_s = now_s
    return out


def _without_the_sure(
    level: list[tuple[AllocCharger, Reach]],
    room: Left,
    promised: Left,
    points: Mapping[str, PointMemory],
) -> list[AllocCharger]:
    """Who is left of them when those who keep their turn are booked: all at once, where there is room for all of
    them, as nearly always."""
    sure = [one for one in level if one[0].waiting_s >= KEEPS_S]
    if not sure:
        return [c for c, _ in level]
    booked = room.copy()
    booked.book_all(_least_a(sure))
    if booked.full():
        return [c for c, _ in level]
    room.free_a = booked.free_a
    moving = [one for one in sure if points[one[0].id].started_s is None]
    if moving:
        promised.book_all(_least_a(moving))
    return [c for c, _ in level if c.waiting_s < KEEPS_S]


def _crowded(room: Left, least_a: Mapping[int, float]) -> set[int]:
    """The rows that these minimums, by the numbers of their reaches, overfill together."""
    left = room.copy()
    left.book_all(least_a)
    return left.full()


def _least_a(chargers: Iterable[tuple[AllocCharger, Reach]]) -> dict[int, float]:
    """Their minimums by the numbers of their reaches."""
    sums: dict[int, float] = {}
    known = sums.get
    for charger, reach in chargers:
        number = reach.number
        sums[number] = known(number, 0.0) + charger.min_a
    return sums
