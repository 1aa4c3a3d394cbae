"""Services of prices and weather on the loopback: ENTSO-E, EnergyZero and Open-Meteo, written without the codecs.

It answers over real HTTP for whatever days are asked, out of one function of the quarter-hour, or with recorded bytes, and has the
bad days of such services: errors, patience asked for, answers that crawl, end early, or are pages for people.
"""

import asyncio
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

from kwartier.simulation.emulators.server import HOST, Emulator

ZONE = ZoneInfo("Europe/Brussels")
QUARTER_S = 900
PUBLISHED = (12, 57)
"""When tomorrow's prices appear on the market's clock."""
PAGE = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Back soon.</body></html>"
MAX_HEAD = 65536


def usual_price(utc_s: int) -> float:
    """EUR/MWh: a cheap noon, a dear evening, cheaper weekends, and no two days alike."""
    local = datetime.fromtimestamp(utc_s, ZONE)
    hour = local.hour + local.minute / 60
    evening = 70.0 * math.exp(-(((hour - 19.0) / 2.2) ** 2))
    morning = 30.0 * math.exp(-(((hour - 8.0) / 1.8) ** 2))
    noon = 60.0 * math.exp(-(((hour - 13.5) / 2.6) ** 2)) * (1.4 if local.weekday() > 4 else 1.0)
    day = 15.0 * math.sin(local.toordinal() * 1.7)
    return round(75.0 + day + evening + morning - noon + 2.0 * math.sin(utc_s / QUARTER_S), 2)


class MarketEmulator(Emulator):
    """All three services on one port: `/entsoe`, `/energyzero`, `/openmeteo`.

    `now_s` tells the time (UTC) and so what is published already.
    """

    faults: ClassVar[tuple[str, ...]] = (
        *Emulator.faults, "error500", "too_many", "slow", "truncated", "html", "late", "empty", "huge",
    )  # fmt: skip
    """`error500`; `too_many`: 429 with Retry-After; `slow`: a byte now and then; `truncated`: half of it; `html`; `late`: tomorrow is
    not published; `empty`: 200 and nothing; `huge`: without end."""

    def __init__(
        self,
        now_s: Callable[[], float],
        *,
        price: Callable[[int], float] = usual_price,
        port: int = 0,
        retry_after_s: int = 30,
    ) -> None:
        super().__init__(port)
        self._now_s = now_s
        self._price = price
        self.retry_after_s = retry_after_s
        self.recorded: dict[str, bytes] = {}
        """Recorded bytes in the place of what is generated, by path."""
        self.asked: list[str] = []
        """Paths with their queries, in order."""
        self.headers: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        """Without a path; valid after `start`."""
        return f"http://{HOST}:{self.port}"

    async def tick(self) -> None:
        """Prices need no plant."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One question per connection."""
        head = (await reader.readuntil(b"\r\n\r\n"))[:MAX_HEAD].decode("latin-1")
        first, *lines = head.split("\r\n")
        target = first.split(" ")[1]
        self.asked.append(target)
        self.headers.append(
            {n.strip().lower(): v.strip() for n, _, v in (line.partition(":") for line in lines) if n}
        )
        fault = self.fault
        if fault == "silent":
            await asyncio.Event().wait()
        elif fault == "error500":
            await self._send(writer, 500, b"oops", "text/plain")
        elif fault == "too_many":
            await self._send(
                writer, 429, b"slow down", "text/plain", f"Retry-After: {self.retry_after_s}\r\n"
            )
        elif fault == "html":
            await self._send(writer, 200, PAGE, "text/html")
        elif fault == "empty":
            await self._send(writer, 200, b"", "application/json")
        elif fault == "huge":
            await self._endless(writer)
        else:
            await self._answer(writer, target, fault)

    async def _answer(self, writer: asyncio.StreamWriter, target: str, fault: str | None) -> None:
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        made = {"/entsoe": self._entsoe, "/energyzero": self._energyzero, "/openmeteo": self._openmeteo}
        path = unquote(parts.path)
        if path in self.recorded:
            status, body = 200, self.recorded[path]
        elif path in made:
            status, body = made[path](query)
        else:
            status, body = 404, b'{"error": "no such service"}'
        kind = "text/xml" if body.lstrip()[:1] == b"<" else "application/json"
        if fault == "truncated":
            await self._send(writer, status, body[: len(body) // 2], kind)
        elif fault == "slow":
            await self._crawl(writer, status, body, kind)
        else:
            await self._send(writer, status, body, kind)

    async def _send(
        self, writer: asyncio.StreamWriter, status: int, body: bytes, kind: str, more: str = ""
    ) -> None:
        writer.write(_head(status, len(body), kind, more) + body)
        await writer.drain()

    async def _crawl(self, writer: asyncio.StreamWriter, status: int, body: bytes, kind: str) -> None:
        writer.write(_head(status, len(body), kind, ""))
        for i in range(len(body)):
            writer.write(body[i : i + 1])
            await writer.drain()
            await asyncio.sleep(0.05)

    async def _endless(self, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
        while True:
            writer.write(b" " * 65536)
            await writer.drain()

    # -- what is published --------------------------------------------------------------------------------

    def _published_until_s(self) -> int:
        now = datetime.fromtimestamp(self._now_s(), ZONE)
        days = 2 if (now.hour, now.minute) >= PUBLISHED and self.fault != "late" else 1
        day = now.date() + timedelta(days=days)
        return int(datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp())

    def _quarters(self, from_s: int, to_s: int) -> range:
        return range(from_s, min(to_s, self._published_until_s()), QUARTER_S)

    def _entsoe(self, query: dict[str, str]) -> tuple[int, bytes]:
        if query.get("securityToken", "") in {"", "wrong"}:
            return 401, _acknowledgement("Unauthorized. Missing or invalid security token")
        span = [
            int(datetime.strptime(query[n], "%Y%m%d%H%M").replace(tzinfo=UTC).timestamp())
            for n in ("periodStart", "periodEnd")
        ]
        quarters = self._quarters(span[0], span[1])
        if not quarters:
            return 200, _acknowledgement("No matching data found for Data item Day-ahead Prices [12.1.D]")
        points, last = [], None
        for place, quarter_s in enumerate(quarters, 1):
            price = self._price(quarter_s)
            if price != last:  # curve type A03
                points.append(
                    f"<Point><position>{place}</position><price.amount>{price}</price.amount></Point>"
                )
            last = price
        return 200, _publication(query["in_Domain"], quarters, "".join(points))

    def _energyzero(self, query: dict[str, str]) -> tuple[int, bytes]:
        day = datetime.strptime(query["date"], "%d-%m-%Y").replace(tzinfo=ZONE)
        start_s = int(day.timestamp())
        after = day + timedelta(days=1)
        quarters = self._quarters(start_s, int(after.timestamp()))
        entries = [
            {
                "start": _zulu(s),
                "end": _zulu(s + QUARTER_S),
                "price": {"value": f"{self._price(s) / 1000:.6f}"},
            }
            for s in quarters
        ]
        return 200, json.dumps({"interval": 1, "base": entries}).encode()

    def _openmeteo(self, query: dict[str, str]) -> tuple[int, bytes]:
        start_s = int(self._now_s()) // 86400 * 86400
        hours = [start_s + 3600 * i for i in range(24 * int(query.get("forecast_days", "3")))]
        sun = [max(0.0, 700 * math.sin((h % 86400 / 3600 - 6) / 12 * math.pi)) for h in hours]
        block = {
            "time": hours,
            "temperature_2m": [round(8 + s / 120, 1) for s in sun],
            "shortwave_radiation": [round(s, 1) for s in sun],
            "direct_radiation": [round(s * 0.7, 1) for s in sun],
            "diffuse_radiation": [round(s * 0.3, 1) for s in sun],
            "cloud_cover": [30] * len(hours),
            "wind_speed_10m": [4.0] * len(hours),
        }
        units = {"time": "unixtime", "temperature_2m": "°C", "wind_speed_10m": "m/s", "cloud_cover": "%"}
        document = {"utc_offset_seconds": 0, "hourly_units": units, "hourly": block}
        return 200, json.dumps(document).encode()


def _head(status: int, length: int, kind: str, more: str) -> bytes:
    return (
        f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{more}"
        "Connection: close\r\n\r\n"
    ).encode()


def _zulu(utc_s: int) -> str:
    return datetime.fromtimestamp(utc_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _acknowledgement(text: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Acknowledgement_MarketDocument xmlns="urn:iec62325.351:tc57wg16:'
        f'451-1:acknowledgementdocument:7:0"><Reason><code>999</code><text>{text}</text></Reason>'
        "</Acknowledgement_MarketDocument>"
    ).encode()


def _publication(domain: str, quarters: range, points: str) -> bytes:
    start, end = (f"{_zulu(s)[:16]}Z" for s in (quarters.start, quarters.stop))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Publication_MarketDocument xmlns="urn:iec62325.351:tc57wg16:451-3:'
        f'publicationdocument:7:3"><type>A44</type><TimeSeries><mRID>1</mRID><in_Domain.mRID>{domain}</in_Domain.mRID>'
        "<currency_Unit.name>EUR</currency_Unit.name><price_Measure_Unit.name>MWH</price_Measure_Unit.name>"
        "<curveType>A03</curveType><Period><timeInterval>"
        f"<start>{start}</start><end>{end}</end></timeInterval><resolution>PT15M</resolution>{points}"
        "</Period></TimeSeries></Publication_MarketDocument>"
    ).encode()
