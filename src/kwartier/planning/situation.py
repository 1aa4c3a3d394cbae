"""What the site tells the planner, and what the planner tells the site: plain values that go to another process and back.

Series start at `start_s` and have one entry per step of 900 s; histories end there. No numpy here: the running edge
makes these.
"""

from dataclasses import dataclass, field

from kwartier.site.goals import Style
from kwartier.site.plans import BatteryTask, CircuitLimit, Peak, Series
from kwartier.site.reasons import Reason

STEP_S = 900
Measured = tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarWish:
    """A car that is there, or that somebody asks about, with what is wanted of it."""

    id: str
    needs_kwh: float
    """Still to come at the charge point; 0: nothing in particular."""
    due_step: int
    """By the end of the step before this one; beyond the plan's end what it can still take after it may wait."""
    departure_said: bool = True
    """Not: `due_step` is the end of the plan, and it may leave sooner."""
    mode: str = "smart"
    """`smart` is planned; `fast`, `sun` and `off` are only reckoned with."""
    min_w: float
    max_w: float
    room_kwh: float | None = None
    """What it can still take at the charge point; None: not known."""
    at_once_kwh: float = 0.0
    """So much first."""
    style: Style = "cheapest"
    circuit: str | None = None
    phases: tuple[int, ...] = (1, 2, 3)
    fixed: tuple[tuple[int, int, float], ...] = ()
    """Slots by hand: first step, step after the last, W."""
    expected_kwh: float = 0.0
    """For cars that charge at once without a goal: what such a session usually comes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StayThen:
    """A car that was there and is gone."""

    plugged_s: float
    """UTC."""
    gone_s: float
    energy_kwh: float
    """At the charge point."""
    max_w: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """Panels that face one way."""

    peak_kw: float
    tilt_deg: float
    azimuth_deg: float
    """From north over east."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sky:
    """What services foretold, by quarter-hours from `start_s` on: of each past day what was said before it began, from the beginning of
    this day on the newest. Columns are empty where nobody says them."""

    start_s: int
    """UTC; a multiple of 900."""
    native_step_s: int = 900
    latitude: float
    longitude: float
    planes: tuple[Plane, ...] = ()
    """Empty: the panels are found from what they gave."""
    global_w_per_m2: Measured = ()
    diffuse_w_per_m2: Measured = ()
    cloud_pct: Measured = ()
    temperature_c: Measured = ()
    pv_w: Measured = ()
    """What a service reckons that the panels give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything a plan is made of."""

    now_s: float
    start_s: int
    """UTC; the quarter-hour that runs."""
    zone: str
    house_start_s: int
    """UTC; the first step of both histories."""
    house_w: Measured
    """Without cars and batteries."""
    sun_w: Measured
    """What the roof gave, >= 0; empty: no roof."""
    import_price: Series
    export_price: Series
    known_steps: int = 0
    """From here on prices are guessed."""
    stays: tuple[StayThen, ...] = ()
    """Cars of the same past; what they bring is in no forecast of the house."""
    closed_peaks_w: Series = ()
    """Of the months before this one, the newest last."""
    points: int = 1
    """How many cars can be there."""
    import_limit_w: float | None = None
    export_limit_w: float | None = None
    park: bool = False
    """Cars without names and goals share equally what the goal of the quarter-hours leaves."""
    goal_w: float | None = None
    """What the fast loop keeps each quarter-hour's mean import under, as far as cars and batteries can; None: nothing."""
    peak: Peak
    batteries: tuple[BatteryTask, ...] = ()
    cars: tuple[CarWish, ...] = ()
    circuits: tuple[CircuitLimit, ...] = ()
    yearly_kwh: float = 3500.0
    """For a house of which nothing is known yet."""
    time_limit_s: float = 8.0
    sky: Sky | None = None
    used: dict[str, str] = field(default_factory=dict)
    """`house` and `sun`: which forecast is used, by the last scores; left out where none were reckoned yet."""
    model_path: str | None = None
    """Where the process that plans finds what the night has trained; None: nothing that is to be used."""

    @property
    def steps(self) -> int:
        """How many."""
        return len(self.import_price)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A forecast; all of one length."""

    low: Series
    mid: Series
    high: Series
    basis: str
    """`history`, `little_history`, `typical`, `temperature`, `model` (gradient boosting), `persistence` (as on the days before),
    `weather`, `service`, `yesterday`, `last_week`, `none`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A violation in figures."""

    what: str
    id: str
    step: int | None
    amount: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The plan and what it rests on."""

    status: str
    gap_eur: float | None
    solve_s: float
    house: Course
    sun: Course
    grid_w: Series
    cars_w: dict[str, Series]
    batteries_w: dict[str, Series]
    batteries_kwh: dict[str, Series]
    marginal_eur_per_kwh: Series
    values_eur_per_kwh: dict[str, Series]
    """`site.advice.Advice.values_eur_per_kwh`."""
    cost_eur: dict[str, float]
    peak_w: float
    at_once_eur: float
    """The same time with every car at full power from now on and batteries on self-consumption."""
    missing_kwh: dict[str, float]
    """By car, at the charge point."""
    violations: tuple[Told, ...]
    whys: dict[str, tuple[Reason | None, ...]]
    """By planned device and step; None: it does nothing there and waits for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCourse:
    """A forecast of one local day, made at its midnight by a model that had learnt from the time before."""

    start_s: int
    low_w: Series
    mid_w: Series
    high_w: Series


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A question: how good are the forecasts of these histories, which end at a local midnight."""

    now_s: float
    zone: str
    house_start_s: int
    house_w: Measured
    sun_w: Measured
    days: int = 10
    sky: Sky | None = None
    boosted: tuple[DayCourse, ...] = ()
    """Of the model that the night has trained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HousePast:
    """A question: what does gradient boosting learn of this house. The history ends at a local midnight."""

    now_s: float
    zone: str
    house_start_s: int
    house_w: Measured
    days: int = 10
    """So many days are forecast by a model that has not seen them, to be scored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The answer."""

    made_s: int
    """UTC; nothing at or after it was read."""
    model: str
    """`planning.forecast.ml.BoostedModel` as text."""
    courses: tuple[DayCourse, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitThen:
    """A car at a charge point of a car park, as the charge point saw it."""

    arrive_s: int
    """UTC."""
    depart_s: int
    energy_kwh: float
    filled: bool
    """It had stopped drawing by itself before it left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkPast:
    """A question: what month's peak do the cars of this park need. Series per quarter-hour from `start_s` to `now_s`."""

    now_s: float
    zone: str
    start_s: int
    net_w: Measured
    """Load less sun, without cars and batteries."""
    grid_w: Measured
    points: int
    min_w: float
    max_w: float
    """Of one charge point."""
    visits: tuple[VisitThen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkLearnt:
    """The answer, good for the local day."""

    target_w: float
    lost_kwh: float
    """What cars of this month left without and could have had, as estimated."""
    days: int
    """Out of so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How one way to forecast did."""

    method: str
    """House: `edge`, `temperature`, `boosted`, `yesterday`, `last_week`. Sun: `days`, `weather`, `service`, `yesterday`, `last_week`."""
    days: int
    mae_w: float | None
    rmse_w: float | None
    covered_pct: float | None
    """None where it has no band of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """The answer for one of them. Figures and series are those of the forecast in use."""

    name: str
    used: str
    best: str
    """The one with the least mean error of those tried on enough days."""
    days: int
    mae_w: float | None
    rmse_w: float | None
    covered_pct: float | None
    yesterday_mae_w: float | None
    last_week_mae_w: float | None
    start_s: int
    low_w: Measured
    mid_w: Measured
    high_w: Measured
    measured_w: Measured
    methods: tuple[Tried, ...] = ()
    why: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """All of them."""

    scores: tuple[Scored, ...]
