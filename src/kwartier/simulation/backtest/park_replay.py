"""A car park replayed in steps of a minute or more: what a controller tells, what the cars take, what the meter counts.

The controller sees what a site sees: who is plugged in since when, what each has taken, who has stopped drawing, what the meter
says now, what came before. It never sees when a car will leave or what it still wants. In each step the room of the
cars is what the running quarter-hour still allows under the target, measured, so a load or sun that differs from a forecast costs cars energy
for a moment, and never the peak.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from kwartier.planning.horizon.park_visits import Flags, Floats, Ints, Visits
from kwartier.simulation.backtest.park_case import QUARTER_S, Case


@dataclass(slots=True)
class View:
    """What a controller may know at one moment; arrays per car that is plugged in."""

    now_s: int
    quarter: int
    car: Ints
    """Which session it is: a name only."""
    arrive_s: Ints
    hour: Floats
    weekend: Flags
    taken_kwh: Floats
    filled: Flags
    """It has stopped drawing by itself."""
    net_w: float
    """Load less sun, measured now."""


class Controller(Protocol):
    """What decides."""

    def target_w(self, view: View, log: "Log") -> float | None:
        """How high this quarter-hour may go, asked at its start; None: as high as it comes."""
        ...

    def powers_w(self, view: View, room_w: float) -> Floats:
        """Power per car of the view; the room is what the target leaves, infinite without one."""
        ...


class Log:
    """What the site has recorded up to now."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._taken_kwh = np.zeros(len(case.arrive_s))
        self._filled = np.zeros(len(case.arrive_s), dtype=np.bool_)
        self.grid_w = np.zeros(case.quarters)
        self.quarter = 0
        """The one that runs: all before it are closed."""

    @property
    def now_s(self) -> int:
        """The start of the running quarter-hour."""
        return self._case.start_s + self.quarter * QUARTER_S

    def visits(self) -> Visits:
        """Every visit that has begun; one that goes on counts as if it ended now."""
        case, begun = self._case, int(np.searchsorted(self._case.arrive_s, self.now_s))
        return Visits(
            arrive_s=case.arrive_s[:begun],
            depart_s=np.minimum(case.depart_s[:begun], self.now_s),
            hour=case.hour[:begun],
            weekend=case.weekend[:begun],
            energy_kwh=self._taken_kwh[:begun].copy(),
            filled=self._filled[:begun].copy(),
        )

    def net_w(self) -> Floats:
        """Load less sun of the closed quarter-hours."""
        return self._case.load_w[: self.quarter] - self._case.pv_w[: self.quarter]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What came of it."""

    grid_w: Floats
    """Mean exchange per quarter-hour."""
    taken_kwh: Floats
    """Per session."""
    target_w: Floats
    """Per quarter-hour; NaN without one."""


def replay(case: Case, controller: Controller, step_s: int = 300) -> Replayed:
    """Run a controller over a case.

    Raises:
        ValueError: the step does not divide a quarter-hour.
    """
    if step_s <= 0 or QUARTER_S % step_s:
        raise ValueError(f"a step of {step_s} s does not divide a quarter-hour of {QUARTER_S} s")
    log = Log(case)
    taken, filled = log._taken_kwh, log._filled  # noqa: SLF001 - the world writes the site's log
    targets = np.full(case.quarters, np.nan)
    here: list[int] = []
    coming = 0
    for quarter in range(case.quarters):
        log.quarter = quarter
        net_w = float(case.load_w[quarter] - case.pv_w[quarter])
        begin_s = case.start_s + quarter * QUARTER_S
        counted_ws = 0.0
        target: float | None = None
        for now_s in range(begin_s, begin_s + QUARTER_S, step_s):
            while coming < len(case.arrive_s) and case.arrive_s[coming] <= now_s:
                here.append(coming)
                coming += 1
            here = [car for car in here if case.depart_s[car] > now_s]
            car = np.array(here, dtype=np.int64)
            view = View(
                now_s=now_s,
                quarter=quarter,
                car=car,
                arrive_s=case.arrive_s[car],
                hour=case.hour[car],
                weekend=case.weekend[car],
                taken_kwh=taken[car],
                filled=filled[car],
                net_w=net_w,
            )
            if now_s == begin_s:
                target = controller.target_w(view, log)
                targets[quarter] = np.nan if target is None else target
            drawn_kwh = 0.0
            if len(car):
                left_s = begin_s + QUARTER_S - now_s
                room_w = np.inf if target is None else (target * QUARTER_S - counted_ws) / left_s - net_w
                power_w = controller.powers_w(view, room_w)
                there_s = np.minimum(case.depart_s[car], now_s + step_s) - now_s
                offered_kwh = power_w * there_s / 3.6e6
                rest_kwh = case.wanted_kwh[car] - taken[car]
                got_kwh = np.minimum(offered_kwh, rest_kwh)
                taken[car] += got_kwh
                filled[car] |= (offered_kwh >= rest_kwh) & (power_w > 0.0)
                drawn_kwh = float(got_kwh.sum())
            counted_ws += drawn_kwh * 3.6e6 + net_w * step_s
        log.grid_w[quarter] = counted_ws / QUARTER_S
    return Replayed(grid_w=log.grid_w, taken_kwh=taken, target_w=targets)
