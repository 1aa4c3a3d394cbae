"""EnergyZero (public REST, Netherlands): one day per question, in quarter-hours or hours.

`base` is the market's price without VAT in EUR/kWh, as text. `interval` is 1 for quarter-hours, 2 for hours.
"""

from kwartier.protocols.answers import AnswerError, WallClock, field, read_json
from kwartier.protocols.prices.gather import Gather
from kwartier.protocols.prices.lists import Row, put_rows
from kwartier.protocols.prices.source import NAMES
from kwartier.site.moments import MARKET_ZONE
from kwartier.site.prices import PriceSeries

SOURCE = NAMES["energyzero"]
_ROW = Row(start=("start",), end=("end",), price=("amount",))


def decode(raw: bytes, *, fetched_at_s: float, currency: str = "EUR", source: str = SOURCE) -> PriceSeries:
    """Prices out of one answer. Raises AnswerError."""
    entries = field(read_json(raw, source), "base", list, source)
    gather = Gather(source, currency=currency, fetched_at_s=fetched_at_s)
    if not gather.fits("EUR", "the whole answer"):
        raise AnswerError("unknown_form", f"{source} gives EUR, and {currency} is wanted")
    flat = [{**e, "amount": _amount(e.get("price"))} if isinstance(e, dict) else e for e in entries]
    put_rows(flat, _ROW, gather, WallClock(MARKET_ZONE), 1.0, where="base")
    return gather.series()


def _amount(price: object) -> object:
    return price.get("value") if isinstance(price, dict) else price
