"""Minute and five-minute means with their extremes, so that a chart never reads one-second history.

All quantities of one minute lie in one row (four 32-bit floats each: mean, lowest, highest, number), because
a row per quantity would touch a page per quantity and minute: 1.5 GB a day of writes for 100 quantities,
against 5 MB so.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kwartier.historian.blocks import Decided
from kwartier.site.setpoints import Picture

MINUTE_S = 60
FIVE_MINUTES_S = 300
FRESH_S = 15.0
"""A reading older than this is not charted: absence is not a value."""


@dataclass(slots=True)
class Mean:
    """Mean, lowest, highest and number of some values."""

    total: float
    low: float
    high: float
    count: float

    def add(self, other: "Mean") -> None:
        """Take in more values."""
        self.total += other.total
        self.low = min(self.low, other.low)
        self.high = max(self.high, other.high)
        self.count += other.count


Row = dict[str, Mean]
"""All quantities of one step."""


class MinuteBuffer:
    """Collects values of the running minute. For one thread."""

    def __init__(self) -> None:
        self._start_s: int | None = None
        self._row: Row = {}

    def add(self, utc_s: float, values: Iterable[tuple[str, float]]) -> tuple[int, Row] | None:
        """Take in one cycle; returns the minute before (its start and row) when a new one began."""
        start_s = int(utc_s // MINUTE_S) * MINUTE_S
        done = self.take() if start_s != self._start_s else None
        self._start_s = start_s
        row = self._row
        for name, value in values:
            mean = row.get(name)
            if mean is None:
                row[name] = Mean(value, value, value, 1)
                continue
            mean.total += value
            mean.count += 1
            if value < mean.low:
                mean.low = value
            elif value > mean.high:
                mean.high = value
        return done

    def take(self) -> tuple[int, Row] | None:
        """The running minute as far as it is known, and forget it."""
        if self._start_s is None or not self._row:
            return None
        done = (self._start_s, self._row)
        self._start_s, self._row = None, {}
        return done


def quantities(
    picture: Picture, decision: Decided, more: Mapping[str, float | None]
) -> Iterator[tuple[str, float]]:
    """What is charted of one cycle, by name; the unit is the last word of the name."""
    for meter_id, meter in picture.meters.items():
        if picture.now_s - meter.at_s > FRESH_S:
            continue
        if meter.power_w is not None:
            yield f"meter.{meter_id}.power_w", meter.power_w
        if meter.current_a is not None:
            yield from _phases(f"meter.{meter_id}.current", meter.current_a)
    for point_id, point in picture.charge_points.items():
        if picture.now_s - point.at_s > FRESH_S:
            continue
        yield f"charge_point.{point_id}.current_a", max(point.current_a)
        if point.power_w is not None:
            yield f"charge_point.{point_id}.power_w", point.power_w
    yield from _batteries(picture)
    for setpoint in decision.setpoints:
        yield f"charge_point.{setpoint.charge_point_id}.allowed_a", setpoint.current_a
    for circuit in decision.circuits:
        yield from _phases(f"circuit.{circuit.circuit_id}.load", circuit.load_a)
    for name, value in more.items():
        if value is not None:
            yield name, value


def _batteries(picture: Picture) -> Iterator[tuple[str, float]]:
    for battery_id, told in picture.batteries.items():
        if picture.now_s - told.at_s > FRESH_S:
            continue
        for name, value in (("power_w", told.power_w), ("soc_pct", told.soc_pct)):
            if value is not None:
                yield f"battery.{battery_id}.{name}", value


def _phases(stem: str, values: tuple[float, float, float]) -> Iterator[tuple[str, float]]:
    yield f"{stem}_l1_a", values[0]
    yield f"{stem}_l2_a", values[1]
    yield f"{stem}_l3_a", values[2]


def pack(row: Row) -> tuple[list[str], bytes]:
    """A row as names and bytes."""
    out = array("f")
    for mean in row.values():
        out.extend((mean.total / mean.count, mean.low, mean.high, mean.count))
    return list(row), out.tobytes()


def unpack(names: list[str], data: bytes) -> Row:
    """The row again, to the precision of 32-bit floats."""
    values = array("f", data)
    return {name: _mean(values, 4 * i) for i, name in enumerate(names)}


def unpack_one(index: int, data: bytes) -> Mean:
    """One quantity of a packed row."""
    return _mean(array("f", data[16 * index : 16 * index + 16]), 0)


def merge(into: Row, row: Row) -> None:
    """Take the values of a row into another."""
    for name, mean in row.items():
        known = into.get(name)
        if known is None:
            into[name] = Mean(mean.total, mean.low, mean.high, mean.count)
        else:
            known.add(mean)


def _mean(values: "array[float]", at: int) -> Mean:
    mean, low, high, count = values[at : at + 4]
    return Mean(mean * count, low, high, count)
