"""Save what can still be read of a damaged database into its successor: quarter-hours and the journal, which
are kept for ever. The damaged file itself is only read."""

import math
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kwartier.historian.codec import loads
from kwartier.historian.schema import open_damaged

_QUARTERS = (
    "SELECT meter_id, start_s, recorded_s, import_kwh, export_kwh, register_import_kwh, register_export_kwh, "
    "demand_w, meter_demand_w, agrees, quality FROM quarter"
)
_QUALITIES = {"measured", "interpolated", "partial", "clock", "reset"}


@dataclass(frozen=True, slots=True)
class Saved:
    """How much was saved."""

    quarters: int
    entries: int


def salvage(damaged: Path, connection: sqlite3.Connection) -> Saved:
    """Copy what is readable and makes sense, in one transaction. Raises sqlite3.Error when the new file
    cannot be written."""
    quarters = [row for row in _rows(damaged, _QUARTERS) if _is_quarter(row)]
    entries = [
        row for row in _rows(damaged, "SELECT at_s, kind, subject, data FROM journal") if _is_entry(row)
    ]
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.executemany(
            "INSERT OR IGNORE INTO quarter VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", quarters
        )
        connection.executemany("INSERT INTO journal (at_s, kind, subject, data) VALUES (?, ?, ?, ?)", entries)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return Saved(len(quarters), len(entries))


def _rows(damaged: Path, query: str) -> Iterator[tuple[object, ...]]:
    """The rows up to the first that cannot be read."""
    try:
        reader = open_damaged(damaged)
    except sqlite3.Error:
        return
    try:
        yield from reader.execute(query)
    except (sqlite3.Error, UnicodeDecodeError):
        return
    finally:
        reader.close()


def _is_quarter(row: tuple[object, ...]) -> bool:
    """Whether a row is a quarter-hour: a damaged page can yield anything."""
    meter_id, start_s, *figures, agrees, quality = row
    return (
        isinstance(meter_id, str)
        and isinstance(start_s, int)
        and start_s % 900 == 0
        and quality in _QUALITIES
        and agrees in {None, 0, 1}
        and all(f is None or (isinstance(f, float) and math.isfinite(f)) for f in figures)
        and None not in {figures[0], figures[1], figures[3]}
    )


def _is_entry(row: tuple[object, ...]) -> bool:
    at_s, kind, subject, data = row
    if not (isinstance(at_s, float) and isinstance(kind, str) and isinstance(subject, str)):
        return False
    try:
        return isinstance(data, str) and isinstance(loads(data), dict)
    except ValueError:
        return False
