"""Energy-Charts (Fraunhofer ISE), `/price`: two arrays of equal length, epoch seconds and prices."""

from kwartier.protocols.answers import AnswerError, WallClock, field, read_json
from kwartier.protocols.prices.gather import Gather, unit_of
from kwartier.protocols.prices.lists import Row, put_rows
from kwartier.protocols.prices.source import NAMES
from kwartier.site.moments import MARKET_ZONE
from kwartier.site.prices import PriceSeries

SOURCE = NAMES["energy-charts"]
_ROW = Row(start=("t",), price=("p",))


def decode(raw: bytes, *, fetched_at_s: float, currency: str = "EUR", source: str = SOURCE) -> PriceSeries:
    """Prices out of one answer. Raises AnswerError."""
    document = read_json(raw, source)
    moments = field(document, "unix_seconds", list, source)
    prices = field(document, "price", list, source)
    unit = unit_of(document.get("unit"))
    if unit is None:
        raise AnswerError("unknown_form", f"{source}: unknown unit {document.get('unit')!r}")
    gather = Gather(source, currency=currency, fetched_at_s=fetched_at_s)
    if not gather.fits(unit.currency or currency, "unit"):
        raise AnswerError("unknown_form", f"{source} gives {unit.currency}, and {currency} is wanted")
    if len(moments) != len(prices):
        detail = f"{len(moments)} moments and {len(prices)} prices: the rest of the longer list is left out"
        gather.fault("bad_entry", "unix_seconds", detail)
    pairs = [{"t": t, "p": p} for t, p in zip(moments, prices, strict=False)]
    put_rows(pairs, _ROW, gather, WallClock(MARKET_ZONE), unit.factor, where="price")
    return gather.series()
