"""All sources of prices: what is asked of each, and how its answer is read. No I/O: a request is a value.

Delivery days run from midnight to midnight of the market's clock (CET/CEST), in every zone and for every source.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta

from kwartier.protocols.prices import (
    awattar,
    easyenergy,
    energycharts,
    energyzero,
    entsoe,
    homeassistant,
    nordpool,
    pricefile,
)
from kwartier.protocols.prices.source import PriceSource
from kwartier.protocols.prices.zones import zone_of
from kwartier.protocols.requests import Request
from kwartier.site.moments import MARKET_ZONE, day_start_s, next_day
from kwartier.site.prices import PriceSeries

URLS: Mapping[str, str] = {
    "entsoe": "https://web-api.tp.entsoe.eu/api",
    "energyzero": "https://public.api.energyzero.nl/public/v1/prices",
    "easyenergy": "https://price-graph.mijn.easyenergy.com/api/prices",
    "nordpool": "https://dataportal-api.nordpoolgroup.com/api/DayAheadPrices",
    "energy-charts": "https://api.energy-charts.info/price",
    "awattar": "https://api.awattar.de/v1/marketdata",
    "akkudoktor": "https://api.akkudoktor.net/prices",
}
AWATTAR_AUSTRIA = "https://api.awattar.at/v1/marketdata"


def requests_of(source: PriceSource, first: date, last: date) -> tuple[Request, ...]:
    """What to ask for the delivery days `first` to `last`, both included. Empty for a file."""
    return _ASKED[source.type](source, first, last)


def decode(source: PriceSource, raw: bytes, fetched_at_s: float) -> PriceSeries:
    """The prices in one answer of a source. Raises AnswerError."""
    plain = _PLAIN.get(source.type)
    if plain is not None:
        return plain(raw, fetched_at_s=fetched_at_s, currency=source.currency, source=source.name)
    if source.type == "nordpool":
        area = _nord_pool(source)
        return nordpool.decode(raw, fetched_at_s=fetched_at_s, area=area, currency=source.currency)
    own = homeassistant.decode if source.type == "home-assistant" else pricefile.decode
    return own(raw, fetched_at_s=fetched_at_s, zone=source.zone, currency=source.currency, unit=source.unit)


_PLAIN: Mapping[str, Callable[..., PriceSeries]] = {
    "entsoe": entsoe.decode,
    "energyzero": energyzero.decode,
    "easyenergy": easyenergy.decode,
    "energy-charts": energycharts.decode,
    "awattar": awattar.decode,
    "akkudoktor": awattar.decode,
}


def _url(source: PriceSource) -> str:
    if source.url is not None:
        return source.url
    if source.type == "awattar" and source.area.upper() == "AT":
        return AWATTAR_AUSTRIA
    return URLS[source.type]


def _entsoe(source: PriceSource, first: date, last: date) -> tuple[Request, ...]:
    zone = zone_of(source.area)
    domain = source.area if zone is None else zone.eic
    start_s, end_s = day_start_s(first, MARKET_ZONE), day_start_s(next_day(last), MARKET_ZONE)
    params = (
        ("documentType", "A44"),
        ("in_Domain", domain),
        ("out_Domain", domain),
        ("periodStart", _compact(start_s)),
        ("periodEnd", _compact(end_s)),
    )
    return (Request(url=_url(source), params=params, secrets=(("securityToken", source.token),)),)


def _compact(utc_s: int) -> str:
    return datetime.fromtimestamp(utc_s, UTC).strftime("%Y%m%d%H%M")


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def _energyzero(source: PriceSource, first: date, last: date) -> tuple[Request, ...]:
    return tuple(
        Request(
            url=_url(source),
            params=(
                ("energyType", "ENERGY_TYPE_ELECTRICITY"),
                ("date", day.strftime("%d-%m-%Y")),
                ("interval", "INTERVAL_QUARTER"),
            ),
        )
        for day in _days(first, last)
    )


def _easyenergy(source: PriceSource, first: date, last: date) -> tuple[Request, ...]:
    params = (
        ("start", first.isoformat()),
        ("end", next_day(last).isoformat()),
        ("type", "electricity"),
        ("granularity", "quarter"),
    )
    return (Request(url=_url(source), params=params),)


def _nord_pool(source: PriceSource) -> str:
    zone = zone_of(source.area)
    return source.area if zone is None else zone.nord_pool


def _nordpool(source: PriceSource, first: date, last: date) -> tuple[Request, ...]:
    return tuple(
        Request(
            url=_url(source),
            params=(
                ("date", day.isoformat()),
                ("market", "DayAhead"),
                ("deliveryArea", _nord_pool(source)),
                ("currency", source.currency),
            ),
        )
        for day in _days(first, last)
    )


def _energy_charts(source: PriceSource, first: date, last: date) -> tuple[Request, ...]:
    zone = zone_of(source.area)
    name = source.area if zone is None else zone.energy_charts
    params = (("bzn", name), ("start", first.isoformat()), ("end", last.isoformat()))
    return (Request(url=_url(source), params=params),)


def _awattar(source: PriceSource, first: date, last: date) -> tuple[Request, ...]:
    start_s, end_s = day_start_s(first, MARKET_ZONE), day_start_s(next_day(last), MARKET_ZONE)
    params = (("start", str(start_s * 1000)), ("end", str(end_s * 1000)))
    return (Request(url=_url(source), params=params),)


def _akkudoktor(source: PriceSource, first: date, last: date) -> tuple[Request, ...]:
    params = (("start", first.isoformat()), ("end", next_day(last).isoformat()), ("tz", "Europe/Berlin"))
    return (Request(url=_url(source), params=params),)


def _home_assistant(source: PriceSource, _first: date, _last: date) -> tuple[Request, ...]:
    url = f"{(source.url or '').rstrip('/')}/api/states/{source.entity}"
    return (Request(url=url, bearer=source.token),)


def _file(_source: PriceSource, _first: date, _last: date) -> tuple[Request, ...]:
    return ()


_ASKED: Mapping[str, Callable[[PriceSource, date, date], tuple[Request, ...]]] = {
    "entsoe": _entsoe,
    "energyzero": _energyzero,
    "easyenergy": _easyenergy,
    "nordpool": _nordpool,
    "energy-charts": _energy_charts,
    "awattar": _awattar,
    "akkudoktor": _akkudoktor,
    "home-assistant": _home_assistant,
    "file": _file,
}
