"""`/api/v1`: reads, writes and who may, errors as problem documents."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from kwartier.web import schemas
from kwartier.web.live import Document

POINT = "/api/v1/charge_points/left"


@pytest.mark.parametrize("name", ["household", "carpark"])
async def test_state_is_what_openapi_says(
    builder: Callable[..., Any], documents: dict[str, Callable[[], Document]], name: str
) -> None:
    """The document passes through unchanged and fits the published model, with no field left out."""
    web = builder(documents[name](), demo=name == "carpark")
    async with web.client() as client:
        state = (await client.get("/api/v1/state")).json()
        parts = {
            p: (await client.get(f"/api/v1/{p}")).json() for p in ("circuits", "meters", "charge_points")
        }
    assert state == web.site.document
    dumped = schemas.State.model_validate(state, strict=True).model_dump(exclude_unset=True)
    assert dumped == state
    assert parts == {p: state[p] for p in parts}


async def test_looking_needs_no_password(web: Any) -> None:
    """Everybody who reaches the controller may look."""
    async with web.client("192.168.1.20") as client:
        for path in (
            "state",
            "charge_points/left",
            "messages",
            "quarters",
            "decisions?charge_point=left",
            "session",
        ):
            assert (await client.get(f"/api/v1/{path}")).status_code == 200


async def test_writing_needs_the_chosen_password(web: Any, password: str) -> None:
    """Before a password exists nobody writes; then only who logged in; and no longer after log-out."""
    async with web.client() as client:
        before = await client.patch(POINT, json={"mode": "off"})
        assert (before.status_code, before.json()["type"]) == (403, "urn:kwartier:problem:setup-needed")
        made = await client.post("/api/v1/setup", json={"password": password})
        assert made.status_code == 204
        cookie = made.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert (await client.patch(POINT, json={"mode": "off"})).json()["mode"] == "off"
        assert web.site.wished("left").mode == "off"
        assert (await client.delete("/api/v1/session")).status_code == 204
        after = await client.patch(POINT, json={"mode": "fast"})
        assert after.status_code == 401
        assert after.headers["www-authenticate"].startswith("Bearer")
        assert web.site.wished("left").mode == "off"


async def test_cookie_is_secure_over_tls(secured: Any, password: str) -> None:
    """Over TLS the cookie never travels in the clear."""
    async with secured.client() as client:
        answer = await client.post("https://127.0.0.1/api/v1/session", json={"password": password})
    assert "; secure" in answer.headers["set-cookie"].lower()


async def test_setup_from_elsewhere_needs_the_code(web: Any, password: str) -> None:
    """Another machine, and a proxy on this one, need the code on the console."""
    wrong = {"password": password, "code": "guess"}
    async with web.client("192.168.1.20") as away, web.client() as near:
        assert (await away.post("/api/v1/setup", json=wrong)).status_code == 401
        proxied = await near.post("/api/v1/setup", json=wrong, headers={"X-Forwarded-For": "203.0.113.9"})
        assert proxied.status_code == 401
        web.clock.now_s += 10
        right = {"password": password, "code": web.auth.setup_code}
        assert (await away.post("/api/v1/setup", json=right)).status_code == 204


async def test_wrong_password_says_the_same_and_slows_down(secured: Any) -> None:
    """A wrong password gets one constant answer, then 429 with the time to wait."""
    async with secured.client() as client:
        wrong = await client.post("/api/v1/session", json={"password": "nearly right password"})
        secured.clock.now_s += 1
        empty = await client.post("/api/v1/session", json={"password": "x"})
        soon = await client.post("/api/v1/session", json={"password": "x"})
    assert wrong.status_code == empty.status_code == 401
    assert wrong.json() == empty.json()
    assert (soon.status_code, soon.headers["retry-after"]) == (429, "2")


async def test_programs_write_with_token_or_basic(secured: Any, password: str) -> None:
    """A token and Basic credentials work without a session; wrong ones do not."""
    async with secured.client("192.168.1.20") as client:
        basic = await client.patch(POINT, json={"limit_a": 10}, auth=("any", password))
        assert (basic.status_code, basic.json()["limit_a"]) == (200, 10)
        made = await client.post("/api/v1/tokens", json={"name": "evcc"}, auth=("any", password))
        assert made.status_code == 201
        bearer = {"Authorization": f"Bearer {made.json()['token']}"}
        assert (await client.patch(POINT, json={"mode": "off"}, headers=bearer)).status_code == 200
        assert (await client.get("/api/v1/tokens", headers=bearer)).json() == [
            {"name": "evcc", "token": None}
        ]
        assert (await client.post("/api/v1/tokens", json={"name": "evcc"}, headers=bearer)).status_code == 409
        assert (await client.delete("/api/v1/tokens/evcc", headers=bearer)).status_code == 204
        assert (await client.patch(POINT, json={"mode": "fast"}, headers=bearer)).status_code == 401
        secured.clock.now_s += 10
        for header in ("Basic !!!", "Basic " + "QQ==", "Digest x", "Bearer "):
            answer = await client.patch(POINT, json={}, headers={"Authorization": header})
            assert answer.status_code in {401, 429}
    assert secured.site.wished("left").mode == "off"


async def test_demo_on_loopback_is_open_elsewhere_not(demo: Any) -> None:
    """A demonstration takes changes on its own machine only, and says so."""
    async with demo.client() as near, demo.client("192.168.1.20") as away:
        assert (await near.get("/api/v1/session")).json()["open_demo"] is True
        assert (await away.get("/api/v1/session")).json()["may_write"] is False
        assert (await near.patch("/api/v1/charge_points/p01", json={"mode": "off"})).status_code == 200
        assert (await away.patch("/api/v1/charge_points/p01", json={"mode": "fast"})).status_code == 403
        proxied = await near.patch(
            "/api/v1/charge_points/p01", json={"mode": "fast"}, headers={"X-Forwarded-For": "203.0.113.9"}
        )
        assert proxied.status_code == 403
    assert demo.site.wished("p01").mode == "off"


def test_demo_must_be_meant(builder: Callable[..., Any], web: Any) -> None:
    """An app cannot be a demonstration by accident."""
    from kwartier.web.app import create_app  # noqa: PLC0415 - the only test that needs it bare

    with pytest.raises(ValueError, match="agree"):
        create_app(web.site, auth=web.auth, demo=True)


async def test_changes_keep_what_they_do_not_name(demo: Any) -> None:
    """Two changes within one cycle add up, and null takes one's own limit away."""
    async with demo.client() as client:
        for change, mode, limit_a in (
            ({"limit_a": 10}, "fast", 10),
            ({"mode": "off"}, "off", 10),
            ({}, "off", 10),
            ({"limit_a": None}, "off", None),
        ):
            answer = await client.patch("/api/v1/charge_points/p01", json=change)
            assert (answer.json()["mode"], answer.json()["limit_a"]) == (mode, limit_a)
    assert demo.site.wished("p01").limit_a is None


async def test_a_departure_and_a_need_can_be_said(demo: Any) -> None:
    """When it leaves and what it needs by then; each stays until it is changed, other changes and switches included."""
    now_s = demo.site.document["at_s"]
    leaves = datetime.fromtimestamp(now_s + 7200, UTC)
    async with demo.client() as client:
        point = "/api/v1/charge_points/p01"
        answer = await client.patch(point, json={"departs_at": leaves.isoformat(), "needs_kwh": 12.5})
        assert datetime.fromisoformat(answer.json()["departs_at"]).timestamp() == int(now_s + 7200)
        demo.site.wish(replace(demo.site.wished("p01"), style="late"))
        await client.patch(point, json={"limit_a": 10})
        await client.post("/switch/switch-p01/turn_off")
        wish = demo.site.wished("p01")
        assert (wish.departs_s, wish.needs_kwh, wish.mode) == (now_s + 7200, 12.5, "off")
        assert (wish.by, wish.style) == ("hand", "late"), "a word by hand, and nothing else is forgotten"
        await client.patch(point, json={"departs_at": None})
        assert (demo.site.wished("p01").departs_s, demo.site.wished("p01").by) == (None, None)
        for bad in (-60, 40 * 86400):
            moment = datetime.fromtimestamp(now_s + bad, UTC).isoformat()
            answer = await client.patch(point, json={"departs_at": moment})
            assert (answer.status_code, "departs_at" in answer.text) == (422, True)
        answer = await client.patch(point, json={"departs_at": "2026-01-01T00:00:00"})
        assert answer.status_code == 422, "a time without an offset is none"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "kind"),
    [
        ("PATCH", "/api/v1/charge_points/p01", {"limit_a": 99}, 422, "not-allowed"),
        ("PATCH", "/api/v1/charge_points/p01", {"limit_a": -1}, 422, "invalid-request"),
        ("PATCH", "/api/v1/charge_points/p01", {"mode": "max"}, 422, "invalid-request"),
        ("PATCH", "/api/v1/charge_points/p01", {"modus": "off"}, 422, "invalid-request"),
        ("PATCH", "/api/v1/charge_points/nope", {"mode": "off"}, 404, "unknown-charge-point"),
        ("GET", "/api/v1/charge_points/nope", None, 404, "unknown-charge-point"),
        ("GET", "/api/v1/decisions?charge_point=nope", None, 404, "unknown-charge-point"),
        ("GET", "/api/v1/series?name=nope", None, 404, "unknown-series"),
        ("GET", "/api/v1/series?name=grid_w&from=2026-01-01T00:00:00Z&step_s=1", None, 422, "too-many-steps"),
        ("GET", "/api/v1/quarters?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", None, 422, "bad-span"),
        ("GET", "/api/v1/quarters?from=2020-01-01T00:00:00Z", None, 422, "bad-span"),
        ("GET", "/api/v1/quarters?from=2026-02-01T00:00:00", None, 422, "invalid-request"),
        ("POST", "/api/v1/demo/faults/nope", {"active": True}, 404, "unknown-fault"),
        ("GET", "/api/v1/nowhere", None, 404, "not-found"),
        ("PUT", "/api/v1/state", {}, 405, "method-not-allowed"),
    ],
)
async def test_problems(demo: Any, method: str, path: str, body: Any, status: int, kind: str) -> None:
    """Each refusal is a problem document with a sentence and the path it is about."""
    async with demo.client() as client:
        answer = await client.request(method, path, json=body)
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == f"urn:kwartier:problem:{kind}"
    assert problem["instance"] == path.partition("?")[0]
    assert len(problem["detail"]) > 15
    schemas.ProblemDocument.model_validate(problem)


async def test_nothing_recorded_yet_is_no_error(web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of the flow that was never recorded (no sun here) is an empty series, so that the chart of the
    others goes on."""

    async def none(name: str, *_: float) -> None:
        raise KeyError(f"Nothing called {name!r} was recorded yet.")

    monkeypatch.setattr(web.site, "series", none)
    async with web.client() as client:
        empty = (await client.get("/api/v1/series?name=battery_w")).json()
        assert (empty["at_s"], empty["values"]) == ([], [])
        assert (await client.get("/api/v1/series?name=bitcoin_w")).status_code == 404


async def test_series_is_today_so_far_by_default(web: Any) -> None:
    """Without a span a series runs from the site's own midnight until now, in at most 1500 steps."""
    async with web.client() as client:
        series = (await client.get("/api/v1/series?name=grid_w")).json()
        spring = (await client.get("/api/v1/series?name=grid_w&to=2026-01-01T00:00:00%2B01:00")).json()
    assert series["at_s"][0] == web.site.document["at_s"] - 17.2 * 3600
    assert series["step_s"] == 60
    assert len(series["at_s"]) == 1032
    assert spring["at_s"] == []


async def test_demo_fault(demo: Any) -> None:
    """A visitor pulls the meter's plug and puts it back."""
    async with demo.client() as client:
        for active in (True, False):
            answer = await client.post("/api/v1/demo/faults/grid_meter", json={"active": active})
            assert answer.json()["faults"][0]["active"] is active
            assert demo.site.document["demo"]["faults"][0]["active"] is active


async def test_a_bug_is_a_problem_document_too(web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the program fails the answer says so without showing its inside."""

    def broken() -> Document:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(web.site, "state", broken)
    async with web.client() as client:
        client._transport.raise_app_exceptions = False
        answer = await client.get("/api/v1/state")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:kwartier:problem:internal-error")
    assert "secret" not in answer.text
