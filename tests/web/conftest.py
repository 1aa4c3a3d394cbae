"""A site that stands still until told: realistic documents, and the app round them, in process or over HTTP."""

import asyncio
import copy
import json
import math
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from tests.web.browsing import browser, view

from kwartier.site.setpoints import Wish
from kwartier.web.app import create_app
from kwartier.web.auth import Auth
from kwartier.web.broadcast import Broadcast
from kwartier.web.live import Document, Series

__all__ = ["browser", "view"]  # fixtures of the tests in a browser

PASSWORD = "correct horse battery"
AT_S = 1795277520.0


class HandClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def monotonic_s(self) -> float:
        """Seconds since an arbitrary start."""
        return self.now_s

    def utc_s(self) -> float:
        """Seconds since 1970."""
        return AT_S + self.now_s - 1000.0

    async def sleep(self, duration_s: float) -> None:
        """Pass at once."""
        self.now_s += duration_s


def household() -> Document:
    """A house with sun, a grid meter and two charge points, one of which charges."""
    return _document("household")


def carpark() -> Document:
    """A car park: 24 charge points on two boards behind one transformer, demonstrated with a lost meter."""
    return _document("carpark")


def _document(name: str) -> Document:
    found: Document = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
    return found


PEAKS: Document = json.loads(Path(__file__).with_name("peaks.json").read_text(encoding="utf-8"))


class RecordedSite:
    """A LiveSite that shows a document and remembers what it was asked."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.broadcast = Broadcast()
        self.wishes = {
            p["id"]: Wish(charge_point_id=p["id"], mode=p["mode"], limit_a=p["limit_a"])
            for p in document["charge_points"]
        }
        self.is_ready = True
        self._publish()

    def _publish(self) -> None:
        self.broadcast.publish(json.dumps(self.document, ensure_ascii=False).encode())

    def advance(self, change: Callable[[Document], None] = lambda _: None, seconds_s: float = 1.0) -> None:
        """One cycle further: a fresh document with the wishes in it, changed by the test."""
        document = copy.deepcopy(self.document)
        document["cycle"]["number"] += 1
        document["at_s"] += seconds_s
        for point in document["charge_points"]:
            wish = self.wishes[point["id"]]
            point["mode"], point["limit_a"] = wish.mode, wish.limit_a
        change(document)
        self.document = document
        self._publish()

    def state(self) -> Document:
        """The newest document."""
        return self.document

    def subscribe(self) -> AsyncIterator[bytes]:
        """Each document."""
        return self.broadcast.subscribe()

    def wished(self, charge_point_id: str) -> Wish:
        """The wish in force."""
        return self.wishes[charge_point_id]

    def wish(self, wish: Wish) -> None:
        """Refuses what a charge point cannot hold."""
        if wish.limit_a is not None and wish.limit_a > 32:
            raise ValueError(f"Charge point {wish.charge_point_id!r} gives at most 32 A.")
        self.wishes[wish.charge_point_id] = wish

    def people(self) -> dict[str, str]:
        """Ann charges at the first charge point."""
        return {self.document["charge_points"][0]["id"]: "Ann <3"}

    async def series(self, name: str, from_s: float, to_s: float, step_s: float) -> Series:
        """A smooth day."""
        if name not in self.document["flow"]:
            raise KeyError(f"There is no series {name!r}.")
        at_s = [from_s + i * step_s for i in range(max(0, math.ceil((to_s - from_s) / step_s)))]
        sun = [-max(0.0, math.sin((t - from_s - 27000) / 10800)) * 3000 for t in at_s]
        cars = [4100.0 if (t - from_s) % 20000 > 13000 else 0.0 for t in at_s]
        grid = [900 + 300 * math.sin(t / 900) + s + c for t, s, c in zip(at_s, sun, cars, strict=True)]
        values: dict[str, list[float]] = {"grid_w": grid, "production_w": sun, "chargers_w": cars}
        return {"name": name, "step_s": step_s, "at_s": at_s, "values": list(values.get(name, grid))}

    async def peaks(self) -> Document:
        return PEAKS

    async def quarters(self, from_s: float, to_s: float) -> list[Document]:
        """One quarter."""
        return [
            {
                "start": "2026-11-21T16:45:00+01:00",
                "end": "2026-11-21T17:00:00+01:00",
                "energy_kwh": 0.61,
                "demand_w": 2440.0,
                "source": "meter",
            }
        ]

    async def decisions(self, charge_point_id: str, limit: int) -> list[Document]:
        """The last one."""
        return [
            {
                "at": "2026-11-21T17:05:00+01:00",
                "allowed_a": 9.6,
                "reason": self.document["charge_points"][0]["reason"],
            }
        ][:limit]

    def demo_fault(self, fault_id: str, active: bool) -> None:
        """Sets it in the document."""
        faults = (self.document["demo"] or {"faults": []})["faults"]
        if fault_id not in {f["id"] for f in faults}:
            raise KeyError(f"There is no fault {fault_id!r} in this demonstration.")
        for fault in faults:
            fault["active"] = active if fault["id"] == fault_id else fault["active"]

    def metrics(self) -> str:
        """One figure."""
        return "# TYPE kwartier_cycle_number counter\nkwartier_cycle_number 4711\n"

    def ready(self) -> tuple[bool, str]:
        """As the test wants it."""
        return self.is_ready, "The cycle runs." if self.is_ready else "The cycle has not run for 12 s."


@dataclass
class Web:
    """The app in process and what stands behind it."""

    site: RecordedSite
    auth: Auth
    clock: HandClock
    app: Any

    def client(self, address: str = "127.0.0.1", **options: Any) -> httpx.AsyncClient:
        """A client that comes from this address."""
        transport = httpx.ASGITransport(self.app, client=(address, 50000))
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080", **options)


def build(document: Document, path: Path | None = None, demo: bool = False, **options: Any) -> Web:
    """An app round a document."""
    clock, site = HandClock(), RecordedSite(document)
    auth = Auth(path, demo, clock)
    return Web(site, auth, clock, create_app(site, auth=auth, demo=demo, **options))


@pytest.fixture
def web(tmp_path: Path) -> Web:
    """The household without a password yet."""
    return build(household(), tmp_path / "password.json")


@pytest.fixture
async def secured(web: Web) -> Web:
    """The household with the password chosen."""
    await web.auth.choose_password("127.0.0.1", PASSWORD, local=True)
    return web


@pytest.fixture
def password() -> str:
    """The chosen password."""
    return PASSWORD


@pytest.fixture
def demo() -> Web:
    """The car park as a demonstration."""
    return build(carpark(), demo=True)


@pytest.fixture
def builder() -> Callable[..., Web]:
    """To build an app in another way."""
    return build


@pytest.fixture
def documents() -> dict[str, Callable[[], Document]]:
    """The realistic documents by name."""
    return {"household": household, "carpark": carpark}


@dataclass
class Served:
    """An app behind a real socket."""

    url: str
    web: Web
    loop: asyncio.AbstractEventLoop

    def advance(self, change: Callable[[Document], None] = lambda _: None, seconds_s: float = 1.0) -> None:
        """One cycle further, in the server's own thread."""
        self.loop.call_soon_threadsafe(self.web.site.advance, change, seconds_s)


@contextmanager
def serving(web: Web) -> Iterator[Served]:
    """Serve the app on a free port of the loopback until the end of the block."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(web.app, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(server.serve([listener]),), daemon=True)
    thread.start()
    try:
        with httpx.Client(transport=httpx.HTTPTransport(retries=5)) as probe:
            url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            probe.get(f"{url}/healthz")
        yield Served(url, web, loop)
    finally:
        loop.call_soon_threadsafe(web.site.broadcast.close)
        server.should_exit = True
        thread.join(10)
        loop.close()


@pytest.fixture
def serve() -> Callable[[Web], Any]:
    """A context manager that serves an app over HTTP."""
    return serving
