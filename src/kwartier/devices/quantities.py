"""The names under which a catalogue entry may give a register, and what values are possible at all.

Names follow the fields of MeterReading and ChargePointReading; vectors carry the phase (`current_l1_a`). The
last word is the unit, as everywhere, and decides what is plausible.
"""

import math
from typing import Literal

from kwartier.devices.registers import Value

Kind = Literal["meter", "charger", "charger-group", "battery"]


def _phases(name: str, unit: str) -> tuple[str, str, str]:
    return (f"{name}_l1_{unit}", f"{name}_l2_{unit}", f"{name}_l3_{unit}")


CURRENT_A = _phases("current", "a")
VOLTAGE_V = _phases("voltage", "v")
POWER_PHASE_W = _phases("power", "w")
GROUP_SETPOINT_A = _phases("setpoint", "a")
GROUP_APPLIED_A = _phases("applied", "a")
GROUP_VALID_FOR_S = _phases("valid_for", "s")

_COMMON = (*CURRENT_A, *VOLTAGE_V, *POWER_PHASE_W, "power_w", "frequency_hz")
_CHARGER = (
    "state",
    "setpoint_used",
    "fallback_a",
    "energy_kwh",
    "uptime_ms",
    "name",
    "sockets",
)

QUANTITIES: dict[Kind, tuple[str, ...]] = {
    "meter": (
        *_COMMON,
        "energy_import_kwh",
        "energy_export_kwh",
        "energy_import_t1_kwh",
        "energy_import_t2_kwh",
        "energy_export_t1_kwh",
        "energy_export_t2_kwh",
    ),
    "charger": (
        *_COMMON,
        *_CHARGER,
        "setpoint_a",
        "applied_a",
        "valid_for_s",
        "phases",
        "operative",
        "rfid",
        "meter_state",
        "measurement_age_ms",
    ),
    "battery": (),
    "charger-group": (*_COMMON, *_CHARGER, *GROUP_SETPOINT_A, *GROUP_APPLIED_A, *GROUP_VALID_FOR_S),
}

_POSSIBLE: dict[str, tuple[float, float]] = {
    "a": (-20_000, 20_000),
    "v": (0, 1_000),
    "w": (-20e6, 20e6),
    "hz": (0, 100),
    "kwh": (-1e9, 1e10),
    "s": (0, 1e9),
    "ms": (0, 1e13),
    "phases": (0, 3),
    "operative": (0, 1),
    "used": (0, 1),
}


def implausible(quantity: str, value: Value) -> bool:
    """Whether this value cannot be: a garbled register, a wrong word order, the wrong device."""
    limits = _POSSIBLE.get(quantity.rsplit("_", 1)[-1])
    if limits is None or isinstance(value, str):
        return False
    return not (math.isfinite(value) and limits[0] <= value <= limits[1])
