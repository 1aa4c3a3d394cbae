"""When a car that waits will get its turn, as well as can be told now: what a driver reads as "in about n minutes".

A list is scheduled: the turns that run end when they must, who waits is put in at the first moment at which his
minimum fits for a whole turn without delaying anybody before him. That supposes that other loads stay as they are,
that nobody leaves and that nobody comes; who leaves makes it sooner, and a load that rises makes it later. The
allocator sometimes lets somebody in out of turn because more cars fit so; that is not foreseen either.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from kwartier.control.allocation import AllocCharger
from kwartier.control.memory import PointMemory, Turn
from kwartier.control.turns import EPS_A, MIN_ON_S, PATIENCE_S
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

Row = tuple[str, int]
"""A circuit and a phase; phase 0 stands for the three together, where there is a limit on that."""


@dataclass(slots=True, eq=False)
class _Turn:
    """Somebody who charges, now or in what is foreseen. Each is himself: two may have begun alike."""

    rows: frozenset[Row]
    min_a: float
    wires: int
    start_s: float
    end_s: float
    """It may be taken away from then on."""
    leaves_s: float | None = None
    """When somebody takes it."""

    def takes_a(self, row: Row) -> float:
        return self.min_a if row[1] else self.min_a * self.wires


@dataclass(slots=True)
class _Plan:
    site: Site
    room_a: Mapping[str, PhaseVector]
    together_a: Mapping[str, float]
    turns: list[_Turn] = field(default_factory=list)

    def turn(self, charger: AllocCharger, start_s: float, end_s: float) -> _Turn:
        rows = {(c, p) for c in self.site.path[charger.circuit] for p in charger.phases}
        rows |= {(c, 0) for c in self.site.path[charger.circuit] if c in self.together_a}
        return _Turn(frozenset(rows), charger.min_a, len(charger.phases), start_s, end_s)

    def yielding(self, new: _Turn, beside: Mapping[Row, Sequence[_Turn]], at_s: float) -> list[_Turn] | None:
        """Whose turns must be taken so that somebody fits at a moment; None when it cannot be. `beside`: all others
        on each of his rows."""
        taken: list[_Turn] = []
        for row, others in beside.items():
            circuit, phase = row
            there = [
                t
                for t in others
                if t.start_s <= at_s and (t.leaves_s is None or t.leaves_s > at_s) and t not in taken
            ]
            free_a = self.room_a[circuit][phase - 1] if phase else self.together_a[circuit]
            lacks_a = new.takes_a(row) - free_a
            lacks_a += sum([t.takes_a(row) for t in there])
            for turn in there:
                if lacks_a <= EPS_A:
                    break
                if turn.end_s <= at_s:
                    taken.append(turn)
                    lacks_a -= turn.takes_a(row)
            if lacks_a > EPS_A:
                return None
        return taken

    def place(self, charger: AllocCharger, waited_s: float, now_s: float) -> float | None:
        """Put him in at the first moment that can be; returns it."""
        new, ready_s = self.turn(charger, now_s, now_s), now_s + max(0.0, PATIENCE_S - waited_s)
        near = [t for t in self.turns if not t.rows.isdisjoint(new.rows)]
        beside = {row: [t for t in near if row in t.rows] for row in sorted(new.rows)}
        moments = {now_s, ready_s, *(t.end_s for t in near if t.end_s > now_s)}
        for at_s in sorted(moments)[:MOMENTS]:
            taken = self.yielding(new, beside, at_s)
            # Before his patience ends nobody makes room for one where two would have to go for him.
            if taken is None or (len(taken) > 1 and at_s < ready_s):
                continue
            later = [t.start_s for t in near if at_s < t.start_s < at_s + MIN_ON_S]
            if any(self.yielding(new, beside, s) is None for s in later):
                continue
            for turn in taken:
                turn.leaves_s = at_s
            new.start_s, new.end_s = at_s, at_s + MIN_ON_S
            self.turns.append(new)
            return at_s
        return None


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
    plan = _Plan(queue.site, queue.room_a, queue.together_a)
    now_s = queue.now_s
    waiting: list[AllocCharger] = []
    for charger in queue.chargers:
        if charger.id in queue.waiting:
            waiting.append(charger)
            continue
        remembered = queue.points[charger.id]
        started_s = remembered.started_s if remembered.started_s is not None else now_s
        end_s = max(now_s, started_s + MIN_ON_S - remembered.served_s)
        plan.turns.append(plan.turn(charger, started_s, end_s))
    out: dict[str, float] = {}
    for charger in sorted(waiting, key=lambda c: (-c.priority, -c.waiting_s))[:MOST]:
        at_s = plan.place(charger, charger.waiting_s, now_s)
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
