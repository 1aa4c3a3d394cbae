"""The plan of a car park as advice for the fast loop: the month's target, what each charge point probably draws, what a kWh is worth.

The target does the saving, and the fast loop keeps it each second with what the meter says. The powers are what an equal share under it
comes to. For the next half hour (`firm_s`) each car that draws is offered its whole share, for nobody knows who is about to leave or to be full, and
a plan that guesses would hold cars back; new advice comes sooner than that. Later on they are expectations over departures and
needs like those of the past, to be shown and to be planned around.
"""

from dataclasses import dataclass

import numpy as np

from kwartier.planning.horizon.park_share import equal_share
from kwartier.planning.horizon.park_visits import Floats, Habits
from kwartier.site.advice import Advice
from kwartier.site.plans import Series


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkCar:
    """A car that is plugged in, as its charge point sees it."""

    point: str
    plugged_h: float
    """Since when, in hours."""
    arrival_hour: float
    """On the clock of the site."""
    weekend: bool
    """Whether it came on one."""
    taken_kwh: float
    filled: bool
    """It has stopped drawing by itself."""
    min_w: float
    max_w: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkState:
    """A car park at one moment, and what is expected of load, sun and prices; series per step."""

    start_s: int
    step_s: int = 900
    target_w: float
    """What a quarter-hour may reach: `ParkLearner.target_w`, or the month's peak so far where that is higher."""
    peak_eur_per_kw: float
    """What a kW above it costs in all the bills in which it will stand."""
    load_w: Series
    pv_w: Series
    """Available, >= 0."""
    import_price: Series
    export_price: Series
    cars: tuple[ParkCar, ...]
    valid_s: float = 1800.0
    firm_s: float = 1800.0
    """For so long a car that draws is thought to stay and to draw on."""

    def __post_init__(self) -> None:
        steps = {len(self.load_w), len(self.pv_w), len(self.import_price), len(self.export_price)}
        if len(steps) != 1 or not self.load_w:
            raise ValueError(f"load, sun and prices must have one length, and not be empty: {sorted(steps)}")
        if self.step_s <= 0:
            raise ValueError(f"a step of {self.step_s} s cannot be planned")


def park_advice(state: ParkState, habits: Habits, *, version: str) -> Advice:
    """What the fast loop is told."""
    net_w = np.array(state.load_w) - np.array(state.pv_w)
    power_w = _expected_w(state, habits, net_w)
    grid_w = net_w + power_w.sum(axis=0)
    price = np.where(grid_w < 0.0, state.export_price, state.import_price)
    # one more kWh in a step that stands at the target lifts that quarter-hour by 4 kW
    full = grid_w >= state.target_w - 1.0
    per_kwh = price + np.where(full, state.peak_eur_per_kw * 3600.0 / state.step_s, 0.0)
    return Advice(
        version=version,
        made_s=float(state.start_s),
        valid_until_s=state.start_s + state.valid_s,
        start_s=state.start_s,
        step_s=state.step_s,
        points_w={car.point: tuple(row) for car, row in zip(state.cars, power_w.tolist(), strict=True)},
        why={},
        batteries_w={},
        batteries_kwh={},
        loads_w={},
        grid_w=tuple(grid_w.tolist()),
        import_price=state.import_price,
        export_price=state.export_price,
        marginal_eur_per_kwh=tuple(per_kwh.tolist()),
        peak_w=state.target_w,
        peak_eur_per_kw=state.peak_eur_per_kw,
    )


def _expected_w(state: ParkState, habits: Habits, net_w: Floats) -> Floats:
    """Expected power per car and step, `(cars, steps)` W: an equal share, thinned as cars leave and fill up."""
    cars, steps = state.cars, len(net_w)
    hours = np.arange(steps) * state.step_s / 3600.0
    power = np.zeros((len(cars), steps))
    if not cars or not len(habits):
        # nothing is known of this park yet: every car is thought to stay and to draw
        there = np.ones((len(cars), steps))
        rest = np.full(len(cars), np.inf)
    else:
        alike = [habits.alike(car.arrival_hour, car.weekend) for car in cars]
        there = np.array([past.stays_on(car.plugged_h, hours) for past, car in zip(alike, cars, strict=True)])
        rest = np.array([past.rest_kwh(car.taken_kwh) for past, car in zip(alike, cars, strict=True)])
    rest[[car.filled for car in cars]] = 0.0
    low, high = np.array([car.min_w for car in cars]), np.array([car.max_w for car in cars])
    step_h = state.step_s / 3600.0
    for step in range(steps):
        firm = step * state.step_s < state.firm_s
        wants = np.array([not car.filled for car in cars], dtype=np.bool_) if firm else rest > 1e-6
        draws = np.flatnonzero(wants & (firm | (there[:, step] > 0.0)))
        if not len(draws):
            continue
        here = np.ones(len(draws)) if firm else there[draws, step]
        share = equal_share(state.target_w - float(net_w[step]), low[draws] * here, high[draws] * here)
        power[draws, step] = share if firm else np.minimum(share, rest[draws] * here * 1000.0 / step_h)
        rest[draws] = np.maximum(0.0, rest[draws] - power[draws, step] / here * step_h / 1000.0)
    return power
