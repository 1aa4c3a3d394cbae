"""One source of prices as a site is set up for it. Without the codecs, so that a start need not load them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

from kwartier.site.moments import MARKET_ZONE

SourceType = Literal[
    "entsoe",
    "energyzero",
    "easyenergy",
    "nordpool",
    "energy-charts",
    "awattar",
    "akkudoktor",
    "home-assistant",
    "file",
]
NAMES: Mapping[str, str] = {
    "entsoe": "ENTSO-E",
    "energyzero": "EnergyZero",
    "easyenergy": "easyEnergy",
    "nordpool": "Nord Pool",
    "energy-charts": "Energy-Charts",
    "awattar": "aWATTar",
    "akkudoktor": "Akkudoktor",
    "home-assistant": "Home Assistant",
    "file": "file",
}
"""For people."""
AREAS: Mapping[str, frozenset[str]] = {
    "energyzero": frozenset({"NL"}),
    "easyenergy": frozenset({"NL"}),
    "awattar": frozenset({"AT", "DE", "DE-LU"}),
    "akkudoktor": frozenset({"DE", "DE-LU", "LU"}),
}
"""Sources that know only some zones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSource:
    """One source as a site is set up for it."""

    type: SourceType
    area: str = "BE"
    currency: str = "EUR"
    zone: ZoneInfo = MARKET_ZONE
    """For moments without a time zone of sources of one's own (Home Assistant, a file)."""
    url: str | None = None
    """Instead of the usual address; of Home Assistant its own, without `/api`."""
    token: str = field(default="", repr=False)
    entity: str = ""
    path: str = ""
    unit: str | None = None
    """Of Home Assistant and of a file, where they don't say it."""

    @property
    def name(self) -> str:
        """For people."""
        return NAMES[self.type]

    @property
    def key(self) -> str:
        """Tells sources of a site apart, in the file in which prices are kept. Holds no secret."""
        return " ".join(t for t in (self.type, self.area, self.entity, self.path) if t)
