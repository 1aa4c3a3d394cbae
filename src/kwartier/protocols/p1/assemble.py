"""From lines to a telegram, at the pace of a replay.

A meter sends the same objects in the same order every second and most lines do not change, so two things
are remembered, both bounded: what a line says, with its share of the checksum (`lines`), and where in the
telegram each field stands (`Layout`). Nothing is assumed: a line or an order never met is read in full.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from kwartier.protocols.p1.lines import Entry, LineMemory
from kwartier.protocols.p1.objects import CONTINUATION, OLD_GAS, Key, Reading, continues
from kwartier.protocols.p1.telegram import SCALARS, Crc, Fault, MBus, MBusKind, Telegram
from kwartier.protocols.p1.values import show

_LAYOUTS = 64


class Layout:
    """Where each field of a telegram stands, for one order of keys."""

    def __init__(self, keys: Sequence[Key | None]) -> None:
        ranked: dict[str, list[tuple[str, int]]] = {}
        self.repeated: list[int] = []
        self.relays: list[tuple[int, int]] = []
        self.unknown: list[tuple[str, int]] = []
        self.mbus: dict[int, dict[str, list[int]]] = {}
        channels: dict[int, dict[str, list[tuple[str, int]]]] = {}
        seen: set[Key] = set()
        for index, key in enumerate(keys):
            if key is None or key == CONTINUATION:
                continue
            if isinstance(key, tuple) and key[0] == "unknown":
                self.unknown.append((str(key[1]), index))
            elif key in seen and key != _OLD_GAS_READING:
                self.repeated.append(index)
            elif isinstance(key, str):
                ranked.setdefault(key.partition("~")[0], []).append((key, index))
            elif key[0] == "relay":
                self.relays.append((int(key[1]), index))
            elif len(key) == 3:
                part = channels.setdefault(key[1], {})
                part.setdefault(key[2].partition("~")[0], []).append((key[2], index))
            seen.add(key)
        places = {name: [index for _, index in sorted(found)] for name, found in ranked.items()}
        self.mbus = {
            channel: {name: [index for _, index in sorted(found)] for name, found in parts.items()}
            for channel, parts in sorted(channels.items())
        }
        self.continued = CONTINUATION in keys
        self.clock = places.get("clock", [-1])
        self.month_peak = places.get("month_peak", [-1])[0]
        self.history = places.get("peak_history", [-1])[0]
        self.fuse = places.get("fuse_limits", [-1])[0]
        self.net = [(name, places[name][0]) for name in _NET if name in places]
        self.scalars = itemgetter(*(places.get(name, [-1])[0] for name in SCALARS))
        """Picks the values of `SCALARS` out of the lines' values followed by one None."""
        self.substitutes = [
            (position, places[name]) for position, name in enumerate(SCALARS) if len(places.get(name, ())) > 1
        ]
        self.plain = not (self.net or self.substitutes or self.fuse >= 0)
        used = [index for parts in self.mbus.values() for indexes in parts.values() for index in indexes]
        self._device_values = itemgetter(*used, -1, -1)
        self._last_devices: tuple[tuple[Any, ...], tuple[MBus, ...]] = ((), ())

    def devices(self, values: Sequence[Any]) -> tuple[MBus, ...]:
        """The M-Bus devices; they say something new every five minutes, so the last ones are kept."""
        said = self._device_values(values)
        if said != self._last_devices[0]:
            found = (
                _old_gas(parts, values)
                if channel == OLD_GAS
                else _device(channel, {name: _first(values, indexes) for name, indexes in parts.items()})
                for channel, parts in self.mbus.items()
            )
            self._last_devices = (said, tuple(device for device in found if device is not None))
        return self._last_devices[1]


_OLD_GAS_READING = ("mbus", OLD_GAS, "reading")
_NET = ("power_net_w", "power_net_l1_w", "power_net_l2_w", "power_net_l3_w")
_AT = {name: position for position, name in enumerate(SCALARS)}
_IMPORTED = slice(_AT["energy_import_t1_kwh"], _AT["energy_import_t5_kwh"] + 1)
_EXPORTED = slice(_AT["energy_export_t1_kwh"], _AT["energy_export_t5_kwh"] + 1)
_KINDS: dict[int | None, MBusKind] = {2: "electricity", 3: "gas", 4: "heat", 6: "water", 7: "water"}
_KINDS |= {10: "heat", 11: "heat", 12: "heat", 13: "heat", 21: "water", 22: "water"}
"""M-Bus device types [EN 13757-3]: 6 and 21 are warm and hot water, 22 cold, 10 to 13 cold and heat."""
_GAS = 3
_UNITS: Mapping[MBusKind, str] = {"gas": "m3", "water": "m3", "heat": "GJ", "electricity": "kWh"}


class Assembler:
    """Builds telegrams; remembers lines and layouts."""

    def __init__(self) -> None:
        self.lines = LineMemory()
        self._layouts: dict[tuple[Key | None, ...], Layout] = {}

    def build(
        self,
        lines: Sequence[bytes],
        entries: Sequence[Entry],
        offset: int,
        length: int,
        crc: Crc,
        faults: tuple[Fault, ...] = (),
    ) -> Telegram:
        """A telegram from its lines (the header first) and their entries."""
        _, _, _, keys, values, complaints = zip(*entries, strict=True)
        layout = self._layout(keys)
        if layout.continued and len(joined := _joined(lines)) < len(lines):
            again = [self.lines[line] for line in joined]
            return self.build(joined, again, offset, length, crc, faults)
        values += (None,)
        if layout.repeated:
            faults += tuple(_repetition(lines[index]) for index in layout.repeated)
        if complaints.count(None) != len(complaints):
            faults = tuple(fault for fault in complaints if fault is not None) + faults
        scalars = layout.scalars(values)
        if not layout.plain:
            scalars = _patched(scalars, layout, values)
        clock = _first(values, layout.clock) or (None, None)
        peak = values[layout.month_peak]
        power, (peak_at, peak_at_s) = peak if peak is not None else (None, (None, None))
        fields = (
            offset,
            length,
            crc,
            identification(lines[0]),
            *clock,
            _total(scalars[0], scalars[_IMPORTED], faults),
            _total(scalars[1], scalars[_EXPORTED], faults),
            *scalars[2:],
            power,
            peak_at,
            peak_at_s,
            values[layout.history] or (),
            {relay: values[index] for relay, index in layout.relays} if layout.relays else {},
            layout.devices(values),
            _unknown(layout, values) if layout.unknown else {},
            faults,
        )
        return Telegram._make(fields)

    def _layout(self, keys: tuple[Key | None, ...]) -> Layout:
        layout = self._layouts.get(keys)
        if layout is None:
            if len(self._layouts) >= _LAYOUTS:
                self._layouts.clear()
            layout = self._layouts[keys] = Layout(keys)
        return layout


@lru_cache(maxsize=64)
def identification(header: bytes) -> str:
    """The header line without its mark, as text."""
    return show(header[1:].rstrip(b" \0"))


def _repetition(line: bytes) -> Fault:
    return Fault(show(line), "this object was sent twice; the first one counts")


def _joined(lines: Sequence[bytes]) -> list[bytes]:
    """The lines with those that were broken in one piece again, and without empty ones."""
    out = [lines[0]]
    for line in lines[1:]:
        if continues(line, out[-1]):
            out[-1] = out[-1].rstrip() + line.strip()
        elif line.strip():
            out.append(line)
    return out


def _first(values: Sequence[Any], indexes: Sequence[int]) -> Any:
    for index in indexes:
        if values[index] is not None:
            return values[index]
    return None


def _patched(scalars: tuple[Any, ...], layout: Layout, values: Sequence[Any]) -> tuple[Any, ...]:
    """Fields that take more than one line: substitutes, the two fuse limits, signed powers."""
    out = list(scalars)
    for position, indexes in layout.substitutes:
        out[position] = _first(values, indexes)
    if layout.fuse >= 0 and values[layout.fuse] is not None:
        out[_AT["fuse_a"]], out[_AT["fuse_export_a"]] = values[layout.fuse]
    for name, index in layout.net:
        imported, exported = _AT[name.replace("net", "import")], _AT[name.replace("net", "export")]
        if values[index] is not None and out[imported] is None and out[exported] is None:
            out[imported], out[exported] = max(0.0, values[index]), max(0.0, -values[index])
    return tuple(out)


def _total(total: float | None, tariffs: Sequence[float | None], faults: Sequence[Fault]) -> float | None:
    """The total register or the sum of the tariffs; no sum where a bad line may hide one of them."""
    if total is not None or tariffs[0] is None or (tariffs[1] is None and faults):
        return total
    # nine digits behind the point: more than any meter sends, and the sum of decimals stays decimal
    return round(sum([value for value in tariffs if value is not None]), 9)


def _device(channel: int, found: dict[str, Any]) -> MBus | None:
    reading: Reading = found.pop("reading", None) or (None, None, (None, None))
    value, unit, (at, at_s) = reading
    kind = _kind(found.get("device_type"), unit)
    if value is None and found.get("id") is None and not found.get("device_type"):
        return None  # a slot without a device
    unit = unit or (_UNITS.get(kind) if value is not None else None)
    return MBus(channel=channel, kind=kind, value=value, unit=unit, at=at, at_s=at_s, **found)


def _old_gas(parts: Mapping[str, Sequence[int]], values: Sequence[Any]) -> MBus | None:
    """Gas of DSMR 2.2 as printed, which is on no channel: 0. The ACE4000 sends the last 24 hours in an order
    of its own, so the newest counts."""
    found = {name: _first(values, indexes) for name, indexes in parts.items() if name != "reading"}
    readings = [values[index] for index in parts.get("reading", ()) if values[index] is not None]
    newest = max(readings, key=lambda reading: reading[2][0] or "", default=None)
    return _device(0, found | {"device_type": _GAS, "reading": newest})


def _kind(device_type: int | None, unit: str | None) -> MBusKind:
    if not device_type and unit == "GJ":
        return "heat"
    return _KINDS.get(device_type, "other")


def _unknown(layout: Layout, values: Sequence[Any]) -> dict[str, str]:
    out: dict[str, str] = {}
    for code, index in layout.unknown:
        out[code] = f"{out[code]}\n{values[index]}" if code in out else values[index]
    return out
