"""The demonstration's fire panel."""

import asyncio
from importlib.resources import files
from pathlib import Path

import pytest

from kwartier.config.building import to_site
from kwartier.config.fire import fire_inputs
from kwartier.config.loading import load
from kwartier.edge.demonstration.demo import EXAMPLE, DemoSite, SiteName, car_switch, with_panel
from kwartier.edge.host.clock import RealClock
from kwartier.simulation.emulation import Emulation
from kwartier.simulation.emulators import DigitalInputEmulator
from kwartier.simulation.stories import story
from kwartier.site.reasons import LANGUAGES


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


@pytest.mark.parametrize("name", ["household", "carpark"])
async def test_what_can_be_tried_is_told_in_every_language(name: SiteName) -> None:
    """The story, each fault, and what mends it, with no name left open."""
    async with DigitalInputEmulator() as panel:
        emulation = Emulation(story(EXAMPLE[name]), RealClock())
        demo = DemoSite(name, emulation, lambda: 1.0, panel)
        demo.add(car_switch(emulation, emulation.scenario.site.charge_points[0].id))
        told = demo.describe()
    assert {f["id"] for f in told["faults"]} > {"grid_meter", "station", "fire_panel"}
    for part, stems in ((told, ("story_",)), *((fault, ("", "mend_")) for fault in told["faults"])):
        for stem in stems:
            texts = [part[f"{stem}{language}"] for language in LANGUAGES]
            assert len(set(texts)) == len(LANGUAGES)
            assert all(len(text) > 8 and "{" not in text for text in texts)
