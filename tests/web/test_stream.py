"""Live streams over a real socket: one serialisation for all, the newest for the slow, an end at the end."""

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from kwartier.web.broadcast import Broadcast
from kwartier.web.stream import LISTENERS, event


def _events(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data:"):
            yield name, line[5:].strip()
            name = ""


def test_stream_sends_each_document(builder: Callable[..., Any], documents: Any, serve: Any) -> None:
    """A listener gets the present document at once and each later one, byte for byte as it was published."""
    with (
        serve(builder(documents["household"]())) as served,
        httpx.stream("GET", f"{served.url}/api/v1/stream", timeout=5) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        found = _events(answer.iter_lines())
        assert json.loads(next(found)[1]) == documents["household"]()
        served.advance()
        assert json.loads(next(found)[1])["cycle"]["number"] == 4712


def test_esphome_events(builder: Callable[..., Any], documents: Any, serve: Any) -> None:
    """First the configuration, then every row, then only rows that changed, and a ping each ten seconds."""
    with (
        serve(builder(documents["household"]())) as served,
        httpx.stream("GET", f"{served.url}/events", timeout=5) as answer,
    ):
        found = _events(answer.iter_lines())
        name, data = next(found)
        assert (name, json.loads(data)["title"]) == ("ping", "Huis Peeters")
        rows = len(served.web.app.state.rows.of(served.web.site.document))
        first = [next(found) for _ in range(rows)]
        assert {n for n, _ in first} == {"state"}
        assert json.loads(first[0][1])["id"] == "sensor-energy_consumed_tariff_1"

        def louder(document: Any) -> None:
            document["meters"][0]["power_w"] = -512.0

        served.advance(louder, 11.0)
        changed = [json.loads(next(found)[1]) for _ in range(2)]
        assert {c["id"]: c["value"] for c in changed} == {
            "sensor-power_consumed": 0.0,
            "sensor-power_produced": 0.512,
        }
        assert next(found) == ("ping", "")


async def test_slow_listeners_get_the_newest() -> None:
    """Who was away misses what was in between, and nothing is kept for him."""
    broadcast = Broadcast()
    fast, slow = broadcast.subscribe(), broadcast.subscribe()
    broadcast.publish(b"1")
    assert [await anext(fast), await anext(slow)] == [b"1", b"1"]
    for payload in (b"2", b"3", b"4"):
        broadcast.publish(payload)
        assert await anext(fast) == payload
    assert await anext(slow) == b"4"
    waiting = asyncio.ensure_future(anext(slow))
    await asyncio.sleep(0)
    assert not waiting.done()
    broadcast.publish(b"5")
    assert await waiting == b"5"


async def test_streams_end_with_the_site() -> None:
    """Closing ends those who wait, so that the server can stop."""
    broadcast = Broadcast()
    waiting = asyncio.ensure_future(anext(broadcast.subscribe()))
    await asyncio.sleep(0)
    broadcast.close()
    with pytest.raises(StopAsyncIteration):
        await waiting


@pytest.mark.parametrize("path", ["/events", "/api/v1/stream"])
async def test_listeners_are_bounded(web: Any, path: str) -> None:
    """One listener too many is refused in words instead of slowing all."""
    web.app.state.listeners.count = LISTENERS
    async with web.client() as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:kwartier:problem:too-many-listeners")


def test_listeners_are_counted_down(builder: Callable[..., Any], documents: Any, serve: Any) -> None:
    """A listener that leaves makes room."""
    web = builder(documents["household"]())
    with serve(web) as served, httpx.Client(timeout=5) as client:
        with client.stream("GET", f"{served.url}/api/v1/stream") as answer:
            lines = answer.iter_lines()  # kept: dropping it closes the stream
            next(lines)
            assert web.app.state.listeners.count == 1
        for _ in range(100):
            served.advance()
            client.get(f"{served.url}/healthz")
            if web.app.state.listeners.count == 0:
                break
        assert web.app.state.listeners.count == 0


def test_event_form() -> None:
    """An event is its name, number, retry and data, each on a line, and an empty line."""
    assert event(b"{}", "state", 7, 30000) == b"event: state\nid: 7\nretry: 30000\ndata: {}\n\n"
    assert event(b"x") == b"data: x\n\n"
