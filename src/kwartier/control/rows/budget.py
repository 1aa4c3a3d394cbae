"""Holding a quarter-hour target: what all charge points together may draw, on average, for the rest of it.

Three bounds, the smallest counts:

1. *Fair use of the rest.* What the target leaves, spread over the time left, less the other load. The other load
   is taken to go on as in the last three minutes, and a little above; its export does not pay import back, so
   the samples count one by one.
2. *Never more than can be stopped.* Were the other load to jump now to the worst that is reckoned with
   (target less reserve) and stay there, the chargers must be able to come down before the target is missed:
   G / reaction time, where G is what would then be left of the quarter. This holds whatever the other load
   does below the worst; above it (up to the target) the quarter ends at most the reserve too high. It stays
   finite at the very end, where 1. divides by next to nothing. So that those who charge at their least need
   not pause there, 1. leaves them what 2. asks for at the end: their power for the reaction time.
3. *No peak into the next.* Towards the end it glides down to what the next quarter allows at its beginning.

Where part of a quarter was not seen, or the meter's clock was set, what was used is taken to be what the
target allows until now: nothing saved is spent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from math import inf, sqrt
from typing import Literal

from kwartier.metering.budget import W_S_PER_KWH, Used, reserve_w, target_w, used
from kwartier.site.intervals import QUARTER_S
from kwartier.site.quarters import MonthPeak, QuarterSettings, RunningQuarter
from kwartier.site.reasons import Reason, reason
from kwartier.site.units import W_PER_KW

WINDOW_S = 180.0
SPACING_S = 5.0
CLOCK_SLIP_S = 10.0
"""More than this between the meter's clock and ours from one telegram to the next: it was set."""
SILENT_S = 15.0
"""After this long without a telegram nothing is raised (DSMR 4 speaks every 10 s)."""
GLIDE_S = 60.0
KEEP_SHARE = 0.05
"""At most this share of a quarter's energy is left over to carry cars through its end."""

Status = Literal["free", "held", "base_over", "overrun", "unknown"]
"""free: no target. held: the target can be kept. base_over: the other load alone is expected to pass it.
overrun: it is passed already, whatever happens. unknown: the meter never told of a quarter."""

Sample = tuple[float, float]
"""Monotonic time and the other load, W (negative: it feeds)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakMemory:
    """What is carried from cycle to cycle; a value."""

    samples: tuple[Sample, ...] = ()
    meter_s: float | None = None
    """UTC by the meter at the newest quarter looked at, and our monotonic time of it."""
    at_s: float = 0.0
    doubtful_start_s: int | None = None
    """The quarter in which the meter's clock was set."""
    allowed_w: float = 0.0
    """What was allowed last, and the most since the newest telegram."""
    since_w: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a decision is made from."""

    running: RunningQuarter | None
    at_s: float
    """Monotonic time at which `running`, `import_w` and `charging_w` were true."""
    import_w: float | None
    """At the meter, signed."""
    charging_w: float
    """What the charge points behind it drew then."""
    peak: MonthPeak | None = None
    most_w: float = inf
    """What the limits in force would let the charge points draw together."""
    keep_w: float = 0.0
    """What those that charge now need at least: enough is left over to carry them through the quarter's end."""
    help_w: float = 0.0
    """What batteries give by measurement: taken to go on in 1., never in 2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """The answer."""

    status: Status
    power_w: float | None
    """What all charge points together may draw on average until `end_s`; None: no bound."""
    end_s: int | None = None
    """End of the quarter, UTC by the meter's clock."""
    target_w: float | None = None
    left_kwh: float = 0.0
    """What the target leaves for the rest of the quarter, all load included."""
    base_w: float | None = None
    """The other load that was reckoned with."""
    without_w: float | None = None
    """Where the quarter is expected to end with all chargers at nothing."""
    over_w: float = 0.0
    """With `overrun`: by how much at the least."""
    left_s: float = 0.0
    """Until `end_s`."""
    next_w: float | None = None
    """What the next quarter can begin with, as far as can be foreseen."""


def hold(
    settings: QuarterSettings, memory: PeakMemory, seen: Seen, now_s: float
) -> tuple[PeakMemory, Allowance]:
    """One decision; pure. Call it each cycle, also when nothing new was heard."""
    if settings.follow == "none":
        return memory, Allowance(status="free", power_w=None)
    if seen.running is None:
        return memory, Allowance(status="unknown", power_w=0.0)
    memory = _noted(memory, seen, seen.running)
    target = target_w(settings, seen.peak, seen.running.start_s) or 0.0
    newest_w = memory.samples[-1][1] if memory.samples else target
    age_s = now_s - seen.at_s
    quarter = used(seen.running, age_s, newest_w + max(memory.since_w, seen.charging_w))
    if age_s > SILENT_S:
        seen = replace(seen, most_w=min(seen.most_w, memory.allowed_w))
    allowance = _allow(settings, memory, seen, quarter)
    allowed_w = allowance.power_w or 0.0
    return replace(memory, allowed_w=allowed_w, since_w=max(memory.since_w, allowed_w)), allowance


def _noted(memory: PeakMemory, seen: Seen, running: RunningQuarter) -> PeakMemory:
    """Take a new telegram in: the other load, and whether the meter's clock went with ours."""
    if memory.meter_s is not None and seen.at_s == memory.at_s:
        return memory
    meter_s = running.start_s + running.elapsed_s
    samples, doubtful = memory.samples, memory.doubtful_start_s
    if memory.meter_s is not None:
        slipped_s = (meter_s - memory.meter_s) - (seen.at_s - memory.at_s)
        if seen.at_s < memory.at_s:
            samples = ()  # our own clock began anew: old samples have no age any more
        elif abs(slipped_s) > CLOCK_SLIP_S:
            doubtful = running.start_s
    if seen.import_w is not None:
        samples = _sampled(samples, (seen.at_s, seen.import_w - seen.charging_w))
    return replace(
        memory,
        samples=samples,
        meter_s=meter_s,
        at_s=seen.at_s,
        doubtful_start_s=doubtful,
        since_w=memory.allowed_w,
    )


def _sampled(samples: tuple[Sample, ...], new: Sample) -> tuple[Sample, ...]:
    """The newest always, the others some seconds apart and not too old."""
    kept = samples[:-1] if len(samples) > 1 and samples[-1][0] - samples[-2][0] < SPACING_S else samples
    return (*(s for s in kept if s[0] > new[0] - WINDOW_S), new)


def _allow(settings: QuarterSettings, memory: PeakMemory, seen: Seen, quarter: Used) -> Allowance:
    target = target_w(settings, seen.peak, quarter.start_s) or 0.0
    if not quarter.known or quarter.start_s == memory.doubtful_start_s:
        line_kwh = target * (QUARTER_S - quarter.left_s) / W_S_PER_KWH
        quarter = replace(quarter, least_kwh=0.0, most_kwh=max(quarter.most_kwh, line_kwh))
    loads_w = _forecast(memory.samples, target)
    if seen.help_w > 0:
        loads_w = [load - seen.help_w for load in loads_w]
    left_ws = quarter.left_kwh(target) * W_S_PER_KWH
    reserve = reserve_w(settings, target)
    stoppable_w = (left_ws - (target - reserve) * quarter.left_s) / settings.reaction_s
    keep_ws = min(seen.keep_w * settings.reaction_s, KEEP_SHARE * target * QUARTER_S)
    early = (
        quarter.left_s > 2 * settings.reaction_s
    )  # later 2. counts, and a small figure would be divided by less
    fair_w = _share(loads_w, (left_ws - (keep_ws if early else 0.0)) / max(quarter.left_s, 1.0))
    next_w = _next(settings, seen, quarter, loads_w)
    early_s = quarter.left_s - settings.reaction_s
    glide_w = next_w if early_s <= 0 else next_w + early_s / GLIDE_S * seen.most_w
    import_w = sum(max(0.0, load) for load in loads_w) / len(loads_w)
    without_w = (quarter.most_kwh * W_S_PER_KWH + import_w * quarter.left_s) / QUARTER_S
    over_w = quarter.least_kwh * W_S_PER_KWH / QUARTER_S - target
    return Allowance(
        status="overrun" if over_w > 0 else "base_over" if without_w > target else "held",
        power_w=max(0.0, min(fair_w, stoppable_w, glide_w, seen.most_w)),
        end_s=quarter.end_s,
        target_w=target,
        left_kwh=quarter.left_kwh(target),
        base_w=sum(loads_w) / len(loads_w),
        without_w=without_w,
        over_w=max(0.0, over_w),
        left_s=quarter.left_s,
        next_w=next_w,
    )


def _forecast(samples: Sequence[Sample], unknown_w: float) -> list[float]:
    """The other load of the rest of the quarter, as equally likely values: those of the last minutes, each
    raised by how much they scatter."""
    if not samples:
        return [unknown_w]
    values = [load for _, load in samples]
    mean_w = sum(values) / len(values)
    band_w = sqrt(sum((load - mean_w) ** 2 for load in values) / len(values))
    return [load + band_w for load in values]


def _share(loads_w: Sequence[float], import_w: float) -> float:
    """The power P at which the mean of max(0, load + P) is `import_w`; negative where even nothing is too
    much. What a load feeds pays back no import of another moment."""
    falling = sorted(loads_w, reverse=True)
    if import_w <= 0:
        return -falling[0]
    budget, power_w = len(falling) * import_w, inf
    total = 0.0
    for count, load in enumerate(falling, 1):
        if load + power_w <= 0:
            break
        total += load
        power_w = (budget - total) / count
    return power_w


def _next(settings: QuarterSettings, seen: Seen, quarter: Used, loads_w: Sequence[float]) -> float:
    """What the next quarter can begin with, within its own target."""
    target = target_w(settings, seen.peak, quarter.end_s) or 0.0
    stoppable_w = reserve_w(settings, target) * QUARTER_S / settings.reaction_s
    return max(0.0, min(_share(loads_w, target), stoppable_w))


def why(allowance: Allowance, zone: tzinfo) -> Reason | None:
    """The bound in words for those it holds back; None where there is none."""
    if allowance.status == "unknown":
        return reason("quarter_unknown")
    if allowance.end_s is None or allowance.target_w is None:
        return None
    until = datetime.fromtimestamp(allowance.end_s, UTC).astimezone(zone).strftime("%H:%M")
    target_kw = round(allowance.target_w / W_PER_KW, 1)
    if allowance.status == "overrun":
        used_kw = round((allowance.target_w + allowance.over_w) / W_PER_KW, 1)
        return reason("quarter_overrun", until=until, target_kw=target_kw, used_kw=used_kw)
    if allowance.status == "base_over":
        ends_kw = round((allowance.without_w or 0.0) / W_PER_KW, 1)
        return reason("quarter_base_over", until=until, target_kw=target_kw, ends_kw=ends_kw)
    left_kw = round((allowance.power_w or 0.0) / W_PER_KW, 1)
    return reason("quarter_budget", until=until, target_kw=target_kw, left_kw=left_kw)


def limit_total_a(allowance: Allowance, base_a: Sequence[float], voltage_v: float) -> float | None:
    """The allowance as a row of the allocator (`AllocCircuit.limit_total_a`): A over the phases together, all
    included. `base_a`: the base load per phase with which the circuit and those below it enter the same
    allocation; `voltage_v`: the highest phase voltage measured, so that amperes never make more
    watts. Below zero where the base load feeds more than the chargers may take."""
    if allowance.power_w is None:
        return None
    return sum(base_a) + allowance.power_w / voltage_v
