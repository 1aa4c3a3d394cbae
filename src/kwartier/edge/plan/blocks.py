"""The plan by blocks: what each device does from when to when, what that costs, and why. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kwartier.planning.situation import STEP_S, Answer, CarWish, Situation
from kwartier.site.plans import Series
from kwartier.site.reasons import Reason, reason

LEAST_W = 60.0
LEAST_KWH = 0.05
HOURS = STEP_S / 3600.0
SUNNY = 60.0
BRIDGED = 1
"""A battery that pauses for so many steps still does one thing."""
Kind = Literal["car", "battery", "load"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A device doing one thing, steps `[first, last)`."""

    device_id: str
    kind: Kind
    first: int
    last: int
    power_w: float
    """Mean; negative gives."""
    energy_kwh: float
    price: float | None
    cost: float
    sun_pct: float | None
    why: Reason | None
    by_hand: bool


def blocks(situation: Situation, answer: Answer) -> list[Block]:
    """All of them, by time."""
    found: list[Block] = []
    split = _Split(situation, answer)
    for car in situation.cars:
        power = answer.cars_w.get(car.id, ())
        for first, last in spans(power, 0, hand(car)):
            found.append(_car(situation, answer, car, power, first, last, split))
    for battery in situation.batteries:
        power = answer.batteries_w.get(battery.id, ())
        for first, last in spans(power, BRIDGED, ()):
            found.append(_battery(answer, battery.id, power, first, last, split))
    kept = [b for b in found if abs(b.energy_kwh) >= LEAST_KWH]
    return sorted(kept, key=lambda b: (b.first, b.device_id))


def hand(car: CarWish) -> tuple[tuple[int, int], ...]:
    """Slots by hand in which it charges."""
    return tuple((first, last) for first, last, power_w in car.fixed if power_w > 0)


def spans(power_w: Series, bridged: int, slots: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs of steps with power of one sign; a slot by hand is a run of its own."""
    edges = {edge for slot in slots for edge in slot}
    out: list[tuple[int, int]] = []
    begin, sign, pause = None, 0, 0
    for step, value in enumerate([*power_w, 0.0]):
        now = 0 if abs(value) < LEAST_W else 1 if value > 0 else -1
        if begin is not None and (now not in {sign, 0} or (now == 0 and pause >= bridged) or step in edges):
            out.append((begin, step - pause))
            begin, pause = None, 0
        if begin is None:
            if now:
                begin, sign = step, now
            continue
        pause = pause + 1 if now == 0 else 0
    if begin is not None:
        out.append((begin, len(power_w) - max(0, pause - 1)))
    return [(a, b) for a, b in out if b > a]


class _Split:
    """Where what runs in a step comes from: what is neither imported nor given by a battery is from the roof.

    A kWh out of a battery costs who takes it what the battery is credited with: else one kWh would save twice.
    """

    def __init__(self, situation: Situation, answer: Answer) -> None:
        self._grid = answer.grid_w
        self._takes, self._gives = [0.0] * situation.steps, [0.0] * situation.steps
        for power in (*answer.cars_w.values(), *answer.batteries_w.values()):
            for step, value in enumerate(power):
                self._takes[step] += max(0.0, value)
                self._gives[step] -= min(0.0, value)
        self._prices = situation.import_price, situation.export_price

    def of(self, step: int, power_w: float) -> tuple[float, float]:
        """Energy from the roof in kWh, and what the whole costs."""
        energy = power_w * HOURS / 1000.0
        taken, given = self._prices
        if power_w < 0:
            return 0.0, energy * (taken[step] if self._grid[step] >= -LEAST_W else given[step])
        bought_w = max(0.0, self._grid[step]) + self._gives[step]
        bought = min(1.0, bought_w / self._takes[step]) if self._takes[step] else 1.0
        return energy * (1 - bought), energy * (bought * taken[step] + (1 - bought) * given[step])


def _sums(power: Series, first: int, last: int, split: _Split) -> tuple[float, float, float]:
    energy = sum(power[first:last]) * HOURS / 1000.0
    parts = [split.of(step, power[step]) for step in range(first, last)]
    return energy, sum(p[0] for p in parts), sum(p[1] for p in parts)


def _first_why(answer: Answer, device_id: str, power: Series, first: int, last: int) -> Reason | None:
    """The planner's own reason for the strongest step of a block."""
    whys = answer.whys.get(device_id)
    return None if whys is None else whys[max(range(first, last), key=lambda step: abs(power[step]))]


def _car(
    situation: Situation, answer: Answer, car: CarWish, power: Series, first: int, last: int, split: _Split
) -> Block:
    energy, sun, cost = _sums(power, first, last, split)
    price = cost / energy if energy else None
    sun_pct = 100.0 * sun / energy if energy else None
    by_hand = (first, last) in hand(car)
    return Block(
        device_id=car.id,
        kind="car",
        first=first,
        last=last,
        power_w=energy / ((last - first) * HOURS) * 1000.0,
        energy_kwh=energy,
        price=price,
        cost=cost,
        sun_pct=sun_pct,
        why=reason("why_hand")
        if by_hand
        else _why_fast(situation, car, first)
        if car.mode == "fast"
        else _why_car(car, sun_pct, _first_why(answer, car.id, power, first, last)),
        by_hand=by_hand,
    )


def _why_fast(situation: Situation, car: CarWish, first: int) -> Reason:
    """A car on Fast waits for nothing but limits and people: where it begins later, one of them says so."""
    if first == 0 or any(a < first and b == first and power_w > 0 for a, b, power_w in car.fixed):
        return reason("why_fast")
    if any(a < first <= b for a, b, _ in car.fixed):
        return reason("why_fast_after")
    if situation.goal_w is None:
        return reason("why_fast_limits")
    least, goal = (round(w / 1000.0, 1) for w in (car.min_w, situation.goal_w))
    return reason("why_fast_waits", least_kw=least, goal_kw=goal)


def _why_car(car: CarWish, sun_pct: float | None, why: Reason | None) -> Reason | None:
    if sun_pct is not None and sun_pct >= SUNNY:
        return reason("why_sun", sun_pct=round(sun_pct))
    if car.mode == "sun":
        return reason("why_sun_mode")
    return why


def _battery(answer: Answer, battery_id: str, power: Series, first: int, last: int, split: _Split) -> Block:
    energy, sun, cost = _sums(power, first, last, split)
    sun_pct = 100.0 * sun / energy if energy > 0 else None
    why = _first_why(answer, battery_id, power, first, last)
    return Block(
        device_id=battery_id,
        kind="battery",
        first=first,
        last=last,
        power_w=energy / ((last - first) * HOURS) * 1000.0,
        energy_kwh=energy,
        price=abs(cost / energy) if energy else None,
        cost=cost,
        sun_pct=sun_pct,
        why=why,
        by_hand=False,
    )


def finish_step(power_w: Series, needs_kwh: float) -> int | None:
    """The step at whose end so much has come; None where it never has."""
    total = 0.0
    for step, value in enumerate(power_w):
        total += value * HOURS / 1000.0
        if total >= needs_kwh - 0.02:
            return step + 1
    return None


def cost_of(found: Sequence[Block], device_id: str, until: int) -> float:
    """What the blocks of a device cost up to a step."""
    return sum(b.cost for b in found if b.device_id == device_id and b.first < until)


def levels(
    start_pct: float | None, power_w: Sequence[float | None], battery_kwh: float, efficiency: float
) -> list[float | None]:
    """A state of charge at the end of each step from what it was before."""
    out: list[float | None] = []
    level = start_pct
    for value in power_w:
        if level is None:
            out.append(None)
            continue
        if value is not None:
            level = min(100.0, level + value * HOURS / 1000.0 * efficiency / battery_kwh * 100.0)
        out.append(round(level, 1))
    return out


def before(
    now_pct: float, power_w: Sequence[float | None], battery_kwh: float, efficiency: float, plugged: int
) -> list[float | None]:
    """The state of charge at the end of each past step, back from now over the last `plugged` of them."""
    out: list[float | None] = [None] * len(power_w)
    level = now_pct
    for step in range(len(power_w) - 1, max(-1, len(power_w) - 1 - plugged), -1):
        out[step] = round(max(0.0, level), 1)
        level -= (power_w[step] or 0.0) * HOURS / 1000.0 * efficiency / battery_kwh * 100.0
    return out
