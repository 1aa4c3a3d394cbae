"""The vocabulary of the slow loop: a planning problem and its answer (DESIGN 6.5), without arrays of a library.

`planning.plan` turns a `Problem` into a `Plan`; the edge, the cloud, the simulation and the command line hand both
around, so they are plain values here, and nothing that reads a plan needs the solver or numpy.

Series have one entry per step. Powers in W at the site's side of a device, energies in kWh inside it, money in the
site's currency (the design's `EUR`). Positive power flows into a component; import at the grid is positive.
Whatever is left out is None or empty and then plays no part.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Series = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """What the highest quarter-hour mean import costs, as one object for every tariff that bills one.

    A step counts where `counts` says so (all by default). The quarter that runs when the plan starts already has
    `running_kwh`. Months end at `month_ends` (steps that begin a new month): from there a new peak starts at nothing.
    """

    eur_per_kw: float = 0.0
    """What one more kW of this month's peak costs in all the bills in which it will stand."""
    so_far_w: float = 0.0
    """The month's highest quarter-hour before this plan starts. Below it everything is free."""
    floor_w: float = 0.0
    """Below it nothing is billed (Flanders: 2 500 W)."""
    running_kwh: float = 0.0
    """Imported in the quarter-hour that runs, before the plan starts."""
    counts: tuple[bool, ...] | None = None
    """Steps that count for the peak (windows of a tariff); None: all."""
    month_ends: tuple[int, ...] = ()
    curve: tuple[tuple[float, float], ...] = ()
    """The value of the month's peak as the site has learnt it: `(from_w, eur_per_kw)` with rising powers and rising
    prices, in the place of `eur_per_kw`: a kW above `from_w` costs that much, up to the next. It says how likely it
    is that the month ends at least that high anyway."""
    largest_w: tuple[float, ...] = ()
    """Where the k-th largest quarter-hour is billed (Elia: the 11th): the k largest so far, falling. Empty: k = 1."""
    contracted_w: float | None = None
    """Contracted access power; what lies above costs `excess_eur_per_kw` besides."""
    excess_eur_per_kw: float = 0.0
    ceiling_eur_per_kwh: float | None = None
    """The maximum tariff: peak and network costs of the month together cost no more than this for each kWh imported
    (Flanders). With `imported_kwh` so far it caps what the peak is worth."""
    imported_kwh: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryTask:
    """A battery as the plan sees it."""

    id: str
    capacity_kwh: float
    soc_kwh: float
    min_soc_kwh: float = 0.0
    final_soc_kwh: float | None = None
    """At least this at the end; None: `final_value_eur_per_kwh` alone counts."""
    charge_w: float = 0.0
    discharge_w: float = 0.0
    charge_efficiency: float = 1.0
    discharge_efficiency: float = 1.0
    wear_eur_per_kwh: float = 0.0
    """For each kWh that leaves the cells."""
    final_value_eur_per_kwh: float = 0.0
    """What a kWh left at the end is worth."""
    reserve_kwh: Series = ()
    """Energy that is better kept at the end of each step, for what the forecast gets wrong; soft."""
    reserve_eur_per_kwh: float = 0.0
    """What each missing kWh of the reserve costs, per step."""
    reserve_levels: tuple[tuple[float, Series], ...] = ()
    """A reserve whose worth falls the fuller the battery is: `(up to kWh, EUR per missing kWh in each step)`, with rising
    energies and, in each step, falling prices. What `planning.horizon` has learnt of the surprises of a day."""
    circuit: str | None = None
    phases: tuple[int, ...] = (1, 2, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarTask:
    """A car that is plugged in, or expected."""

    id: str
    arrive_step: int
    depart_step: int
    """It can charge in the steps `arrive_step <= t < depart_step`."""
    energy_kwh: float
    """What it needs in its battery by then, after `efficiency`."""
    min_w: float = 0.0
    max_w: float = 0.0
    efficiency: float = 1.0
    shortfall_eur_per_kwh: float = 50.0
    """What each missing kWh costs; above the dearest peak, or a car is left behind to save a kW."""
    goals: tuple[tuple[int, float], ...] = ()
    """More goals: `(step, kWh by then)`, soft like the last one."""
    room_kwh: float | None = None
    """What its battery can still take; None: `energy_kwh`."""
    extra_eur_per_kwh: float = 0.0
    """What a kWh above the goal is worth, up to `room_kwh`."""
    at_once_kwh: float = 0.0
    """Minimum state of charge: this much first, as fast as the limits allow."""
    closed: tuple[int, ...] = ()
    """Steps between `arrive_step` and `depart_step` in which it is not to charge: somebody said so."""
    circuit: str | None = None
    phases: tuple[int, ...] = (1, 2, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTask:
    """An appliance that runs once, without a break."""

    id: str
    power_w: float
    run_steps: int
    earliest_step: int
    latest_step: int
    """The last step in which it may start."""
    circuit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferTask:
    """A thermal buffer (boiler, house with a heat pump) as one mass with a temperature band.

    `temperature_c` next = now + (heat - loss_w_per_c * (now - ambient)) * hours / heat_kwh_per_c, where
    heat = power * cop. Outside the band costs `discomfort_eur_per_ch` per degree and hour.
    """

    id: str
    power_w: float
    min_w: float = 0.0
    temperature_c: float = 20.0
    low_c: Series | float = 19.0
    high_c: Series | float = 22.0
    ambient_c: Series | float = 10.0
    heat_kwh_per_c: float = 1.0
    loss_w_per_c: float = 0.0
    cop: Series | float = 1.0
    demand_w: Series = ()
    """Heat that is drawn from it besides (hot water)."""
    discomfort_eur_per_ch: float = 1.0
    circuit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitLimit:
    """A circuit of the plan: what may flow into it, in W per phase (one figure: over its phases together)."""

    id: str
    parent: str | None
    limit_w: tuple[float, ...]
    base_load_w: tuple[Series, ...] = ()
    """Per entry of `limit_w`: what it carries besides the devices of the plan; empty: nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One planning problem; arrays have one entry per step."""

    start_s: int
    """UTC; the quarter-hours of the peak follow the clock."""
    step_s: int = 900
    import_price: Series
    export_price: Series
    load_w: Series
    pv_w: Series = ()
    """Available, >= 0."""
    pv_curtailable: bool = False
    import_limit_w: Series | float | None = None
    export_limit_w: Series | float | None = None
    peak: Peak = field(default_factory=Peak)
    batteries: tuple[BatteryTask, ...] = ()
    cars: tuple[CarTask, ...] = ()
    runs: tuple[RunTask, ...] = ()
    buffers: tuple[BufferTask, ...] = ()
    circuits: tuple[CircuitLimit, ...] = ()
    smooth_eur_per_kw: float = 0.0
    """A small price on each change of a device's power, so that plans don't saw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A wish or a limit that could not be kept, and why."""

    what: str
    """`import_limit`, `export_limit`, `circuit`, `car_goal`, `at_once`, `final_soc`, `min_soc`, `comfort`, `run_once`, `input`."""
    id: str
    """Of the device or circuit."""
    step: int | None
    """The first step it happens in; None: none in particular."""
    amount: float
    unit: str
    cause: str
    """A code of `site.texts` is made of it; in English here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePlan:
    """What one device does."""

    power_w: Series
    soc_kwh: Series = ()
    """At the end of each step; batteries only."""
    temperature_c: Series = ()
    delivered_kwh: float = 0.0
    shortfall_kwh: float = 0.0
    start_step: int | None = None
    """Of an appliance that runs once."""
    value_eur_per_kwh: Series = ()
    """What one more kWh inside is worth: at the end of each step of a battery, one figure for a car. By these prices the
    fast loop decides what the plan did not foresee. Empty where the plan has no duals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The answer."""

    status: Literal["optimal", "feasible"]
    """`optimal`: proven within 0.1 % of the best."""
    start_s: int
    step_s: int
    objective_eur: float
    bound_eur: float
    """No plan is cheaper than this."""
    cost_eur: Mapping[str, float]
    """`energy`, `peak`, `wear`, `shortfall`, and what else plays a part."""
    grid_w: Series
    pv_used_w: Series
    devices: Mapping[str, DevicePlan]
    peak_w: float
    """The highest quarter-hour mean import, `so_far_w` not counted."""
    marginal_eur_per_kwh: Series
    """What one more kWh of load would cost in each step: price and peak together."""
    peak_eur_per_kwh: Series = ()
    """The part of it that is the peak's."""
    violations: tuple[Violation, ...] = ()
    solve_seconds: float = 0.0
