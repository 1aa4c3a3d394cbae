"""Hosts, origins, sizes and headers: what every request meets first."""

from collections.abc import Callable
from typing import Any

import pytest

POINT = "/api/v1/charge_points/left"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8080", 200),
        ("[::1]:8080", 200),
        ("192.168.1.40", 200),
        ("localhost:8080", 200),
        ("LOCALHOST.", 200),
        ("kwartier.local", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
        ("", 421),
        ("[", 421),
    ],
)
async def test_host(builder: Callable[..., Any], documents: Any, host: str, status: int) -> None:
    """Only addresses, localhost and the names of the site file reach the controller (DNS rebinding)."""
    web = builder(documents["household"](), hosts=["Kwartier.local"])
    async with web.client() as client:
        answer = await client.get("/api/v1/state", headers={"Host": host})
    assert answer.status_code == status
    if status == 421:
        assert answer.json()["type"] == "urn:kwartier:problem:unknown-host"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "cross-site"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", POINT),
        ("POST", "/switch/p01/toggle"),
        ("POST", "/simple/switch/p01/toggle"),
        ("POST", "/login"),
    ],
)
async def test_foreign_pages_cannot_write(demo: Any, headers: dict[str, str], method: str, path: str) -> None:
    """Even where no password is needed, a page from elsewhere can change nothing."""
    async with demo.client() as client:
        answer = await client.request(method, path, headers=headers, json={})
    assert answer.status_code == 403
    assert answer.json()["type"] == "urn:kwartier:problem:foreign-origin"
    assert demo.site.wished("p01").mode == "fast"


async def test_own_pages_and_programs_can_write(demo: Any) -> None:
    """Our own page, and a program that sends no origin, may."""
    own = {"Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "same-origin"}
    async with demo.client() as client:
        for headers in (own, {}):
            answer = await client.post("/switch/p01/toggle", headers=headers)
            assert answer.status_code == 200


async def test_body_is_bounded(demo: Any) -> None:
    """More than 64 kB is refused, told by its length or found while reading."""

    async def endless() -> Any:
        for _ in range(100):
            yield b"x" * 1024

    async with demo.client() as client:
        told = await client.patch(POINT, content=b"x" * 70000)
        found = await client.patch(POINT, content=endless())
        lying = await client.patch(POINT, content=b"{}", headers={"Content-Length": "-1"})
    assert (told.status_code, found.status_code, lying.status_code) == (413, 413, 413)


@pytest.mark.parametrize("path", ["/", "/simple", "/api/v1/state", "/static/app.js", "/nowhere"])
async def test_headers(demo: Any, path: str) -> None:
    """Every answer forbids foreign scripts, inline scripts, frames and guessing of types."""
    async with demo.client() as client:
        answer = await client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers
    assert " onclick=" not in answer.text
