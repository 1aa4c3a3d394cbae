"""The demonstration's fire panel."""

import asyncio
from importlib.resources import files
from pathlib import Path

import pytest

from kwartier.config.building import to_site
from kwartier.config.fire import fire_inputs
from kwartier.config.loading import load
from kwartier.edge.clock import RealClock
from kwartier.edge.demo import EXAMPLE, DemoSite, SiteName, with_panel
from kwartier.simulation.emulation import Emulation
from kwartier.simulation.emulators import DigitalInputEmulator
from kwartier.simulation.stories import story


@pytest.mark.parametrize("name", ["household", "carpark"])
async def test_a_visitor_sounds_the_fire_alarm(name: SiteName) -> None:
    """The panel guards every charge point of the demonstration, and its button opens and closes the contact."""
    async with DigitalInputEmulator() as panel:
        path = Path(str(files("kwartier.config") / "examples" / f"{EXAMPLE[name]}.yaml"))
        config = with_panel(load(path), panel)
        site = to_site(config)
        (spec,) = fire_inputs(config, site)
        assert spec.charge_points == tuple(p.id for p in site.charge_points)
        demo = DemoSite(name, Emulation(story(EXAMPLE[name]), RealClock()), lambda: 1.0, panel)
        for active, contact in ((True, 0), (False, 1)):
            demo.set_fault("fire_panel", active)
            async with asyncio.timeout(2):
                while panel.bits(1, 2)[0] != contact:
                    await asyncio.sleep(0.01)
            (fault,) = [f for f in demo.describe()["faults"] if f["id"] == "fire_panel"]
            assert fault["active"] is active
