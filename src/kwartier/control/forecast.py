"""When a car that waits will get its turn, as well as can be told now: what a driver reads as "in about n minutes".

A list is scheduled: the turns that run end when they must, who waits is put in at the first moment at which his
minimum fits for a whole turn without delaying anybody before him. That supposes that other loads stay as they are,
that nobody leaves and that nobody comes; who leaves makes it sooner, and a load that rises makes it later. The
allocator sometimes lets somebody in out of turn because more cars fit so; that is not foreseen either.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from math import ceil
from typing import NamedTuple

from kwartier.control.allocation import AllocCharger
from kwartier.control.memory import PointMemory, Turn
from kwartier.control.turns import EPS_A, MIN_ON_S, PATIENCE_S, tree_of_site
from kwartier.site.once import once_per_site
from kwartier.site.phases import PhaseVector
from kwartier.site.topology import Site

START_S = 20.0
"""What a change of turns usually takes (`turns.CHANGE_S` is the most)."""
RENEW_S = 60.0
"""How old a forecast may be; between two of them its minutes are only counted down."""
MOST = 24
"""For so many in the queue it is reckoned; who stands further back is told no time."""
MOMENTS = 12
"""So many ends of turns are looked at for each: some hours."""


@dataclass(slots=True, eq=False)
class _Turn:
    """Somebody who charges, now or in what is foreseen. Each is himself: two may have begun alike."""

    number: int
    """In the order in which they were noted."""
    rows: tuple[int, ...]
    min_a: float
    sum_a: float
    """What it takes of the three phases together."""
    start_s: float
    end_s: float
    """It may be taken away from then on."""
    leaves_s: float | None = None
    """When somebody takes it."""

    def runs(self, at_s: float) -> bool:
        """Whether it has current at a moment."""
        return self.start_s <= at_s and (self.leaves_s is None or self.leaves_s > at_s)


@once_per_site
def _by_id(site: Site) -> tuple[int, ...]:
    """A number per row of the tree that sorts them by the ids of circuits, then by phase; between two circuits one is
    left free."""
    tree = tree_of_site(site)
    place = {circuit_id: 4 * n for n, circuit_id in enumerate(sorted(tree.ids))}
    return tuple(place[circuit_id] + phase for circuit_id in tree.ids for phase in (1, 2, 3))


@once_per_site
def _below(site: Site) -> tuple[tuple[int, ...], ...]:
    """Per row of the tree: itself and all rows below it."""
    tree = tree_of_site(site)
    found: list[list[int]] = [[] for _ in range(tree.row_count)]
    for row, above in tree.rows_up:
        found[row].append(row)
        if above >= 0:
            found[above] += found[row]
    return tuple(tuple(rows) for rows in found)


class _Plan:
    """Turns on flat rows: those of the tree (`allocation.tree`), then one per circuit whose phases together have a
    limit. Of the turns that run now each row keeps the sum; one by one they are looked at only where a row is short."""

    __slots__ = (
        "_below",
        "_ended",
        "_ends",
        "_free_a",
        "_leaving",
        "_now_s",
        "_order",
        "_own",
        "_phase_rows",
        "_placed",
        "_places",
        "_running",
        "_sums",
        "_tree",
    )

    def __init__(self, queue: "Queue") -> None:
        tree = self._tree = tree_of_site(queue.site)
        self._now_s, self._phase_rows = queue.now_s, tree.row_count
        self._sums = {tree.index[c]: tree.row_count + n for n, c in enumerate(queue.together_a)}
        self._free_a = [free for circuit_id in tree.ids for free in queue.room_a[circuit_id]]
        self._free_a += queue.together_a.values()
        """What the turns that run now leave."""
        rows = range(len(self._free_a))
        by_id = _by_id(queue.site)
        self._order = (*by_id, *(by_id[3 * at] - 1 for at in self._sums))
        """In which room is looked for: by the ids of circuits, the sum before the phases."""
        self._below = _below(queue.site)
        self._own: list[list[_Turn]] = [[] for _ in range(self._phase_rows)]
        """Turns that run now, by the rows of their own circuits."""
        self._running: dict[int, list[_Turn]] = {}
        """The same by all rows that they load, in the order in which they were noted; of the rows asked for so far."""
        self._ended: dict[tuple[int, float], list[_Turn]] = {}
        """Those of them that may be taken at a moment."""
        self._leaving: list[list[_Turn]] = [[] for _ in rows]
        """Those of the running ones that somebody takes."""
        self._placed: list[list[_Turn]] = [[] for _ in rows]
        """Those that are foreseen, in the order in which they were noted."""
        self._ends: list[set[float]] = [set() for _ in rows]
        self._places: dict[tuple[str, tuple[int, ...]], _Place] = {}

    def run(self, turns: Iterable[tuple[AllocCharger, float, float]]) -> None:
        """Note the turns that run: who, since when, and until when they last at least."""
        now_s, own, ends = self._now_s, self._own, self._ends
        own_a = [0.0] * self._phase_rows
        known = self._places.get
        for number, (charger, start_s, end_s) in enumerate(turns):
            place = known((charger.circuit, charger.phases)) or self._place(charger)
            least_a = charger.min_a
            turn = _Turn(number, place.rows, least_a, least_a * len(charger.phases), start_s, end_s)
            for row in place.own:
                own[row].append(turn)
                own_a[row] += least_a
            if end_s > now_s:
                for row in place.tops:
                    ends[row].add(end_s)
        free_a, flows = self._free_a, self._tree.gather(own_a)
        for row, flow_a in enumerate(flows):
            free_a[row] -= flow_a
        for at, row in self._sums.items():
            free_a[row] -= sum(flows[3 * at : 3 * at + 3])

    def place(self, charger: AllocCharger, waited_s: float) -> float | None:
        """Put him in at the first moment that can be; returns it."""
        now_s = self._now_s
        place, ready_s = self._place(charger), now_s + max(0.0, PATIENCE_S - waited_s)
        least_a, tops = charger.min_a, place.tops
        new = _Turn(-1, place.rows, least_a, least_a * len(charger.phases), now_s, now_s)
        moments = {now_s, ready_s}.union(*(self._ends[row] for row in tops))
        starts = {turn.start_s for row in tops for turn in self._placed[row]}
        for at_s in nsmallest(MOMENTS, moments):
            taken = self._yielding(new, at_s)
            # Before his patience ends nobody makes room for one where two would have to go for him.
            if taken is None or (len(taken) > 1 and at_s < ready_s):
                continue
            later = [s for s in starts if at_s < s < at_s + MIN_ON_S]
            if any(self._yielding(new, s) is None for s in later):
                continue
            for turn in taken:
                self._leave(turn, at_s)
            new.start_s, new.end_s = at_s, at_s + MIN_ON_S
            for row in new.rows:
                self._placed[row].append(new)
            for row in tops:
                self._ends[row].add(new.end_s)
            return at_s
        return None

    def _yielding(self, new: _Turn, at_s: float) -> list[_Turn] | None:
        """Whose turns must be taken so that somebody fits at a moment; None when it cannot be."""
        taken: list[_Turn] = []
        for row in new.rows:
            lacks_a = self._lacks_a(new, row, at_s)
            if lacks_a <= EPS_A:
                continue  # as most rows of most paths
            lacks_a -= sum([self._takes_a(t, row) for t in taken if row in t.rows])
            for turn in (*self._over(row, at_s), *self._placed[row]):
                if lacks_a <= EPS_A:
                    break
                if turn.end_s <= at_s and turn.runs(at_s) and turn not in taken:
                    taken.append(turn)
                    lacks_a -= self._takes_a(turn, row)
            if lacks_a > EPS_A:
                return None
        return taken

    def _lacks_a(self, new: _Turn, row: int, at_s: float) -> float:
        """What is missing there at a moment."""
        one = row < self._phase_rows
        lacks_a = (new.min_a if one else new.sum_a) - self._free_a[row]
        for turn in self._leaving[row]:
            if turn.leaves_s is not None and turn.leaves_s <= at_s:
                lacks_a -= turn.min_a if one else turn.sum_a
        for turn in self._placed[row]:
            if turn.start_s <= at_s and (turn.leaves_s is None or turn.leaves_s > at_s):
                lacks_a += turn.min_a if one else turn.sum_a
        return lacks_a

    def _leave(self, turn: _Turn, at_s: float) -> None:
        running = turn.leaves_s is None and turn not in self._placed[turn.rows[0]]
        turn.leaves_s = at_s
        for row in turn.rows if running else ():
            self._leaving[row].append(turn)

    def _over(self, row: int, at_s: float) -> list[_Turn]:
        """The turns that run now on a row and may be taken at a moment."""
        known = self._ended.get((row, at_s))
        if known is None:
            known = self._ended[row, at_s] = [t for t in self._on(row) if t.end_s <= at_s]
        return known

    def _on(self, row: int) -> list[_Turn]:
        """The turns that run now on a row."""
        known = self._running.get(row)
        if known is None:
            rows = [row]
            if row >= self._phase_rows:
                at = next(at for at, sums in self._sums.items() if sums == row)
                rows = [3 * at, 3 * at + 1, 3 * at + 2]
            below = (one for each in rows for one in self._below[each])
            found = {turn.number: turn for r in below for turn in self._own[r]}
            known = self._running[row] = [found[number] for number in sorted(found)]
        return known

    def _takes_a(self, turn: _Turn, row: int) -> float:
        return turn.min_a if row < self._phase_rows else turn.sum_a

    def _place(self, charger: AllocCharger) -> "_Place":
        key = (charger.circuit, charger.phases)
        known = self._places.get(key)
        if known is None:
            reach = self._tree.reach(*key)
            sums: list[int] = []
            if self._sums:
                path = dict.fromkeys(row // 3 for row in reach.rows)
                sums = [self._sums[at] for at in path if at in self._sums]
            rows = tuple(sorted((*reach.rows, *sums), key=self._order.__getitem__))
            known = self._places[key] = _Place(rows, (*reach.rows[-len(reach.own) :], *sums), reach.own)
        return known


class _Place(NamedTuple):
    rows: tuple[int, ...]
    """Those that somebody there loads, in the order in which room is looked for."""
    tops: tuple[int, ...]
    """Those of them that see everybody with whom he shares a row: the uppermost, and all sums."""
    own: tuple[int, ...]
    """Those of his own circuit."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Who waits at a moment, and for what."""

    site: Site
    chargers: Sequence[AllocCharger]
    """All that ask."""
    waiting: Collection[str]
    """Those of them that stand aside."""
    room_a: Mapping[str, PhaseVector]
    """What there is for them."""
    points: Mapping[str, PointMemory]
    now_s: float
    together_a: Mapping[str, float]
    """The same on all phases together, where there is a limit on that."""


def forecast(queue: Queue) -> dict[str, float]:
    """The monotonic time at which each that waits is expected to start; those for whom nothing can be told are
    left out."""
    plan = _Plan(queue)
    now_s = queue.now_s
    waiting: list[AllocCharger] = []
    running: list[tuple[AllocCharger, float, float]] = []
    for charger in queue.chargers:
        if charger.id in queue.waiting:
            waiting.append(charger)
            continue
        remembered = queue.points[charger.id]
        started_s = remembered.started_s if remembered.started_s is not None else now_s
        running.append((charger, started_s, max(now_s, started_s + MIN_ON_S - remembered.served_s)))
    plan.run(running)
    out: dict[str, float] = {}
    for charger in sorted(waiting, key=lambda c: (-c.priority, -c.waiting_s))[:MOST]:
        at_s = plan.place(charger, charger.waiting_s)
        if at_s is not None:
            out[charger.id] = at_s + START_S
    return out


def keep_forecast(queue: Queue) -> None:
    """Note in the drafts of `points` when each that waits is expected to start. Reckoned anew once a minute, and when
    somebody joins the queue or has not started when he should have."""
    points, now_s = queue.points, queue.now_s
    if not any(_outdated(points[i].turn, now_s) for i in queue.waiting):
        return
    starts = forecast(queue)
    for point_id in sorted(queue.waiting):
        points[point_id].turn = Turn(starts.get(point_id), now_s)


def _outdated(turn: Turn | None, now_s: float) -> bool:
    if turn is None or now_s - turn.reckoned_s >= RENEW_S:
        return True
    return turn.start_s is not None and turn.start_s <= now_s and now_s - turn.reckoned_s >= START_S


def in_min(turn: Turn | None, now_s: float) -> int | None:
    """Whole minutes until then, rounded up; None where nothing can be told."""
    if turn is None or turn.start_s is None or now_s - turn.reckoned_s > 2 * RENEW_S:
        return None
    return max(1, ceil((turn.start_s - now_s) / 60.0))
