"""What formulas may read, by name: `main.power_w`, `left.setpoint_a`, and the variables of the site file.

An id's hyphens are written as underscores, because a hyphen is a minus sign: `board_a.power_w`.
"""

from collections.abc import Iterable, Mapping

from kwartier.config.limits import THIS_PHASE
from kwartier.site.readings import ChargePointReading, MeterReading
from kwartier.site.setpoints import Picture

OLDEST_S = 10.0
"""A meter's value counts as missing when it is older than this, or than three of its own intervals
(DESIGN 5.5: safe current at 10 s at the latest)."""

_METER = (
    "power_w",
    "energy_import_kwh",
    "energy_export_kwh",
    "frequency_hz",
    "tariff",
    "quarter_demand_w",
    "month_peak_w",
)
_CHARGE_POINT = ("power_w", "energy_kwh", "setpoint_a", "applied_a")
_PHASED = {"current_a": "current_l{}_a", "voltage_v": "voltage_l{}_v", "power_phase_w": "power_l{}_w"}


def prefix(device_id: str) -> str:
    """How a device's id is written in a formula."""
    return device_id.replace("-", "_")


def meter_names(meter_id: str) -> set[str]:
    """All names of a meter's values; `.current_a` is the current of the phase being calculated."""
    words = [*_METER, *(form.format(n) for form in _PHASED.values() for n in (1, 2, 3))]
    return {f"{prefix(meter_id)}.{word}" for word in words} | {f"{prefix(meter_id)}{THIS_PHASE}"}


def charge_point_names(charge_point_id: str) -> set[str]:
    """All names of a charge point's values; its phases are its own conductors."""
    words = [
        *_CHARGE_POINT,
        *(_PHASED[key].format(n) for key in ("current_a", "voltage_v") for n in (1, 2, 3)),
    ]
    return {f"{prefix(charge_point_id)}.{word}" for word in words}


def formula_values(
    variables: Mapping[str, float], picture: Picture, intervals_s: Mapping[str, float]
) -> dict[str, float]:
    """Everything a formula may read now, keys in lower case. Values that are absent or too old are left
    out, so that a formula over them has no answer. `intervals_s`: how often each meter speaks."""
    out = {name.lower(): value for name, value in variables.items()}
    for meter_id, meter in picture.meters.items():
        if picture.now_s - meter.at_s <= max(OLDEST_S, 3 * intervals_s.get(meter_id, 1.0)):
            out.update(_values(meter_id, meter, _METER))
    for point_id, point in picture.charge_points.items():
        if picture.now_s - point.at_s <= OLDEST_S:
            out.update(_values(point_id, point, _CHARGE_POINT))
    return out


def _values(
    device_id: str, reading: MeterReading | ChargePointReading, words: Iterable[str]
) -> dict[str, float]:
    start = prefix(device_id)
    out = {f"{start}.{word}": getattr(reading, word) for word in words}
    for field, form in _PHASED.items():
        for n, value in enumerate(getattr(reading, field, None) or (), start=1):
            out[f"{start}.{form.format(n)}"] = value
    return {name: value for name, value in out.items() if value is not None}
