"""What is known of a site at the moment of planning: plain values, everything walk-forward."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from kwartier.planning.forecast.band import Band
from kwartier.planning.horizon.surprises import Surprises
from kwartier.site.plans import BatteryTask

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PluggedCar:
    """A car on its cable: what it still needs, and until when."""

    id: str
    energy_kwh: float
    depart_s: float
    """UTC; when it leaves or, not being said, when it is expected to leave at the earliest."""
    max_w: float
    min_w: float = 0.0
    efficiency: float = 1.0
    arrive_s: float = 0.0
    """UTC; a car that is only expected comes later than the start."""
    at_once_kwh: float = 0.0
    """Of what it needs, so much does not wait for anything."""
    closed: tuple[int, ...] = ()
    """Steps from the start in which it is not to charge by the plan: somebody said so, or has said with what power."""
    departure_said: bool = True
    """Not: it may leave at any time, and another car come in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Per step, EUR/kWh, of all that one kWh costs or yields; the last steps may be guessed."""

    import_eur_per_kwh: FloatArray
    export_eur_per_kwh: FloatArray
    known_steps: int
    """From here on they are guessed out of the days before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizonState:
    """Everything that the next plan is made of."""

    start_s: int
    """UTC, a multiple of `step_s`."""
    step_s: int = 900
    slots: npt.NDArray[np.int64]
    """Per step: the step of the local day in which it lies, for what is learnt by the time of day."""
    load: Band
    pv: Band
    """Available, >= 0."""
    prices: Prices
    peak_so_far_w: float
    """The highest quarter-hour of this month until now."""
    peak_floor_w: float = 2500.0
    peak_eur_per_kw: float = 0.0
    """What a kW of this month's peak costs in all the bills in which it stands."""
    peak_curve: tuple[tuple[float, float], ...] = ()
    """See `site.plans.Peak.curve`."""
    month_ends: tuple[int, ...] = ()
    """Steps that begin a new month."""
    batteries: tuple[BatteryTask, ...] = ()
    """As they are now; what is kept in reserve and what is worth something at the end is for `problem_of` to say."""
    cars: tuple[PluggedCar, ...] = field(default=())
    surprises: Surprises | None = None
    """Of the house and its cars."""
    surprises_of_house: Surprises | None = None
    """Of the house alone: while the car is on its cable, and until it has said it will leave, it cannot come."""
    points: int = 1
    """Cables: a car can come while one is free."""
    import_limit_w: float | None = None
    pv_curtailable: bool = False

    @property
    def target_w(self) -> float:
        """Up to here a quarter-hour of import costs no peak."""
        return max(self.peak_so_far_w, self.peak_floor_w)
