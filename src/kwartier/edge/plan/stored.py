"""What a battery holds for sure, when nobody has heard of it for a while. Pure."""

from kwartier.site.batteries import Battery
from kwartier.site.units import W_PER_KW
from kwartier.site.values import valueclass

SILENT_S = 180.0
"""Until then its last word is as good as new: it is read every few seconds, and a bus that is busy leaves some out."""


@valueclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What it holds."""

    sure_kwh: float
    """At least."""
    age_s: float
    """Of its word."""


def stored(battery: Battery, soc_pct: float, age_s: float, gives_w: float) -> Stored:
    """At least what is left when it has given `gives_w` (W, 0 or more: what it may do by itself) ever since it spoke. Below what
    Kwartier lets it fall to nothing is assumed: down there a plan takes nothing out anyhow."""
    said_kwh = battery.capacity_kwh * soc_pct / 100.0
    if age_s <= SILENT_S:
        return Stored(sure_kwh=said_kwh, age_s=max(0.0, age_s))
    gone_kwh = gives_w / battery.discharge_efficiency / W_PER_KW * age_s / 3600.0
    floor_kwh = battery.capacity_kwh * max(battery.min_soc_pct, battery.reserve_soc_pct) / 100.0
    return Stored(sure_kwh=max(min(said_kwh, floor_kwh), said_kwh - gone_kwh), age_s=age_s)
