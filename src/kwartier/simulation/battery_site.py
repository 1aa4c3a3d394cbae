"""A house with sun, a battery, a car and prices by the hour: the loop with a plan.

The plan is made by a few rules from the prices of the day and from what the house usually needs. It is often wrong, which
is the point: what happens otherwise than it says is the loop's affair.
"""

from random import Random
from zoneinfo import ZoneInfo

from kwartier.simulation.plant.loads import Load, household_day
from kwartier.simulation.plant.local_time import local
from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.plant.solar import Photovoltaics
from kwartier.simulation.plant.station import Socket, Station
from kwartier.simulation.plant.storage import Storage
from kwartier.simulation.plant.visits import Visits
from kwartier.simulation.scenarios import (
    BRUSSELS,
    COUNTIS_E27,
    GHENT,
    HOUSEHOLD_START_S,
    P1,
    Scenario,
    commuter,
    three_phase_car,
)
from kwartier.site.advice import Advice
from kwartier.site.batteries import Battery
from kwartier.site.quarters import QuarterSettings
from kwartier.site.topology import ChargePoint, Circuit, Meter, Site

STEP_S = 900
STEPS = 96
VALID_S = 1800.0
USUAL_W = 450.0
"""What the plan takes the house to need."""
CAR_W = 7000.0
CHEAP_EUR, DEAR_EUR = 0.16, 0.34
PRICES = {
    1: 0.12,
    2: 0.11,
    3: 0.11,
    4: 0.12,
    12: 0.15,
    13: 0.14,
    14: 0.15,
    17: 0.35,
    18: 0.38,
    19: 0.39,
    20: 0.36,
}
"""By the hour on the wall; else `USUAL_EUR`."""
USUAL_EUR = 0.25
CAR_HOURS = (1, 2, 3, 4)


def battery_house_site() -> Site:
    """40 A on three phases, a goal for the quarter-hours, a smart charge point, 10 kWh of battery."""
    return Site(
        name="House with a battery",
        circuits=(
            Circuit(
                id="grid",
                name="Grid",
                parent=None,
                limit_a=(25.0,) * 3,
                meter="main",
                safe_current_a=8.0,
                quarter=QuarterSettings(follow="fixed", fixed_w=9000.0),
            ),
            Circuit(id="garage", name="Garage", parent="grid", limit_a=(20.0,) * 3),
        ),
        meters=(
            Meter(id="main", name="Digital meter", role="grid", address="P1"),
            Meter(id="pv", name="Solar panels", role="production", address="Countis E27"),
        ),
        charge_points=(
            ChargePoint(
                id="car",
                name="Car",
                circuit="garage",
                conductors=(1, 2, 3),
                max_a=16.0,
                fallback_a=6.0,
                mode="smart",
            ),
        ),
        batteries=(
            Battery(
                id="cellar",
                name="Cellar",
                circuit="grid",
                capacity_kwh=10.0,
                charge_w=5000.0,
                discharge_w=5000.0,
                reserve_soc_pct=15.0,
            ),
        ),
    )


def household_battery(*, seed: int = 1, start_utc_s: float = HOUSEHOLD_START_S) -> Scenario:
    """The story `household-battery`."""
    dice = Random(seed)  # noqa: S311 - a simulation must be repeatable, not secret
    site = battery_house_site()
    battery = site.batteries[0]
    socket = Socket("car", (1, 2, 3), max_a=16.0, reaction_s=dice.uniform(0.3, 1.0))
    latitude, longitude = GHENT
    sun = Photovoltaics(
        _split(dice),
        peak_w=6000.0,
        inverter_w=5000.0,
        phases=(1, 2, 3),
        latitude_deg=latitude,
        longitude_deg=longitude,
    )
    plant = Plant(
        site,
        [Station("home", (socket,))],
        start_s=start_utc_s,
        dice=_split(dice),
        loads={
            "grid": [Load(household_day, _split(dice), BRUSSELS, floor_w=(140.0, 60.0, 90.0), noise_w=6.0)]
        },
        photovoltaics={"pv": ("grid", sun)},
        visits=[Visits(socket, commuter(17.2, 0.4, three_phase_car), _split(dice), BRUSSELS)],
        storages={
            "grid": [
                Storage(
                    battery.id,
                    battery.conductors,
                    capacity_kwh=battery.capacity_kwh,
                    charge_w=battery.charge_w,
                    discharge_w=battery.discharge_w,
                    soc=dice.uniform(0.2, 0.8),
                    reaction_s=dice.uniform(0.3, 2.0),
                    ramp_w_per_s=dice.uniform(1000.0, 5000.0),
                )
            ]
        },
    )
    return Scenario(
        name="household-battery",
        site=site,
        plant=plant,
        start_utc_s=start_utc_s,
        seed=seed,
        meter_types={"main": P1, "pv": COUNTIS_E27},
        sockets={"car": 1},
        dice=_split(dice),
        advise=advise,
    )


def advise(plant: Plant, utc_s: float) -> Advice:
    """A plan from this quarter-hour on for a day: the car in the cheap hours of the night, the battery filled there when
    it is low and emptied in the dear ones of the evening."""
    start_s = int(utc_s // STEP_S) * STEP_S
    zone = ZoneInfo(plant.site.time_zone)
    hours = [local(start_s + STEP_S * n, zone).hour for n in range(STEPS)]
    prices = tuple(PRICES.get(hour, USUAL_EUR) for hour in hours)
    car_w = tuple(CAR_W if hour in CAR_HOURS else 0.0 for hour in hours)
    cells = next(iter(plant.storage.values()))
    room_kwh = cells.capacity_wh / 1000.0
    soc_kwh = cells.soc * room_kwh
    battery_w, battery_kwh, grid_w = [], [], []
    for price, car in zip(prices, car_w, strict=True):
        power_w = 0.0
        if price < CHEAP_EUR and soc_kwh < 0.6 * room_kwh:
            power_w = min(2000.0, (0.6 * room_kwh - soc_kwh) * 4000.0)
        elif price > DEAR_EUR and soc_kwh > 0.15 * room_kwh:
            power_w = -min(USUAL_W, (soc_kwh - 0.15 * room_kwh) * 4000.0)
        soc_kwh += power_w / 4000.0
        battery_w.append(power_w)
        battery_kwh.append(soc_kwh)
        grid_w.append(USUAL_W + car + power_w)
    return Advice(
        version=f"{start_s}",
        made_s=utc_s,
        valid_until_s=utc_s + VALID_S,
        start_s=start_s,
        step_s=STEP_S,
        points_w={"car": car_w},
        why={},
        batteries_w={cells.id: tuple(battery_w)},
        batteries_kwh={cells.id: tuple(battery_kwh)},
        loads_w={},
        grid_w=tuple(grid_w),
        import_price=prices,
        export_price=tuple(0.05 for _ in prices),
        marginal_eur_per_kwh=prices,
        peak_w=9000.0,
        peak_eur_per_kw=50.0,
    )


def _split(dice: Random) -> Random:
    return Random(dice.getrandbits(64))  # noqa: S311 - as above
