"""Moments for people and programs outside."""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo


def iso(utc_s: float, zone: ZoneInfo) -> str:
    """ISO 8601 with the site's offset, to the second."""
    return _iso(int(utc_s // 1), zone)


@lru_cache(maxsize=4096)
def _iso(utc_s: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(utc_s, UTC).astimezone(zone).isoformat(timespec="seconds")
