"""Random sites with batteries and with plans that are right, late or wild: the loop where it takes advice.

The site is one of `random_site`, small and with a meter at its grid connection, with up to two batteries behind any of
its circuits and a few charge points that charge as the plan says. Batteries fall to 0 W by themselves, so that the proof of
the site without them holds with them.
"""

from dataclasses import dataclass, replace
from itertools import count
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from kwartier.simulation.plant.local_time import local
from kwartier.simulation.plant.plant import NOMINAL_V, Plant
from kwartier.simulation.plant.storage import Storage
from kwartier.simulation.random_site import random_site
from kwartier.simulation.scenarios import ROTATIONS, Scenario
from kwartier.simulation.steps import StepLoad
from kwartier.site.advice import Advice
from kwartier.site.batteries import Battery
from kwartier.site.topology import Site

STEP_S = 900
STEPS = 96
VALID_S = 1800.0
LATE_S = 1500.0
"""So old is a late plan when it comes: it holds for five minutes more, and then rules do."""
MOST_POINTS = 5
BATTERIES = (0, 1, 1, 1, 2)
CHEAP_HOURS, DEAR_HOURS = range(1, 5), range(17, 21)

Style = Literal["right", "late", "wild"]


def _base(seed: int) -> Scenario:
    """The first random site of a row of its own that suits. A loop, for a compiler makes lists of what would be
    generated one by one."""
    for n in count():
        made = random_site(seed=1000 * seed + n)
        if _suits(made.site):
            break
    return made


def random_cells(*, seed: int = 1) -> Scenario:
    """The site of a seed with its plant, batteries and planner; the same seed gives the same one."""
    dice = Random(f"cells {seed}")  # noqa: S311 - must be repeatable, not secret
    base = _base(seed)
    site = base.site
    root = site.root
    if dice.random() < 0.4:
        export_w = round(dice.uniform(0.0, 0.5) * 3 * NOMINAL_V * min(root.limit_a))
        root = replace(root, export_limit_w=float(export_w))
    batteries = tuple(_battery(dice, n, site) for n in range(dice.choice(BATTERIES)))
    site = replace(
        site,
        name=f"Random {seed} with batteries",
        circuits=tuple(root if c.id == root.id else c for c in site.circuits),
        batteries=batteries,
        charge_points=tuple(
            replace(p, mode="smart") if dice.random() < 0.4 else p for p in site.charge_points
        ),
    )
    storages: dict[str, list[Storage]] = {}
    for battery in batteries:
        storages.setdefault(battery.circuit, []).append(_storage(dice, battery))
    loads = {
        c.id: [load]
        for c, load in zip(site.circuits, base.changes, strict=True)
        if isinstance(load, StepLoad)
    }
    plant = Plant(
        site,
        base.plant.stations,
        start_s=base.start_utc_s,
        dice=Random(dice.getrandbits(64)),  # noqa: S311 - as above
        loads=loads,
        visits=base.plant.visits,
        storages=storages,
        voltage_noise_v=0.0,
    )
    planner = Planner(site, seed, dice.choice(("right", "right", "late", "wild")))
    return replace(base, name="random-cells", site=site, plant=plant, seed=seed, advise=planner.advise)


def _suits(site: Site) -> bool:
    return len(site.charge_points) <= MOST_POINTS and site.root.meter is not None


def _battery(dice: Random, number: int, site: Site) -> Battery:
    circuit = site.circuits[0] if dice.random() < 0.6 else dice.choice(site.circuits)
    conductors = dice.choice((*ROTATIONS, (1,), (2,), (3,)))
    if any(site.circuit[up].imbalance_a is not None for up in site.path[circuit.id]):
        conductors = ROTATIONS[0]  # as the site file demands: the loop cannot keep both
    most_w = dice.uniform(0.2, 0.7) * min(circuit.limit_a) * NOMINAL_V * len(conductors)
    return Battery(
        id=f"b{number}",
        name=f"Battery {number + 1}",
        circuit=circuit.id,
        conductors=conductors,
        capacity_kwh=round(dice.uniform(0.5, 3.0) * most_w / 1000.0, 1),
        charge_w=float(round(most_w)),
        discharge_w=float(round(dice.uniform(0.5, 1.0) * most_w)),
        min_soc_pct=dice.choice((0.0, 5.0, 10.0)),
        reserve_soc_pct=dice.choice((0.0, 0.0, 20.0)),
        max_soc_pct=dice.choice((100.0, 100.0, 90.0)),
        first_soc_pct=dice.choice((0.0, 30.0)),
        feeds_cars=dice.random() < 0.7,
        may_export=dice.random() < 0.3,
    )


def _storage(dice: Random, battery: Battery) -> Storage:
    return Storage(
        battery.id,
        battery.conductors,
        capacity_kwh=battery.capacity_kwh,
        charge_w=battery.charge_w,
        discharge_w=battery.discharge_w,
        soc=dice.uniform(battery.min_soc_pct / 100.0, battery.max_soc_pct / 100.0),
        reaction_s=dice.uniform(0.3, 2.0),
        ramp_w_per_s=dice.uniform(0.2, 1.0) * battery.charge_w,
    )


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes a plan at a moment from nothing but the clock and the state of charge: `right` as a sensible person would,
    `late` the same of a while ago, `wild` with any powers that devices have."""

    site: Site
    seed: int
    style: Style

    def advise(self, plant: Plant, utc_s: float) -> Advice:
        """The plan for a day from this quarter-hour on."""
        made_s = utc_s - LATE_S if self.style == "late" else utc_s
        start_s = int(made_s // STEP_S) * STEP_S
        dice = Random(f"plan {self.seed} {start_s}")  # noqa: S311 - as above
        zone = ZoneInfo(self.site.time_zone)
        hours = [local(start_s + STEP_S * n, zone).hour for n in range(STEPS)]
        points_w, batteries_w, batteries_kwh = {}, {}, {}
        for point in self.site.charge_points:
            if point.mode != "smart":
                continue
            most_w = point.max_a * NOMINAL_V * len(point.conductors)
            points_w[point.id] = tuple(
                dice.choice((0.0, most_w, dice.uniform(0.0, most_w)))
                if self.style == "wild"
                else (most_w if hour in CHEAP_HOURS else 0.0)
                for hour in hours
            )
        for battery in self.site.batteries:
            cells = plant.storage[battery.id]
            powers_w, kept_kwh, kwh = [], [], cells.soc * battery.capacity_kwh
            for hour in hours:
                power_w = self._power_w(dice, battery, hour)
                kwh = min(battery.capacity_kwh, max(0.0, kwh + power_w * STEP_S / 3.6e6))
                powers_w.append(power_w)
                kept_kwh.append(kwh)
            batteries_w[battery.id], batteries_kwh[battery.id] = tuple(powers_w), tuple(kept_kwh)
        whole_w = 3 * NOMINAL_V * min(self.site.root.limit_a)
        wild = self.style == "wild"
        grid_w = tuple(dice.uniform(-0.5, 1.0) * whole_w if wild else 0.1 * whole_w for _ in hours)
        prices = tuple(0.12 if h in CHEAP_HOURS else 0.35 if h in DEAR_HOURS else 0.25 for h in hours)
        return Advice(
            version=f"{start_s}",
            made_s=made_s,
            valid_until_s=made_s + VALID_S,
            start_s=start_s,
            step_s=STEP_S,
            points_w=points_w,
            why={},
            batteries_w=batteries_w,
            batteries_kwh=batteries_kwh,
            loads_w={},
            grid_w=grid_w,
            import_price=prices,
            export_price=tuple(0.05 for _ in hours),
            marginal_eur_per_kwh=prices,
            peak_w=dice.choice((0.0, 0.3, 0.8)) * whole_w,
            peak_eur_per_kw=50.0,
        )

    def _power_w(self, dice: Random, battery: Battery, hour: int) -> float:
        if self.style == "wild":
            return dice.choice((0.0, dice.uniform(-battery.discharge_w, battery.charge_w)))
        if hour in CHEAP_HOURS:
            return 0.3 * battery.charge_w
        return -0.3 * battery.discharge_w if hour in DEAR_HOURS else 0.0
