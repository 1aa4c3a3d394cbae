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

from kwartier.site.setpoints import Mode, Wish
from kwartier.web import schemas
from kwartier.web.app import create_app
from kwartier.web.auth import Auth
from kwartier.web.broadcast import Broadcast
from kwartier.web.live import Document, Series

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


def _reason(code: str, en: str, nl: str, **params: float | str) -> Document:
    return {"code": code, "params": params, "en": en, "nl": nl}


FULL = _reason(
    "circuit_limit",
    "Main board is full on L2: 25 A allowed (static), 9.4 A other load, shared by 2 cars. More when other load drops or a car leaves.",
    "Hoofdbord zit vol op L2: 25 A toegelaten (static), 9,4 A ander verbruik, gedeeld door 2 auto's. Meer zodra ander verbruik daalt of een auto vertrekt.",
    circuit="Main board",
    phase=2,
)
NO_CAR = _reason("no_car", "No car is plugged in.", "Er is geen auto aangesloten.")


def _meter(meter_id: str, name: str, role: str, address: str, **values: Any) -> Document:
    readings = set(schemas.Meter.model_fields) - {"id", "name", "role", "address"}
    empty = dict.fromkeys(readings)
    return {
        **empty,
        "id": meter_id,
        "name": name,
        "role": role,
        "address": address,
        "status": "fresh",
        "age_s": 0.4,
        "power_w": 0.0,
        "current_a": [0.0, 0.0, 0.0],
        "voltage_v": [234.1, 233.8, 235.0],
        "power_phase_w": [None, None, None],
        "currents_estimated": False,
        **values,
    }


def _point(point_id: str, name: str, circuit: str, **values: Any) -> Document:
    return {
        "id": point_id,
        "name": name,
        "circuit": circuit,
        "address": "192.168.1.51:502 socket 1",
        "plugged": values.get("state", "A1") != "A1",
        "phases": [1, 2, 3],
        "status": "ok",
        "age_s": 0.6,
        "state": "A1",
        "measured_a": [0.0, 0.0, 0.0],
        "allowed_a": 0.0,
        "applied_a": 0.0,
        "confirmed": True,
        "power_w": 0.0,
        "energy_kwh": 5123.4,
        "session_kwh": None,
        "session_start": None,
        "mode": "fast",
        "limit_a": None,
        "min_a": 6.0,
        "max_a": 16.0,
        "fallback_a": 6.0,
        "valid_for_s": 58.0,
        "priority": 0,
        "reason": NO_CAR,
        "reason_since": "2026-11-21T16:40:00+01:00",
        "fault": None,
        **values,
    }


def _circuit(circuit_id: str, name: str, parent: str | None, level: int, **values: Any) -> Document:
    return {
        "id": circuit_id,
        "name": name,
        "parent": parent,
        "level": level,
        "limit_sources": ["static", "static", "static"],
        "metered": values.get("meter") is not None,
        "meter": None,
        "safe": False,
        "safe_current_a": 10.0,
        **values,
    }


def _document(**values: Any) -> Document:
    return {
        "at": "2026-11-21T17:12:00+01:00",
        "at_s": AT_S,
        "clock_speed": 1.0,
        "cycle": {"number": 4711, "duration_ms": 1.4, "late_ms": 0.2, "overruns": 0},
        "messages": [],
        "recording": {"ok": True, "problem": None, "queued": 0},
        "demo": None,
        **values,
    }


def household() -> Document:
    """A house with sun, a grid meter and two charge points, one of which charges."""
    grid = _meter(
        "grid",
        "Digital meter",
        "grid",
        "/dev/ttyUSB0",
        power_w=3240.0,
        current_a=[12.1, 18.4, -4.2],
        power_phase_w=[2830.0, 4300.0, -990.0],
        energy_import_kwh=9210.114,
        energy_export_kwh=5101.2,
        energy_import_t1_kwh=4321.123,
        energy_import_t2_kwh=4888.991,
        energy_export_t1_kwh=3001.5,
        energy_export_t2_kwh=2099.7,
        tariff=1,
        meter_time="2026-11-21T17:11:59+01:00",
        quarter_demand_w=2110.0,
        month_peak_w=4820.0,
        month_peak_at="2026-11-12T18:15:00+01:00",
        breaker=1,
        power_failures=4,
        long_power_failures=2,
        gas_m3=2811.402,
    )
    sun = _meter("pv", "Solar panels", "production", "192.168.1.30:502", power_w=-1850.0, tariff=None)
    return _document(
        site={
            "name": "Huis Peeters",
            "time_zone": "Europe/Brussels",
            "currency": "EUR",
            "demo": False,
            "version": "0.1.0",
        },
        flow={
            "grid_w": 3240.0,
            "production_w": -1850.0,
            "chargers_w": 4120.0,
            "battery_w": None,
            "house_w": 970.0,
        },
        circuits=[
            _circuit(
                "main",
                "Main board",
                None,
                0,
                limit_a=[25.0, 25.0, 25.0],
                load_a=[12.1, 25.9, -4.2],
                base_a=[3.2, 9.4, -12.0],
                granted_a=[16.0, 15.6, 16.0],
                slack_a=[5.8, 0.0, 21.0],
                meter="grid",
                limit_sources=["static", "capacity peak", "static"],
            ),
            _circuit(
                "garage",
                "Garage",
                "main",
                1,
                limit_a=[20.0, 20.0, 20.0],
                load_a=[8.9, 9.0, 7.8],
                base_a=[0.0, 0.0, 0.0],
                granted_a=[16.0, 15.6, 16.0],
                slack_a=[4.0, 4.4, 4.0],
                safe=True,
            ),
        ],
        meters=[grid, sun],
        charge_points=[
            _point(
                "left",
                "Garage left",
                "garage",
                state="C2",
                measured_a=[8.9, 9.0, 7.8],
                allowed_a=9.6,
                applied_a=9.6,
                power_w=4120.0,
                session_kwh=11.37,
                session_start="2026-11-21T15:02:00+01:00",
                reason=FULL,
            ),
            _point("right", "Garage right", "garage", phases=[2], confirmed=False, age_s=1.2),
        ],
        quarter={
            "start": "2026-11-21T17:00:00+01:00",
            "end": "2026-11-21T17:15:00+01:00",
            "elapsed_s": 720.0,
            "energy_kwh": 0.5275,
            "demand_w": 2110.0,
            "projected_w": 2758.0,
            "month_peak_w": 4820.0,
            "month_peak_at": "2026-11-12T18:15:00+01:00",
            "source": "meter",
        },
        messages=[
            {
                "at": "2026-11-21T16:31:12+01:00",
                "level": "info",
                "code": "meter_connected",
                "device_id": "grid",
                "en": "Meter Digital meter connected via /dev/ttyUSB0.",
                "nl": "Meter Digital meter verbonden via /dev/ttyUSB0.",
            },
            {
                "at": "2026-11-21T16:30:40+01:00",
                "level": "warning",
                "code": "meter_warning",
                "device_id": "grid",
                "en": "Communication warning for meter Digital meter.",
                "nl": "Communicatiewaarschuwing voor meter Digital meter.",
            },
        ],
    )


KINDS: list[dict[str, Any]] = [
    {
        "state": "C2",
        "measured_a": [12.4, 12.5, 12.4],
        "allowed_a": 12.8,
        "applied_a": 12.8,
        "power_w": 8570.0,
        "session_kwh": 17.2,
        "session_start": "2026-11-21T14:20:00+01:00",
        "reason": FULL,
    },
    {},
    {
        "state": "B2",
        "allowed_a": 6.0,
        "applied_a": 6.0,
        "session_kwh": 30.4,
        "session_start": "2026-11-21T09:20:00+01:00",
        "reason": _reason(
            "car_idle",
            "The car is connected but takes nothing: full, or waiting by itself. 6.0 A stays ready for it.",
            "De auto is aangesloten maar neemt niets: vol, of hij wacht zelf. Er staat 6,0 A voor hem klaar.",
        ),
    },
    {
        "status": "silent",
        "state": "C2",
        "age_s": 74.0,
        "allowed_a": 6.0,
        "confirmed": False,
        "power_w": None,
        "reason": _reason(
            "charger_silent",
            "The charge point has not answered for 74 s. It is counted as drawing 12.8 A until it does.",
            "Het laadpunt antwoordt al 74 s niet. Zolang wordt 12,8 A voor hem gerekend.",
        ),
    },
]


def carpark() -> Document:
    """A car park: 24 charge points on two boards behind one transformer, demonstrated with a lost meter."""
    mix = [0, 0, 1, 2, 0, 1, 0, 2, 0, 0, 1, 1, 0, 2, 0, 0, 1, 0, 3, 0, 1, 0, 2, 0]
    points = [
        _point(
            f"p{i:02}",
            f"Bay {i:02}",
            "north" if i <= 12 else "south",
            max_a=32.0,
            **copy.deepcopy(KINDS[kind]),
        )
        for i, kind in enumerate(mix, 1)
    ]
    boards = [
        _circuit(
            c,
            name,
            "car-park",
            2,
            limit_a=[100.0] * 3,
            load_a=load,
            base_a=[2.0, 1.0, 1.0],
            granted_a=[88.2, 88.2, 86.4],
            slack_a=[9.8, 10.8, 12.6],
            safe=safe,
        )
        for c, name, load, safe in (
            ("north", "Board north", [76.4, 77.0, 75.2], False),
            ("south", "Board south", None, True),
        )
    ]
    document = household()
    document.update(
        site={**document["site"], "name": "Parking Stationsplein", "demo": True},
        flow={
            "grid_w": 118200.0,
            "production_w": -24300.0,
            "chargers_w": 102840.0,
            "battery_w": -8000.0,
            "house_w": 47660.0,
        },
        circuits=[
            _circuit(
                "grid",
                "Transformer",
                None,
                0,
                limit_a=[250.0] * 3,
                load_a=[170.1, 177.0, 166.2],
                base_a=[68.0, 71.0, 66.0],
                granted_a=[176.4, 176.4, 172.8],
                slack_a=[5.6, 2.6, 11.2],
                meter="grid",
            ),
            boards[1],
            _circuit(
                "car-park",
                "Car park",
                "grid",
                1,
                limit_a=[200.0] * 3,
                load_a=[152.1, 154.2, 150.4],
                base_a=[4.0, 2.0, 2.0],
                granted_a=[176.4, 176.4, 172.8],
                slack_a=[19.6, 21.6, 25.2],
            ),
            boards[0],
        ],
        charge_points=points,
        demo={
            "speed": 1.0,
            "story": "An office car park with 24 charge points behind one transformer; all devices speak real bytes over loopback.",
            "faults": [
                {
                    "id": "grid_meter",
                    "en": "Pull the meter's plug",
                    "nl": "Trek de stekker van de meter uit",
                    "active": False,
                }
            ],
        },
        quarter={
            **document["quarter"],
            "projected_w": 121400.0,
            "demand_w": 96100.0,
            "month_peak_w": 118000.0,
        },
    )
    return document


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

    def wish(self, charge_point_id: str, mode: Mode, limit_a: float | None) -> None:
        """Refuses what a charge point cannot hold."""
        if limit_a is not None and limit_a > 32:
            raise ValueError(f"Charge point {charge_point_id!r} gives at most 32 A.")
        self.wishes[charge_point_id] = Wish(charge_point_id=charge_point_id, mode=mode, limit_a=limit_a)

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
        return [{"at": "2026-11-21T17:05:00+01:00", "allowed_a": 9.6, "reason": FULL}][:limit]

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
