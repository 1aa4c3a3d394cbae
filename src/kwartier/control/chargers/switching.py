"""Changing a charge point from three phases to one and back: when it is worth it, and how it is done safely.

Whether it is worth it is the allocation's word: everything is shared out once more with the charge point the
other way, and the two answers are compared (`better`). Nothing here has an opinion of its own on who should
charge. Only those are tried who get nothing on three phases, and those who charge on one.

How it is done (field practice; contactors must not switch under load, and cars want a pause):

    steady -> stopping -> switching -> pausing -> steady
                  |           |           |
                  +-----------+-----------+--> steady, or given up after `MOST_FAILS` in a row

`stopping`   told 0 A; goes on when no current has flowed for `STILL_S`
`switching`  the new number is written; goes on when the device itself says that number
`pausing`    0 A for `PAUSE_S` more
`given_up`   it did not do as told: left on all phases, tried again after `AGAIN_S`

Until the device has said that it uses one phase, all its conductors stay booked, and again from the moment on
at which it is to use all. Each change of a contactor wears it: at most `PER_HOUR` and `PER_DAY`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Stage = Literal["steady", "stopping", "switching", "pausing", "given_up"]
Number = Literal[1, 3]

DOWN_AFTER_S = 60.0
"""So long one phase must have been the better way before three are left."""
UP_AFTER_S = 600.0
UP_MARGIN_A = 1.0
"""Three phases must offer this much more than the minimum before one is left."""
STILL_S = 5.0
STOP_S = 30.0
"""A car that still draws so long after it was told 0 A does not obey."""
CONFIRM_S = 30.0
PAUSE_S = 10.0
PER_HOUR = 4
PER_DAY = 12
MOST_FAILS = 3
AGAIN_S = 6 * 3600.0
LOOK_EVERY_S = 5.0
"""A charge point is tried the other way no more often than this, and one per step."""
_HOUR_S, _DAY_S = 3600.0, 86400.0

Shares = Mapping[str, float]
"""Of each charger that asks: its current times its phases; 0 where it is not admitted."""
Told = Literal["", "switched", "not_stopped", "not_confirmed", "given_up"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """What is remembered of a charge point that can change its phases. Times are monotonic."""

    stage: Stage = "steady"
    since_s: float = 0.0
    """When the stage began; while stopping, when current flowed last."""
    began_s: float = 0.0
    """When this change began."""
    told: Number = 3
    """How many phases it is to use."""
    before: Number = 3
    """How many it used before this change."""
    shown: int | None = None
    """How many it says it uses, in its newest reading; None: it does not say."""
    fits_s: float | None = None
    """Since when the other way has been better."""
    looked_s: float = -1e9
    """When that was last looked at."""
    done_s: tuple[float, ...] = ()
    """When it was told to change, over the last day."""
    fails: int = 0
    """Changes in a row that did not succeed."""

    @property
    def moving(self) -> bool:
        """Whether it stands still for a change: told 0 A."""
        return self.stage in {"stopping", "switching", "pausing"}

    @property
    def target(self) -> Number:
        """How many phases it uses once the change that runs is done."""
        return _other(self.told) if self.stage == "stopping" else self.told

    @property
    def on_one(self) -> bool:
        """Whether it is certain to use its first conductor only."""
        return self.told == 1 and self.shown == 1 and self.stage in {"steady", "pausing"}

    def may_change(self, now_s: float) -> bool:
        """Whether its contactor has changes left."""
        hour = sum(1 for t in self.done_s if t > now_s - _HOUR_S)
        day = sum(1 for t in self.done_s if t > now_s - _DAY_S)
        return hour < PER_HOUR and day < PER_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a step knows of it."""

    now_s: float
    heard: bool
    plugged: bool
    flows: bool
    """Whether it draws current."""
    shown: int | None
    read_s: float
    """When what it shows was true."""
    free: bool
    """Whether no other charge point is changing."""


def advance(switch: Switch, seen: Seen) -> tuple[Switch, Told]:
    """The next state, and what to tell people."""
    now_s = seen.now_s
    if seen.heard:
        switch = replace(switch, shown=seen.shown if seen.shown in {1, 3} else None)
    done_s = tuple(t for t in switch.done_s if t > now_s - _DAY_S)
    if len(done_s) < len(switch.done_s):
        switch = replace(switch, done_s=done_s)
    return _STAGES[switch.stage](switch, seen)


def looked(switch: Switch, is_better: bool, now_s: float) -> Switch:
    """Take note of whether the other way does better."""
    since_s = (switch.fits_s if switch.fits_s is not None else now_s) if is_better else None
    return replace(switch, fits_s=since_s, looked_s=now_s)


def better(now: Shares, other: Shares, own: str, *, fewer: bool) -> bool:
    """Whether the other answer of the allocation is better than the present one: `own` is who would change.

    Three phases are the normal way. To one only where more cars charge then; back where no fewer do and its own
    power grows. (Fair shares are shares of current: on three phases the same current is three times the power,
    and where a neighbour shares one of them he may get a little less.)
    """
    count, other_count = (sum(1 for share in shares.values() if share > 0) for shares in (now, other))
    if fewer or other_count != count:
        return other_count > count
    return other[own] > now[own]


def _other(number: Number) -> Number:
    return 3 if number == 1 else 1


def _steady(switch: Switch, seen: Seen) -> tuple[Switch, Told]:
    if not seen.heard:
        return _quiet(switch), ""
    if switch.shown is None:
        return _quiet(replace(switch, told=3)), ""  # what does not say how many it uses is never changed
    if switch.shown != switch.told:
        # Somebody else changed it, or it started anew: what it says holds.
        return _quiet(replace(switch, told=1 if switch.shown == 1 else 3)), ""
    if not seen.plugged:
        return _quiet(switch), ""
    after_s = DOWN_AFTER_S if switch.told == 3 else UP_AFTER_S
    ripe = switch.fits_s is not None and seen.now_s - switch.fits_s >= after_s
    if ripe and seen.free and switch.may_change(seen.now_s):
        now_s = seen.now_s
        return replace(
            switch, stage="stopping", since_s=now_s, began_s=now_s, before=switch.told, fits_s=None
        ), ""
    return switch, ""


def _stopping(switch: Switch, seen: Seen) -> tuple[Switch, Told]:
    now_s = seen.now_s
    if not seen.heard or not seen.plugged:
        return _to_steady(switch, now_s), ""  # nothing was changed yet
    if seen.flows:
        if now_s - switch.began_s >= STOP_S:
            return _failed(switch, now_s, "not_stopped")
        return replace(switch, since_s=now_s), ""
    if now_s - switch.since_s < STILL_S:
        return switch, ""
    done_s = (*switch.done_s, now_s)
    return replace(switch, stage="switching", since_s=now_s, told=_other(switch.told), done_s=done_s), ""


def _switching(switch: Switch, seen: Seen) -> tuple[Switch, Told]:
    if seen.heard and seen.read_s > switch.since_s and switch.shown == switch.told:
        return replace(switch, stage="pausing", since_s=seen.now_s, fails=0), "switched"
    if seen.now_s - switch.since_s >= CONFIRM_S:
        return _failed(switch, seen.now_s, "not_confirmed")
    return switch, ""


def _pausing(switch: Switch, seen: Seen) -> tuple[Switch, Told]:
    if seen.heard and switch.shown != switch.told:
        return _failed(switch, seen.now_s, "not_confirmed")
    if seen.now_s - switch.since_s >= PAUSE_S:
        return _to_steady(switch, seen.now_s), ""
    return switch, ""


def _given_up(switch: Switch, seen: Seen) -> tuple[Switch, Told]:
    if seen.now_s - switch.since_s >= AGAIN_S:
        return replace(_to_steady(switch, seen.now_s), fails=0), ""
    return switch, ""


_STAGES = {
    "steady": _steady,
    "stopping": _stopping,
    "switching": _switching,
    "pausing": _pausing,
    "given_up": _given_up,
}


def _quiet(switch: Switch) -> Switch:
    return switch if switch.fits_s is None else replace(switch, fits_s=None)


def _to_steady(switch: Switch, now_s: float) -> Switch:
    return replace(switch, stage="steady", since_s=now_s, fits_s=None)


def _failed(switch: Switch, now_s: float, why: Told) -> tuple[Switch, Told]:
    """Back to what it used before; after too many, left alone on all phases."""
    fails = switch.fails + 1
    if fails >= MOST_FAILS:
        return replace(switch, stage="given_up", since_s=now_s, told=3, fits_s=None, fails=fails), "given_up"
    return replace(_to_steady(switch, now_s), told=switch.before, fails=fails), why
