"""SunSpec storage: finding the models in a device's list, and the registers of model 124 to figures and back. Pure.

A device begins with "SunS" at 40000, 0 or 50000; then each model has its number, its length and so many registers,
until the number 0xFFFF. A value is raw x 10^scale; int16 0x8000 and uint16 0xFFFF mean that there is none.

Charging and discharging are bounded by two rates of model 124, in per cent of WChaMax. A negative rate turns a bound
into the least of the other direction: with InWRte p and OutWRte -p it charges with just p.

Source: SunSpec Alliance, information models 1, 101 to 103, 124 and 160 (github.com/sunspec/models).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kwartier.devices.registers import to_bytes
from kwartier.site.batteries import Battery, BatteryReading, BatteryState
from kwartier.site.errors import LocalProtocolError, RemoteProtocolError

BASES = (40000, 0, 50000)
MARK = (0x5375, 0x6E53)
END = 0xFFFF
MOST_MODELS = 64
LONGEST_MODEL = 1024

STORAGE, MPPT = 124, 160
INVERTERS = (101, 102, 103)
STORAGE_REGISTERS = 26
"""Model 124 with its number and length."""
W_CHA_MAX, CONTROL, SOC, STATUS, OUT_RATE, IN_RATE, REVERT, GRID_CHARGE = 2, 5, 8, 11, 12, 13, 15, 17
W_CHA_MAX_SF, SOC_SF, RATE_SF = 18, 22, 25
BOTH_LIMITS = 3
FROM_GRID = 1
MPPT_HEAD, MPPT_EACH, MPPT_W_SF, MPPT_COUNT, MPPT_W = 10, 20, 4, 8, 11
CHARGING_MODULE, DISCHARGING_MODULE = 3, 4
INVERTER_W, INVERTER_W_SF = 14, 15
INVERTER_REGISTERS = 16
STATES: Mapping[int, BatteryState] = {1: "off", 7: "off"}
"""ChaSt: 1 off, 2 empty, 3 discharging, 4 charging, 5 full, 6 holding, 7 testing."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the models of a device begin: the address of their number."""

    models: Mapping[int, int]

    @property
    def storage(self) -> int:
        """Of model 124."""
        return self.models[STORAGE]

    @property
    def power(self) -> tuple[int, int]:
        """The model that tells the power, and where it is: 160 before 103."""
        for number in (MPPT, *INVERTERS):
            if number in self.models:
                return number, self.models[number]
        raise LocalProtocolError("no model tells the power")


def signed(word: int) -> int | None:
    """An int16; None where there is none."""
    return None if word == 0x8000 else word - 0x10000 if word & 0x8000 else word


def unsigned(word: int) -> int | None:
    """A uint16; None where there is none."""
    return None if word == 0xFFFF else word


def scaled(raw: int | None, factor: int) -> float | None:
    """A value with its scale factor (the word of it); None where either is missing or the factor cannot be."""
    power = signed(factor)
    if raw is None or power is None or not -10 <= power <= 10:
        return None
    return raw * 10.0**power


def check_places(models: Mapping[int, int], where: str) -> Places:
    """Raises RemoteProtocolError where it is no storage that we can steer."""
    if STORAGE not in models:
        found = ", ".join(map(str, sorted(models)))
        raise RemoteProtocolError(f"{where}: it has no model 124 (storage), only {found or 'none'}", b"")
    if not any(number in models for number in (MPPT, *INVERTERS)):
        raise RemoteProtocolError(f"{where}: neither model 160 nor 101 to 103 tells the battery's power", b"")
    return Places(dict(models))


def mppt_power_w(words: Sequence[int]) -> float | None:
    """The battery's power out of model 160 (modules 3 and 4: charging, discharging); positive charges."""
    if len(words) < MPPT_HEAD or (unsigned(words[MPPT_COUNT]) or 0) < DISCHARGING_MODULE:
        return None
    needed = MPPT_HEAD + MPPT_EACH * DISCHARGING_MODULE
    if len(words) < needed:
        return None
    taken, given = (
        scaled(unsigned(words[MPPT_HEAD + MPPT_EACH * (module - 1) + MPPT_W]), words[MPPT_W_SF])
        for module in (CHARGING_MODULE, DISCHARGING_MODULE)
    )
    if taken is None and given is None:
        return None
    return (taken or 0.0) - (given or 0.0)


def reading(
    battery: Battery, storage: Sequence[int], power_w: float | None, at_s: float, where: str
) -> BatteryReading:
    """What the registers of model 124 say. Raises RemoteProtocolError for what cannot be."""
    if len(storage) < STORAGE_REGISTERS or storage[0] != STORAGE:
        raise RemoteProtocolError(f"{where}: model 124 has moved", to_bytes(storage))
    soc_pct = scaled(unsigned(storage[SOC]), storage[SOC_SF])
    if soc_pct is not None and not 0 <= soc_pct <= 100:
        raise RemoteProtocolError(f"{where}: a state of charge of {soc_pct:g} %", to_bytes(storage))
    most_w = scaled(unsigned(storage[W_CHA_MAX]), storage[W_CHA_MAX_SF])
    rate_pct = scaled(signed(storage[IN_RATE]), storage[RATE_SF])
    steered = unsigned(storage[CONTROL]) == BOTH_LIMITS
    setpoint_w = None
    if steered and most_w is not None and rate_pct is not None:
        setpoint_w = most_w * rate_pct / 100.0
    status = unsigned(storage[STATUS])
    return BatteryReading(
        battery_id=battery.id,
        at_s=at_s,
        power_w=power_w,
        soc_pct=soc_pct,
        state=STATES.get(status or 0, "ready"),
        charge_w=most_w,
        discharge_w=most_w,
        setpoint_w=setpoint_w,
    )


@dataclass(frozen=True, slots=True)
class Write:
    """Registers to write in one request, by offset in model 124."""

    offset: int
    words: tuple[int, ...]


def writes(storage: Sequence[int], power_w: float, timer_s: int, where: str) -> tuple[Write, ...]:
    """What to write for a power, in order: the rates and the device's own timer, then that both hold. Raises
    RemoteProtocolError where the device does not say of what the rates are parts."""
    most_w = scaled(unsigned(storage[W_CHA_MAX]), storage[W_CHA_MAX_SF])
    power_of_ten = signed(storage[RATE_SF])
    if most_w is None or not most_w > 0 or power_of_ten is None or not -10 <= power_of_ten <= 2:
        raise RemoteProtocolError(f"{where}: WChaMax or the scale of its rates is missing", to_bytes(storage))
    rate = int(max(-100.0, min(100.0, 100.0 * power_w / most_w)) / 10.0**power_of_ten)
    out: list[Write] = []
    rates = (-rate & 0xFFFF, rate & 0xFFFF)
    if unsigned(storage[REVERT]) is None:
        out.append(Write(OUT_RATE, rates))
    else:
        out.append(Write(OUT_RATE, (*rates, 0, timer_s)))
    if power_w > 0 and storage[GRID_CHARGE] == 0:
        out.append(Write(GRID_CHARGE, (FROM_GRID,)))
    if storage[CONTROL] != BOTH_LIMITS:
        out.append(Write(CONTROL, (BOTH_LIMITS,)))
    return tuple(out)
