"""No quarter-hour is lost or counted twice, and the energy of all is that of the plant's own registers.

Checked for every meter that keeps an account, at the end of a run: each quarter once; one after the other without a gap,
but where a clock was set; each begins with the register at which the last one ended; a measured quarter has the energy
that the plant's registers had between the same moments. And all together: see `quarter_totals`.
"""

from collections.abc import Sequence
from typing import Protocol

from kwartier.simulation.faults import Fault
from kwartier.simulation.judge.ground import Finding, Ground
from kwartier.simulation.judge.quarter_totals import Counted, Total
from kwartier.simulation.plant.plant import Tap
from kwartier.site.intervals import QUARTER_S

P1_KWH = 0.003
"""Registers are cut off to 1 Wh at both ends, in two tariffs, and read up to a second late."""
OTHER_KWH = 0.021
SECONDS_LATE = 62.0
"""A quarter is called measured when a meter was heard within a minute of its boundaries: by so much of the flow there
it may differ, taken as the largest within that time."""


TROUBLE_S = 120.0
"""So long after a clock was off, or after a meter without a clock stood still, boundaries are not compared with the
plant's: nobody can tell which of its values are of which moment."""
STILL = frozenset({"meter_frozen", "meter_repeat"})


class Closed(Counted, Protocol):
    """A closed quarter as the account stores it."""

    @property
    def meter_id(self) -> str: ...
    @property
    def register_import_kwh(self) -> float: ...
    @property
    def quality(self) -> str: ...


class Quarters:
    """Notes the plant's registers at each boundary; `audit` compares."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._root = ground.site.root.meter
        self._import_kwh: dict[tuple[str, int], float] = {}
        self._trouble_s: dict[str, float] = {}
        self._misdated: set[tuple[str, int]] = set()
        self._power_kw: dict[tuple[str, int], float] = {}
        taps = ground.plant.taps
        self._totals = {m.id: Total(ground, m.id) for m in ground.site.meters if m.id in taps}
        self.findings: list[Finding] = []
        self.count = 0
        self.by_quality: dict[str, int] = {}

    def look(self, dt_s: float) -> None:
        """Note registers at a boundary. Time never leaps over one."""
        now_s = self._ground.plant.now_s
        for total in self._totals.values():
            total.look()
        for fault in self._ground.schedule.active:
            self._note_trouble(fault, now_s)
        start_s = int(now_s // QUARTER_S) * QUARTER_S
        into_s = now_s - start_s
        if SECONDS_LATE < into_s < QUARTER_S - SECONDS_LATE:
            return
        for meter in self._ground.site.meters:
            tap = self._ground.plant.taps.get(meter.id)
            if tap is not None:
                self._near_boundary(meter.id, tap, start_s, now_s, first=into_s < dt_s or dt_s <= 0)

    def _near_boundary(self, meter_id: str, tap: Tap, start_s: int, now_s: float, *, first: bool) -> None:
        """Within a minute of a boundary: the largest flow; at the boundary itself the register too."""
        near = (meter_id, start_s if now_s - start_s <= SECONDS_LATE else start_s + QUARTER_S)
        flow_kw = abs(sum(tap.power_w)) / 1000.0
        self._power_kw[near] = max(self._power_kw.get(near, 0.0), flow_kw)
        if first and now_s - self._trouble_s.get(meter_id, -TROUBLE_S) >= TROUBLE_S:
            wh = sum(self._ground.plant.registers.import_wh) if self._p1(meter_id) else tap.import_wh
            self._import_kwh[meter_id, start_s] = wh / 1000.0

    def _note_trouble(self, fault: Fault, now_s: float) -> None:
        if fault.kind == "clock_step":  # ours, which dates the readings of meters without a clock
            for meter in self._ground.site.meters:
                self._note_clock(meter.id, now_s, fault.amount)
        elif fault.kind == "meter_clock":
            self._note_clock(fault.target, now_s, fault.amount)
        elif fault.kind in STILL and not self._p1(fault.target):
            self._trouble_s[fault.target] = now_s

    def _note_clock(self, meter_id: str, now_s: float, off_s: float) -> None:
        """A clock that is off closes quarters of another time under its own date."""
        self._trouble_s[meter_id] = now_s
        start_s = int((now_s + off_s) // QUARTER_S) * QUARTER_S
        self._misdated |= {(meter_id, start_s), (meter_id, start_s + QUARTER_S)}

    def _p1(self, meter_id: str) -> bool:
        return self._ground.scenario.meter_types[meter_id] == "p1"

    def audit(self, closed: Sequence[Closed]) -> None:
        """Judge all quarters that the controller keeps."""
        for meter in self._ground.site.meters:
            mine = [q for q in closed if q.meter_id == meter.id]
            self.count += len(mine)
            self._audit(meter.id, mine)
            if meter.id in self._totals:
                # Heard up to a second late, at the first look and at the last boundary.
                step_kwh = (P1_KWH if self._p1(meter.id) else OTHER_KWH) + self._late_kwh(meter.id)
                for what in self._totals[meter.id].wrong(mine, step_kwh):
                    self._blame(f"{meter.id!r}: {what}")

    def _audit(self, meter_id: str, mine: Sequence[Closed]) -> None:
        seen: set[int] = set()
        before: Closed | None = None
        for quarter in mine:
            self.by_quality[quarter.quality] = self.by_quality.get(quarter.quality, 0) + 1
            if quarter.start_s in seen:
                self._blame(f"{meter_id!r}: the quarter of {quarter.start_s} is there twice")
            seen.add(quarter.start_s)
            if before is not None:
                self._chain(meter_id, before, quarter)
            self._energy(meter_id, quarter)
            before = quarter

    def _late_kwh(self, meter_id: str) -> float:
        """What may flow within a minute of a boundary, at the most that ever did."""
        flows_kw = [kw for (i, _), kw in self._power_kw.items() if i == meter_id]
        return SECONDS_LATE * max(flows_kw, default=0.0) / 3600.0

    def _chain(self, meter_id: str, before: Closed, quarter: Closed) -> None:
        set_clock = "clock" in {before.quality, quarter.quality}
        if quarter.start_s != before.start_s + QUARTER_S and not set_clock:
            self._blame(f"{meter_id!r}: from the quarter of {before.start_s} straight to {quarter.start_s}")
        grown_kwh = quarter.register_import_kwh - before.register_import_kwh
        if abs(grown_kwh - quarter.import_kwh) > 1e-6:
            self._blame(
                f"{meter_id!r}: the register grew by {grown_kwh:.6f} kWh in the quarter of {quarter.start_s}, "
                f"counted are {quarter.import_kwh:.6f} kWh ({quarter.quality})"
            )

    def _energy(self, meter_id: str, quarter: Closed) -> None:
        start, end = (meter_id, quarter.start_s), (meter_id, quarter.start_s + QUARTER_S)
        if not self._misdated.isdisjoint((start, end)):
            return
        if quarter.quality != "measured" or start not in self._import_kwh or end not in self._import_kwh:
            return
        true_kwh = self._import_kwh[end] - self._import_kwh[start]
        late_kwh = SECONDS_LATE * (self._power_kw[start] + self._power_kw[end]) / 3600.0
        most = (P1_KWH if self._p1(meter_id) else OTHER_KWH) + late_kwh
        if abs(true_kwh - quarter.import_kwh) > most:
            self._blame(
                f"{meter_id!r}: {quarter.import_kwh:.4f} kWh counted in the quarter of {quarter.start_s}, "
                f"{true_kwh:.4f} kWh flowed"
            )

    def _blame(self, what: str) -> None:
        self.findings.append(Finding(rule="quarter", at_s=self._ground.run_s, what=what))
