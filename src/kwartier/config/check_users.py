"""Checks of the section `users`: one card belongs to one person, and somebody must read it."""

from collections.abc import Iterator

from kwartier.config.models import SiteConfig
from kwartier.config.problems import Finding, error, warning
from kwartier.devices import catalogue
from kwartier.site.errors import ConfigError
from kwartier.site.topology import WEIGHTS


def users(config: SiteConfig) -> Iterator[Finding]:
    """All findings about users."""
    owners: dict[str, str] = {}
    for i, user in enumerate(config.users):
        for j, card in enumerate(user.rfid):
            if card in owners:
                whose = "this user" if owners[card] == user.id else repr(owners[card])
                what = f"the card {card} is that of {whose} already"
                cure = "a card belongs to one person: remove it at one of the two"
                yield error(("users", i, "rfid", j), what, cure)
            owners.setdefault(card, user.id)
        for point in config.charge_points:
            if not WEIGHTS[0] <= user.weight * point.weight <= WEIGHTS[1]:
                what = f"{user.weight:g} x {point.weight:g} of {point.id!r} is beyond what weights may be"
                yield error(("users", i, "weight"), what, "write a weight such as 1, 2 or 0.5")
                break
    if config.users and config.charge_points and not any(_reads(p.type) for p in config.charge_points):
        types = ", ".join(sorted({p.type for p in config.charge_points}))
        what = (
            f"no charge point of this site tells which card it read (type {types}), so no card will be known"
        )
        yield warning(
            ("users",), what, "this works without cards; `kwartier catalog` shows which devices tell them"
        )


def _reads(device_id: str) -> bool:
    try:
        return "rfid" in catalogue.load(device_id).registers
    except ConfigError:
        return True  # said where types are checked
