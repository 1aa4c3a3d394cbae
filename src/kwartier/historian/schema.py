"""The database file: tables by numbered migrations, opening, checking, moving aside.

SQLite in WAL mode: a reader never blocks the writer. A `kill -9` loses nothing that was committed; a power
cut may lose the last commits made with `synchronous=NORMAL` (raw readings, charts) but none made with
`FULL` (quarter-hours, journal), and never damages the file.
"""

import sqlite3
from pathlib import Path

from kwartier.site.errors import StorageError

BUSY_MS = 250
"""How long a write waits for somebody else's lock before the cycle's data stay in memory instead."""
CHECK_ALWAYS_BYTES = 32 * 1024 * 1024
"""Files up to this size are checked at every start (0.1 s); larger ones only after an unclean end."""

MIGRATIONS = (
    """
    CREATE TABLE quarter (
        meter_id TEXT NOT NULL,
        start_s INTEGER NOT NULL CHECK (start_s % 900 = 0),
        recorded_s REAL NOT NULL,
        import_kwh REAL NOT NULL,
        export_kwh REAL,
        register_import_kwh REAL NOT NULL,
        register_export_kwh REAL,
        demand_w REAL,
        meter_demand_w REAL,
        agrees INTEGER,
        quality TEXT NOT NULL,
        PRIMARY KEY (meter_id, start_s)
    ) WITHOUT ROWID;
    CREATE TABLE journal (
        seq INTEGER PRIMARY KEY,
        at_s REAL NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        data TEXT NOT NULL
    );
    CREATE INDEX journal_by_kind ON journal (kind, subject, seq);
    CREATE TABLE raw (
        block INTEGER NOT NULL,
        part INTEGER NOT NULL,
        from_s REAL NOT NULL,
        until_s REAL NOT NULL,
        cycles INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (block, part)
    );
    CREATE INDEX raw_by_time ON raw (from_s);
    CREATE TABLE chart_names (id INTEGER PRIMARY KEY, names TEXT NOT NULL UNIQUE);
    CREATE TABLE chart (
        step_s INTEGER NOT NULL,
        start_s INTEGER NOT NULL,
        names_id INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (step_s, start_s)
    ) WITHOUT ROWID;
    CREATE TRIGGER quarter_stays BEFORE UPDATE ON quarter
        BEGIN SELECT RAISE(ABORT, 'quarter-hours are never changed'); END;
    CREATE TRIGGER quarter_kept BEFORE DELETE ON quarter
        BEGIN SELECT RAISE(ABORT, 'quarter-hours are kept for ever'); END;
    CREATE TRIGGER journal_stays BEFORE UPDATE ON journal
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TRIGGER journal_kept BEFORE DELETE ON journal
        BEGIN SELECT RAISE(ABORT, 'the journal is kept for ever'); END;
    """,
)
"""Script n brings the file from version n to n + 1; `user_version` holds the version."""


class NewerDatabase(StorageError):
    """The file was written by a newer Kwartier; it is left alone."""


def open_writer(path: Path) -> sqlite3.Connection:
    """Open the file for writing, check it, bring it to our version.

    Raises sqlite3.Error (its `sqlite_errorname` tells what is wrong), NewerDatabase.
    """
    suspicious = _needs_check(path)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {16 * 1024 * 1024}")
        if suspicious:
            check(connection)
        _migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection of one's own that can only read. Raises sqlite3.Error."""
    try:
        return _connect_to_read(path, "mode=ro")
    except sqlite3.OperationalError:
        if _log_of(path).exists():
            raise
        # A folder that cannot be written has no place for the shared index of the log; without a log
        # the file is all there is, and nobody can change it.
        return _connect_to_read(path, "mode=ro&immutable=1")


def open_damaged(path: Path) -> sqlite3.Connection:
    """Read a file that was moved aside, leaving no trace beside it unless it has a log. Raises sqlite3.Error."""
    return _connect_to_read(path, "mode=ro" if _log_of(path).exists() else "mode=ro&immutable=1")


def _connect_to_read(path: Path, options: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{options}", uri=True, timeout=BUSY_MS / 1000, isolation_level=None
    )
    try:
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def check(connection: sqlite3.Connection) -> None:
    """Read every page and index. Raises sqlite3.DatabaseError when something is wrong."""
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"malformed: {verdict}")


def is_corrupt(error: sqlite3.Error) -> bool:
    """Whether an error says that the file itself is damaged or no database."""
    name = getattr(error, "sqlite_errorname", "")
    return name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or str(error).startswith("malformed")


def move_aside(path: Path, stamp: str) -> Path:
    """Rename a damaged database, its log included, so that it can be looked into; nothing is deleted.

    Returns its new path. Raises OSError.
    """
    aside = path.with_name(f"{path.name}.corrupt-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.corrupt-{stamp}-{number}")
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        companion = path.with_name(path.name + suffix)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + suffix))
    return aside


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _needs_check(path: Path) -> bool:
    if not path.exists():
        return False
    log = _log_of(path)
    unclean = log.exists() and log.stat().st_size > 0
    return unclean or path.stat().st_size <= CHECK_ALWAYS_BYTES


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise NewerDatabase(
            f"{path} was written by a newer Kwartier (format {version}, this one knows {len(MIGRATIONS)}). "
            "Start that version, or name another historian.path."
        )
    for number in range(version, len(MIGRATIONS)):
        script = f"BEGIN IMMEDIATE;{MIGRATIONS[number]};PRAGMA user_version = {number + 1};COMMIT;"
        try:
            connection.executescript(script)
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
