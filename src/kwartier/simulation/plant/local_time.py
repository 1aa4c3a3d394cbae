"""Local days and tariff hours of a site in Flanders, as its meter knows them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

DAY_S = 86400


def local(utc_s: float, zone: ZoneInfo) -> datetime:
    """The moment on the wall clock of the zone."""
    return datetime.fromtimestamp(utc_s, zone)


def midnight_before(utc_s: float, zone: ZoneInfo) -> float:
    """UTC seconds of the start of the local day in which a moment lies."""
    return local(utc_s, zone).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def midnight_after(utc_s: float, zone: ZoneInfo) -> float:
    """UTC seconds of the start of the next local day (days last 23, 24 or 25 hours)."""
    noon = local(midnight_before(utc_s, zone), zone) + timedelta(hours=36)
    return noon.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def is_weekend(utc_s: float, zone: ZoneInfo) -> bool:
    """Saturday or Sunday."""
    return local(utc_s, zone).weekday() >= 5


def tariff(utc_s: float, zone: ZoneInfo) -> int:
    """1 (normal: working days from 7 to 22 h) or 2 (low: nights and weekends), the Flemish numbering."""
    t = local(utc_s, zone)
    return 1 if t.weekday() < 5 and 7 <= t.hour < 22 else 2
