"""What one step works on: who is there, what each asks, on which phases, and what is booked beside.

It lives for that step only; the parts of a step (`step`) hand it on and fill it in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kwartier.control.battery.flow import Cells
from kwartier.control.chargers import phase_change
from kwartier.control.chargers.points import Demand, demand, note_excess, phases_of
from kwartier.control.estimate import totals
from kwartier.control.memory import PointMemory, newest
from kwartier.control.room import Room
from kwartier.control.rows import totals as total_rows
from kwartier.control.rows.evenness import Evenness
from kwartier.control.rows.totals import Sums
from kwartier.site.phases import ZERO, PhaseVector, add, maximum, on_phases, sub
from kwartier.site.reasons import Reason
from kwartier.site.setpoints import Picture
from kwartier.site.topology import ChargePoint, Site


@dataclass(slots=True)
class Work:
    """What one step works on; lives for that step only."""

    site: Site
    now_s: float
    points: dict[str, PointMemory]
    demands: dict[str, Demand]
    phases: dict[str, tuple[int, ...]]
    room: Room
    extra_a: dict[str, PhaseVector]
    """Per circuit, those below it included: booked for charge points that are not heard, and drawn by others
    beyond what they were told."""
    own_extra_a: dict[str, PhaseVector]
    """The same of the charge points that hang directly on it."""
    candidates: list[ChargePoint]
    stops: Mapping[str, Reason]
    """Charge points that get nothing, whatever else holds (DESIGN 5.2)."""
    urgent: Mapping[str, Reason] = field(default_factory=dict)
    """Charge points that are a level higher for their departure, and why."""
    sums: Sums = total_rows.NONE
    """The limits on phases together."""
    even: Evenness | None = None
    """How far phases lie apart, where a circuit has a limit on that."""
    cells: Cells | None = None
    """The batteries, where there are some."""

    def book_batteries(self, before: Mapping[str, PhaseVector] | None = None) -> None:
        """Count what batteries may take as load of their circuits. `before`: what was counted of each already."""
        if self.cells is None:
            return
        for battery in self.site.batteries:
            mine = self.cells.booked_a(battery)
            more = mine if before is None else maximum(ZERO, sub(mine, before.get(battery.id, ZERO)))
            if more == ZERO:
                continue
            self.own_extra_a[battery.circuit] = add(self.own_extra_a[battery.circuit], more)
            for circuit_id in self.site.path[battery.circuit]:
                self.extra_a[circuit_id] = add(self.extra_a[circuit_id], more)


def prepare(site: Site, picture: Picture, points: dict[str, PointMemory], room: Room, now_s: float) -> Work:
    """What each asks for and is booked on; fuses, contracts and quarter-hours have not taken anything yet."""
    demands: dict[str, Demand] = {}
    phases: dict[str, tuple[int, ...]] = {}
    candidates: list[ChargePoint] = []
    extra = dict.fromkeys(site.circuit, ZERO)
    wishes, stops = picture.wishes, picture.stops
    for point in site.charge_points:
        point_id = point.id
        remembered = points[point_id]
        uses = phases[point_id] = phases_of(point, remembered, now_s)
        if remembered.silent or not remembered.known:
            extra_a = on_phases(remembered.reserved_a, point.conductors)
        else:
            asked = demands[point_id] = demand(point, remembered, wishes.get(point_id) if wishes else None)
            if asked.max_a > 0 and point_id not in stops:
                switch = remembered.switch
                if switch is None or not phase_change.stands_out(remembered):
                    candidates.append(point)
            if remembered.disobeys:
                extra_a = newest(remembered.samples)
            else:
                extra_a = note_excess(remembered, uses, now_s)
        if extra_a != ZERO:
            extra[point.circuit] = add(extra[point.circuit], extra_a)
    return Work(
        site, now_s, points, demands, phases, room, totals(site, extra), extra, candidates, picture.stops
    )
