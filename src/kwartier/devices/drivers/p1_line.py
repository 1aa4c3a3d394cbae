"""One P1 line without its cable: bytes in, readings and faults out, and how healthy the line is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Literal

from kwartier.devices.drivers.p1_arrivals import Arrivals
from kwartier.devices.drivers.p1_reading import to_reading
from kwartier.protocols.p1 import Garbled, P1Reader, Telegram
from kwartier.site.errors import DeviceUnreachable, RemoteProtocolError
from kwartier.site.readings import DeviceFault, MeterReading
from kwartier.site.topology import Meter

Checksum = Literal["auto", "required", "strict"]
"""Which telegrams count. `auto`: verified, provably repaired, and those without a checksum as long as this
meter has never sent one (DSMR 2 and 3; the codec keeps watch). `required`: verified or repaired. `strict`: verified as received."""

SAY_AGAIN_AFTER_S = 60.0
FROZEN_AFTER_S = 10.0
FROZEN_INTERVALS = 2.5
STANDS_STILL_WH = 5.0
"""So much at the power shown moves every register; the coarsest of a meter without a clock counts 1 Wh."""
DEAF_AFTER_S = 30.0
DEAF_INTERVALS = 3.0
LONGEST_BACKDATE_S = 3600.0
RAW_BYTES = 64
_CONTENT = Telegram._fields.index("identification")
"""Where in a telegram begins what the meter said, behind its place in the stream."""

CUT = {"no_header", "truncated"}
"""What is left of a telegram at either end of a connection."""

ADVICE = {
    "crc_mismatch": "a byte was damaged on the way; when this goes on, check the cable and its length",
    "truncated": "a telegram was cut off; when this goes on, check the cable and the 5 V supply of the reader",
    "no_header": "check the speed (115200 baud 8N1; 9600 baud 7E1 for DSMR 2 and 3) and whether the data line is inverted",
    "too_long": "check the speed of the port and that it leads to a P1 port",
    "undecodable": "when this meter encrypts its telegrams, check the key and the authentication key",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LineHealth:
    """How a P1 line does since the start. Times are monotonic seconds."""

    connected: bool = False
    """Whether bytes have come on the present connection."""
    telegrams: int = 0
    """Good ones, repeats included."""
    repaired: int = 0
    """Good ones whose damage could provably be undone."""
    repeats: int = 0
    """Good ones that showed no newer meter time than the one before."""
    bad: int = 0
    """Pieces that were no good telegram, and telegrams that were refused."""
    noise_bytes: int = 0
    """Bytes in pieces that were no telegram."""
    reconnects: int = 0
    """Connections that ended or did not come about."""
    last_good_s: float | None = None


class P1Line:
    """Bytes of one meter to its readings and faults. Faults of a kind are told at once, then once a minute
    with a count."""

    def __init__(
        self,
        meter: Meter,
        address: str,
        *,
        key: bytes | None = None,
        authentication_key: bytes | None = None,
        checksum: Checksum = "auto",
    ) -> None:
        self.health = LineHealth()
        self._meter = meter
        self._where = f"meter {meter.name} at {address}"
        self._reader = P1Reader(key=key, authentication_key=authentication_key)
        self._arrivals = Arrivals()
        self._garbled_bytes = 0
        self._checksum = checksum
        self._said: dict[str, tuple[float, int]] = {}
        self._timestamp: str | None = None
        self._said_last: tuple[object, ...] = ()
        self._moved_s = 0.0
        self._first = True
        self._nothing_since_s: float | None = None

    def receive(self, data: bytes, now_s: float) -> list[MeterReading | DeviceFault]:
        """Take the next bytes, which came at `now_s` (monotonic)."""
        if self._nothing_since_s is None:
            self._nothing_since_s = now_s
        self._arrivals.add(data, now_s)
        out = self._handle(self._reader.receive(data), now_s)
        noise = self._reader.noise_bytes + self._garbled_bytes
        self.health = replace(self.health, connected=True, noise_bytes=noise)
        return [*out, *self._deaf(now_s)]

    def lost(self, why: DeviceUnreachable, now_s: float) -> list[MeterReading | DeviceFault]:
        """The connection is over: what the reader still held is judged, and the next bytes start anew."""
        ends = self._reader.close()
        cut = [e for e in ends if isinstance(e, Garbled) and e.error in CUT]  # told by the loss itself
        self._garbled_bytes += sum(piece.length for piece in cut)
        out = self._handle([e for e in ends if e not in cut], now_s)
        self.health = replace(self.health, connected=False, reconnects=self.health.reconnects + 1)
        self._first = True
        self._nothing_since_s = None
        return [*out, *self._fault("unreachable", "unreachable", str(why), now_s)]

    def _handle(self, events: Sequence[Telegram | Garbled], now_s: float) -> list[MeterReading | DeviceFault]:
        newest = self._newest(events)
        out: list[MeterReading | DeviceFault] = []
        for event in events:
            if isinstance(event, Telegram):
                out += self._telegram(event, newest, now_s)
            else:
                out += self._garbled(event, now_s)
            self._first = False
            self._arrivals.forget_before(event.offset + event.length)
        return out

    def _telegram(
        self, telegram: Telegram, newest: tuple[int, float] | None, now_s: float
    ) -> Iterator[MeterReading | DeviceFault]:
        refused = self._refused(telegram)
        if refused:
            yield from self._bad(telegram, "checksum", refused, now_s)
            return
        if telegram.timestamp is not None and telegram.timestamp == self._timestamp:
            yield from self._repeated(telegram, f"the time has been {telegram.timestamp}", now_s)
            return
        if self._stands_still(telegram, now_s):
            shown_w = max(telegram.power_import_w or 0.0, telegram.power_export_w or 0.0)
            yield from self._repeated(telegram, f"no register has moved at {shown_w:.0f} W", now_s)
            return
        try:
            at_s = self._came_s(telegram, newest)
            reading = to_reading(telegram, self._meter.id, at_s, self._meter.phases)
        except RemoteProtocolError as error:
            yield from self._bad(telegram, "implausible", f"{error}: telegram not used", now_s)
            return
        self._count_good(telegram, at_s)
        if telegram.timestamp is not None or telegram[_CONTENT:] != self._said_last:
            self._moved_s = now_s
        self._timestamp, self._said_last = telegram.timestamp, telegram[_CONTENT:]
        yield reading

    def _stands_still(self, telegram: Telegram, now_s: float) -> bool:
        """Whether a meter without a clock repeats itself where its registers must have moved: a gateway that goes
        on to send what it heard last."""
        if telegram.timestamp is not None or telegram[_CONTENT:] != self._said_last:
            return False
        shown = (
            (telegram.energy_import_kwh, telegram.power_import_w),
            (telegram.energy_export_kwh, telegram.power_export_w),
        )
        counted_w = max((w or 0.0 for kwh, w in shown if kwh is not None), default=0.0)
        still_s = now_s - self._moved_s
        return still_s >= self._frozen_after_s and counted_w * still_s / 3600 >= STANDS_STILL_WH

    def _refused(self, telegram: Telegram) -> str:
        """Why a telegram does not count, or nothing."""
        if telegram.crc == "absent" and self._checksum != "auto":
            return f"a telegram without a checksum does not count with checksum: {self._checksum}"
        if telegram.crc == "repaired" and self._checksum == "strict":
            return "a damaged telegram that could be repaired does not count with checksum: strict"
        return ""

    def _deaf(self, now_s: float) -> Iterator[DeviceFault]:
        """Bytes come and none of them make a telegram: the speed is wrong, or this is no P1 port."""
        nothing_s = now_s - (now_s if self._nothing_since_s is None else self._nothing_since_s)
        if nothing_s >= max(DEAF_AFTER_S, DEAF_INTERVALS * self._meter.interval_s):
            raw = self._arrivals.newest(RAW_BYTES)
            what = f"bytes come, but no telegram for {nothing_s:.0f} s; {ADVICE['no_header']}"
            yield from self._fault("deaf", "nonsense", f"{self._where}: {what}", now_s, raw)

    @property
    def _frozen_after_s(self) -> float:
        return max(FROZEN_AFTER_S, FROZEN_INTERVALS * self._meter.interval_s)

    def _repeated(self, telegram: Telegram, what: str, now_s: float) -> Iterator[DeviceFault]:
        """The same telegram again (a polled gateway) is no news; a meter that stands still is a fault."""
        self._count_good(telegram, self.health.last_good_s)
        self.health = replace(self.health, repeats=self.health.repeats + 1)
        still_s = now_s - self._moved_s
        if still_s >= self._frozen_after_s:
            yield from self._fault(
                "frozen",
                "nonsense",
                f"{self._where}: {what} for {still_s:.0f} s, so the meter's clock or the gateway stands still; "
                "restart the gateway, else tell the grid operator",
                now_s,
            )

    def _garbled(self, piece: Garbled, now_s: float) -> Iterator[DeviceFault]:
        self._garbled_bytes += piece.length
        self._nothing_since_s = None
        if self._first and piece.error in CUT:
            return  # a connection nearly always opens in the middle of a telegram
        what = f"no telegram: {piece.detail or piece.error}; {ADVICE[piece.error]}"
        yield from self._bad(piece, piece.error, what, now_s)

    def _bad(self, event: Telegram | Garbled, kind: str, what: str, now_s: float) -> Iterator[DeviceFault]:
        self.health = replace(self.health, bad=self.health.bad + 1)
        raw = self._arrivals.bytes_at(event.offset, min(event.length, RAW_BYTES))
        yield from self._fault(kind, "nonsense", f"{self._where}: {what}", now_s, raw)

    def _fault(
        self, topic: str, kind: str, what: str, now_s: float, raw: bytes = b""
    ) -> Iterator[DeviceFault]:
        said_s, unsaid = self._said.get(topic, (-inf, 0))
        if now_s - said_s < SAY_AGAIN_AFTER_S:
            self._said[topic] = (said_s, unsaid + 1)
            return
        self._said[topic] = (now_s, 0)
        if unsaid:
            what = f"{what} (and {unsaid} more of the kind in the last {now_s - said_s:.0f} s)"
        yield DeviceFault(device_id=self._meter.id, at_s=now_s, kind=kind, what=what, raw=raw.hex())

    def _newest(self, events: Sequence[Telegram | Garbled]) -> tuple[int, float] | None:
        """Meter time and arrival of the newest telegram of those read in one piece."""
        return max(
            (
                (event.time_s, self._arrivals.at_s(event.offset))
                for event in events
                if isinstance(event, Telegram) and event.time_s is not None
            ),
            default=None,
        )

    def _came_s(self, telegram: Telegram, newest: tuple[int, float] | None) -> float:
        """When its first byte came. Of telegrams that were read in one piece after a stall, the older ones
        are at least as much older as the meter's clock says."""
        came_s = self._arrivals.at_s(telegram.offset)
        if telegram.time_s is None or newest is None:
            return came_s
        newest_time_s, newest_came_s = newest
        return min(came_s, newest_came_s - min(newest_time_s - telegram.time_s, LONGEST_BACKDATE_S))

    def _count_good(self, telegram: Telegram, at_s: float | None) -> None:
        self._nothing_since_s = None
        self.health = replace(
            self.health,
            telegrams=self.health.telegrams + 1,
            repaired=self.health.repaired + (telegram.crc == "repaired"),
            last_good_s=at_s,
        )
