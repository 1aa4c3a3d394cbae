"""Two sites with their stories: a household and a car park. Each is made anew from its seed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Protocol
from zoneinfo import ZoneInfo

from kwartier.safety.fire import FireInput
from kwartier.simulation.plant.car import Car
from kwartier.simulation.plant.loads import HOUR, Load, building_day, household_day
from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.plant.registers import MonthPeak
from kwartier.simulation.plant.solar import Photovoltaics
from kwartier.simulation.plant.station import Socket, Station
from kwartier.simulation.plant.storage import Storage
from kwartier.simulation.plant.visits import Visit, VisitPlan, Visits
from kwartier.site.advice import Advice
from kwartier.site.errors import ConfigError
from kwartier.site.phases import PhaseVector
from kwartier.site.topology import ChargePoint, Circuit, Meter, Site

BRUSSELS = ZoneInfo("Europe/Brussels")
GHENT = (51.05, 3.72)
ROTATIONS = ((1, 2, 3), (2, 3, 1), (3, 1, 2))
P1, COUNTIS_E27, ALFEN = "p1", "socomec-countis-e27", "alfen-ng9xx"


class Foreseen(Protocol):
    """A load that tells when it changes next."""

    @property
    def next_s(self) -> float:
        """UTC; nothing changes before."""
        ...


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A site, its physics at the start, and which device is of which type."""

    name: str
    site: Site
    plant: Plant
    start_utc_s: float
    seed: int
    meter_types: dict[str, str]
    """Catalogue type of each meter by id."""
    sockets: dict[str, int]
    """Socket number (1 or 2) of each charge point on its station."""
    dice: Random
    """For what happens on top: latencies, faults."""
    fire: FireInput | None = None
    """An input that stops all charge points."""
    worst_a: dict[str, PhaseVector] = field(default_factory=dict)
    """Per circuit the largest load beside chargers that can ever flow, all below included, A; empty: not known."""
    changes: tuple[Foreseen, ...] = ()
    """All loads, when each is constant until a moment that it can tell: then time may leap. Empty: they are not."""
    advise: Callable[[Plant, float], Advice] | None = None
    """Makes a plan at a moment (UTC), where the story has one."""

    def station_of(self, charge_point_id: str) -> Station:
        """The station on which a charge point sits."""
        socket = self.plant.socket[charge_point_id]
        return next(s for s in self.plant.stations if socket in s.sockets)


def _brussels(*fields: int) -> float:
    year, month, day, hour, minute = fields
    return datetime(year, month, day, hour, minute, tzinfo=BRUSSELS).timestamp()


HOUSEHOLD_START_S = _brussels(2026, 4, 14, 16, 30)
"""A Tuesday in spring: the sun still shines, the family is about to come home."""
CARPARK_START_S = _brussels(2026, 11, 17, 7, 30)
"""A Tuesday in autumn, before the staff arrive."""


def household(
    *,
    seed: int = 1,
    start_utc_s: float = HOUSEHOLD_START_S,
    built: Site | None = None,
    storages: Mapping[str, Sequence[Storage]] | None = None,
) -> Scenario:
    """40 A on three phases, 5 kWp on L3, two cars on one duo station: one phase on L1, three phases
    rotated. Main meter P1, the inverter behind a Countis E27. `built`: the same house with more in it, `storages` its
    batteries by circuit id."""
    dice = _dice(seed)
    site = household_site() if built is None else built
    left = Socket("left", (1,), reaction_s=dice.uniform(0.3, 1.0))
    right = Socket("right", (2, 3, 1), max_a=16.0, reaction_s=dice.uniform(0.3, 1.0))
    latitude, longitude = GHENT
    sun = Photovoltaics(
        _split(dice),
        peak_w=5000.0,
        inverter_w=4600.0,
        phases=(3,),
        latitude_deg=latitude,
        longitude_deg=longitude,
        azimuth_deg=40.0,
    )
    home = Load(household_day, _split(dice), BRUSSELS, floor_w=(140.0, 60.0, 90.0), noise_w=6.0)
    plant = Plant(
        site,
        [Station("home", (left, right))],
        start_s=start_utc_s,
        dice=_split(dice),
        loads={"grid": [home]},
        photovoltaics={"pv": ("grid", sun)},
        visits=[
            Visits(left, commuter(16.1, 0.3, one_phase_car), _split(dice), BRUSSELS),
            Visits(right, commuter(16.6, 0.07, three_phase_car), _split(dice), BRUSSELS),
        ],
        storages=storages,
    )
    _past(plant, start_utc_s, dice, import_kwh=(2110.5, 3326.9), export_kwh=(4416.4, 1384.3), peak_w=3900.0)
    return Scenario(
        name="household",
        site=site,
        plant=plant,
        start_utc_s=start_utc_s,
        seed=seed,
        meter_types={"main": P1, "pv": COUNTIS_E27},
        sockets={"left": 1, "right": 2},
        dice=_split(dice),
    )


def household_site() -> Site:
    """The site of `config/examples/household.yaml`."""
    return Site(
        name="Household",
        circuits=(
            Circuit(
                id="grid", name="Grid", parent=None, limit_a=(40.0,) * 3, meter="main", safe_current_a=10.0
            ),
            Circuit(id="garage", name="Garage", parent="grid", limit_a=(32.0,) * 3),
        ),
        meters=(
            Meter(id="main", name="Digital meter", role="grid", address="P1"),
            Meter(id="pv", name="Solar panels", role="production", address="Countis E27"),
        ),
        charge_points=(
            ChargePoint(id="left", name="Left", circuit="garage", conductors=(1,), fallback_a=6.0),
            ChargePoint(
                id="right", name="Right", circuit="garage", conductors=(2, 3, 1), max_a=16.0, fallback_a=6.0
            ),
        ),
    )


def carpark(*, seed: int = 1, start_utc_s: float = CARPARK_START_S) -> Scenario:
    """250 A, 24 sockets on twelve duo stations behind two boards and four groups, an office as base load,
    staff and visitors all day. Main meter a Countis E27; wiring rotates from station to station."""
    dice = _dice(seed)
    site = carpark_site()
    sockets = [
        Socket(p.id, p.conductors, reaction_s=dice.uniform(0.4, 1.4), safe_a=p.fallback_a)
        for p in site.charge_points
    ]
    pairs = zip(sockets[::2], sockets[1::2], strict=True)
    office = Load(building_day, _split(dice), BRUSSELS, floor_w=(2600.0, 2300.0, 2450.0), noise_w=40.0)
    plant = Plant(
        site,
        [Station(f"s{i:02d}", pair) for i, pair in enumerate(pairs, start=1)],
        start_s=start_utc_s,
        dice=_split(dice),
        loads={"grid": [office]},
        visits=[Visits(s, workplace, _split(dice), BRUSSELS) for s in sockets],
    )
    _past(plant, start_utc_s, dice, import_kwh=(48211.0, 20976.0), export_kwh=(0.0, 0.0), peak_w=74000.0)
    return Scenario(
        name="carpark",
        site=site,
        plant=plant,
        start_utc_s=start_utc_s,
        seed=seed,
        meter_types={"main": COUNTIS_E27},
        sockets={s.id: 1 + i % 2 for i, s in enumerate(sockets)},
        dice=_split(dice),
    )


def carpark_site() -> Site:
    """The site of `config/examples/carpark.yaml`."""
    groups = ("a-north", "a-south", "b-north", "b-south")
    boards = [
        Circuit(id=f"board-{x}", name=f"Board {x.upper()}", parent="grid", limit_a=(125.0,) * 3) for x in "ab"
    ]
    branches = [
        Circuit(id=g, name=g.replace("-", " ").title(), parent=f"board-{g[0]}", limit_a=(63.0,) * 3)
        for g in groups
    ]
    grid = Circuit(
        id="grid", name="Grid", parent=None, limit_a=(250.0,) * 3, meter="main", safe_current_a=80.0
    )
    return Site(
        name="Car park",
        circuits=(grid, *boards, *branches),
        meters=(Meter(id="main", name="Main meter", role="grid", address="Countis E27"),),
        charge_points=tuple(
            ChargePoint(
                id=f"p{i + 1:02d}",
                name=f"Place {i + 1}",
                circuit=groups[i // 6],
                conductors=ROTATIONS[i // 2 % 3],
                fallback_a=6.0,
            )
            for i in range(24)
        ),
    )


SCENARIOS: dict[str, Callable[..., Scenario]] = {"household": household, "carpark": carpark}


def scenario(name: str, *, seed: int = 1) -> Scenario:
    """A scenario by name."""
    try:
        make = SCENARIOS[name]
    except KeyError:
        raise ConfigError(f"no scenario is called {name!r}; there are {', '.join(SCENARIOS)}") from None
    return make(seed=seed)


def one_phase_car(dice: Random) -> Car:
    """An older car: one conductor, up to 32 A."""
    return _car(dice, battery_kwh=40.0, phases=1, max_a=32.0)


def three_phase_car(dice: Random) -> Car:
    """The common European on-board charger of 11 kW."""
    return _car(dice, battery_kwh=64.0, phases=3, max_a=16.0)


def any_car(dice: Random) -> Car:
    """What drives into a car park: mostly 11 kW, some with one or two conductors, some with 22 kW."""
    kind = dice.random()
    if kind < 0.5:
        return _car(dice, battery_kwh=dice.uniform(45, 85), phases=3, max_a=16.0)
    if kind < 0.75:
        return _car(dice, battery_kwh=dice.uniform(10, 42), phases=1, max_a=dice.choice((16.0, 16.0, 32.0)))
    if kind < 0.88:
        return _car(dice, battery_kwh=dice.uniform(35, 60), phases=2, max_a=16.0)
    return _car(dice, battery_kwh=dice.uniform(41, 90), phases=3, max_a=32.0, start_min_a=8.0)


def _car(dice: Random, *, battery_kwh: float, phases: int, max_a: float, start_min_a: float = 6.0) -> Car:
    return Car(
        battery_kwh=battery_kwh,
        soc=dice.uniform(0.25, 0.65),
        phases=phases,
        max_a=max_a,
        start_min_a=start_min_a,
        reaction_s=dice.uniform(0.5, 5.0),
        ramp_a_per_s=dice.uniform(1.5, 6.0),
        whole_amps=dice.random() < 0.4,
        efficiency=dice.uniform(0.86, 0.94),
    )


def commuter(home_h: float, spread_h: float, make: Callable[[Random], Car]) -> VisitPlan:
    """A car that is at home at night; at weekends it comes in the early afternoon."""

    def plan(dice: Random, midnight_s: float, weekend: bool) -> Sequence[Visit]:
        arrives_h = 13.5 if weekend else home_h
        arrives_s = midnight_s + HOUR * (arrives_h + dice.uniform(-spread_h, spread_h))
        leaves_s = midnight_s + HOUR * (24 + 7.4 + dice.uniform(-0.3, 0.3))
        return [(arrives_s, leaves_s, make(dice))]

    return plan


def workplace(dice: Random, midnight_s: float, weekend: bool) -> Sequence[Visit]:
    """One place of a car park: staff from the morning on, else visitors, at times somebody at night."""
    visits: list[Visit] = []

    def visit(arrives_h: float, hours: float) -> None:
        arrives_s = midnight_s + HOUR * arrives_h
        visits.append((arrives_s, arrives_s + HOUR * hours, any_car(dice)))

    if not weekend and dice.random() < 0.7:
        visit(dice.gauss(8.3, 0.5), dice.uniform(7.5, 9.5))
    elif dice.random() < (0.3 if weekend else 0.9):
        at_h = dice.uniform(8.5, 11.0)
        while at_h < 17.0:
            stay_h = dice.uniform(0.7, 2.5)
            visit(at_h, stay_h)
            at_h += stay_h + dice.uniform(0.2, 1.5)
    if dice.random() < 0.25:
        visit(dice.uniform(18.2, 20.0), dice.uniform(2.0, 12.5))
    return visits


def _past(
    plant: Plant,
    start_s: float,
    dice: Random,
    *,
    import_kwh: tuple[float, float],
    export_kwh: tuple[float, float],
    peak_w: float,
) -> None:
    """Give the main meter a life before the story: registers, this month's peak, thirteen months."""
    r = plant.registers
    r.import_wh = [1000.0 * v for v in import_kwh]
    r.export_wh = [1000.0 * v for v in export_kwh]
    this = datetime.fromtimestamp(start_s, BRUSSELS).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for back in range(13, 0, -1):
        closed = _months_before(this, back - 1)
        opened_s = _months_before(this, back).timestamp()
        at_s = opened_s + 900.0 * dice.randrange(40, int((closed.timestamp() - opened_s) / 900.0))
        r.history.append(MonthPeak(closed.timestamp(), at_s, round(peak_w * dice.uniform(0.7, 1.3))))
    passed = int((start_s - this.timestamp()) / 900.0)
    if passed:
        r.month_peak_at_s = this.timestamp() + 900.0 * dice.randrange(1, passed + 1)
        r.month_peak_w = float(round(peak_w * dice.uniform(0.8, 1.0)))


def _months_before(first: datetime, months: int) -> datetime:
    index = first.year * 12 + first.month - 1 - months
    return first.replace(year=index // 12, month=index % 12 + 1)


def _dice(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - a simulation must be repeatable, not secret


def _split(dice: Random) -> Random:
    """Dice of their own for each part, so that a change to one does not shift the others."""
    return _dice(dice.getrandbits(64))
