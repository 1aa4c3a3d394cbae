"""Day-ahead prices of the ENTSO-E transparency platform: a `Publication_MarketDocument` of type A44.

What such a document may hold, all of it met in the field: quarter-hours and hours side by side; curve type A03, which
leaves out a point that equals the one before it; several series for one interval, of different auctions, told apart
by their classification sequence; days of 92 and 100 quarter-hours; namespaces of several versions; instead of prices an
`Acknowledgement_MarketDocument` with a reason, which often means only that there are none yet.
"""

from dataclasses import dataclass

from kwartier.protocols.answers import AnswerError, WallClock
from kwartier.protocols.prices.gather import Gather, unit_of
from kwartier.protocols.prices.source import NAMES
from kwartier.protocols.prices.xml_tree import Node, read_xml
from kwartier.site.intervals import QUARTER_S
from kwartier.site.moments import MARKET_ZONE, utc_text
from kwartier.site.prices import PriceSeries

SOURCE = NAMES["entsoe"]
RESOLUTIONS = {"PT15M": 900, "PT30M": 1800, "PT60M": 3600, "PT1H": 3600}
FILLED_CURVES = frozenset({"A03"})
NO_DATA = "no matching data"
SEQUENCE = "classificationSequence_AttributeInstanceComponent.position"
LONGEST_DAYS = 400


@dataclass(frozen=True, slots=True)
class _Interval:
    start_s: int
    end_s: int
    step_s: int

    @property
    def places(self) -> int:
        return (self.end_s - self.start_s) // self.step_s


def decode(raw: bytes, *, fetched_at_s: float, currency: str = "EUR", source: str = SOURCE) -> PriceSeries:
    """Prices out of one answer. Raises AnswerError: `no_data` where nothing is published yet, `refused` with the
    platform's reason, or that it is no such document at all."""
    root = read_xml(raw, source)
    if root.name == "Acknowledgement_MarketDocument":
        raise _acknowledged(root, source)
    if root.name != "Publication_MarketDocument":
        raise AnswerError("unknown_form", f"{source} answered a {root.name!r} instead of prices", raw)
    gather = Gather(source, currency=currency, fetched_at_s=fetched_at_s)
    series = list(root.all("TimeSeries"))
    lowest = min((_sequence(s) for s in series), default=1)
    skipped: list[str] = []
    for i, one in enumerate(series, 1):
        where = f"TimeSeries {one.said('mRID') or i}"
        if _sequence(one) != lowest:
            skipped.append(where)
            continue
        _series(one, gather, where)
    if skipped:
        detail = f"of another auction than sequence {lowest}: left out"
        gather.fault("other_auction", ", ".join(skipped[:4]), detail)
    return gather.series()


def _acknowledged(root: Node, source: str) -> AnswerError:
    reasons = [(r.said("code"), r.said("text")) for r in root.all("Reason")]
    text = "; ".join(f"{text or 'no text'} ({code})" for code, text in reasons) or "no reason given"
    if any(NO_DATA in text.lower() for _, text in reasons):
        return AnswerError("no_data", f"{source} has no prices for that time yet")
    return AnswerError("refused", f"{source} refuses: {text[:300]}")


def _sequence(series: Node) -> int:
    """Which of several auctions; the first is the coupled day-ahead auction. Left out: the only one."""
    text = series.said(SEQUENCE)
    return int(text) if text.isdecimal() and len(text) < 9 else 1


def _series(series: Node, gather: Gather, where: str) -> None:
    if not gather.fits(series.said("currency_Unit.name") or gather.currency, where):
        return
    unit = unit_of(series.said("price_Measure_Unit.name") or "MWH")
    if unit is None:
        told = series.said("price_Measure_Unit.name")
        gather.fault("wrong_unit", where, f"prices per {told!r}: left out")
        return
    filled = series.said("curveType") in FILLED_CURVES
    for number, period in enumerate(series.all("Period"), 1):
        gather.section()
        _period(period, gather, unit.factor, f"{where}, Period {number}", filled=filled)


def _period(period: Node, gather: Gather, factor: float, where: str, *, filled: bool) -> None:
    interval = _interval(period, gather, where)
    if interval is None:
        return
    prices = _points(period, interval, gather, where)
    last: tuple[str, str] | None = None
    for place in range(1, interval.places + 1) if filled and prices else sorted(prices):
        if place in prices:
            last = prices[place]
        elif last is None:
            continue
        text, at = last
        gather.put(interval.start_s + (place - 1) * interval.step_s, interval.step_s, text, factor, at)


def _interval(period: Node, gather: Gather, where: str) -> _Interval | None:
    clock = WallClock(MARKET_ZONE)
    resolution = period.said("resolution")
    step_s = RESOLUTIONS.get(resolution)
    if step_s is None:
        gather.fault("bad_step", where, f"resolution {resolution!r}; only 15, 30 and 60 minutes are known")
        return None
    ends = [clock.read(period.said("timeInterval", name)) for name in ("start", "end")]
    if ends[0] is None or ends[1] is None:
        gather.fault("bad_time", where, "its timeInterval is none")
        return None
    if not ends[0].zoned:
        gather.fault("no_time_zone", where, "its timeInterval has no time zone: taken as market time")
    start_s, end_s = ends[0].utc_s, ends[1].utc_s
    if not 0 < end_s - start_s <= LONGEST_DAYS * 86400 or start_s % QUARTER_S:
        gather.fault("bad_time", where, f"its timeInterval is {utc_text(start_s)} to {utc_text(end_s)}")
        return None
    return _Interval(start_s, end_s, step_s)


def _points(period: Node, interval: _Interval, gather: Gather, where: str) -> dict[int, tuple[str, str]]:
    """The text of each price by its place in the interval, from 1, with where it stands."""
    found: dict[int, tuple[str, str]] = {}
    before = 0
    for point in period.all("Point"):
        text = point.said("position")
        at = f"{where}, position {text or '?'}"
        place = int(text) if text.isdecimal() and len(text) < 9 else 0
        if not 1 <= place <= interval.places:
            gather.fault("outside", at, f"the interval has places 1 to {interval.places}: left out")
            continue
        if place < before:
            gather.fault("out_of_order", at, f"comes after position {before}: sorted")
        before = place
        price = point.said("price.amount")
        if place in found and found[place][0] != price:
            gather.fault("contradiction", at, f"has {found[place][0]} and {price}: the first counts")
        found.setdefault(place, (price, at))
    return found
