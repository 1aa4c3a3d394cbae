"""easyEnergy (Netherlands): any span of days, in quarter-hours or hours, EUR/kWh.

Two forms are known: an object with `prices` whose moments are Dutch local time without a time zone, and the older list with
`Timestamp`, `TariffUsage` and `TariffReturn`. `TariffReturn` is the market's price without VAT; so is `price`.
"""

from kwartier.protocols.answers import AnswerError, WallClock, field, read_json
from kwartier.protocols.prices.gather import Gather
from kwartier.protocols.prices.lists import Row, put_rows
from kwartier.protocols.prices.source import NAMES
from kwartier.site.moments import MARKET_ZONE
from kwartier.site.prices import PriceSeries

SOURCE = NAMES["easyenergy"]
_ROW = Row(start=("from",), end=("until",), price=("price",), zoned=False)
_OLD = Row(start=("Timestamp",), price=("TariffReturn", "TariffUsage"))


def decode(raw: bytes, *, fetched_at_s: float, currency: str = "EUR", source: str = SOURCE) -> PriceSeries:
    """Prices out of one answer. Raises AnswerError."""
    document = read_json(raw, source)
    gather = Gather(source, currency=currency, fetched_at_s=fetched_at_s)
    if not gather.fits("EUR", "the whole answer"):
        raise AnswerError("unknown_form", f"{source} gives EUR, and {currency} is wanted")
    clock = WallClock(MARKET_ZONE)
    if isinstance(document, list):
        put_rows(document, _OLD, gather, clock, 1.0, where="")
        return gather.series()
    entries = field(document, "prices", list, source)
    good = [e for e in entries if _per_kwh(e)]
    if len(good) < len(entries):
        odd = next(e for e in entries if not _per_kwh(e))
        detail = f"{len(entries) - len(good)} prices per {str(odd.get('unit'))[:20]!r}: left out"
        gather.fault("wrong_unit", "prices", detail)
    put_rows(good, _ROW, gather, clock, 1.0, where="prices")
    return gather.series()


def _per_kwh(entry: object) -> bool:
    return not isinstance(entry, dict) or str(entry.get("unit", "kWh")).lower() == "kwh"
