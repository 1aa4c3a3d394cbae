"""All quarter-hours of one meter together, whatever the account says of each: they reach to the end, and hold what flowed.

They begin with the quarter in which the meter was heard first, reach to the last one that was certainly closed, and
their import and their export are what the plant's registers had meanwhile. What the open quarter holds is not known: it
is at most what flowed since the last quarter that was certainly closed, at a boundary at which the meter told the truth: what flows
while a meter without a clock stands still, across a boundary, nobody can put on either side of it.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from kwartier.simulation.judge.ground import Ground
from kwartier.site.intervals import QUARTER_S

QUIET_S = 120.0
"""So long without trouble, and a quarter that ended before is closed: meters speak each second."""

SURE_S = 15.0
"""So long without trouble, and a meter tells what is so."""

Energies = tuple[float, float]
"""Import and export, kWh."""


class Counted(Protocol):
    """What is asked of a closed quarter here."""

    @property
    def start_s(self) -> int: ...
    @property
    def import_kwh(self) -> float: ...
    @property
    def export_kwh(self) -> float | None: ...


class Total:
    """One meter. `look` each second, `wrong` at the end."""

    def __init__(self, ground: Ground, meter_id: str) -> None:
        self._ground = ground
        self._meter_id = meter_id
        self._p1 = ground.scenario.meter_types[meter_id] == "p1"
        self._from_s = 0.0
        self._from: Energies | None = None
        """When the meter was heard first (UTC), and what its registers had: since the start before which nothing may
        have been kept."""
        self._first: Energies | None = None
        """The same, ever."""
        self._boundary_s = -1
        self._boundary: Energies = (0.0, 0.0)
        self._sure = False
        """Whether the meter told then what its registers had."""
        self._due_s = -1
        self._due: Energies = (0.0, 0.0)
        """The last boundary whose quarter is certainly closed, and the registers there."""
        self._trouble_s = 0.0
        self._waits_until_s = 0.0
        self._started_s = 0.0

    def look(self) -> None:
        """Note registers. Time never leaps over a boundary."""
        now_s, told = self._ground.plant.now_s, self._ground.told
        if not told.up or told.started_s != self._started_s:
            self._trouble_s, self._started_s = now_s, told.started_s
            if self._due_s < 0:
                self._from = None  # perhaps nothing was kept of it yet
        self._note_trouble(now_s)
        start_s = int(now_s // QUARTER_S) * QUARTER_S
        if start_s != self._boundary_s:
            self._boundary_s, self._boundary = start_s, self._registers()
            self._sure = now_s - self._trouble_s > SURE_S
        if self._from is None:
            if told.up and self._meter_id in told.readings:
                self._from_s, self._from = now_s, self._registers()
                self._first = self._first or self._from
            return
        calm = now_s - self._trouble_s > QUIET_S and now_s > self._waits_until_s
        if calm and self._sure and now_s - start_s > QUIET_S and start_s > self._from_s:
            self._due_s, self._due = start_s, self._boundary

    def _note_trouble(self, now_s: float) -> None:
        for fault in self._ground.schedule.active:
            ours = fault.kind == "clock_step"  # which dates the readings of meters without a clock
            mine = fault.target == self._meter_id
            if ours or mine or fault.kind == "disk_full":
                self._trouble_s = now_s
            if ours or (mine and fault.kind == "meter_clock"):
                # What was closed ahead of its time is waited for.
                self._waits_until_s = max(self._waits_until_s, now_s + abs(fault.amount) + 2 * QUARTER_S)

    def _registers(self) -> Energies:
        plant = self._ground.plant
        if self._p1:
            return sum(plant.registers.import_wh) / 1000.0, sum(plant.registers.export_wh) / 1000.0
        tap = plant.taps[self._meter_id]
        return tap.import_wh / 1000.0, tap.export_wh / 1000.0

    def wrong(self, closed: Sequence[Counted], step_kwh: float) -> Iterator[str]:
        """What does not fit; `step_kwh`: by so much registers may differ at both ends together."""
        begun, first = self._from, self._first
        if begun is None or first is None or self._due_s < 0:
            return
        end_s = max((q.start_s + QUARTER_S for q in closed), default=-1)
        if end_s < self._due_s:
            yield f"the last quarter that is there ended at {end_s}, {self._due_s} had passed"
        counted = (sum(q.import_kwh for q in closed), sum(q.export_kwh or 0.0 for q in closed))
        ways = zip(("import", "export"), counted, begun, first, self._due, self._registers(), strict=True)
        for way, kwh, from_kwh, first_kwh, due_kwh, now_kwh in ways:
            least, most = due_kwh - from_kwh - step_kwh, now_kwh - first_kwh + step_kwh
            if not least <= kwh <= most:
                yield f"{way} of all quarters is {kwh:.3f} kWh, {least:.3f} to {most:.3f} kWh flowed"
