"""Nord Pool's data portal: one delivery day per question, several areas at once, in any currency, per MWh."""

from kwartier.protocols.answers import AnswerError, WallClock, field, read_json
from kwartier.protocols.prices.gather import Gather
from kwartier.protocols.prices.lists import Row, put_rows
from kwartier.protocols.prices.source import NAMES
from kwartier.site.moments import MARKET_ZONE
from kwartier.site.prices import PriceSeries

SOURCE = NAMES["nordpool"]
PER_MWH = 1e-3


def decode(
    raw: bytes, *, fetched_at_s: float, area: str, currency: str = "EUR", source: str = SOURCE
) -> PriceSeries:
    """Prices of one area. Raises AnswerError, also when another currency came than was asked for."""
    document = read_json(raw, source)
    entries = field(document, "multiAreaEntries", list, source)
    gather = Gather(source, currency=currency, fetched_at_s=fetched_at_s)
    told = document.get("currency")
    if not gather.fits(told, "currency"):
        raise AnswerError("unknown_form", f"{source} gives {told!r}, and {currency} is wanted")
    areas = {a for e in entries if isinstance(e, dict) for a in _per_area(e)}
    if entries and area not in areas:
        listed = ", ".join(sorted(areas)[:12]) or "none"
        raise AnswerError("unknown_form", f"{source}: no prices of area {area!r}; it has {listed}")
    flat = [{**e, "price": _per_area(e).get(area)} if isinstance(e, dict) else e for e in entries]
    row = Row(start=("deliveryStart",), end=("deliveryEnd",), price=("price",))
    put_rows(flat, row, gather, WallClock(MARKET_ZONE), PER_MWH, where="multiAreaEntries")
    for state in document.get("areaStates") or ():
        if isinstance(state, dict) and area in (state.get("areas") or ()) and state.get("state") != "Final":
            gather.fault("preliminary", "areaStates", f"the prices are {state.get('state')!r}, not final")
    return gather.series()


def _per_area(entry: dict[str, object]) -> dict[str, object]:
    found = entry.get("entryPerArea")
    return found if isinstance(found, dict) else {}
