"""What the screen is told about recording."""

import sqlite3
from dataclasses import dataclass

from kwartier.site.reasons import Reason, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStatus:
    """Whether everything is being recorded, and if not what is missing and what to do."""

    ok: bool
    reason: Reason | None = None
    """The problem as a code with parameters, for every language."""
    problem: str | None = None
    """The problem as an English sentence."""
    since_s: float | None = None
    """UTC since when."""
    queued: int = 0
    """Items that wait in memory for the disk."""
    unrecorded_quarters: int = 0
    """Quarter-hours among them."""
    dropped: int = 0
    """Items lost since the start because memory for them ran out."""
    notices: tuple[Reason, ...] = ()
    """What people must know since the start, such as a damaged file that was moved aside."""


@dataclass(slots=True)
class Trouble:
    """Why nothing can be written now."""

    code: str
    detail: str
    since_s: float


_BY_NAME = (
    ("SQLITE_FULL", "recording_disk_full"),
    ("SQLITE_READONLY", "recording_read_only"),
    ("SQLITE_CANTOPEN", "recording_read_only"),
    ("SQLITE_PERM", "recording_read_only"),
    ("SQLITE_AUTH", "recording_read_only"),
    ("SQLITE_BUSY", "recording_locked"),
    ("SQLITE_LOCKED", "recording_locked"),
)


def code_of(error: Exception) -> str:
    """The reason code for a failure to write."""
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", "")
        for start, code in _BY_NAME:
            if name.startswith(start):
                return code
    return "recording_failed"


def problem_of(trouble: Trouble, path: str, quarters: int, dropped: int) -> Reason:
    """The reason to show."""
    params: dict[str, str | int] = {"path": path, "quarters": quarters, "dropped": dropped}
    if trouble.code in {"recording_failed", "recording_state_failed"}:
        params["detail"] = trouble.detail
    return reason(trouble.code, **params)
