"""The plan, goals, savings and forecasts: interface and pages, without a browser."""

import gzip
import re
from typing import Any

import pytest
from tests.web.planned import with_plan
from tests.web.sites import HOSTILE

from kwartier.web.plan_schemas import Forecasts, PlanAnswer, Savings

PAGES = ("/plan", "/plan/left", "/savings", "/forecasts")
WEIGHT = 100_000
GOALS = "/api/v1/plan/goals/left"


@pytest.fixture
def site(builder: Any, documents: Any) -> Any:
    """The household with a plan, as a demonstration that takes changes."""
    document = documents["household"]()
    document["demo"] = {**documents["carpark"]()["demo"], "faults": []}
    return with_plan(builder(document, demo=True))


async def test_answers_are_as_described(site: Any) -> None:
    """Every field of the plan, savings and forecasts is in the published description."""
    async with site.client() as client:
        plan = PlanAnswer.model_validate((await client.get("/api/v1/plan")).json())
        Savings.model_validate((await client.get("/api/v1/savings")).json())
        Forecasts.model_validate((await client.get("/api/v1/forecasts")).json())
        assert (await client.get("/api/v1/state")).json()["plan"]["goals"]["left"]["target"] == 80
    axis = plan.axis
    assert axis is not None
    lengths = {
        len(axis.import_price),
        len(axis.planned["grid_w"]),
        len(axis.measured["grid_w"]),
        len(axis.house_band.mid),
    }
    assert len(lengths) == 1
    now = int((axis.now_s - axis.start_s) // axis.step_s)
    assert all(v is None for v in axis.measured["grid_w"][now:])
    assert all(v is None for v in axis.planned["grid_w"][:now])


async def test_a_title_of_a_calendar_is_for_those_who_are_logged_in(builder: Any, documents: Any) -> None:
    """On the page of the goal and in the interface; others read that a calendar says so, and nowhere more."""
    for demo in (True, False):
        site = with_plan(builder(documents["household"](), demo=demo))
        plan = site.app.state.plan
        due = next(g for g in plan.document["goals"] if g["charge_point_id"] == "left")["due"]
        for goal in plan.document["goals"]:
            goal["origin"] = "calendar" if goal["set"] else None
        plan.events["left"] = {"title": f"Dentist {HOSTILE}", "at": due}
        async with site.client() as client:
            private = [(await client.get(p)).text for p in ("/plan/left", GOALS, "/api/v1/plan/goals")]
            public = [(await client.get(p)).text for p in ("/plan", "/api/v1/plan", "/api/v1/state")]
        assert all(("Dentist" in text) is demo for text in private)
        assert not any("Dentist" in text for text in public)
        assert HOSTILE not in private[0]
        assert ("From the calendar." in private[0]) is not demo
        assert "From the calendar." in public[0]


async def test_a_goal_is_set_looked_at_and_removed(site: Any) -> None:
    """And a refusal is a problem document with the sentence for people."""
    async with site.client() as client:
        put = await client.put(
            GOALS, json={"mode": "smart", "target": 90, "unit": "pct", "at": "06:45", "weekdays": [0, 4]}
        )
        assert put.status_code == 200, put.text
        assert put.json()["target"] == 90
        look = await client.post(f"{GOALS}/preview", json={"target": 100, "unit": "pct", "at": "07:30"})
        assert look.json()["warnings"][0]["code"] == "unreachable"
        refused = await client.put(GOALS, json={"target": 120, "unit": "pct", "at": "07:30"})
        assert (refused.status_code, refused.json()["type"]) == (422, "urn:kwartier:problem:not-allowed")
        assert "full at 100 %" in refused.json()["detail"]
        for broken in (
            {"at": "25:00"},
            {"weekdays": [7]},
            {"target": -1},
            {"mode": "turbo"},
            {"colour": "red"},
        ):
            assert (await client.put(GOALS, json=broken)).status_code == 422, broken
        assert (await client.put("/api/v1/plan/goals/nobody", json={"mode": "off"})).status_code == 404
        assert (await client.delete(GOALS)).json()["set"] is False


async def test_a_block_is_shifted_and_given_back(site: Any) -> None:
    """By the interface and by the buttons of the page."""
    async with site.client() as client:
        block = next(b for b in (await client.get("/api/v1/plan")).json()["blocks"] if b["movable"])
        asked = {"charge_point_id": "left", "start": block["start"], "end": block["end"], "shift_s": 3600}
        assert (await client.post("/api/v1/plan/overrides", json=asked)).json()["overrides"][0]["id"] == "o1"
        moved = next(b for b in (await client.get("/api/v1/plan")).json()["blocks"] if b["movable"])
        assert moved["start_s"] == block["start_s"] + 3600
        assert "Give back" in (await client.get("/plan")).text
        assert (await client.delete("/api/v1/plan/overrides/left/o9")).status_code == 404
        assert (await client.delete("/api/v1/plan/overrides/left/all")).json() == {"overrides": []}
        form = {"charge_point_id": "left", "start": moved["start"], "end": moved["end"], "shift_s": "-900"}
        assert (await client.post("/plan/shift", data=form)).status_code == 303
        assert (
            await client.post("/plan/give-back", data={"charge_point_id": "left", "override_id": "o1"})
        ).status_code == 303
        assert (await client.post("/plan/shift", data={**form, "start": "soon"})).status_code == 422


async def test_strangers_look_and_change_nothing(web: Any, password: str) -> None:
    """Without the password every change is refused, the pages lead to the log-in, and that leads back."""
    with_plan(web)
    await web.auth.choose_password("127.0.0.1", password, local=True)
    async with web.client("192.168.1.20") as client:
        assert (await client.get("/api/v1/plan")).status_code == 200
        for method, path, body in (
            ("PUT", GOALS, {"mode": "off"}),
            ("DELETE", GOALS, None),
            ("POST", f"{GOALS}/preview", {"target": 50}),
            ("DELETE", "/api/v1/plan/overrides/left/all", None),
        ):
            assert (await client.request(method, path, json=body)).status_code == 401, path
        assert "disabled" in (await client.get("/plan/left")).text
        sent = await client.post("/plan/left", data={"mode": "off"})
        assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=/plan/left")
        back = await client.post("/login", data={"password": password, "next": "/plan/left"})
        assert back.headers["location"] == "/plan/left"
    assert web.app.state.plan.asked == []


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "nl", "fr", "de"])
async def test_pages_are_whole_light_and_safe(site: Any, path: str, language: str) -> None:
    """Everything is words, no markup comes out of a name, and a first visit loads less than 100 kB."""
    for point in site.app.state.plan.document["goals"]:
        point["name"] = HOSTILE
    for block in site.app.state.plan.document["blocks"]:
        block["name"] = HOSTILE
    async with site.client(headers={"Accept-Language": language}) as client:
        text = (await client.get(path)).text
        weight = len(gzip.compress(text.encode(), 5))
        for loaded in set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text)):
            weight += len(gzip.compress((await client.get(loaded)).content, 9))
    assert f'<html lang="{language}">' in text
    assert "<script>alert" not in text
    assert not re.search(r"\bt\[|\{\{|>None<| None ", text)
    assert weight <= WEIGHT, f"{weight} bytes"
    for name in (
        "Plan",
        {"en": "Savings", "nl": "Besparing", "fr": "Économies", "de": "Ersparnis"}[language],
    ):
        assert f">{name}" in text


async def test_the_form_works_without_javascript(site: Any) -> None:
    """It shows what a goal comes to, keeps what was typed, refuses in the reader's language, and saves."""
    form = {
        "mode": "smart",
        "target": "80,5",
        "unit": "pct",
        "at": "07:30",
        "style": "late",
        "weekdays": ["1", "3"],
    }
    async with site.client(headers={"Accept-Language": "nl"}) as client:
        looked = (await client.post("/plan/left", data={**form, "do": "preview"})).text
        assert "22,20 kWh" in looked
        assert 'value="80,5"' in looked
        refused = await client.post("/plan/left", data={**form, "target": "130"})
        assert (refused.status_code, "vol bij 100 %" in refused.text) == (422, True)
        assert (await client.post("/plan/left", data={**form, "at": "zeven"})).status_code == 422
        assert (await client.post("/plan/left", data=form)).headers["location"] == "/plan"
        assert (await client.post("/plan/left", data={"do": "remove"})).status_code == 303
        assert (await client.get("/plan/nobody")).status_code == 404
    asked = site.app.state.plan.asked[-1]
    assert (asked.target, asked.style, asked.weekdays, asked.mode) == (80.5, "late", [1, 3], "smart")


@pytest.mark.parametrize("status", ["waiting", "stale", "failed"])
async def test_without_a_plan_the_page_says_so(site: Any, status: str) -> None:
    """And that nobody is stopped."""
    site.app.state.plan.document |= {
        "status": status,
        "axis": None,
        "blocks": [],
        "cost": None,
        "peak": None,
        "made_at": None,
    }
    async with site.client() as client:
        text = (await client.get("/plan")).text
    assert "by the rules of their mode" in text
    assert "There is no plan yet." in text


async def test_a_site_without_a_planner_has_no_plan(web: Any) -> None:
    """No page in the header, and a problem document that says so."""
    async with web.client() as client:
        assert 'href="/plan"' not in (await client.get("/limits")).text
        assert (await client.get("/api/v1/plan")).json()["type"] == "urn:kwartier:problem:no-plan"
        assert (await client.get("/plan")).status_code == 404
