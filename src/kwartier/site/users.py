"""Who charges: cards, whatever way a charge point writes their numbers, and usual departures."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from kwartier.site.topology import User

DAY_S = 86400


def card(number: str) -> str:
    """A card's number as it is compared: capitals, and nothing but letters and digits. Readers write the same card
    as `04:A2:19:5B`, `04a2195b` and `04 A2 19 5B`."""
    return "".join(c for c in number.upper() if c.isalnum())


@lru_cache(maxsize=8)
def _cards(users: tuple[User, ...]) -> dict[str, User]:
    return {card(number): user for user in reversed(users) for number in user.rfid if card(number)}


def user_of(users: tuple[User, ...], number: str | None) -> User | None:
    """Whose card it is; None for an unknown one. Where two share a card, the first counts."""
    return _cards(users).get(card(number)) if number else None


def next_departure_s(departs_at_s: int, utc_s: float, zone: ZoneInfo) -> float:
    """The next moment (UTC) at which a clock on the wall shows that time of day: the same hour the year round, on
    days of 23 and 25 hours too. One that a change of the clock skips is an hour later."""
    local = datetime.fromtimestamp(utc_s, zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    for days in range(3):
        # Arithmetic on a local time is arithmetic on the wall clock.
        at_s = (midnight + timedelta(days=days, seconds=departs_at_s % DAY_S)).timestamp()
        if at_s > utc_s:
            return at_s
    raise AssertionError("a day has at most 25 hours")
