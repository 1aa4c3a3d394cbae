"""The list of alarms: what is wrong now, what was said, and who has taken note of it."""

from typing import Any

import pytest
from tests.web.recorded import Lines, book, lines_of_a_week

from kwartier.edge.views.conditions import conditions
from kwartier.site.reasons import reason
from kwartier.web.alarm_schemas import AlarmList
from kwartier.web.live import Document


def spoil(document: Document) -> None:
    """A lost meter, a silent point, a point in fault, one that disobeys, a full disk."""
    document["meters"][0].update(status="lost", age_s=300.0)
    document["circuits"][0].update(safe=True, safe_current_a=10.0)
    first, second, third = document["charge_points"][:3]
    first.update(status="silent", age_s=90.0)
    second.update(status="ok", state="F")
    third.update(status="ok", state="C2", reason=third["reason"] | {"code": "charger_barred"})
    document["recording"] = {"ok": False, "problem": "the disk is full.", "queued": 1}


@pytest.fixture
def lines() -> Lines:
    """The journal of the site under test."""
    return Lines()


@pytest.fixture
def spoilt(secured: Any, documents: Any, builder: Any, lines: Lines) -> Any:
    """The car park with all that can be wrong, behind a password."""
    document = documents["carpark"]()
    spoil(document)
    web = builder(document)
    web.auth = web.app.state.auth = secured.auth
    web.app.state.alarms = book(web.clock, document, lines, proof_problems=3)
    return web


def test_every_condition_is_found_and_nothing_else(documents: Any) -> None:
    """From a recorded document: each trouble once, with its level; a healthy site has none."""
    document = documents["carpark"]()
    for point in document["charge_points"]:
        point.update(status="ok", state="C2")
    document["meters"][0]["status"] = "fresh"
    assert list(conditions(document, None)) == []
    assert list(conditions(document, 0)) == []
    spoil(document)
    found = {(c.reason.code, c.device_id, c.level) for c in conditions(document, 3)}
    points = [p["id"] for p in document["charge_points"][:3]]
    assert found == {
        ("alarm_meter_safe", document["meters"][0]["id"], "error"),
        ("alarm_point_silent", points[0], "warning"),
        ("alarm_point_fault", points[1], "warning"),
        ("alarm_point_disobeys", points[2], "error"),
        ("alarm_not_recording", "historian", "error"),
        ("alarm_proof_failed", "proof", "error"),
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": "alarm", "kind": "fire"}, "alarm_fire"),
        ({"state": "alarm", "kind": "emergency"}, "alarm_emergency"),
        ({"state": "fault"}, "alarm_input_lost"),
        ({"state": "starting", "stopped": True}, "alarm_input_unheard"),
        ({"state": "starting", "stopped": False}, None),
        ({"state": "quiet", "testing": True}, "alarm_input_testing"),
        ({"state": "quiet"}, None),
        ({"state": "returning"}, None),
    ],
)
def test_inputs(documents: Any, change: Document, code: str | None) -> None:
    """Each state of a fire input that wants somebody is an alarm."""
    entry = {"id": "panel", "name": "Panel", "kind": "fire", "stopped": True, "testing": False}
    document = documents["household"]() | {"inputs": [entry | {"charge_points": 2} | change]}
    document["recording"]["ok"] = True
    found = [c.reason.code for c in conditions(document, None) if c.device_id == "panel"]
    assert found == ([] if code is None else [code])


def test_an_overload_is_an_alarm_once_it_lasts(web: Any) -> None:
    """The loop is given up to a minute; what lasts ten seconds is told, and it ends with the overload."""
    document = web.site.document
    alarms = book(web.clock, document)
    document["circuits"][0].update(metered=True, load_a=[12.0, 99.0, 3.0])
    codes = [
        [a["code"] for a in alarms.look(document | {"at_s": document["at_s"] + second})]
        for second in (0, 9, 11)
    ]
    assert ["alarm_over_limit" in found for found in codes] == [False, False, True]
    document["circuits"][0]["load_a"] = [12.0, 9.0, 3.0]
    assert "alarm_over_limit" not in [a["code"] for a in alarms.look(document)]


async def test_the_list_for_programs(spoilt: Any, lines: Lines) -> None:
    """Worst first, with since when; the journal by level and device, page by page without a gap."""
    lines.lines = lines_of_a_week(spoilt.site.document).lines
    async with spoilt.client() as client:
        found = (await client.get("/api/v1/alarms?limit=20")).json()
        AlarmList.model_validate(found)
        levels = [a["level"] for a in found["active"]]
        assert levels == sorted(levels, key=["error", "warning"].index)
        meter = next(a for a in found["active"] if a["code"] == "alarm_meter_safe")
        assert meter["since"] < spoilt.site.document["at"]
        ids, before = [], None
        while True:
            query = {"level": ["error", "warning"], "limit": 20} | ({"before": before} if before else {})
            page = (await client.get("/api/v1/alarms", params=query)).json()
            ids += [m["id"] for m in page["history"]]
            before = page["next"]
            if before is None:
                break
        wanted = [line for line in reversed(lines.lines) if line.message.level != "info"]
        assert ids == [f"m{line.seq}" for line in wanted]
        device = spoilt.site.document["charge_points"][1]["id"]
        of_one = (await client.get("/api/v1/alarms", params={"device": device})).json()["history"]
        assert {m["device_id"] for m in of_one} == {device}
        for wrong in ("level=bad", "before=-1", "limit=0", "before=x"):
            assert (await client.get(f"/api/v1/alarms?{wrong}")).status_code == 422


async def test_taking_note(spoilt: Any, lines: Lines, password: str) -> None:
    """With the password only; kept with name and time in the journal, also over a restart; the first counts;
    strangers see that somebody did, not who."""
    async with spoilt.client() as client:
        alarm = (await client.get("/api/v1/alarms")).json()["active"][0]["id"]
        path = f"/api/v1/alarms/{alarm}/ack"
        assert (await client.post(path, json={"name": "Ann"})).status_code == 401
        await client.post("/api/v1/session", json={"password": password})
        for bad in ({}, {"name": ""}, {"name": "   "}, {"name": "x" * 81}, {"name": "Ann", "id": 1}):
            assert (await client.post(path, json=bad)).status_code == 422
        assert (await client.post("/api/v1/alarms/nope/ack", json={"name": "Ann"})).status_code == 404
        assert (await client.post("/api/v1/alarms/m99/ack", json={"name": "Ann"})).status_code == 404
        assert (await client.post(path, json={"name": " Ann "})).json()["name"] == "Ann"
        assert (await client.post(path, json={"name": "Bob"})).json()["name"] == "Ann"
        seen = (await client.get("/api/v1/alarms")).json()
        assert seen["active"][0]["acknowledged"]["name"] == "Ann"
        assert "Ann has taken note of the alarm about" in seen["history"][0]["en"]
    assert [line.message.reason.code for line in lines.lines] == ["alarm_acknowledged"]
    async with spoilt.client() as stranger:
        seen = (await stranger.get("/api/v1/alarms")).json()
        assert seen["active"][0]["acknowledged"]["name"] is None
        assert "somebody has taken note" in seen["history"][0]["en"]
        assert "Ann" not in (await stranger.get("/alarms")).text
    again = book(spoilt.clock, spoilt.site.document, lines)
    await again.history(True, before=None, levels=("info",), device_id=None, limit=1)
    assert again.active(True)[0]["acknowledged"]["name"] == "Ann"


async def test_a_condition_that_comes_back_is_a_new_alarm(demo: Any) -> None:
    """Whoever took note of the first did not see the second."""
    document = demo.site.document
    alarms = book(demo.clock, document)
    spoil(document)
    first = {a["id"] for a in alarms.look(document)}
    await alarms.acknowledge(next(iter(sorted(first))), "Ann")
    healthy = document | {"meters": [], "charge_points": [], "circuits": []}
    healthy["recording"] = {"ok": True, "problem": None, "queued": 0}
    assert alarms.look(healthy) == []
    later = document | {"at_s": document["at_s"] + 1000}
    second = alarms.look(later)
    assert not first & {a["id"] for a in second}
    assert all(a["acknowledged_at"] is None for a in second)


async def test_the_page_takes_note_and_comes_back(spoilt: Any, lines: Lines, password: str) -> None:
    """Without JavaScript: press, give one's name once, be where one was; strangers are led to the log-in."""
    lines.lines = lines_of_a_week(spoilt.site.document).lines
    error = next(line for line in lines.lines if line.message.level == "error")
    form = {"id": f"m{error.seq}", "name": "Ann Peeters", "level": "error", "device": "", "before": ""}
    async with spoilt.client() as client:
        led = await client.post("/alarms/ack", data=form)
        assert led.headers["location"] == "/login?next=/alarms"
        assert "Take note</button>" not in (await client.get("/alarms")).text
        await client.post("/api/v1/session", json={"password": password})
        assert (await client.post("/alarms/ack", data=form | {"name": " "})).status_code == 422
        assert (await client.post("/alarms/ack", data=form | {"id": "gone"})).status_code == 404
        done = await client.post("/alarms/ack", data=form)
        assert (done.status_code, done.headers["location"]) == (303, "/alarms?level=error")
        page = (await client.get("/alarms?level=error")).text
        assert "Ann Peeters took note" in page
        assert 'value="Ann Peeters"' in page, "remembered until the browser closes"
        assert "What to do" in page
        older = (await client.get("/alarms")).text
        assert 'rel="next"' in older
        assert "before=" in older


async def test_every_alarm_of_now_can_be_taken_note_of(spoilt: Any, password: str) -> None:
    """Whatever its id begins with: a silent charge point too."""
    async with spoilt.client() as client:
        await client.post("/api/v1/session", json={"password": password})
        page = (await client.get("/alarms")).text
    active = spoilt.app.state.alarms.active(True)
    assert any(a["id"].startswith("silent") for a in active)
    for alarm in active:
        assert f'<button name="id" value="{alarm["id"]}"' in page


async def test_an_unreadable_history_hides_no_alarm(spoilt: Any, lines: Lines) -> None:
    """The page shows what is wrong now and what is in memory; programs are told 503."""
    lines.unreadable = True
    async with spoilt.client() as client:
        page = await client.get("/alarms")
        assert page.status_code == 200
        assert "The history cannot be read now" in page.text
        assert "share the safe current" in page.text
        assert (await client.get("/api/v1/alarms")).status_code == 503


async def test_the_fire_page_tells_who_reset_and_when_it_was_tested(
    builder: Any, documents: Any, password: str
) -> None:
    """The log with names for those who are logged in; a test that is missing is asked for."""
    from tests.web.test_fire import RecordedInputs  # noqa: PLC0415 - only here

    document = documents["carpark"]()
    web = builder(document, fire=RecordedInputs())
    lines = lines_of_a_week(document)
    web.app.state.alarms = book(web.clock, document, lines)
    await web.auth.choose_password("127.0.0.1", password, local=True)
    async with web.client() as client:
        text = (await client.get("/fire")).text
        assert "reset by somebody (manager)" in text
        assert "No finished test is on record" in text
        await client.post("/api/v1/session", json={"password": password})
        assert "reset by Ann Peeters (manager): toast" in (await client.get("/fire")).text
        lines.add(document["at_s"] - 5, "info", "panel", reason("input_test_passed", input="Panel"))
        assert "Last test 17:11:" in (await client.get("/fire")).text
