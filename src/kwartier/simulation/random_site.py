"""Sites that nobody drew: one to six levels, one to forty points, meters, fuses and contracts here and there.

They are sane as `kwartier check` means it: what the chargers do by themselves, or may draw together when a meter is
lost, fits every circuit beside the worst other load. The same proof judges them here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from kwartier.safety.fire import FireInput
from kwartier.safety.proof import prove
from kwartier.simulation.plant.loads import HOUR
from kwartier.simulation.plant.local_time import midnight_before
from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.plant.station import Socket, Station
from kwartier.simulation.plant.visits import Visit, VisitPlan, Visits
from kwartier.simulation.scenarios import COUNTIS_E27, P1, ROTATIONS, Scenario
from kwartier.simulation.steps import CLOUDS, HEAT_PUMP, OVEN, WELDER, Appliance, StepLoad
from kwartier.simulation.trouble.cars import OddCar
from kwartier.site.phases import ZERO, PhaseVector, add
from kwartier.site.quarters import QuarterSettings
from kwartier.site.topology import ChargePoint, Circuit, Fuse, Meter, Site

ZONE = ZoneInfo("Europe/Brussels")
YEAR_2026_S = 1_767_222_000
SIZES_A = (16.0, 20.0, 25.0, 32.0, 40.0, 50.0, 63.0, 80.0, 100.0, 125.0, 160.0, 200.0, 250.0)
POINTS = (1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 8, 10, 12, 16, 24, 40)
MARGIN = 1.05
"""Amperes of a load grow a little when the voltage sags."""


@dataclass
class _Draft:
    circuits: list[Circuit] = field(default_factory=list)
    meters: list[Meter] = field(default_factory=list)
    points: list[ChargePoint] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)

    def site(self, seed: int) -> Site:
        return Site(
            name=f"Random {seed}",
            circuits=tuple(self.circuits),
            meters=tuple(self.meters),
            charge_points=tuple(self.points),
        )


def random_site(*, seed: int = 1) -> Scenario:
    """The site of a seed with its plant; the same seed gives the same one."""
    dice = Random(f"site {seed}")  # noqa: S311 - must be repeatable, not secret
    draft = _Draft()
    _grow(dice, draft)
    _furnish(dice, draft)
    _goals(dice, draft)
    share = dice.uniform(0.4, 1.0)
    own = {c.id: _appliances(dice, c) for c in draft.circuits}
    while True:
        loads = {
            i: StepLoad(_scaled(a, share), _split(dice), ZONE, floor_a=_floor(a, share))
            for i, a in own.items()
        }
        site, worst = _with_base(draft.site(seed), loads)
        if prove(site, {p.id: p.fallback_a for p in site.charge_points}, worst).ok:
            break
        share *= 0.8
        if share < 0.02:
            draft.points = [replace(p, fallback_a=0.0) for p in draft.points]
            draft.circuits = [replace(c, safe_current_a=0.8 * c.safe_current_a) for c in draft.circuits]
            share = 0.5
    return _scenario(dice, seed, site, worst, loads, draft.types)


def _grow(dice: Random, draft: _Draft) -> None:
    """The tree."""
    count = dice.choice(POINTS)
    levels = dice.choice((1, 2, 2, 3, 3, 4, 5, 6))
    smallest = next(i for i, size in enumerate(SIZES_A) if size >= min(250.0, 10.0 + 4.0 * count))
    limit_a = dice.choice(SIZES_A[smallest : smallest + 5])
    at_level = {1: [_circuit(dice, draft, None, limit_a)]}
    for level in range(2, levels + 1):
        at_level[level] = []
        for parent in at_level[level - 1]:
            for _ in range(dice.choice((1, 1, 2, 3) if count > 4 else (1, 1, 1, 2))):
                top = SIZES_A.index(parent.limit_a[0])
                size = SIZES_A[dice.randint(max(0, top - 4), top)]
                if len(draft.circuits) < 16:
                    at_level[level].append(_circuit(dice, draft, parent.id, size))
    leaves = [c for c in draft.circuits if not any(d.parent == c.id for d in draft.circuits)]
    for i in range(count):
        circuit = dice.choice(leaves if dice.random() < 0.9 else draft.circuits)
        draft.points.append(_point(dice, i, circuit.id))


def _circuit(dice: Random, draft: _Draft, parent: str | None, limit_a: float) -> Circuit:
    number = len(draft.circuits)
    meter = None
    if (parent is None and dice.random() < 0.95) or dice.random() < 0.25:
        meter = f"m{number}"
        draft.types[meter] = P1 if parent is None and dice.random() < 0.6 else COUNTIS_E27
        draft.meters.append(
            Meter(id=meter, name=meter.upper(), role="grid" if parent is None else "circuit", address=meter)
        )
    third = limit_a if dice.random() < 0.9 else 0.75 * limit_a
    made = Circuit(
        id=f"c{number}",
        name=f"C{number}",
        parent=parent,
        limit_a=(limit_a, limit_a, third),
        contract_w=dice.choice((0.6, 0.8, 1.0)) * 3 * 230 * limit_a
        if parent is None and dice.random() < 0.3
        else None,
        fuse=Fuse(type=dice.choice(("B", "C", "D", "gG")), rating_a=limit_a) if dice.random() < 0.6 else None,
        meter=meter,
    )
    draft.circuits.append(made)
    return made


def _point(dice: Random, number: int, circuit: str) -> ChargePoint:
    conductors: tuple[int, ...] = dice.choice(ROTATIONS)
    if dice.random() < 0.3:
        conductors = (dice.choice((1, 2, 3)),)
    return ChargePoint(
        id=f"p{number:02d}",
        name=f"Place {number + 1}",
        circuit=circuit,
        conductors=conductors,
        max_a=dice.choice((16.0, 16.0, 32.0)),
        weight=dice.choice((1.0, 1.0, 1.0, 2.0, 0.5)),
        priority=dice.choice((0, 0, 0, 0, 0, 1)),
        fallback_a=dice.choice((0.0, 6.0, 6.0)),
    )


def _goals(dice: Random, draft: _Draft) -> None:
    """Phases that must not lie too far apart; on small sites a goal for the quarter-hours."""
    root = draft.circuits[0]
    if root.meter is None:
        return
    if dice.random() < 0.1:
        root = replace(root, imbalance_a=20.0)
    if dice.random() < 0.08 and len(draft.points) <= 4:
        whole_w = 3 * 230.0 * min(root.limit_a)
        follow = dice.choice(("fixed", "month_peak"))
        goal = QuarterSettings(follow="fixed", fixed_w=round(dice.uniform(0.3, 0.8) * whole_w))
        root = replace(root, quarter=goal if follow == "fixed" else QuarterSettings())
    draft.circuits[0] = root


def _furnish(dice: Random, draft: _Draft) -> None:
    """Fallbacks and safe currents that leave room for other load."""
    site = draft.site(0)
    for circuit in draft.circuits:
        room_a = 0.7 * min(circuit.limit_a)
        behind = set(site.charge_points_behind[circuit.id])
        for phase in (1, 2, 3):
            sum_a = 0.0
            for i, point in enumerate(draft.points):
                if point.id in behind and phase in point.conductors:
                    sum_a += point.fallback_a
                    if sum_a > room_a:
                        draft.points[i] = replace(point, fallback_a=0.0)
                        sum_a -= point.fallback_a
    draft.circuits = [
        c if c.meter is None else replace(c, safe_current_a=round(dice.uniform(0.2, 0.6) * min(c.limit_a)))
        for c in draft.circuits
    ]


def _appliances(dice: Random, circuit: Circuit) -> tuple[Appliance, ...]:
    """What hangs on a circuit beside chargers and child circuits."""
    if circuit.parent is not None and dice.random() < 0.4:
        return ()
    limit_a = min(circuit.limit_a)
    out = []
    for _ in range(dice.choice((1, 2, 3, 4))):
        phase, amps = (dice.choice((1, 2, 3)),), dice.uniform(0.05, 0.35) * limit_a
        kind = dice.choice(("oven", "oven", "heat", "heat", "weld", "sun"))
        if kind == "oven":
            out.append(_of(phase, min(amps, 20.0), OVEN, dice, from_h=7.0, until_h=22.0))
        elif kind == "heat":
            out.append(_of((1, 2, 3), 0.7 * amps, HEAT_PUMP, dice))
        elif kind == "weld":
            from_h = dice.uniform(8.0, 16.0)
            phases = dice.choice(((1, 2, 3), phase))
            out.append(_of(phases, min(amps, 25.0), WELDER, dice, from_h=from_h, until_h=from_h + 0.15))
        elif circuit.parent is None:
            sun = dice.choice(((1, 2, 3), phase))
            out.append(_of(sun, -min(amps, 25.0), CLOUDS, dice, from_h=8.0, until_h=18.0, least=0.1))
    return tuple(out)


def _of(
    phases: tuple[int, ...],
    amps: float,
    times_s: tuple[float, float],
    dice: Random,
    *,
    from_h: float = 0.0,
    until_h: float = 24.0,
    least: float = 0.5,
) -> Appliance:
    on_s, off_s = (t * dice.uniform(0.7, 1.5) for t in times_s)
    return Appliance(
        phases=phases, amps=amps, on_s=on_s, off_s=off_s, from_h=from_h, until_h=until_h, least=least
    )


def _scaled(appliances: Sequence[Appliance], share: float) -> list[Appliance]:
    return [replace(a, amps=a.amps * share if a.amps > 0 else a.amps) for a in appliances]


def _floor(appliances: Sequence[Appliance], share: float) -> PhaseVector:
    floor = 0.6 * share if appliances else 0.0
    return (floor, 1.3 * floor, 0.7 * floor)


def _with_base(site: Site, loads: dict[str, StepLoad]) -> tuple[Site, dict[str, PhaseVector]]:
    """The site with what it must assume of circuits without a meter; the worst load of each circuit, all below
    included."""
    own = {}
    for i, load in loads.items():
        a, b, c = (MARGIN * v for v in load.worst_a)
        own[i] = (a, b, c)
    site = replace(
        site,
        circuits=tuple(
            c if c.meter is not None else replace(c, base_load_a=own[c.id]) for c in site.circuits
        ),
    )
    worst: dict[str, PhaseVector] = dict.fromkeys(site.circuit, ZERO)
    for circuit_id, amps in own.items():
        for up in site.path[circuit_id]:
            worst[up] = add(worst[up], amps)
    return site, worst


def _scenario(
    dice: Random,
    seed: int,
    site: Site,
    worst: dict[str, PhaseVector],
    loads: dict[str, StepLoad],
    types: dict[str, str],
) -> Scenario:
    start_s = start_of(dice)
    sockets = [
        Socket(p.id, p.conductors, max_a=p.max_a, safe_a=p.fallback_a, reaction_s=dice.uniform(0.3, 1.4))
        for p in site.charge_points
    ]
    busy = dice.uniform(0.4, 1.0)
    plant = Plant(
        site,
        [Station(f"s{i:02d}", pair) for i, pair in enumerate(_pairs(dice, sockets))],
        start_s=start_s,
        dice=_split(dice),
        loads={i: [load] for i, load in loads.items()},
        visits=[Visits(s, _guests(busy), _split(dice), ZONE) for s in sockets],
        voltage_noise_v=0.0,
    )
    return Scenario(
        name="random",
        site=site,
        plant=plant,
        start_utc_s=start_s,
        seed=seed,
        meter_types=types,
        sockets={s.id: 1 for s in sockets},
        dice=_split(dice),
        fire=fire_input(site) if dice.random() < 0.5 else None,
        worst_a=worst,
        changes=tuple(loads.values()),
    )


def start_of(dice: Random) -> float:
    """A full hour of 2026, in one of eight cases a few hours before the clocks change, UTC."""
    day = dice.choice((87, 297)) if dice.random() < 0.125 else dice.randrange(365)
    return midnight_before(YEAR_2026_S + 86400.0 * day + 43200.0, ZONE) + 3600.0 * dice.randrange(0, 24)


def fire_input(site: Site) -> FireInput:
    """An input that stops everything."""
    points = tuple(p.id for p in site.charge_points)
    return FireInput(id="fire", name="Fire panel", circuits=(site.root.id,), charge_points=points)


def _pairs(dice: Random, sockets: list[Socket]) -> list[tuple[Socket, ...]]:
    out: list[tuple[Socket, ...]] = []
    left = list(sockets)
    while left:
        count = 2 if dice.random() < 0.5 else 1
        out.append(tuple(left[:count]))
        left = left[count:]
    return out


def _guests(busy: float) -> VisitPlan:
    return partial(_day_of_guests, busy)


def _day_of_guests(busy: float, dice: Random, midnight_s: float, weekend: bool) -> Sequence[Visit]:
    """Cars that come and go: through the day, or for the night."""
    visits: list[Visit] = []
    if dice.random() < busy * (0.5 if weekend else 0.8):
        at_h = dice.uniform(6.0, 12.0)
        while at_h < 17.0:
            stay_h = dice.choice((dice.uniform(0.2, 1.5), dice.uniform(2.0, 8.0)))
            visits.append(_visit(dice, midnight_s, at_h, stay_h))
            at_h += stay_h + dice.uniform(0.1, 4.0)
    if dice.random() < 0.6 * busy:
        visits.append(_visit(dice, midnight_s, dice.uniform(17.5, 21.0), dice.uniform(4.0, 13.0)))
    return visits


def _visit(dice: Random, midnight_s: float, at_h: float, stay_h: float) -> Visit:
    arrives_s = round(midnight_s + HOUR * at_h)
    return (arrives_s, arrives_s + round(HOUR * stay_h), odd_car(dice))


def odd_car(dice: Random) -> OddCar:
    """What drives in: cars with one, two or three conductors, 11 and 22 kW, small and large batteries."""
    phases, max_a, battery_kwh = dice.choice(
        ((3, 16.0, 64.0), (3, 16.0, 80.0), (1, 16.0, 15.0), (1, 32.0, 40.0), (2, 16.0, 45.0), (3, 32.0, 60.0))
    )
    return OddCar(
        battery_kwh=battery_kwh,
        soc=dice.uniform(0.2, 0.9),
        phases=phases,
        max_a=max_a,
        start_min_a=dice.choice((6.0, 6.0, 6.0, 6.0, 8.0)),
        reaction_s=dice.uniform(0.5, 5.0),
        ramp_a_per_s=dice.uniform(1.5, 6.0),
        whole_amps=dice.random() < 0.4,
        efficiency=dice.uniform(0.86, 0.94),
    )


def _split(dice: Random) -> Random:
    """Dice of their own for each part, so that a change to one does not shift the others."""
    return Random(dice.getrandbits(64))  # noqa: S311 - a simulation must be repeatable, not secret
