"""The household with a battery, a goal for its quarter-hours and a smart socket: the demonstration."""

from dataclasses import replace

from kwartier.simulation.plant.storage import Storage
from kwartier.simulation.scenarios import HOUSEHOLD_START_S, Scenario, household, household_site
from kwartier.site.batteries import Battery
from kwartier.site.quarters import QuarterSettings
from kwartier.site.topology import Site

START_SOC = 0.46
"""A sunny afternoon has filled it this far."""


def saving_site() -> Site:
    """The site of `config/examples/household-saving.yaml`."""
    house = household_site()
    goal = QuarterSettings(follow="month_peak", floor_w=2500.0, eur_per_kw_year=55.0)
    left, right = house.charge_points
    return replace(
        house,
        name="Household that saves",
        circuits=(replace(house.root, quarter=goal), *(c for c in house.circuits if c.parent is not None)),
        charge_points=(replace(left, mode="smart"), right),
        batteries=(
            Battery(
                id="home",
                name="Home battery",
                circuit="grid",
                capacity_kwh=10.0,
                charge_w=5000.0,
                discharge_w=5000.0,
                reserve_soc_pct=10.0,
                wear_eur_per_kwh=0.02,
            ),
        ),
    )


def household_saving(*, seed: int = 1, start_utc_s: float = HOUSEHOLD_START_S) -> Scenario:
    """`household` with 10 kWh behind a hybrid inverter's three phases; the rest of the house is the same, second by second."""
    site = saving_site()
    cells = [
        Storage(
            battery.id,
            battery.conductors,
            capacity_kwh=battery.capacity_kwh,
            charge_w=battery.charge_w,
            discharge_w=battery.discharge_w,
            soc=START_SOC,
            reaction_s=0.7,
        )
        for battery in site.batteries
    ]
    made = household(seed=seed, start_utc_s=start_utc_s, built=site, storages={"grid": cells})
    return replace(made, name="household-saving")
