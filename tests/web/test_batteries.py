"""Batteries on the pages and for programs: what they do and why, and that their silence is seen."""

from typing import Any

import pytest
from playwright.sync_api import expect

from kwartier.edge.views.conditions import conditions
from kwartier.edge.views.metrics import text as metrics_text
from kwartier.site.reasons import LANGUAGES, reason
from kwartier.web.limits_page import tree
from kwartier.web.live import Document
from kwartier.web.schemas import State


def battery(**changes: Any) -> Document:
    """One that gives."""
    why = reason("battery_planned_discharge", grid_kw=0.0, until="23:00")
    return {
        "id": "home", "name": "Home battery", "circuit": "grid", "address": "192.168.0.20:502 unit 1",
        "phases": [1, 2, 3], "status": "ok", "age_s": 0.4, "state": "ready", "power_w": -1240.0, "soc_pct": 62.4,
        "stored_kwh": 6.24, "setpoint_w": -1300.0, "reserved_w": 0.0, "valid_for_s": 44.0, "capacity_kwh": 10.0,
        "charge_w": 5000.0, "discharge_w": 5000.0, "min_soc_pct": 5.0, "reserve_soc_pct": 10.0, "max_soc_pct": 100.0,
        "reason": {"code": why.code, "params": dict(why.params), **{lang: why.text(lang) for lang in LANGUAGES}},
        "reason_since": "2026-11-21T16:45:00+01:00", "fault": None, **changes,
    }  # fmt: skip


def with_battery(document: Document, **changes: Any) -> Document:
    """The site with one on its root."""
    found = battery(circuit=document["circuits"][0]["id"], **changes)
    document["batteries"] = [found]
    document["flow"]["battery_w"] = found["power_w"]
    return document


SILENT: Document = {
    "status": "silent",
    "power_w": None,
    "age_s": 42.0,
    "reserved_w": 2100.0,
    "setpoint_w": 0.0,
}


@pytest.mark.parametrize(
    ("changes", "kind", "code"),
    [
        ({}, "giving", None),
        ({"power_w": 900.0}, "charging", None),
        ({"power_w": -12.0}, "idle", None),
        ({"status": "waiting", "state": None, "power_w": None, "soc_pct": None}, "waiting", None),
        ({"state": "fault"}, "trouble", "alarm_battery_fault"),
        (SILENT, "trouble", "alarm_battery_silent"),
    ],
)
def test_what_it_does_in_one_word_and_what_is_wrong(
    documents: Any, changes: Document, kind: str, code: str | None
) -> None:
    """On the page of limits it stands at its circuit; alarms know its troubles and no others."""
    document = with_battery(documents["household"](), **changes)
    State.model_validate(document)
    (root,) = tree(document)
    assert [b["kind"] for b in root.batteries] == [kind]
    assert root.stores
    assert not any(child.stores for child in root.children)
    found = [c.reason.code for c in conditions(document, None) if c.device_id == "home"]
    assert found == ([] if code is None else [code])


async def test_it_is_there_for_programs_and_without_javascript(builder: Any, documents: Any) -> None:
    """API, ESPHome rows, table and limits; a site without one has none of it."""
    async with builder(with_battery(documents["household"](), **SILENT)).client() as client:
        (told,) = (await client.get("/api/v1/batteries")).json()
        assert (told["status"], told["power_w"], told["reserved_w"]) == ("silent", None, 2100.0)
        assert (await client.get("/sensor/home_charge")).json()["value"] == 62.4
        assert (await client.get("/sensor/home_power")).json() == {
            "id": "sensor-home_power", "state": "NA", "value": None,
        }  # fmt: skip
        assert (await client.get("/binary_sensor/home_connected")).json()["value"] is False
        page = (await client.get("/limits?lang=nl")).text
        for words in (
            "Batterijen hier: 1",
            "Antwoordt niet, 62 %",
            "2,10 kW gereserveerd",
            "auto&#39;s, batterij",
        ):
            assert words in page, words
        assert "Home battery Laadtoestand" in (await client.get("/simple?lang=nl")).text
    async with builder(documents["household"]()).client() as client:
        assert (await client.get("/api/v1/batteries")).json() == []
        assert "Batteries here" not in (await client.get("/limits")).text


def test_metrics(documents: Any) -> None:
    """What is not known is left out; signs are those of the document."""
    told = metrics_text(with_battery(documents["household"]()), failures=0, writes=0)
    assert 'kwartier_battery_power_watts{battery="home"} -1240.0' in told
    assert 'kwartier_battery_charge_percent{battery="home"} 62.4' in told
    silent = metrics_text(with_battery(documents["household"](), **SILENT), failures=0, writes=0)
    assert 'kwartier_battery_power_watts{battery="home"}' not in silent
    assert 'kwartier_battery_silent{battery="home"} 1.0' in silent


@pytest.mark.browser
def test_its_card(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """State of charge, power, what it was told and why, on a phone too; then it falls silent, and nothing old passes for new."""
    with serve(builder(with_battery(documents["household"]()))) as served:
        page = view(served.url)
        card = page.get_by_role("article", name="Home battery")
        for words in (
            "Giving",
            "62 %",
            "6.2 of 10.0 kWh",
            "1.24 kW out",
            "1.30 kW out",
            "empty in 4 h",
            "Gives as planned until 23:00",
        ):
            expect(card).to_contain_text(words)
        assert "Battery: discharging 1.24 kW" in page.locator(".flow svg").get_attribute("aria-label")
        expect(page.locator(".circuit").first).to_contain_text("reserved for cars and battery")
        expect(page.locator(".chart .u-legend")).to_contain_text("Battery")
        page.set_viewport_size({"width": 320, "height": 740})
        page.wait_for_function("document.documentElement.scrollWidth <= 320", timeout=2000)
        served.advance(lambda document: with_battery(document, **SILENT))
        for words in ("Does not answer", "42 s ago", "2.10 kW reserved"):
            expect(card).to_contain_text(words)
        expect(page.locator(".flow .battery")).to_contain_text("not known")
