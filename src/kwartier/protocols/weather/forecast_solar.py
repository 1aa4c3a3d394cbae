"""forecast.solar's estimate: energy by periods that end at sunrise, at each full hour and at sunset.

`watt_hours_period` is read, since energy in a period becomes a mean without any guess; `watts` are instants.
"""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from kwartier.protocols.answers import AnswerError, WallClock, field, number, read_json
from kwartier.protocols.requests import Request
from kwartier.site.intervals import QUARTER_S
from kwartier.site.moments import utc_text
from kwartier.site.prices import MarketFault
from kwartier.site.weather import SolarEstimate

SOURCE = "forecast.solar"
URL = "https://api.forecast.solar"
LONGEST_PERIOD_S = 2 * 3600
"""Periods within a day are an hour; what is longer is the night, during which nothing comes."""
LONGEST_S = 16 * 86400
MAX_FAULTS = 60


def request(
    latitude: float, longitude: float, *, tilt_deg: float, azimuth_deg: float, peak_kw: float,
    key: str = "", url: str | None = None,
) -> Request:  # fmt: skip
    """What to ask for one plane of panels; `azimuth_deg` clockwise from north (south is 180). A key goes into the
    path, as the service wants it, so a request with a key is not shown with its path."""
    south = (azimuth_deg - 180.0 + 180.0) % 360.0 - 180.0
    path = f"estimate/{latitude:.4f}/{longitude:.4f}/{tilt_deg:g}/{south:g}/{peak_kw:g}"
    return Request(url=url or URL, path=path, path_key=key, params=(("time", "iso8601"),))


def decode(raw: bytes, *, fetched_at_s: float, zone: ZoneInfo, source: str = SOURCE) -> SolarEstimate:
    """Mean power by quarter-hours. Moments without an offset are on the clock of `zone`, the place of the panels.
    Raises AnswerError."""
    document = read_json(raw, source)
    message = document.get("message") if isinstance(document, dict) else None
    if isinstance(message, dict) and message.get("type") == "error":
        raise AnswerError("refused", f"{source} refuses: {str(message.get('text'))[:200]}")
    result = field(document, "result", dict, source)
    periods = field(result, "watt_hours_period", dict, source)
    faults: list[MarketFault] = []
    energy = _energy(periods, zone, faults)
    if not energy:
        raise AnswerError("no_data", f"{source} gives no period with energy")
    return _spread(energy, fetched_at_s, faults, source)


def _energy(
    periods: Mapping[str, object], zone: ZoneInfo, faults: list[MarketFault]
) -> list[tuple[int, float]]:
    """Ends of periods with their energy in Wh, in order."""
    clock = WallClock(zone)
    found: dict[int, float] = {}
    for text, value in periods.items():
        moment, wh = clock.read(text), number(value)
        if moment is None:
            faults.append(MarketFault(code="bad_time", where=text[:40], detail="is no moment: left out"))
        elif wh is None or not 0 <= wh < 1e8:
            detail = f"{str(value)[:40]!r} is no energy: left out"
            faults.append(MarketFault(code="not_a_number", where=text[:40], detail=detail))
        else:
            found[moment.utc_s] = wh
    ends = sorted(found)
    del faults[MAX_FAULTS:]
    return [(s, found[s]) for s in ends if s - ends[0] <= LONGEST_S]


def _spread(
    energy: list[tuple[int, float]], fetched_at_s: float, faults: list[MarketFault], source: str
) -> SolarEstimate:
    first_s, last_s = energy[0][0], energy[-1][0]
    start_s = first_s // QUARTER_S * QUARTER_S
    steps = -(-(last_s - start_s) // QUARTER_S) or 1
    wh = [0.0] * steps
    before_s = first_s
    for end_s, amount in energy[1:]:
        if end_s - before_s > LONGEST_PERIOD_S:
            if amount:
                detail = f"{amount:g} Wh in a period of {(end_s - before_s) / 3600:.1f} hours: left out"
                faults.append(MarketFault(code="bad_step", where=utc_text(end_s), detail=detail))
        else:
            _share(wh, before_s - start_s, end_s - start_s, amount)
        before_s = end_s
    return SolarEstimate(
        start_s=start_s,
        pv_w=tuple(round(amount * 3600 / QUARTER_S, 1) for amount in wh),
        source=source,
        fetched_at_s=fetched_at_s,
        faults=tuple(faults),
    )


def _share(wh: list[float], begin_s: int, end_s: int, amount: float) -> None:
    """Energy of a period over the quarter-hours that it touches."""
    for step in range(begin_s // QUARTER_S, -(-end_s // QUARTER_S)):
        overlap_s = min(end_s, (step + 1) * QUARTER_S) - max(begin_s, step * QUARTER_S)
        wh[step] += amount * overlap_s / (end_s - begin_s)
