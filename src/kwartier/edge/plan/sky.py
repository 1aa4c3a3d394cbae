"""What services foretold of sun and warmth, as the planner wants it: past days as they were said before they began, from this day
on the newest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from kwartier.config.models import SiteConfig
from kwartier.planning.situation import STEP_S, Measured, Plane, Sky
from kwartier.site.foretold import Foretold

STALE_S = 24 * 3600.0
"""An older forecast is not gone by: tomorrow's weather is known much better today."""
LOOKS_BACK_DAYS = 45
"""What is older counts for little in what is learnt of a roof, and each plan's question carries it."""
COLUMNS = ("global_w_per_m2", "diffuse_w_per_m2", "cloud_pct", "temperature_c", "pv_w")


@dataclass(frozen=True, slots=True, kw_only=True)
class SkyNow:
    """What is known of the sky at a moment."""

    sky: Sky | None = None
    """None: no service is asked, or none has answered yet."""
    age_s: float | None = None
    """Of the newest answer; None: there is none."""
    asked: bool = False
    """The site file names a service."""

    @property
    def stale(self) -> bool:
        """Too old to go by."""
        return self.age_s is not None and self.age_s > STALE_S


NOWHERE = SkyNow()
LookUp = Callable[[float], SkyNow]


def nothing(_now_s: float) -> SkyNow:
    """A site without forecasts."""
    return NOWHERE


def sky_now(
    config: SiteConfig,
    fresh: Mapping[str, Foretold],
    foretold: Mapping[str, Foretold],
    now_s: float,
) -> SkyNow:
    """Put it together. What is too old says nothing of the days to come, but what it said of past days counts."""
    place = config.site.location
    if config.weather is None or place is None:
        return NOWHERE
    newest = {**foretold, **fresh}
    if not newest:
        return SkyNow(asked=True)
    zone = ZoneInfo(config.site.time_zone)
    local = datetime.fromtimestamp(now_s, zone)
    today_s = int(local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp())
    start_s = max(
        min(each.start_s for each in (*newest.values(), *foretold.values())),
        today_s - LOOKS_BACK_DAYS * 86400,
    )
    columns: dict[str, Measured] = {}
    for kind, told in newest.items():
        stale = now_s - told.fetched_at_s > STALE_S
        end_s = min(told.end_s, today_s) if stale else told.end_s
        old = foretold.get(kind, told)
        for name in told.columns:
            past = old.between(name, start_s, today_s) if today_s > start_s else ()
            first_s = max(today_s, start_s)
            ahead = _first(told, old, name, first_s, end_s) if end_s > first_s else ()
            columns[name] = past + ahead
    if _mostly(columns.get("global_w_per_m2", ())):
        columns.pop("cloud_pct", None)  # clouds are only asked where no radiation is foretold
    step_s = max((t.native_step_s for k, t in newest.items() if k == "weather"), default=STEP_S)
    return SkyNow(
        sky=Sky(
            start_s=start_s,
            native_step_s=step_s,
            latitude=place.latitude,
            longitude=place.longitude,
            planes=_planes(config),
            **{name: columns.get(name, ()) for name in COLUMNS},
        ),
        age_s=max(0.0, now_s - max(t.fetched_at_s for t in newest.values())),
        asked=True,
    )


def _first(told: Foretold, old: Foretold, name: str, from_s: int, to_s: int) -> Measured:
    """The newest where it knows something, else what was said before."""
    fresh = told.between(name, from_s, to_s)
    kept = old.between(name, from_s, to_s) or fresh
    return tuple(k if f is None else f for f, k in zip(fresh, kept, strict=True))


def _mostly(values: Measured) -> bool:
    """Known, but for a tenth."""
    return bool(values) and sum(v is not None for v in values) >= 0.9 * len(values)


def _planes(config: SiteConfig) -> tuple[Plane, ...]:
    """The panels as some source describes them; those of the weather's own source first."""
    sources = [] if config.weather is None else config.weather.sources
    described = [s.planes for s in sorted(sources, key=lambda s: s.type != "open-meteo") if s.planes]
    return tuple(
        Plane(peak_kw=p.peak_kw, tilt_deg=p.tilt_deg, azimuth_deg=p.azimuth_deg)
        for p in (described[0] if described else ())
    )
