"""What waits in memory for the disk, and how it is stored. Bounded: when the disk stays away the oldest
one-second history goes first; quarter-hours are kept for more than a day."""

import sqlite3
from collections import deque
from dataclasses import dataclass, field

from kwartier.historian import charts
from kwartier.historian.blocks import Part
from kwartier.historian.codec import dumps, loads
from kwartier.historian.notable import Entry
from kwartier.metering.quarters import ClosedQuarter

MOST_QUARTERS = 20_000
"""A day of 200 meters."""
MOST_ENTRIES = 20_000
MOST_PART_BYTES = 8 * 1024 * 1024
"""About an hour of one-second history of 24 charge points."""
MOST_MINUTES = 1440


@dataclass(slots=True)
class Backlog:
    """Waiting items by kind, oldest first. For one thread."""

    quarters: deque[tuple[float, ClosedQuarter]] = field(default_factory=deque)
    """With the UTC at which we came to know it."""
    entries: deque[Entry] = field(default_factory=deque)
    parts: deque[Part] = field(default_factory=deque)
    minutes: deque[tuple[int, charts.Row]] = field(default_factory=deque)
    dropped: int = 0

    def __len__(self) -> int:
        return len(self.quarters) + len(self.entries) + len(self.parts) + len(self.minutes)

    @property
    def precious(self) -> bool:
        """Whether something waits that must not be lost in a power cut."""
        return bool(self.quarters or self.entries)

    def bound(self) -> None:
        """Let go of the oldest where memory for them runs out."""
        while len(self.quarters) > MOST_QUARTERS:
            self.quarters.popleft()
            self.dropped += 1
        while len(self.entries) > MOST_ENTRIES:
            self.entries.popleft()
            self.dropped += 1
        while len(self.minutes) > MOST_MINUTES:
            self.minutes.popleft()
            self.dropped += 1
        size = sum(len(p.data) for p in self.parts)
        while size > MOST_PART_BYTES:
            part = self.parts.popleft()
            size -= len(part.data)
            self.dropped += part.cycles

    def store(self, connection: sqlite3.Connection) -> None:
        """Write everything in one transaction; the backlog is emptied only when it is committed.

        Raises sqlite3.Error, with everything still waiting.
        """
        connection.execute(f"PRAGMA synchronous = {'FULL' if self.precious else 'NORMAL'}")
        connection.execute("BEGIN IMMEDIATE")
        try:
            self._insert(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        self.quarters.clear()
        self.entries.clear()
        self.parts.clear()
        self.minutes.clear()

    def _insert(self, connection: sqlite3.Connection) -> None:
        connection.executemany(
            "INSERT OR IGNORE INTO quarter VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [quarter_row(recorded_s, q) for recorded_s, q in self.quarters],
        )
        connection.executemany(
            "INSERT INTO journal (at_s, kind, subject, data) VALUES (?, ?, ?, ?)", self.entries
        )
        for part in self.parts:
            if part.block.value is None:
                (highest,) = connection.execute("SELECT coalesce(max(block), 0) FROM raw").fetchone()
                part.block.value = highest + 1
            connection.execute(
                "INSERT INTO raw VALUES (?, ?, ?, ?, ?, ?)",
                (part.block.value, part.number, part.from_s, part.until_s, part.cycles, part.data),
            )
        for start_s, row in self.minutes:
            _store_row(connection, charts.MINUTE_S, start_s, row)
        if self.minutes:
            _roll_up(connection, self.minutes[-1][0])


def quarter_row(recorded_s: float, q: ClosedQuarter) -> tuple[object, ...]:
    """A quarter-hour as a row of the table `quarter`."""
    return (
        q.meter_id,
        q.start_s,
        recorded_s,
        q.import_kwh,
        q.export_kwh,
        q.register_import_kwh,
        q.register_export_kwh,
        q.demand_w,
        q.meter_demand_w,
        None if q.agrees is None else int(q.agrees),
        q.quality,
    )


def trim(connection: sqlite3.Connection, utc_s: float, raw_days: float, keep_days: float) -> None:
    """Let go of one-second history and minutes beyond their time, a little at each call.

    A little only: a clock that leaps a year ahead must not empty the history before somebody notices
    (600 blocks an hour, of 20 000 in two weeks). Raises sqlite3.Error.
    """
    raw_before_s = utc_s - raw_days * 86400
    connection.execute(
        "DELETE FROM raw WHERE block IN (SELECT DISTINCT block FROM raw WHERE from_s < ? LIMIT 10)",
        (raw_before_s,),
    )
    for step_s, before_s in (
        (charts.MINUTE_S, raw_before_s),
        (charts.FIVE_MINUTES_S, utc_s - keep_days * 86400),
    ):
        connection.execute(
            "DELETE FROM chart WHERE step_s = ?1 AND start_s IN "
            "(SELECT start_s FROM chart WHERE step_s = ?1 AND start_s < ?2 LIMIT 20)",
            (step_s, before_s),
        )


def _store_row(connection: sqlite3.Connection, step_s: int, start_s: int, row: charts.Row) -> None:
    merged: charts.Row = {}
    known = connection.execute(
        "SELECT names, data FROM chart JOIN chart_names ON id = names_id WHERE step_s = ? AND start_s = ?",
        (step_s, start_s),
    ).fetchone()
    if known is not None:  # the minute in which we were restarted
        merged = charts.unpack(loads(known[0]), known[1])
    charts.merge(merged, row)
    names, data = charts.pack(merged)
    text = dumps(names)
    connection.execute("INSERT OR IGNORE INTO chart_names (names) VALUES (?)", (text,))
    connection.execute(
        "INSERT OR REPLACE INTO chart SELECT ?, ?, id, ? FROM chart_names WHERE names = ?",
        (step_s, start_s, data, text),
    )


def _roll_up(connection: sqlite3.Connection, newest_s: int) -> None:
    """Make five-minute rows of the minutes before `newest_s` that have none yet."""
    step_s = charts.FIVE_MINUTES_S
    (last_s,) = connection.execute(
        "SELECT coalesce(max(start_s), ?) FROM chart WHERE step_s = ?", (-step_s, step_s)
    ).fetchone()
    found = connection.execute(
        "SELECT start_s, names, data FROM chart JOIN chart_names ON id = names_id "
        "WHERE step_s = ? AND start_s >= ? AND start_s < ? ORDER BY start_s",
        (charts.MINUTE_S, last_s + step_s, newest_s // step_s * step_s),
    ).fetchall()
    rows: dict[int, charts.Row] = {}
    for start_s, names, data in found:
        into = rows.setdefault(start_s // step_s * step_s, {})
        charts.merge(into, charts.unpack(loads(names), data))
    for start_s, row in rows.items():
        _store_row(connection, step_s, start_s, row)
