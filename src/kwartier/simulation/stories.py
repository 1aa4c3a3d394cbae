"""All scenarios by name: the sites of the examples, two of them with loads in steps, a house with a battery
and a plan, and random sites with and without batteries."""

from collections.abc import Callable

from kwartier.simulation.battery_site import household_battery
from kwartier.simulation.random_cells import random_cells
from kwartier.simulation.random_site import random_site
from kwartier.simulation.saving_site import household_saving
from kwartier.simulation.scenarios import SCENARIOS, Scenario
from kwartier.simulation.step_sites import carpark_steps, household_steps
from kwartier.site.errors import ConfigError

STORIES: dict[str, Callable[..., Scenario]] = {
    **SCENARIOS,
    "household-saving": household_saving,
    "household-battery": household_battery,
    "household-steps": household_steps,
    "carpark-steps": carpark_steps,
    "random": random_site,
    "random-cells": random_cells,
}


def story(name: str, *, seed: int = 1) -> Scenario:
    """A scenario by name. Raises ConfigError when there is none."""
    try:
        make = STORIES[name]
    except KeyError:
        raise ConfigError(f"no scenario is called {name!r}; there are {', '.join(STORIES)}") from None
    return make(seed=seed)
