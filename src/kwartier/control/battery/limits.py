"""What circuits leave batteries: for taking, after all that cars ask for; for giving, so that nothing is fed back that may
not be.

Taking is the last of all loads: cars that ask are reckoned with at all that they ask for and can get, so that a battery
gives way before a car is told less. Rules 3 and 4 hold as for charge points: it takes more only from what is free by the
cautious estimate, with everybody booked at the largest of granted, still drawn and measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kwartier.control.battery.flow import Cells
from kwartier.control.chargers.points import booked_on
from kwartier.control.guards import Guards
from kwartier.control.memory import Memory
from kwartier.control.work import Work
from kwartier.site.batteries import Battery
from kwartier.site.phases import ZERO, PhaseVector, add, maximum, minimum, on_phases, sub
from kwartier.site.setpoints import Picture


@dataclass(slots=True)
class Leaves:
    """What is left for batteries, A; taken down as they are given. `keep`: for one that takes already; `more`: for one
    that would take more."""

    keep_a: dict[str, PhaseVector]
    more_a: dict[str, PhaseVector]
    keep_sum_a: dict[str, float] = field(default_factory=dict)
    more_sum_a: dict[str, float] = field(default_factory=dict)
    asked_a: dict[str, PhaseVector] = field(default_factory=dict)
    """Per circuit: what cars ask for and can get."""

    def room_a(self, cells: Cells, battery: Battery, *, more: bool) -> tuple[float, str]:
        """What one may draw on each of its phases, and the circuit that says so."""
        each, sums = (self.more_a, self.more_sum_a) if more else (self.keep_a, self.keep_sum_a)
        least_a, by = float("inf"), battery.circuit
        for circuit_id in cells.site.path[battery.circuit]:
            rows = [each[circuit_id][p - 1] for p in battery.conductors]
            if circuit_id in sums:
                rows.append(sums[circuit_id] / len(battery.conductors))
            if min(rows) < least_a:
                least_a, by = min(rows), circuit_id
        return max(0.0, least_a), by

    def take(self, cells: Cells, battery: Battery, current_a: float) -> None:
        """Book what one was given."""
        mine = on_phases(current_a, battery.conductors)
        for circuit_id in cells.site.path[battery.circuit]:
            for each in (self.keep_a, self.more_a):
                each[circuit_id] = sub(each[circuit_id], mine)
            for sums in (self.keep_sum_a, self.more_sum_a):
                if circuit_id in sums:
                    sums[circuit_id] -= sum(mine)


def leaves(work: Work, cells: Cells) -> Leaves:
    """With nothing of the batteries themselves counted."""
    room, site = work.room, work.site
    own = dict.fromkeys(site.circuit, ZERO)
    booked = dict.fromkeys(site.circuit, ZERO)
    asking = {p.id for p in work.candidates}
    for point in site.charge_points:
        remembered, phases = work.points[point.id], work.phases[point.id]
        mine = booked_on(point, remembered, phases, remembered.granted_a)
        booked[point.circuit] = add(booked[point.circuit], mine)
        if point.id in asking:
            mine = maximum(mine, on_phases(work.demands[point.id].max_a, phases))
        own[point.circuit] = add(own[point.circuit], mine)
    asked: dict[str, PhaseVector] = {}
    for c in site.bottom_up:
        below = booked_below = ZERO
        for child in site.children[c.id]:
            below, booked_below = add(below, asked[child]), add(booked_below, booked[child])
        booked[c.id] = add(booked[c.id], booked_below)
        can = maximum(booked[c.id], sub(room.limit_a[c.id], room.total_base_a[c.id]))
        asked[c.id] = minimum(add(own[c.id], below), maximum(ZERO, can))
    keep = {c: sub(sub(room.limit_a[c], room.total_base_a[c]), asked[c]) for c in site.circuit}
    more = {c: sub(sub(room.limit_a[c], room.cautious_base_a[c]), asked[c]) for c in site.circuit}
    found = Leaves(keep, more, asked_a=asked)
    for circuit_id, row in work.sums.rows.items():
        cars_a = sum(asked[circuit_id])
        found.keep_sum_a[circuit_id] = row.limit_a - sum(room.total_base_a[circuit_id]) - cars_a
        found.more_sum_a[circuit_id] = row.limit_a - sum(room.cautious_base_a[circuit_id]) - cars_a
    return found


def hurried(work: Work, guards: Guards, battery: Battery) -> bool:
    """Whether a fuse on its path runs towards its trip."""
    return any(
        circuit_id in guards.fuses and guards.fuses[circuit_id].urgency != "calm"
        for circuit_id in work.site.path[battery.circuit]
    )


def barred(work: Work, battery: Battery) -> str | None:
    """The circuit on its path that may carry nothing at all (fire)."""
    path = work.site.path[battery.circuit]
    return next((c for c in path if max(work.room.ceilings[c].limit_a) <= 0), None)


def blind(work: Work, memory: Memory, battery: Battery) -> tuple[str, bool] | None:
    """The first meter on its path that is not heard as it should be, and whether it is lost."""
    late: tuple[str, bool] | None = None
    for circuit_id in work.site.path[battery.circuit]:
        meter_id = work.site.circuit[circuit_id].meter
        if meter_id is None:
            continue
        ladder = memory.meters[meter_id]
        if not ladder.trusted:
            return meter_id, True
        if ladder.status == "stale" and late is None:
            late = meter_id, False
    return late


def feeding_w(
    work: Work,
    memory: Memory,
    picture: Picture,
    cells: Cells,
    battery: Battery,
    given: Mapping[str, float],
) -> tuple[float, str | None]:
    """The most that one may give so that no circuit on its path carries more backwards than it may, and none feeds
    back more than its limit; with the circuit that says so. `given`: what others give already, W, by circuit."""
    site = work.site
    most_w, by = float("inf"), None
    for circuit_id in site.path[battery.circuit]:
        circuit = site.circuit[circuit_id]
        base = memory.circuits[circuit_id].base
        least = base[-1][1] if base else ZERO
        limit = work.room.limit_a[circuit_id] if circuit_id not in work.room.safe_a else circuit.limit_a
        free_a = min(limit[p - 1] + min(0.0, least[p - 1]) for p in battery.conductors)
        free_w = cells.watts(battery, max(0.0, free_a)) - given.get(circuit_id, 0.0)
        if circuit.export_limit_w is not None:
            reading = picture.meters.get(circuit.meter or "")
            if reading is None or reading.power_w is None:
                export_w = 0.0
            else:
                at_s = memory.meters[circuit.meter].heard_s if circuit.meter is not None else work.now_s
                here_w = reading.power_w - cells.power_w(circuit_id, at_s)
                export_w = circuit.export_limit_w + here_w - given.get(circuit_id, 0.0)
            free_w = min(free_w, export_w)
        if free_w < most_w:
            most_w, by = free_w, circuit_id
    return max(0.0, most_w), by
