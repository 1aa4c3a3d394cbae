"""Taking turns where the minimums of all cars do not fit (DESIGN section 5.9).

The allocator lets in as many cars as possible. That alone would never serve a car on three phases where
three on one phase each want the same room, nor keep a car on that has just got its turn. So, where the
minimums of all who ask do not fit, it is settled first who stands aside in this step:

1. who got his turn less than `MIN_ON_S` ago keeps it;
2. who has waited for `PATIENCE_S` goes next, longest first. Where his minimum does not fit, the room that
   he needs is not given to others either: it comes free when their turns end. Something else than cars may
   stand in his way, so he holds the room for `HOLD_S` and then lets go of it for as long;
3. the others as the allocator chooses: as many as possible, longest waiting first.
"""

from collections.abc import Iterable, Mapping, Sequence

from kwartier.control.allocation import AllocCharger, AllocCircuit, Tree, allocate
from kwartier.control.memory import PointMemory
from kwartier.site.phases import PhaseVector
from kwartier.site.topology import Site

MIN_ON_S = 900.0
"""A car that got its turn keeps it for this long before one that waits may take its place."""
PATIENCE_S = 900.0
HOLD_S = 1200.0
"""Longer than any turn that runs when the hold begins."""
EPS_A = 1e-6

Left = dict[str, list[float]]
"""Per circuit and phase: what is left for cars, A."""


def claim_s(remembered: PointMemory, now_s: float) -> float:
    """How strong a claim on a place is. Who has just got his turn, or stands still to change his phases, keeps
    it; then who waits longest."""
    if remembered.switch is not None and remembered.switch.moving:
        return 1e9
    if remembered.started_s is not None:
        return 1e9 if now_s - remembered.started_s < MIN_ON_S else 0.0
    return now_s - remembered.waiting_s if remembered.waiting_s is not None else 0.0


def stand_aside(
    site: Site,
    tree: Tree,
    chargers: Sequence[AllocCharger],
    room_a: Mapping[str, PhaseVector],
    points: Mapping[str, PointMemory],
) -> set[str]:
    """Ids of the chargers that get nothing in this step, so that all the others' minimums fit. `waiting_s`
    of each is its claim. Those whom no circuit has room for anyway are left to the allocator."""
    room = {circuit_id: list(free) for circuit_id, free in room_a.items()}
    places = {(c.circuit, c.phases) for c in chargers}
    most_a = {(at, phases): _free_a(site, room, at, phases) for at, phases in places}
    asking = [c for c in chargers if 0.0 < c.min_a <= min(c.max_a, most_a[c.circuit, c.phases] + EPS_A)]
    crowded = _crowded(site, room, asking)
    if not crowded:
        return set()
    # Only where there is a crowd does anybody have to stand aside; all other rows hold everybody.
    touching = {
        (at, phases) for at, phases in places if any((c, p) in crowded for c in site.path[at] for p in phases)
    }
    asking = [c for c in asking if (c.circuit, c.phases) in touching]
    aside: set[str] = set()
    for priority in sorted({c.priority for c in asking}, reverse=True):
        level = [c for c in asking if c.priority == priority]
        aside |= _settle(site, tree, level, room, points)
    return aside


def _settle(
    site: Site, tree: Tree, level: list[AllocCharger], room: Left, points: Mapping[str, PointMemory]
) -> set[str]:
    """One priority: books who goes first in `room`; returns who stands aside."""
    others: list[AllocCharger] = []
    aside: set[str] = set()
    for charger in sorted(level, key=lambda c: -c.waiting_s):
        on = points[charger.id].started_s is not None
        if charger.waiting_s < PATIENCE_S:
            others.append(charger)
        elif _fits(site, room, charger):
            _book(site, room, charger)
        elif on:
            others.append(charger)  # its turn holds, but the room for all turns has shrunk
        else:
            aside.add(charger.id)
            if (charger.waiting_s - PATIENCE_S) % (2.0 * HOLD_S) < HOLD_S:
                _book(site, room, charger)
    for charger, admitted in zip(others, _as_many_as_possible(site, tree, others, room), strict=True):
        if admitted:
            _book(site, room, charger)
        else:
            aside.add(charger.id)
    return aside


def _as_many_as_possible(site: Site, tree: Tree, chargers: list[AllocCharger], room: Left) -> Iterable[bool]:
    """Which of them the allocator would admit when each takes its minimum."""
    if not chargers:
        return ()
    circuits = [AllocCircuit(i, parent, (room[i][0], room[i][1], room[i][2])) for i, parent in site.parents]
    least = [
        AllocCharger(c.id, c.circuit, c.phases, c.min_a, c.min_a, waiting_s=c.waiting_s) for c in chargers
    ]
    return (g.admitted for g in allocate(circuits, least, tree=tree).grants)


def _crowded(site: Site, room: Left, chargers: Iterable[AllocCharger]) -> set[tuple[str, int]]:
    """Circuits and phases that the minimums of all together overfill."""
    sums: dict[tuple[str, tuple[int, ...]], float] = {}
    for c in chargers:
        sums[c.circuit, c.phases] = sums.get((c.circuit, c.phases), 0.0) + c.min_a
    left = {circuit_id: free[:] for circuit_id, free in room.items()}
    for (circuit, phases), total in sums.items():
        for circuit_id in site.path[circuit]:
            free = left[circuit_id]
            for phase in phases:
                free[phase - 1] -= total
    return {(c, i + 1) for c, free in left.items() for i in range(3) if free[i] < -EPS_A}


def _free_a(site: Site, room: Left, circuit: str, phases: tuple[int, ...]) -> float:
    """What one charger could have there, nobody else taking more."""
    return min(room[c][p - 1] for c in site.path[circuit] for p in phases)


def _fits(site: Site, room: Left, charger: AllocCharger) -> bool:
    return _free_a(site, room, charger.circuit, charger.phases) >= charger.min_a - EPS_A


def _book(site: Site, room: Left, charger: AllocCharger) -> None:
    for circuit_id in site.path[charger.circuit]:
        for phase in charger.phases:
            room[circuit_id][phase - 1] -= charger.min_a
