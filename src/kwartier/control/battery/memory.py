"""What is remembered of a battery, and folding in what it reports.

A battery that is not heard is booked at the most that it may take: what it was told last, what it falls to by itself,
what it drew last. What it may give by itself is never counted as help: see `flow`.
"""

from dataclasses import replace
from math import isfinite

from kwartier.site.batteries import Battery, BatteryReading
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Message
from kwartier.site.units import W_PER_KW
from kwartier.site.values import valueclass

SILENT_AFTER_S = 10.0
UNSURE_S = 5.0
"""One not heard for this long may do something else than it last said."""
OBEY_S = 10.0
"""How long after it was told to take less it may still take what it was told before."""
SAMPLES_S = 5.0
BEYOND = 3.0
"""A power of more than this times what it was built for is nonsense."""
STEP_PCT = 1.0
"""Full and empty are left again this far away."""

Told = tuple[float, float]
"""Until when, monotonic, and the power, W."""


@valueclass(frozen=True, slots=True, kw_only=True)
class BatteryMemory:
    """Of one battery. Times are monotonic."""

    granted_w: float = 0.0
    """Its newest set-point."""
    told: tuple[Told, ...] = ()
    """What it was told before that in the last seconds, newest last."""
    samples: tuple[Told, ...] = ()
    """When it was measured, and its power; newest last."""
    soc_pct: float | None = None
    state: str = ""
    charge_w: float = 0.0
    """The most that it can take now, by its own word and by how it was built."""
    discharge_w: float = 0.0
    heard_s: float = 0.0
    seen_s: float | None = None
    """`at_s` of the newest reading looked at, as it was given."""
    silent: bool = False
    known: bool = False
    """Whether it was ever heard since the start."""
    full: bool = False
    empty: bool = False
    """Down at `min_soc_pct`."""
    spared: bool = False
    """Down at its reserve."""
    changed_s: float = 0.0
    reason: Reason = Reason("battery_starting")
    reason_s: float = 0.0

    @property
    def unheard(self) -> bool:
        """Whether nothing is known of what it does now."""
        return self.silent or not self.known

    @property
    def newest_w(self) -> float:
        """Its newest measured power; 0 when there never was one."""
        return self.samples[-1][1] if self.samples else 0.0

    def told_since_w(self, when_s: float) -> tuple[float, float]:
        """The least and the most that it was told at any moment since then."""
        told = [self.granted_w, *(w for until_s, w in self.told if until_s >= when_s)]
        return min(told), max(told)

    def taking_w(self, battery: Battery) -> float:
        """The most that it may take now, 0 or more: to be booked as load."""
        _, most_w = self.told_since_w(self.heard_s - OBEY_S)
        measured_w = max((w for _, w in self.samples), default=0.0)
        if self.unheard:
            return max(most_w, measured_w, battery.fallback_charge_w)
        return max(most_w, self.newest_w, 0.0)

    def giving_w(self, battery: Battery) -> float:
        """What it may give while it is not heard, 0 or more: no help to be counted on, and never load."""
        if not self.known:
            return battery.discharge_w
        least_w, _ = self.told_since_w(self.heard_s - OBEY_S)
        measured_w = min((w for _, w in self.samples), default=0.0)
        return max(-least_w, -measured_w, battery.fallback_discharge_w)


def begin(now_s: float) -> BatteryMemory:
    """Of a battery that was never heard."""
    return BatteryMemory(heard_s=now_s, changed_s=now_s, reason_s=now_s)


def after_restart(battery: Battery, old: BatteryMemory | None, now_s: float) -> BatteryMemory:
    """What an earlier run told it, or saw it take, it may still take until it is heard; all that was timed is learnt
    anew."""
    fresh = begin(now_s)
    if old is None:
        return fresh
    told = ((now_s, old.taking_w(battery)),)
    return replace(fresh, granted_w=old.granted_w, told=told, soc_pct=old.soc_pct)


def fold(
    battery: Battery, memory: BatteryMemory, reading: BatteryReading | None, now_s: float
) -> tuple[BatteryMemory, tuple[Message, ...]]:
    """Take the newest reading, new or not; returns what to remember and what to say. One that makes no sense is
    silence."""
    if reading is not None and reading.at_s != memory.seen_s and _sensible(battery, reading):
        at_s = min(reading.at_s, now_s)
        memory = replace(memory, seen_s=reading.at_s)
        if now_s - at_s <= SILENT_AFTER_S and (not memory.known or at_s > memory.heard_s):
            return _heard(battery, memory, reading, at_s, now_s)
    if not memory.silent and now_s - memory.heard_s > SILENT_AFTER_S:
        memory = replace(memory, silent=True)
        told = reason(
            "battery_silent_told",
            name=battery.name,
            address=battery.address,
            reserved_kw=round(memory.taking_w(battery) / W_PER_KW, 1),
        )
        return memory, (Message(at_s=now_s, level="warning", device_id=battery.id, reason=told),)
    return memory, ()


def _sensible(battery: Battery, reading: BatteryReading) -> bool:
    power_w = reading.power_w
    if not isfinite(reading.at_s) or power_w is None or not isfinite(power_w):
        return False
    return abs(power_w) <= BEYOND * max(battery.charge_w, battery.discharge_w)


def _heard(
    battery: Battery, memory: BatteryMemory, reading: BatteryReading, at_s: float, now_s: float
) -> tuple[BatteryMemory, tuple[Message, ...]]:
    assert reading.power_w is not None
    said: tuple[Message, ...] = ()
    if memory.unheard:
        told = reason("battery_connected", name=battery.name, address=battery.address)
        said = (Message(at_s=now_s, level="info", device_id=battery.id, reason=told),)
    lately = tuple(s for s in memory.samples if s[0] > at_s - SAMPLES_S)
    soc_pct = reading.soc_pct
    if soc_pct is not None and not -0.5 <= soc_pct <= 100.5:  # so written that NaN is left out too
        soc_pct = None
    full = empty = spared = False
    if soc_pct is not None:
        full = soc_pct >= battery.max_soc_pct - (STEP_PCT if memory.full else 0.0)
        empty = soc_pct <= battery.min_soc_pct + (STEP_PCT if memory.empty else 0.0)
        spared = soc_pct <= battery.reserve_soc_pct + (STEP_PCT if memory.spared else 0.0)
    return replace(
        memory,
        samples=(*lately, (at_s, reading.power_w)),
        soc_pct=soc_pct,
        state=reading.state,
        charge_w=_least(battery.charge_w, reading.charge_w),
        discharge_w=_least(battery.discharge_w, reading.discharge_w),
        heard_s=at_s,
        silent=False,
        known=True,
        full=full,
        empty=empty,
        spared=spared and battery.reserve_soc_pct > 0,
    ), said


def _least(built_w: float, said_w: float | None) -> float:
    """By its own word, never above what it was built for."""
    if said_w is None or not isfinite(said_w):
        return built_w
    return min(built_w, max(0.0, said_w))
