"""What the web and the reports ask. Each call opens a connection of its own that can only read, so it never
holds up the writer; call them from a worker thread. All raise StorageError when the history cannot be read."""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from kwartier.historian import charts
from kwartier.historian.codec import Json, decode, loads
from kwartier.historian.schema import is_corrupt, open_reader
from kwartier.metering.quarters import ClosedQuarter
from kwartier.site.errors import StorageError
from kwartier.site.readings import DeviceFault
from kwartier.site.reasons import Reason
from kwartier.site.setpoints import Message

MOST_STEPS = 10_000


class DamagedHistory(StorageError):
    """The file is damaged; the writer moves it aside as soon as it is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDecision:
    """A change of what a charge point was allowed."""

    at_s: float
    """UTC."""
    charge_point_id: str
    current_a: float
    phases: int | None
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class PastMessage:
    """A message and when it was said."""

    at_s: float
    """UTC."""
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFault:
    """A fault of a device and when it was journalled."""

    at_s: float
    """UTC."""
    fault: DeviceFault


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a chart."""

    start_s: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Highest:
    """The largest value of a quantity."""

    value: float
    at_s: int
    """Start of the minute or five minutes that it lies in, UTC."""
    recorded_s: int
    """How much of the time asked for is recorded."""


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A read-only connection for one question; turns SQLite's errors into ours."""
    try:
        connection = open_reader(path)
        try:
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        kind = DamagedHistory if is_corrupt(error) else StorageError
        raise kind(f"the history in {path} cannot be read: {error}") from error


def quarters(path: Path, meter_id: str, from_s: float, to_s: float) -> list[ClosedQuarter]:
    """Quarter-hours of a meter that start in `[from_s, to_s)`, oldest first."""
    with reading(path) as connection:
        found = connection.execute(
            f"{_QUARTER} WHERE meter_id = ? AND start_s >= ? AND start_s < ? ORDER BY start_s",
            (meter_id, from_s, to_s),
        ).fetchall()
    return [_quarter(row) for row in found]


def newest_quarter(path: Path, meter_id: str) -> ClosedQuarter | None:
    """The quarter-hour of a meter that was recorded last (not the latest by a clock that may be wrong)."""
    with reading(path) as connection:
        row = connection.execute(
            f"{_QUARTER} WHERE meter_id = ? ORDER BY recorded_s DESC, start_s DESC LIMIT 1", (meter_id,)
        ).fetchone()
    return None if row is None else _quarter(row)


def series(path: Path, name: str, from_s: float, to_s: float, step_s: float) -> list[Step]:
    """A quantity over `[from_s, to_s)` in steps of `step_s` (a multiple of 60) aligned on UTC; steps without
    a value are left out.

    Raises KeyError where nothing of that name was ever recorded, ValueError for more than 10 000 steps.
    """
    step = max(int(step_s) // charts.MINUTE_S, 1) * charts.MINUTE_S
    if (to_s - from_s) / step > MOST_STEPS:
        raise ValueError(f"more than {MOST_STEPS} steps of {step} s; ask for longer steps or less time")
    from_s = from_s // step * step
    with reading(path) as connection:
        where = _places(connection, name)
        if not where:
            raise KeyError(f"nothing called {name!r} was ever recorded")
        found = list(_chart_rows(connection, from_s, to_s, step))
    out: dict[int, charts.Mean] = {}
    for _, start_s, names_id, data in found:
        index = where.get(names_id)
        if index is None:
            continue
        mean = charts.unpack_one(index, data)
        bucket = start_s // step * step
        if bucket in out:
            out[bucket].add(mean)
        else:
            out[bucket] = mean
    return [Step(start_s=s, mean=m.total / m.count, low=m.low, high=m.high) for s, m in sorted(out.items())]


def highest(path: Path, names: Collection[str], from_s: float, to_s: float) -> dict[str, Highest]:
    """The largest value of each quantity over `[from_s, to_s)`; those with none are left out. It holds one
    step at a time, so that a year fits in little memory; it takes some seconds then."""
    out: dict[str, Highest] = {}
    with reading(path) as connection:
        places = {name: _places(connection, name) for name in names}
        for step_s, start_s, names_id, data in _chart_rows(connection, from_s, to_s, charts.FIVE_MINUTES_S):
            for name, where in places.items():
                if names_id in where:
                    high = charts.unpack_one(where[names_id], data).high
                    out[name] = _higher(out.get(name), high, start_s, step_s)
    return out


def _higher(known: Highest | None, high: float, start_s: int, step_s: int) -> Highest:
    if known is None:
        return Highest(value=high, at_s=start_s, recorded_s=step_s)
    recorded_s = known.recorded_s + step_s
    if high > known.value:
        return Highest(value=high, at_s=start_s, recorded_s=recorded_s)
    return replace(known, recorded_s=recorded_s)


def series_names(path: Path) -> list[str]:
    """All quantities that were ever recorded."""
    with reading(path) as connection:
        found = connection.execute("SELECT names FROM chart_names").fetchall()
    return sorted({name for (names,) in found for name in loads(names)})


def decisions(path: Path, charge_point_id: str, limit: int) -> list[PastDecision]:
    """The newest changes of what a charge point was allowed, newest first."""
    return [
        PastDecision(
            at_s=at_s,
            charge_point_id=subject,
            current_a=data["current_a"],
            phases=data["phases"],
            reason=decode(Reason, data["reason"]),
        )
        for at_s, subject, data in _journal(path, "decision", charge_point_id, limit)
    ]


def messages(path: Path, limit: int) -> list[PastMessage]:
    """The newest messages, newest first."""
    return [
        PastMessage(at_s=at_s, message=decode(Message, data))
        for at_s, _, data in _journal(path, "message", None, limit)
    ]


def faults(path: Path, limit: int) -> list[PastFault]:
    """The newest faults of devices, newest first."""
    return [
        PastFault(at_s=at_s, fault=decode(DeviceFault, data))
        for at_s, _, data in _journal(path, "fault", None, limit)
    ]


_QUARTER = (
    "SELECT meter_id, start_s, import_kwh, export_kwh, register_import_kwh, register_export_kwh, "
    "demand_w, meter_demand_w, agrees, quality FROM quarter"
)


def _quarter(row: tuple[object, ...]) -> ClosedQuarter:
    names = (
        "meter_id",
        "start_s",
        "import_kwh",
        "export_kwh",
        "register_import_kwh",
        "register_export_kwh",
        "demand_w",
        "meter_demand_w",
    )
    agrees = None if row[8] is None else bool(row[8])
    return ClosedQuarter(**dict(zip(names, row, strict=False)), agrees=agrees, quality=row[9])  # type: ignore[arg-type]


def _journal(path: Path, kind: str, subject: str | None, limit: int) -> list[tuple[float, str, Json]]:
    anyone = "SELECT at_s, subject, data FROM journal WHERE kind = ?1 ORDER BY seq DESC LIMIT ?3"
    one = (
        "SELECT at_s, subject, data FROM journal WHERE kind = ?1 AND subject = ?2 ORDER BY seq DESC LIMIT ?3"
    )
    with reading(path) as connection:
        found = connection.execute(anyone if subject is None else one, (kind, subject, limit)).fetchall()
    return [(at_s, who, loads(data)) for at_s, who, data in found]


def _places(connection: sqlite3.Connection, name: str) -> dict[int, int]:
    """Where in the rows of each list of names a quantity stands."""
    out: dict[int, int] = {}
    for names_id, text in connection.execute("SELECT id, names FROM chart_names"):
        names = loads(text)
        if name in names:
            out[names_id] = names.index(name)
    return out


def _chart_rows(
    connection: sqlite3.Connection, from_s: float, to_s: float, step_s: int
) -> Iterator[tuple[int, int, int, bytes]]:
    """Five-minute rows where the steps allow it and as far as they are made; minutes for the rest. Each with
    its own length first."""
    first_minute_s = from_s
    if step_s % charts.FIVE_MINUTES_S == 0:
        (rolled_s,) = connection.execute(
            "SELECT max(start_s) FROM chart WHERE step_s = ?", (charts.FIVE_MINUTES_S,)
        ).fetchone()
        if rolled_s is not None:
            first_minute_s = min(max(from_s, rolled_s + charts.FIVE_MINUTES_S), to_s)
    query = (
        "SELECT step_s, start_s, names_id, data FROM chart WHERE step_s = ? AND start_s >= ? AND start_s < ?"
    )
    yield from connection.execute(query, (charts.FIVE_MINUTES_S, from_s, first_minute_s))
    yield from connection.execute(query, (charts.MINUTE_S, first_minute_s, to_s))
