"""Prices that Home Assistant has already: `/api/states/<entity>` and the attributes in which integrations put series.

Known: `raw_today` and `raw_tomorrow` (Nord Pool), `prices_today`, `prices_tomorrow` and `prices` (ENTSO-E), and any other attribute
that holds a list of objects with a start and a value: `forecast`, `data`, `today`, `tomorrow`.
"""

from typing import Any
from zoneinfo import ZoneInfo

from kwartier.protocols.answers import AnswerError, WallClock, field, read_json
from kwartier.protocols.prices.gather import Gather, Unit, unit_of
from kwartier.protocols.prices.lists import Row, put_rows
from kwartier.protocols.prices.source import NAMES
from kwartier.site.prices import PriceSeries

SOURCE = NAMES["home-assistant"]
LISTS = (
    ("raw_today", "raw_tomorrow"),
    ("prices_today", "prices_tomorrow"),
    ("prices",),
    ("today", "tomorrow"),
    ("forecast",),
    ("data",),
)
"""Groups of attributes; the first group with a list of objects counts, since many entities repeat themselves."""
ROW = Row(
    start=("start", "time", "from", "start_time", "starts_at", "startsAt", "datetime", "hour", "timestamp"),
    end=("end", "until", "till", "to", "end_time"),
    price=("value", "price", "total", "electricity_price", "marketprice"),
)


def decode(
    raw: bytes,
    *,
    fetched_at_s: float,
    zone: ZoneInfo,
    currency: str = "EUR",
    unit: str | None = None,
    source: str = SOURCE,
) -> PriceSeries:
    """Prices of one entity. `unit` overrides what the entity says of itself. Raises AnswerError."""
    document = read_json(raw, source)
    attributes = field(document, "attributes", dict, source)
    if document.get("state") in {"unavailable", "unknown"}:
        what = f"{source}: the entity is {document['state']}; look at its integration there"
        raise AnswerError("no_data", what)
    told = _unit(attributes, unit, source)
    gather = Gather(source, currency=currency, fetched_at_s=fetched_at_s)
    if not gather.fits(told.currency or attributes.get("currency") or currency, "unit_of_measurement"):
        raise AnswerError("unknown_form", f"{source}: the entity is not in {currency}")
    clock = WallClock(zone)
    for group in LISTS:
        lists = [name for name in group if _objects(attributes.get(name))]
        if lists:
            for name in lists:
                put_rows(attributes[name], ROW, gather, clock, told.factor, where=name)
            return gather.series()
    names = ", ".join(n for group in LISTS for n in group)
    raise AnswerError(
        "unknown_form", f"{source}: the entity has no list of prices with a start; known: {names}"
    )


def _objects(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(entry, dict) for entry in value)


def _unit(attributes: dict[str, Any], override: str | None, source: str) -> Unit:
    """What the entity's prices are in; Home Assistant's Nord Pool says it in three attributes."""
    text = override or attributes.get("unit_of_measurement") or attributes.get("unit")
    found = unit_of(text)
    if found is None:
        cure = "add unit: EUR/kWh (or EUR/MWh) to the source in the site file"
        raise AnswerError("unknown_form", f"{source}: the unit {text!r} is none that is known; {cure}")
    if override is None and attributes.get("price_in_cents") is True and found.factor != UNIT_CENTS:
        return Unit(found.factor * UNIT_CENTS, found.currency)
    return found


UNIT_CENTS = 0.01
