"""The weeks before the demonstration began, made up: a family, a roof, a battery and two commuters, so that forecasts and
savings have something to stand on. The screen says that they are made up."""

import math
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from kwartier.site.batteries import Battery

STEP_S = 900
DAYS = 35
EFFICIENT_W = 3700.0
PEAK_W = 3900.0
BELOW_W = 80.0
"""So far below the peak cars and battery keep a quarter-hour."""
PANELS_W = 3600.0
LEAST_PCT = 15.0
"""A plan would not have emptied the battery further."""
NOON_PCT = 55.0
"""On a dull day it is filled this far in the cheap hours after noon."""
NOON_W = 1800.0
NOON_H = (12.0, 15.0)
MORNING_H, EVENING_H = 9.5, 17.0
"""From evening to morning it covers the house, at night also the cars with what the morning does not need."""
MORNING_PCT = 25.0


class MadeUpPast:
    """The household's past (`plan.history.Before`): the cars at night, below the peak, as a plan would have had them."""

    def __init__(
        self,
        until_s: float,
        zone: ZoneInfo,
        cars: tuple[str, ...],
        battery: Battery | None = None,
        peak_w: float = PEAK_W,
    ) -> None:
        """`peak_w`: what the meter says is the month's peak; what can wait has stayed below it."""
        self.until_s = until_s
        self._most_w = peak_w - BELOW_W
        self._battery = battery
        self.soc_pct = 0.0 if battery is None else battery.min_soc_pct
        """How full the battery is at the end of this past; at its beginning it is empty, as in the reckoning without us."""
        self._zone = zone
        self._cars = cars
        self._stays: dict[str, list[tuple[float, float]]] = {car: [] for car in cars}
        self._values: dict[str, dict[int, float]] = {}
        names = (
            "grid_w",
            "house_w",
            "production_w",
            "chargers_w",
            *(f"charge_point.{c}.power_w" for c in cars),
            *(() if battery is None else ("battery_w",)),
        )
        for name in names:
            self._values[name] = {}
        today = datetime.fromtimestamp(until_s, zone).date()
        for back in range(DAYS, -1, -1):
            self._day(today - timedelta(days=back))

    def means(self, name: str, from_s: int, to_s: int) -> dict[int, float]:
        """Means over 900 s by their start."""
        found = self._values.get(name, {})
        end_s = int(min(to_s, self.until_s)) // STEP_S * STEP_S
        return {s: found[s] for s in range(from_s, end_s, STEP_S) if s in found}

    def stays(self, charge_point_id: str, from_s: float, to_s: float) -> list[tuple[float, float]]:
        """When cars were there."""
        found = self._stays.get(charge_point_id, [])
        return [(max(a, from_s), min(b, to_s)) for a, b in found if b > from_s and a < to_s]

    def _day(self, day: date) -> None:
        dice = Random(day.toordinal())  # noqa: S311 - the same past at each start
        midnight_s = int(datetime(day.year, day.month, day.day, tzinfo=self._zone).timestamp())
        weekend = day.weekday() >= 5
        clear, busy = dice.uniform(0.25, 1.0), dice.uniform(0.75, 1.3)
        up_h, dinner_h = (8.7 if weekend else 6.9) + dice.uniform(-0.3, 0.3), 18.2 + dice.uniform(-0.6, 0.6)
        charging = self._nights(day, midnight_s, dice)
        for step in range(96):
            at_s = midnight_s + step * STEP_S
            hour = (step + 0.5) / 4
            house_w = 190 + busy * (
                520 * math.exp(-(((hour - up_h) / 0.7) ** 2))
                + 1150 * math.exp(-(((hour - dinner_h) / 0.9) ** 2))
                + 380 * math.exp(-(((hour - 21) / 1.6) ** 2))
            )
            house_w *= dice.uniform(0.75, 1.3)
            sun_w = (
                PANELS_W * clear * max(0.0, math.sin((hour - 7.2) / 12.6 * math.pi)) ** 1.4
                if 7.2 < hour < 19.8
                else 0.0
            )
            sun_w *= dice.uniform(0.7, 1.1) if clear < 0.8 else dice.uniform(0.94, 1.03)
            left_w = max(0.0, self._most_w - house_w + sun_w)
            cars = {car: min(left_w, charging.get((car, at_s), 0.0)) for car in self._cars}
            rest_w = house_w - sun_w + sum(cars.values())
            battery_w = 0.0
            if self._battery is not None and at_s + STEP_S <= self.until_s:
                battery_w = self._moved(self._battery, hour, house_w - sun_w, sum(cars.values()))
            values = {
                "house_w": house_w,
                "production_w": -sun_w,
                "chargers_w": sum(cars.values()),
                "grid_w": rest_w + battery_w,
                **{f"charge_point.{car}.power_w": power_w for car, power_w in cars.items()},
            }
            if self._battery is not None:
                values["battery_w"] = battery_w
            for name, value in values.items():
                self._values[name][at_s] = round(value, 1)

    def _moved(self, battery: Battery, hour: float, rest_w: float, cars_w: float) -> float:
        """What the battery takes in a quarter-hour, as a plan would have had it: the sun that is left over, on dull days
        some of the cheap noon; it gives to the house when energy is dear, and to the cars what is left of the sun.
        `rest_w`: what is needed beside cars."""
        charge, discharge = battery.charge_efficiency, battery.discharge_efficiency
        wanted_w = -rest_w - cars_w
        if wanted_w < 0:
            night = hour < MORNING_H and self.soc_pct > MORNING_PCT
            covers = hour < MORNING_H or hour >= EVENING_H
            wanted_w = -(max(0.0, rest_w) + (cars_w if night else 0.0)) if covers else 0.0
        if NOON_H[0] <= hour < NOON_H[1] and self.soc_pct < NOON_PCT:
            wanted_w = max(wanted_w, min(NOON_W, self._most_w - rest_w - cars_w))
        room_kwh = (battery.max_soc_pct - self.soc_pct) / 100.0 * battery.capacity_kwh
        held_kwh = max(0.0, self.soc_pct - LEAST_PCT) / 100.0 * battery.capacity_kwh
        wanted_w = min(battery.charge_w, 4000.0 * room_kwh / charge, wanted_w)
        wanted_w = max(-battery.discharge_w, -4000.0 * held_kwh * discharge, wanted_w)
        into_kwh = wanted_w / 4000.0 * (charge if wanted_w > 0 else 1.0 / discharge)
        self.soc_pct += 100.0 * into_kwh / battery.capacity_kwh
        return wanted_w

    def _nights(self, day: date, midnight_s: int, dice: Random) -> dict[tuple[str, int], float]:
        """One car after the other in the small hours, each below the peak, from what was plugged in the evening before."""
        out: dict[tuple[str, int], float] = {}
        at_s = midnight_s + int(1.5 * 3600)
        for number, car in enumerate(self._cars):
            came_s = midnight_s - 24 * 3600 + int((16.3 + 0.6 * number + dice.uniform(-0.4, 0.4)) * 3600)
            left_s = midnight_s + int((7.4 + dice.uniform(-0.3, 0.3)) * 3600)
            if dice.random() < 0.2 or (day.weekday() == 6 and number):
                continue
            if left_s <= self.until_s:
                self._stays[car].append((float(came_s), float(left_s)))
            need_kwh = dice.uniform(6, 12)
            power_w = min(self._most_w, EFFICIENT_W - 400.0 * number)
            for _ in range(math.ceil(need_kwh / (power_w / 4000.0))):
                if at_s + STEP_S <= left_s:
                    out[car, at_s] = power_w
                at_s += STEP_S
        return out
