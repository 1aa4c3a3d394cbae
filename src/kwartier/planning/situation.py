"""What the site tells the planner, and what the planner tells the site: plain values that go to another process and back.

Series start at `start_s` and have one entry per step of 900 s; histories end there. No numpy here: the running edge
makes these.
"""

from dataclasses import dataclass

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
    """`history`, `little_history`, `typical`, `persistence`, `none`."""


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
class Past:
    """A question: how good are the forecasts of these histories."""

    now_s: float
    zone: str
    house_start_s: int
    house_w: Measured
    sun_w: Measured
    days: int = 7


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
class Scored:
    """The answer for one of them."""

    name: str
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
    best: str = "edge"
    """`edge`, `yesterday`, `last_week`: the best of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """All of them."""

    scores: tuple[Scored, ...]
