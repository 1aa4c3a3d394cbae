"""The slow loop of a whole site: from what somebody asks to set-points, through a process of its own and back."""

import os
import signal
from pathlib import Path

import httpx
from tests.edge.running import LiveSite, live_site

from kwartier.config.models import SiteConfig
from kwartier.config.tariff_section import TariffsSection
from kwartier.web.live import Document
from kwartier.web.plan_schemas import Forecasts, PlanAnswer, Savings

GOAL = {"target": 80, "unit": "pct", "at": "07:30", "battery_kwh": 40, "level_pct": 35}


def dynamic(config: SiteConfig) -> SiteConfig:
    """With a tariff and without any price: the plan must do with a guess."""
    return config.model_copy(
        update={"tariffs": TariffsSection(parts=["engie-dynamic", "fluvius-imewo", "be-household"])}
    )


async def answer(client: httpx.AsyncClient) -> Document:
    """The plan as told."""
    told = await client.get("/api/v1/plan")
    assert told.status_code == 200, told.text
    PlanAnswer.model_validate(told.json())
    found: Document = told.json()
    return found


async def made(site: LiveSite, client: httpx.AsyncClient, cause: str) -> Document:
    """The next plan for this reason."""

    def there() -> bool:
        planner = site.controller.planner  # it loads last
        return planner is not None and planner.made is not None and planner.made.cause.code == cause

    await site.until(there, 3000)
    return await answer(client)


async def test_a_wish_becomes_a_plan_and_the_plan_set_points(tmp_path: Path) -> None:
    """Without prices, history or a forecast there is a plan that says so. A goal is planned and obeyed; a block by hand
    stays; a killed planner harms nobody; a car that leaves takes its slots along."""
    async with live_site("household", tmp_path / "h.sqlite", change=dynamic, planning=True) as site:
        async with httpx.AsyncClient(base_url=site.url, timeout=60) as client:
            await site.until(lambda: site.scenario.plant.socket["left"].applied_a > 0, 900)
            await site.until(lambda: (site.state["plan"] or {}).get("version") is not None, 3000)
            first = await answer(client)
            codes = {note["code"] for note in first["notes"]}
            assert {"note_no_prices", "note_no_history"} <= codes
            assert first["axis"]["price_known"].count(True) == 0

            site.controller.auth.demo = True
            put = await client.put("/api/v1/plan/goals/left", json=GOAL)
            assert put.status_code == 200, put.text
            assert put.json()["mode"] == "smart"
            plan = await made(site, client, "plan_wish")
            goal = next(g for g in plan["goals"] if g["charge_point_id"] == "left")
            assert goal["missing_kwh"] == 0
            assert 18 < goal["needs_kwh"] < 21
            assert any(b["device_id"] == "left" and b["reason"] for b in plan["blocks"])
            look = await client.post(
                "/api/v1/plan/goals/left/preview", json={**GOAL, "at": "18:30", "target": 100}
            )
            codes = {w["code"] for w in look.json()["warnings"]}
            assert {"unreachable", "beyond_prices"} <= codes
            assert look.json()["missing_kwh"] > 5

            block = max((b for b in plan["blocks"] if b["device_id"] == "left"), key=lambda b: b["start_s"])
            slot = {"charge_point_id": "left", "start": plan["at"], "end": block["end"], "power_w": 0}
            assert (await client.post("/api/v1/plan/overrides", json=slot)).status_code == 200

            def waits() -> bool:
                return bool(site.allowed_a()["left"] == 0)

            await site.until(waits, 900)

            planner = site.controller.planner
            assert planner is not None
            if planner.child.pid is not None:
                os.kill(planner.child.pid, signal.SIGKILL)
            before = planner.made
            planner.nudge("plan_wish")
            await site.until(lambda: planner.made is not before, 3000)
            assert planner.failing is None

            site.scenario.plant.socket["left"].disconnect()
            gone = await made(site, client, "plan_unplugged")
            left = next(g for g in gone["goals"] if g["charge_point_id"] == "left")
            assert (left["plugged"], left["overrides"]) == (False, [])
            assert not any(b["device_id"] == "left" for b in gone["blocks"])
            Savings.model_validate((await client.get("/api/v1/savings")).json())
            Forecasts.model_validate((await client.get("/api/v1/forecasts")).json())
            pid = planner.child.pid
        assert pid is not None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return
    raise AssertionError("the planner's process outlived its site")
