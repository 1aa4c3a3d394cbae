"""Open-Meteo's forecast: `hourly` and `minutely_15` blocks of parallel arrays with their units beside them.

Its moments are ends for radiation (the mean of the hour or quarter before) and instants for temperature, cloud and wind. Here
everything is the mean of a quarter-hour, so instants become the mean of both ends of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from typing import Any

from kwartier.protocols.answers import AnswerError, WallClock, field, number, read_json
from kwartier.protocols.requests import Request
from kwartier.site.intervals import QUARTER_S
from kwartier.site.prices import MarketFault
from kwartier.site.weather import Values, WeatherSeries

SOURCE = "Open-Meteo"
URL = "https://api.open-meteo.com/v1/forecast"
MAX_DAYS = 17
MAX_FAULTS = 60


@dataclass(frozen=True, slots=True)
class _Quantity:
    name: str
    """In the answer."""
    lowest: float
    highest: float
    mean: bool
    """The mean of the step before its moment; else an instant."""


QUANTITIES: Mapping[str, _Quantity] = {
    "temperature_c": _Quantity("temperature_2m", -60.0, 60.0, mean=False),
    "global_w_per_m2": _Quantity("shortwave_radiation", 0.0, 1500.0, mean=True),
    "direct_w_per_m2": _Quantity("direct_radiation", 0.0, 1500.0, mean=True),
    "diffuse_w_per_m2": _Quantity("diffuse_radiation", 0.0, 1500.0, mean=True),
    "cloud_pct": _Quantity("cloud_cover", 0.0, 100.0, mean=False),
    "wind_m_per_s": _Quantity("wind_speed_10m", 0.0, 100.0, mean=False),
}
OLD_NAMES = {"cloud_cover": "cloudcover", "wind_speed_10m": "windspeed_10m"}
SCALES: Mapping[str, tuple[float, float]] = {
    "km/h": (1 / 3.6, 0.0), "mp/h": (0.44704, 0.0), "mph": (0.44704, 0.0), "kn": (0.514444, 0.0),
    "m/s": (1.0, 0.0), "°F": (5 / 9, -32 * 5 / 9), "°C": (1.0, 0.0), "W/m²": (1.0, 0.0), "%": (1.0, 0.0),
}  # fmt: skip
"""What makes a value ours: factor and offset."""
BLOCKS = (("minutely_15", 900), ("hourly", 3600))
"""The finer one counts where both have a value."""


def request(latitude: float, longitude: float, *, days: int = 3, url: str | None = None) -> Request:
    """What to ask for a place: quarter-hours where there are some, hours for the rest."""
    names = ",".join(q.name for q in QUANTITIES.values())
    params = (
        ("latitude", f"{latitude:.4f}"),
        ("longitude", f"{longitude:.4f}"),
        ("hourly", names),
        ("minutely_15", names),
        ("wind_speed_unit", "ms"),
        ("timeformat", "unixtime"),
        ("timezone", "GMT"),
        ("past_days", "1"),
        ("forecast_days", str(min(days, MAX_DAYS - 1))),
    )
    return Request(url=url or URL, params=params)


def decode(raw: bytes, *, fetched_at_s: float, source: str = SOURCE) -> WeatherSeries:
    """A forecast by quarter-hours. Raises AnswerError."""
    document = read_json(raw, source)
    if isinstance(document, dict) and document.get("error") is True:
        raise AnswerError("refused", f"{source} refuses: {str(document.get('reason'))[:200]}")
    if not any(isinstance(document, dict) and isinstance(document.get(b), dict) for b, _ in BLOCKS):
        field(document, "hourly", dict, source)
    faults: list[MarketFault] = []
    blocks = [
        _Block(document, name, step_s, faults)
        for name, step_s in BLOCKS
        if isinstance(document.get(name), dict)
    ]
    blocks = [b for b in blocks if b.ends_s]
    if not blocks:
        raise AnswerError("no_data", f"{source} gives no moment of the forecast")
    start_s = min(b.start_s for b in blocks)
    end_s = max(b.end_s for b in blocks)
    steps = range(start_s, min(end_s, start_s + MAX_DAYS * 86400), QUARTER_S)
    return WeatherSeries(
        start_s=start_s,
        source=source,
        fetched_at_s=fetched_at_s,
        native_step_s=max(b.step_s for b in blocks),
        faults=tuple(faults),
        **{key: _first(blocks, key, steps) for key in QUANTITIES},
    )


def _first(blocks: "list[_Block]", key: str, steps: range) -> Values:
    found = [b.values[key] for b in blocks if b.values[key]]
    if not found:
        return ()
    return tuple(next((v[s] for v in found if v.get(s) is not None), None) for s in steps)


class _Block:
    """One block, its values by the start of each quarter-hour."""

    def __init__(self, document: dict[str, Any], name: str, step_s: int, faults: list[MarketFault]) -> None:
        self.step_s = step_s
        self._name = name
        self._faults = faults
        block = document[name]
        offset_s = number(document.get("utc_offset_seconds")) or 0.0
        self.ends_s = self._moments(block.get("time"), offset_s)
        units = document.get(f"{name}_units")
        self.values = {
            key: self._quantity(block, quantity, units if isinstance(units, dict) else {})
            for key, quantity in QUANTITIES.items()
        }

    @property
    def start_s(self) -> int:
        """Where the first known quarter-hour begins: the moments themselves are both ends and instants."""
        return min(s for s in self.ends_s if s is not None)

    @property
    def end_s(self) -> int:
        return max(s for s in self.ends_s if s is not None)

    def _fault(self, code: str, where: str, detail: str) -> None:
        if len(self._faults) >= MAX_FAULTS:
            return
        self._faults.append(MarketFault(code=code, where=f"{self._name}.{where}", detail=detail))

    def _moments(self, times: object, offset_s: float) -> list[int | None]:
        if not isinstance(times, list):
            self._fault("bad_time", "time", "is no list: the block is left out")
            return []
        clock = WallClock(_fixed(offset_s))
        found: list[int | None] = []
        for i, value in enumerate(times):
            moment = clock.peek(value)
            good = moment is not None and moment.utc_s % QUARTER_S == 0
            if not good:
                self._fault("bad_time", f"time[{i}]", f"{str(value)[:40]!r} is no moment of a quarter-hour")
            found.append(moment.utc_s if moment is not None and good else None)
        known = [s for s in found if s is not None]
        if known and max(known) - min(known) > 2 * MAX_DAYS * 86400:
            middle = sorted(known)[len(known) // 2]
            self._fault("bad_time", "time", "some moments lie weeks off the others: left out")
            found = [s if s is not None and abs(s - middle) <= MAX_DAYS * 86400 else None for s in found]
        return found if known else []

    def _quantity(
        self, block: dict[str, Any], quantity: _Quantity, units: dict[str, Any]
    ) -> dict[int, float]:
        name = quantity.name if quantity.name in block else OLD_NAMES.get(quantity.name, quantity.name)
        raw = block.get(name)
        if not isinstance(raw, list):
            return {}
        unit = units.get(name)
        scale = (1.0, 0.0) if unit is None else SCALES.get(str(unit))
        if scale is None:
            self._fault("wrong_unit", name, f"in {unit!r}, which is not known: left out")
            return {}
        if len(raw) != len(self.ends_s):
            self._fault("bad_entry", name, f"{len(raw)} values for {len(self.ends_s)} moments")
        at: dict[int, float] = {}
        wrong = 0
        for end_s, value in zip(self.ends_s, raw, strict=False):
            found = number(value)
            if end_s is None or value is None:
                continue
            if found is None or not quantity.lowest <= found * scale[0] + scale[1] <= quantity.highest:
                wrong += 1
                continue
            at[end_s] = found * scale[0] + scale[1]
        if wrong:
            span = f"{quantity.lowest:g} to {quantity.highest:g}"
            self._fault("implausible", name, f"{wrong} values are no number or outside {span}: left out")
        return self._means(at) if quantity.mean else self._between(at)

    def _means(self, at: dict[int, float]) -> dict[int, float]:
        return {
            quarter_s: round(value, 3)
            for end_s, value in at.items()
            for quarter_s in range(end_s - self.step_s, end_s, QUARTER_S)
        }

    def _between(self, at: dict[int, float]) -> dict[int, float]:
        """Straight lines between instants; each quarter-hour gets the middle of its piece. The last one stays."""
        found: dict[int, float] = {}
        parts = self.step_s // QUARTER_S
        for instant_s, value in at.items():
            after = at.get(instant_s + self.step_s)
            if after is None:
                found[instant_s] = round(value, 3)
                continue
            for i in range(parts):
                found[instant_s + i * QUARTER_S] = round(value + (after - value) * (i + 0.5) / parts, 3)
        return found


def _fixed(offset_s: float) -> tzinfo:
    return timezone(timedelta(seconds=max(-86_000, min(86_000, int(offset_s)))))
