"""Protective devices: the earliest moment at which a breaker or a fuse may trip, and how near we came.

Standards do not give a trip curve; they give a few currents and times that every device must respect. In
multiples of the rated current:

                        never trips        may trip from then on
    MCB IEC 60898-1     1.13, 1 h (2 h above 63 A)
                        2.55, 1 s
                        3 (B), 5 (C), 10 (D), 0.1 s
    gG  IEC 60269-1     1.25, 1 to 4 h by size
                        the current that does not melt it within 10 s, about 2 to 3, by size

Between them stands the quickest body that just passes both tests: one that is heated by the square of the
current, cools in proportion to its heat, and trips at the heat which the never-tripping current reaches.
Charts of makers lie well above it (a breaker at 1.45 takes a minute rather than 4 s), so what is said here is
"may have tripped", never "has tripped". What the tests do not cover is taken as at once. All is at the
reference temperature: a hot board trips earlier, as its maker's table says.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import exp, inf, isfinite, log

from kwartier.site.topology import Fuse

MCB_HOLDS = 1.13
MCB_WARM = 2.55
MCB_WARM_S = 1.0
MCB_SURGE = {"B": 3.0, "C": 5.0, "D": 10.0}
"""Up to here the magnetic part stays quiet; the tests ask for 0.1 s."""
SURGE_S = 0.1
GG_HOLDS = 1.25
GG_WARM_S = 10.0
GG_WARM_A = {
    25.0: 52.0,
    32.0: 75.0,
    40.0: 95.0,
    50.0: 125.0,
    63.0: 160.0,
    80.0: 215.0,
    100.0: 290.0,
    125.0: 355.0,
    160.0: 460.0,
    200.0: 610.0,
    250.0: 750.0,
}
"""Rating, and the current that does not melt it within 10 s, A."""
GG_WARM_OTHER = 2.0
"""For sizes outside the table: below every ratio in it."""
BUDGETS = ((13.0, 60.0), (45.0, 30.0), (inf, 10.0))
"""Overload up to, per cent; time to be back under the limit, s (DESIGN 5.7)."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The lower edge of a device, in multiples of its rating."""

    holds: float
    """Carries this for `holds_s` without tripping."""
    holds_s: float
    warm: float
    """Between `holds` and this it behaves like a body with `warm_time_constant_s`."""
    time_constant_s: float
    surge: float
    """Between `warm` and this it stands `SURGE_S`; above, it may trip at once."""

    @property
    def trip_heat(self) -> float:
        """Heat at which it may trip; a hair above what `holds` ends at, so that rounding is no trip."""
        return self.holds * self.holds * (1.0 + 1e-9)


@dataclass(frozen=True, slots=True)
class FuseMemory:
    """What the current so far has done to one pole of a device."""

    heat: float = 0.0
    """1 is what the rated current ends at."""
    strain: float = 0.0
    """Share used of the time for which it must carry a current just above its rating."""


COLD = FuseMemory()
"""Nothing has flowed for minutes: the state in which the standards test."""
WARM = FuseMemory(heat=1.0)
"""It has carried its rated current: what to start from where nothing is known."""


@lru_cache(maxsize=256)
def curve(fuse: Fuse) -> Curve:
    """The lower edge of a device."""
    rating_a = fuse.rating_a
    if fuse.type == "gG":
        hours = 1.0 if rating_a <= 63 else 2.0 if rating_a <= 160 else 3.0 if rating_a <= 400 else 4.0
        warm = _gg_warm(rating_a)
        return _curve(GG_HOLDS, 3600.0 * hours, warm, GG_WARM_S, surge=warm)
    hours = 1.0 if rating_a <= 63 else 2.0
    return _curve(MCB_HOLDS, 3600.0 * hours, MCB_WARM, MCB_WARM_S, surge=MCB_SURGE[fuse.type])


def _curve(holds: float, holds_s: float, warm: float, warm_s: float, surge: float) -> Curve:
    # From cold, heat is m^2 (1 - exp(-t / constant)); it reaches holds^2 at warm_s when m is warm.
    constant_s = warm_s / log(warm * warm / (warm * warm - holds * holds))
    return Curve(holds, holds_s, warm, constant_s, surge)


def _gg_warm(rating_a: float) -> float:
    """Multiple that does not melt it within 10 s; between two sizes the lower of theirs."""
    below = max((size for size in GG_WARM_A if size <= rating_a), default=None)
    above = min((size for size in GG_WARM_A if size >= rating_a), default=None)
    if below is None or above is None:
        return GG_WARM_OTHER
    return min(GG_WARM_A[below] / below, GG_WARM_A[above] / above)


def step(memory: FuseMemory, fuse: Fuse, current_a: float, dt_s: float) -> FuseMemory:
    """What it is after `dt_s` more seconds of this current (either sign). Exact for a current that stays:
    the length of steps makes no difference. A current that is no number counts as any current at all."""
    if dt_s <= 0:
        return memory
    edge = curve(fuse)
    multiple = abs(current_a) / fuse.rating_a
    if not isfinite(multiple):
        multiple = 2 * max(edge.surge, edge.warm)
    share = dt_s / edge.holds_s
    strain = min(1.0, memory.strain + share) if multiple > 1.0 else max(0.0, memory.strain - share)
    return FuseMemory(_heated(edge, memory.heat, multiple, dt_s), strain)


def _heated(edge: Curve, heat: float, multiple: float, dt_s: float) -> float:
    end = multiple * multiple
    if multiple <= edge.warm or heat >= end:
        return end + (heat - end) * exp(-dt_s / edge.time_constant_s)
    if multiple <= edge.surge:
        return min(end, heat + edge.trip_heat * dt_s / SURGE_S)
    return min(end, max(heat, edge.trip_heat) + edge.trip_heat * dt_s / SURGE_S)


def used_pct(memory: FuseMemory, fuse: Fuse) -> float:
    """How near to a trip, 0 to 100. 100: a device that only just passes its tests may have tripped. The rated
    current alone ends at 78 % (MCB) or 64 % (gG)."""
    return min(100.0, 100.0 * max(memory.heat / curve(fuse).trip_heat, memory.strain))


def time_left_s(memory: FuseMemory, fuse: Fuse, current_a: float) -> float:
    """For how long this current may flow before it may trip: `inf` up to the rating, 0 when it may have."""
    edge = curve(fuse)
    if used_pct(memory, fuse) >= 100.0:
        return 0.0
    multiple = abs(current_a) / fuse.rating_a
    if multiple <= 1.0:
        return inf
    strained_s = (1.0 - memory.strain) * edge.holds_s
    if multiple <= edge.holds:
        return strained_s
    end, trip = multiple * multiple, edge.trip_heat
    if multiple <= edge.warm:
        if end <= trip:
            return strained_s
        return min(strained_s, edge.time_constant_s * log((end - memory.heat) / (end - trip)))
    if multiple <= edge.surge:
        return min(strained_s, (trip - memory.heat) / trip * SURGE_S)
    return 0.0  # a current that is no number ends here too


def earliest_trip_s(fuse: Fuse, current_a: float) -> float:
    """The trip curve: for how long a cold device carries this current for certain."""
    return time_left_s(COLD, fuse, current_a)


def design_budget_s(overload_pct: float) -> float:
    """Time to be back under any limit (DESIGN 5.7); `inf` where there is no overload."""
    if overload_pct <= 0:
        return inf
    return next((budget_s for most_pct, budget_s in BUDGETS if overload_pct <= most_pct), BUDGETS[-1][1])


def budget_s(fuse: Fuse, overload_pct: float, memory: FuseMemory = COLD) -> float:
    """Time to be back under the rating, for an overload in per cent of it: that of the design, or what the
    device certainly stands from `memory` on where that is shorter."""
    current_a = fuse.rating_a * (1.0 + overload_pct / 100.0)
    return min(design_budget_s(overload_pct), time_left_s(memory, fuse, current_a))
