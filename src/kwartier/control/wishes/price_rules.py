"""What a smart car does while no plan is in force: by the prices that are known, else by its goal, else at once.

It is never stopped for that: one that charges keeps at least its minimum.
"""

from dataclasses import dataclass
from math import ceil

from kwartier.control.wishes.advice import at, begin_s, clock
from kwartier.control.wishes.claims import Need
from kwartier.site.advice import Advice
from kwartier.site.reasons import Reason, reason
from kwartier.site.units import S_PER_H, W_PER_KW

MARGIN = 1.25
"""So much more time, or power, than is just enough."""
MOST_STEPS = 400
"""So far ahead prices are looked at: four days of quarter-hours."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the rules allow, W, and why."""

    power_w: float
    why: Reason


def by_rules(
    need: Need | None,
    departs_s: float | None,
    advice: Advice | None,
    utc_s: float,
    most_w: float,
    zone: str,
) -> Ruled:
    """`need`: what is left to charge, where that is known; `advice`: the last one, for its prices."""
    if need is None or departs_s is None or not departs_s > utc_s or not most_w > 0:
        return Ruled(most_w, reason("rules_now"))
    prices = _prices(advice, utc_s, departs_s)
    full_s = need.left_kwh * W_PER_KW * S_PER_H / most_w * MARGIN
    if advice is None or not prices:
        rate_w = need.left_kwh * W_PER_KW * S_PER_H / (departs_s - utc_s) * MARGIN
        if rate_w >= most_w:
            return Ruled(most_w, reason("rules_now"))
        figures = {"need_kw": round(rate_w / W_PER_KW, 1), "left_kwh": ceil(need.left_kwh)}
        return Ruled(rate_w, reason("rules_rate", **figures, until=clock(departs_s, zone)))
    cheapest = sorted(prices, key=lambda p: (p[1], p[0]))[: max(1, ceil(full_s / advice.step_s))]
    known_s = begin_s(advice, prices[-1][0] + 1) - utc_s
    this = prices[0][0]
    if full_s >= known_s or any(step == this for step, _ in cheapest):
        return Ruled(most_w, reason("rules_cheap", until=clock(departs_s, zone)))
    begins_s = begin_s(advice, min(step for step, _ in cheapest))
    return Ruled(0.0, reason("rules_waits", until=clock(begins_s, zone)))


def _prices(advice: Advice | None, utc_s: float, departs_s: float) -> list[tuple[int, float]]:
    """The steps from now until then whose price is known, without a gap from now on."""
    if advice is None or not advice.step_s > 0:
        return []
    first = int((utc_s - advice.start_s) // advice.step_s)
    out: list[tuple[int, float]] = []
    for step in range(first, min(first + MOST_STEPS, len(advice.import_price))):
        price = at(advice.import_price, step)
        if price is None or begin_s(advice, step) >= departs_s:
            break
        out.append((step, price))
    return out
