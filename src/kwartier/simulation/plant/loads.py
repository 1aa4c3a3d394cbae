"""What else a building draws: appliances that switch, second by second, drawn from dice.

A day is a list of events `(utc_s, phase index, step in W)`; each appliance's steps add up to zero.
"""

from collections.abc import Callable
from operator import itemgetter
from random import Random
from zoneinfo import ZoneInfo

from kwartier.simulation.plant.local_time import is_weekend, midnight_after, midnight_before
from kwartier.simulation.plant.noise import Noise

Event = tuple[float, int, float]
DayPlan = Callable[[Random, float, bool], list[Event]]
"""(dice, UTC of local midnight, weekend) -> the day's events in any order."""

HOUR = 3600.0
POWER_FACTOR = 0.97


class Load:
    """A load without steering: a floor per phase, switching appliances on top, and noise."""

    def __init__(
        self,
        plan: DayPlan,
        dice: Random,
        zone: ZoneInfo,
        *,
        floor_w: tuple[float, float, float],
        noise_w: float,
    ) -> None:
        self._plan = plan
        self._dice = dice
        self._noise = Noise(dice)
        self._zone = zone
        self._noise_w = noise_w
        self._steps_w = list(floor_w)
        self._drift_w = [0.0, 0.0, 0.0]
        self._events: list[Event] = []
        self._next = 0
        self._planned_until_s = float("-inf")
        self.power_w = list(floor_w)
        """Per phase."""

    def tick(self, now_s: float) -> None:
        """Follow the plan up to `now_s` (UTC) and let the noise wander."""
        self._follow_plan(now_s)
        noise, drift_w, noise_w = self._noise, self._drift_w, self._noise_w
        for i in (0, 1, 2):
            drift_w[i] = drift = 0.95 * drift_w[i] + noise_w * noise.next()
            power_w = self._steps_w[i] + drift
            self.power_w[i] = power_w if power_w > 0.0 else 0.0

    def _follow_plan(self, now_s: float) -> None:
        if now_s >= self._planned_until_s:
            self._plan_day(now_s)
        events = self._events
        while self._next < len(events) and events[self._next][0] <= now_s:
            _, phase, step_w = events[self._next]
            self._steps_w[phase] += step_w
            self._next += 1

    def _plan_day(self, now_s: float) -> None:
        midnight_s = midnight_before(now_s, self._zone)
        day = self._plan(self._dice, midnight_s, is_weekend(now_s, self._zone))
        self._events = sorted([*self._events[self._next :], *day], key=itemgetter(0))
        self._next = 0
        self._planned_until_s = midnight_after(now_s, self._zone)


def run(start_s: float, minutes: float, phase: int, power_w: float) -> list[Event]:
    """An appliance that is on for a while, on one phase (0 to 2)."""
    return [(start_s, phase, power_w), (start_s + 60.0 * minutes, phase, -power_w)]


def cycle(
    start_s: float, minutes: float, phase: int, power_w: float, *, on_s: float, off_s: float
) -> list[Event]:
    """An appliance behind a thermostat: on and off in turn, from a start for a while."""
    out: list[Event] = []
    at_s, end_s = start_s, start_s + 60.0 * minutes
    while at_s < end_s:
        out += run(at_s, min(on_s, end_s - at_s) / 60.0, phase, power_w)
        at_s += on_s + off_s
    return out


def household_day(dice: Random, midnight_s: float, weekend: bool) -> list[Event]:
    """A family of four: fridge, kettle, hob, oven, washing, dishes, light and television."""
    u = dice.uniform

    def around(hour: float, spread_h: float) -> float:
        return midnight_s + HOUR * (hour + u(-spread_h, spread_h))

    up_h = 8.7 if weekend else 6.8
    out = cycle(midnight_s + u(0, 2400), 1440 - 45, 0, u(80, 110), on_s=u(1000, 1400), off_s=u(2000, 2800))
    out += run(around(up_h, 0.3), 70, 0, u(120, 250)) + run(around(17.2, 0.5), 330, 0, u(200, 380))
    out += run(around(18.8, 0.5), 200, 1, u(120, 200))
    for hour in (up_h + 0.2, up_h + 0.7, 16.6, 19.7):
        if dice.random() < 0.85:
            out += run(around(hour, 0.3), u(2, 4), 1, 2200.0)
    dinner_s = around(17.9, 0.5)
    out += cycle(dinner_s, u(25, 40), 0, 1800.0, on_s=u(8, 14), off_s=u(5, 12))
    out += cycle(dinner_s + u(0, 600), u(20, 35), 1, 1800.0, on_s=u(6, 12), off_s=u(6, 14))
    if dice.random() < 0.7:
        out += run(dinner_s - 900, 9, 2, 2500.0) + cycle(dinner_s, u(25, 45), 2, 2500.0, on_s=70, off_s=110)
    if weekend or dice.random() < 0.6:
        wash_s = around(10.5 if weekend else 18.4, 1.0)
        out += run(wash_s + 300, u(12, 18), 1, 2000.0) + run(wash_s + 1500, 55, 1, 220.0)
    if dice.random() < 0.8:
        dish_s = around(20.6, 0.6)
        out += run(dish_s + 240, u(13, 17), 2, 2000.0) + run(dish_s + 3600, u(9, 12), 2, 2000.0)
    return out


def building_day(dice: Random, midnight_s: float, weekend: bool) -> list[Event]:
    """An office of some 3 000 m2: light and plugs by day, cooling compressors, lifts, a kitchen."""
    u = dice.uniform
    out: list[Event] = []
    busy = 0.25 if weekend else 1.0
    for k in range(24):
        step_w = busy * u(300, 420)
        for phase in range(3):
            on_s = midnight_s + HOUR * (6.4 + 0.1 * k) + u(-200, 200)
            off_s = midnight_s + HOUR * (16.4 + 0.12 * k) + u(-200, 200)
            out += run(on_s, (off_s - on_s) / 60.0, phase, step_w)
    for start_h, hours in ((6.5, u(10, 12)), (8.0, u(7, 9))):
        on_s, off_s, phase_w = u(420, 700), u(300, 900), busy * u(3500, 4800)
        start_s = midnight_s + HOUR * start_h + u(0, 900)
        for phase in range(3):
            out += cycle(start_s, 60 * hours, phase, phase_w, on_s=on_s, off_s=off_s)
    for _ in range(int(220 * busy)):
        ride_s = midnight_s + HOUR * min(20.0, max(6.5, dice.choice((8.2, 12.2, 13.1, 17.0)) + u(-1.6, 1.6)))
        minutes = u(12, 26) / 60.0
        for phase in range(3):
            out += run(ride_s, minutes, phase, 4200.0)
    if not weekend:
        for phase in range(3):
            out += cycle(midnight_s + HOUR * 10.6, 150, phase, 4000.0, on_s=u(300, 500), off_s=u(150, 300))
    return out
