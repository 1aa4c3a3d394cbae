"""Bidding zones: what each source calls them. The key is what stands in the site file."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Zone:
    """One bidding zone of the day-ahead auction."""

    eic: str
    """ENTSO-E's code."""
    energy_charts: str
    nord_pool: str


def _zone(eic: str, name: str, nord_pool: str | None = None) -> Zone:
    return Zone(eic=eic, energy_charts=name, nord_pool=nord_pool or name)


ZONES: Mapping[str, Zone] = {
    "AT": _zone("10YAT-APG------L", "AT"),
    "BE": _zone("10YBE----------2", "BE"),
    "CH": _zone("10YCH-SWISSGRIDZ", "CH"),
    "CZ": _zone("10YCZ-CEPS-----N", "CZ"),
    "DE-LU": _zone("10Y1001A1001A82H", "DE-LU", "GER"),
    "DK1": _zone("10YDK-1--------W", "DK1"),
    "DK2": _zone("10YDK-2--------M", "DK2"),
    "EE": _zone("10Y1001A1001A39I", "EE"),
    "ES": _zone("10YES-REE------0", "ES"),
    "FI": _zone("10YFI-1--------U", "FI"),
    "FR": _zone("10YFR-RTE------C", "FR"),
    "HU": _zone("10YHU-MAVIR----U", "HU"),
    "LT": _zone("10YLT-1001A0008Q", "LT"),
    "LV": _zone("10YLV-1001A00074", "LV"),
    "NL": _zone("10YNL----------L", "NL"),
    "NO1": _zone("10YNO-1--------2", "NO1"),
    "NO2": _zone("10YNO-2--------T", "NO2"),
    "PL": _zone("10YPL-AREA-----S", "PL"),
    "PT": _zone("10YPT-REN------W", "PT"),
    "SE1": _zone("10Y1001A1001A44P", "SE1"),
    "SE2": _zone("10Y1001A1001A45N", "SE2"),
    "SE3": _zone("10Y1001A1001A46L", "SE3"),
    "SE4": _zone("10Y1001A1001A47J", "SE4"),
    "SI": _zone("10YSI-ELES-----O", "SI"),
    "SK": _zone("10YSK-SEPS-----K", "SK"),
}
ALIASES: Mapping[str, str] = {"DE": "DE-LU", "LU": "DE-LU"}
"""Germany and Luxembourg are one zone."""


def zone_of(area: str) -> Zone | None:
    """A zone by its name in capitals or small letters; None: not known."""
    name = area.strip().upper()
    return ZONES.get(ALIASES.get(name, name))
