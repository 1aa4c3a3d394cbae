"""aWATTar and who answers like it (Akkudoktor): `marketprice` per MWh from `start_timestamp` in epoch milliseconds.

aWATTar calls the list `data`, Akkudoktor `values`.
"""

from kwartier.protocols.answers import AnswerError, WallClock, field, read_json
from kwartier.protocols.prices.gather import Gather, unit_of
from kwartier.protocols.prices.lists import Row, put_rows
from kwartier.protocols.prices.source import NAMES
from kwartier.site.moments import MARKET_ZONE
from kwartier.site.prices import PriceSeries

SOURCE = NAMES["awattar"]
_ROW = Row(start=("start_timestamp",), end=("end_timestamp",), price=("marketprice",))


def decode(raw: bytes, *, fetched_at_s: float, currency: str = "EUR", source: str = SOURCE) -> PriceSeries:
    """Prices out of one answer. Raises AnswerError."""
    document = read_json(raw, source)
    name = "values" if isinstance(document, dict) and isinstance(document.get("values"), list) else "data"
    entries = field(document, name, list, source)
    gather = Gather(source, currency=currency, fetched_at_s=fetched_at_s)
    clock = WallClock(MARKET_ZONE)
    by_unit: dict[str, list[object]] = {}
    for entry in entries:
        if isinstance(entry, dict):
            by_unit.setdefault(str(entry.get("unit", "")), []).append(entry)
    for told, same in by_unit.items():
        unit = unit_of(told)
        if unit is None:
            gather.fault("wrong_unit", name, f"prices in {told[:20]!r}: left out")
        elif gather.fits(unit.currency or currency, name):
            put_rows(same, _ROW, gather, clock, unit.factor, where=name)
    odd = sum(not isinstance(e, dict) for e in entries)
    if odd:
        gather.fault("bad_entry", name, f"{odd} entries are no objects")
    if not entries:
        raise AnswerError("no_data", f"{source} has no prices for that time yet")
    return gather.series()
