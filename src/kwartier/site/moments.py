"""Moments as text, and days of the market's calendar."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MARKET_ZONE = ZoneInfo("Europe/Brussels")
"""Delivery days of the European day-ahead auction run from midnight to midnight of this clock in every bidding zone."""


def utc_text(utc_s: float) -> str:
    """ISO 8601 in UTC, to the minute: `2026-01-15T23:00Z`."""
    return datetime.fromtimestamp(utc_s, UTC).strftime("%Y-%m-%dT%H:%MZ")


def day_of(utc_s: float, zone: ZoneInfo) -> date:
    """The local day in which a moment lies."""
    return datetime.fromtimestamp(utc_s, zone).date()


def day_start_s(day: date, zone: ZoneInfo) -> int:
    """UTC seconds of a local midnight. A day has 92, 96 or 100 quarter-hours: never add 86400."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def next_day(day: date, days: int = 1) -> date:
    """So many calendar days further."""
    return day + timedelta(days=days)
