"""Telegrams as the JSON objects of `kwartier p1 decode` (DESIGN 6.2)."""

from operator import attrgetter
from typing import Any

from kwartier.protocols.p1.telegram import SCALARS, Fault, Garbled, MBus, Peak, Telegram

_ALWAYS = ("limiter_w", "fuse_a")
PLAIN = (
    "identification",
    "time_s",
    *(name for name in SCALARS if name not in _ALWAYS),
    "month_peak_w",
    "month_peak_at",
)
"""Fields of one value that are left out when absent."""
plain_of = attrgetter(*PLAIN)
_MBUS = ("channel", "kind", "id", "value", "unit", "at", "valve", "ean")
_mbus = attrgetter(*_MBUS)


def record(event: Telegram | Garbled, source: str) -> dict[str, Any]:
    """One line of NDJSON, as a dictionary. `source` names the file or stream."""
    if isinstance(event, Garbled):
        return {
            "ok": False,
            "source": source,
            "offset": event.offset,
            "length": event.length,
            "error": event.error,
            "detail": event.detail,
            "values": dict(event.values),
        }
    head = {"ok": True, "source": source, "offset": event.offset, "length": event.length, "crc": event.crc}
    return head | values_of(event)


def values_of(telegram: Telegram) -> dict[str, Any]:
    """What the meter said. Absent values are absent keys; time, limiter and fuse are always there, null
    when undefined or off."""
    out: dict[str, Any] = {
        "timestamp": telegram.timestamp,
        "limiter_w": telegram.limiter_w,
        "fuse_a": telegram.fuse_a,
    }
    said = zip(PLAIN, plain_of(telegram), strict=True)
    return out | {name: value for name, value in said if value is not None} | parts_of(telegram)


def parts_of(telegram: Telegram) -> dict[str, Any]:
    """Lists and tables: what is more than one value."""
    out: dict[str, Any] = {}
    if telegram.peak_history:
        out["peak_history"] = [_peak(peak) for peak in telegram.peak_history]
    if telegram.relays:
        out["relays"] = {str(relay): state for relay, state in telegram.relays.items()}
    out["mbus"] = [_device(device) for device in telegram.mbus]
    out["unknown"] = dict(telegram.unknown)
    out["faults"] = [_fault(fault) for fault in telegram.faults]
    return out


def _peak(peak: Peak) -> dict[str, Any]:
    return {"closed_at": peak.closed_at, "at": peak.at, "peak_w": peak.peak_w}


def _device(device: MBus) -> dict[str, Any]:
    out = dict(zip(_MBUS, _mbus(device), strict=True))
    for optional in ("valve", "ean"):
        if out[optional] is None:
            del out[optional]
    return out


def _fault(fault: Fault) -> dict[str, str]:
    return {"line": fault.line, "what": fault.what}
