"""The quarter-hour over real sockets: from telegrams to set-points, the page and the journal."""

from pathlib import Path

import httpx
import pytest
from tests.edge.running import live_site

from kwartier.config.models import SiteConfig
from kwartier.config.quarter import QuarterConfig
from kwartier.control.memory import Memory
from kwartier.control.step import step
from kwartier.edge.kept import Kept
from kwartier.historian.replay import replay
from kwartier.web.peak_schemas import Peaks
from kwartier.web.schemas import State


def with_goal(config: SiteConfig) -> SiteConfig:
    """Stay under 5 kW, at 50 EUR per kW and year."""
    root, *others = config.circuits
    goal = QuarterConfig(follow="fixed", target_kw=5.0, eur_per_kw_year=50.0)
    root = root.model_copy(update={"quarter": goal, "contract_kw": 9.2})
    return config.model_copy(update={"circuits": [root, *others]})


async def test_a_quarter_is_held_shown_kept_and_replayed(tmp_path: Path) -> None:
    """Cars are held to the budget with that as the reason; the page has the meter's own thirteen months."""
    async with live_site("household", tmp_path / "h.sqlite", change=with_goal) as site:
        await site.until(lambda: site.meter["status"] == "fresh", 30)
        await site.until(lambda: site.scenario.plant.socket["left"].applied_a > 0, 400)

        def bound() -> bool:
            return any(p["reason"]["code"] == "quarter_budget" for p in site.state["charge_points"])

        await site.until(bound, 400)
        state = site.state
        State.model_validate(state)
        assert state["quarter"]["target_w"] == 5000.0
        assert state["quarter"]["status"] in {"held", "base_over"}
        grid = state["circuits"][0]["protection"]
        assert grid["total_source"] == "quarter"
        async with httpx.AsyncClient(base_url=site.url) as client:
            answer = await client.get("/api/v1/peaks")
        assert answer.status_code == 200, answer.text
        found = Peaks.model_validate(answer.json())
        assert len(found.months) == 13
        assert found.months[-2].source == "history"
        assert found.months[-1].running
        assert found.mean_w is not None
        assert found.mean_w >= 2500
        assert found.eur_per_year == pytest.approx(found.mean_w / 1000 * 50, abs=0.02)
        await site.clock.sleep(60)
        history = site.controller.place.history
        site.controller._keep(True)
        await site.crash()
    again = replay(history, step, Memory)
    assert again.cycles > 60
    assert again.ok, again.mismatches
    async with live_site("household", history, change=with_goal) as second:
        kept = second.controller.historian.saved_state_as(Kept)
        assert kept is not None
        assert len(kept.ledger) >= 12
