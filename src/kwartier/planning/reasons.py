"""Why a plan does what it does: for a device and a step the code of a reason and its figures (`site.texts`).

A pure function of problem and plan. It reads what the plan knows: the price of a step, what a kWh more would cost there
with the peak (the dual of the balance), what the sun gives, what comes later. It never guesses at what the solver thought.

Money is in cent per kWh, power in kW, times as `HH:MM` of the clock that the caller gives.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from kwartier.site.plans import BatteryTask, BufferTask, CarTask, DevicePlan, Plan, Problem, RunTask
from kwartier.site.reasons import Reason, reason

_GRAIN_W = 1.0
_GRAIN_EUR = 5e-4
"""Prices closer than this are the same price to a person."""
_PEAK_PART = 0.02
"""EUR per kWh; from here on the peak is worth a word."""
_FULL = 0.98

Clock = Callable[[float], str]
"""UTC seconds to the hour of the site's clock."""


def utc_clock(at_s: float) -> str:
    """The clock without a time zone of a site."""
    return datetime.fromtimestamp(at_s, UTC).strftime("%H:%M")


class Why:
    """Reasons of one plan. `clock` tells a moment in local time."""

    def __init__(self, problem: Problem, plan: Plan, clock: Clock = utc_clock) -> None:
        self._problem, self._plan, self._clock = problem, plan, clock
        self._steps = len(plan.grid_w)

    def of(self, device: str, step: int) -> Reason | None:
        """None: nothing to say, the device neither does anything in this step nor waits for anything.

        Raises KeyError where the plan knows no such device, IndexError where it has no such step.
        """
        if not 0 <= step < self._steps:
            raise IndexError(f"step {step} of a plan of {self._steps}")
        does = self._plan.devices[device]
        for car in self._problem.cars:
            if car.id == device:
                return self._car(car, does, step)
        for battery in self._problem.batteries:
            if battery.id == device:
                return self._battery(battery, does, step)
        for run in self._problem.runs:
            if run.id == device:
                return self._run(run, does, step)
        for buffer in self._problem.buffers:
            if buffer.id == device:
                return self._buffer(buffer, does, step)
        raise KeyError(device)

    # -- figures

    def _at(self, step: int) -> str:
        return self._clock(self._plan.start_s + step * self._plan.step_s)

    def _marginal(self, step: int) -> float:
        return self._plan.marginal_eur_per_kwh[step]

    def _peak_part(self, step: int) -> float:
        return self._plan.peak_eur_per_kwh[step] if self._plan.peak_eur_per_kwh else 0.0

    def _cents(self, step: int) -> float:
        """What a kWh costs there: bought, or not sold."""
        exporting = self._plan.grid_w[step] < -_GRAIN_W
        price = self._problem.export_price[step] if exporting else self._problem.import_price[step]
        return round(100.0 * price, 1) + 0.0

    def _sunny(self, step: int) -> bool:
        """More sun than the house itself needs."""
        sun = self._problem.pv_w[step] if self._problem.pv_w else 0.0
        return sun - self._problem.load_w[step] > _GRAIN_W

    def _peak_kw(self) -> float:
        """The peak the month has after this plan."""
        peak = self._problem.peak
        return round(max(self._plan.peak_w, peak.so_far_w, peak.floor_w) / 1000.0, 1)

    def _counts_peak(self) -> bool:
        peak = self._problem.peak
        return peak.eur_per_kw > 0.0 or bool(peak.curve) or peak.contracted_w is not None

    def _dearest(self, first: int, last: int) -> int:
        return max(range(first, last), key=lambda t: (self._marginal(t), -t))

    def _next_on(self, does: DevicePlan, step: int, last: int) -> int | None:
        return next((t for t in range(step + 1, last) if does.power_w[t] > _GRAIN_W), None)

    # -- what draws power when it is cheap

    def _drawing(self, step: int, first: int, last: int) -> Reason:
        """Why now, out of the steps it could choose from."""
        if self._sunny(step) and self._plan.grid_w[step] <= _GRAIN_W:
            return reason("plan_sun", sun_kw=round(self._problem.pv_w[step] / 1000.0, 1))
        if self._problem.import_price[step] < 0.0 and self._plan.grid_w[step] > _GRAIN_W:
            return reason("plan_negative", price_ct=self._cents(step))
        dear = self._dearest(first, last)
        if self._marginal(dear) - self._marginal(step) > _GRAIN_EUR and dear != step:
            values: dict[str, str | float] = {
                "price_ct": self._cents(step),
                "later_ct": round(100.0 * self._marginal(dear), 1),
                "dear_at": self._at(dear),
            }
            if self._counts_peak() and self._peak_part(step) < _GRAIN_EUR:
                return reason("plan_cheap_peak_paid", **values, peak_kw=self._peak_kw())
            return reason("plan_cheap", **values)
        return reason("plan_now_as_good", price_ct=self._cents(step))

    def _waiting(self, step: int, later: int) -> Reason:
        """Why not now, when it does something at `later`."""
        values: dict[str, str | float] = {"next_at": self._at(later), "next_ct": self._cents(later)}
        if self._sunny(later) and not self._sunny(step) and self._plan.grid_w[later] <= _GRAIN_W:
            return reason("plan_waits_sun", next_at=values["next_at"])
        part = self._peak_part(step)
        if part > _PEAK_PART and part > self._problem.import_price[step] - self._problem.import_price[later]:
            return reason(
                "plan_waits_peak",
                next_at=values["next_at"],
                peak_kw=self._peak_kw(),
                cost_ct=round(100.0 * part, 1),
            )
        if self._marginal(step) - self._marginal(later) > _GRAIN_EUR:
            return reason("plan_waits_price", **values, price_ct=round(100.0 * self._marginal(step), 1))
        return reason("plan_in_time", next_at=values["next_at"])

    def _car(self, car: CarTask, does: DevicePlan, step: int) -> Reason | None:
        first, last = max(0, car.arrive_step), min(self._steps, car.depart_step)
        if not first <= step < last:
            return None
        if does.power_w[step] <= _GRAIN_W:
            later = self._next_on(does, step, last)
            if later is not None:
                return self._waiting(step, later)
            if does.shortfall_kwh > 0.0:
                return reason("plan_car_short", missing_kwh=round(does.shortfall_kwh, 1))
            return reason("plan_car_done", kwh=round(does.delivered_kwh, 1))
        gain = self._problem.step_s / 3.6e6 * car.efficiency
        before = sum(does.power_w[first:step]) * gain
        if before < car.at_once_kwh - 1e-6:
            return reason("plan_at_once", kwh=round(car.at_once_kwh, 1))
        possible = (last - first) * car.max_w * gain
        if does.shortfall_kwh > 0.0 or car.energy_kwh > _FULL * possible:
            return reason("plan_departure", leaves_at=self._at(car.depart_step))
        return self._drawing(step, first, last)

    def _battery(self, battery: BatteryTask, does: DevicePlan, step: int) -> Reason | None:
        power = does.power_w[step]
        after = range(step + 1, self._steps)
        if power > _GRAIN_W:
            if self._sunny(step) and self._plan.grid_w[step] <= _GRAIN_W:
                return reason("plan_battery_sun")
            later = next((t for t in after if does.power_w[t] < -_GRAIN_W), None)
            if later is None:
                left_eur = battery.final_value_eur_per_kwh * battery.charge_efficiency
                if left_eur < self._marginal(step) and self._guarded(battery, does, step):
                    return reason("plan_battery_reserve", kwh=round(does.soc_kwh[step], 1))
                return reason("plan_battery_final", price_ct=self._cents(step))
            dear = max(
                (t for t in after if does.power_w[t] < -_GRAIN_W), key=lambda t: (self._marginal(t), -t)
            )
            return reason(
                "plan_battery_charges",
                price_ct=self._cents(step),
                later_ct=round(100.0 * self._marginal(dear), 1),
                dear_at=self._at(dear),
            )
        if power < -_GRAIN_W:
            if self._peak_part(step) > _PEAK_PART:
                return reason("plan_battery_peak", peak_kw=self._peak_kw())
            if self._plan.grid_w[step] < -_GRAIN_W:
                return reason("plan_battery_sells", price_ct=self._cents(step))
            return reason("plan_battery_gives", price_ct=self._cents(step))
        kept = battery.reserve_kwh[step] if battery.reserve_kwh else 0.0
        if kept > 0.0 and does.soc_kwh[step] <= kept + 1e-6:
            return reason("plan_battery_reserve", kwh=round(kept, 1))
        later = next((t for t in after if does.power_w[t] < -_GRAIN_W), None)
        worth_more = later is not None and self._marginal(later) > self._marginal(step) + _GRAIN_EUR
        if not worth_more and self._guarded(battery, does, step):
            return reason("plan_battery_reserve", kwh=round(does.soc_kwh[step], 1))
        if later is not None and does.soc_kwh[step] > battery.min_soc_kwh + 1e-3:
            return reason(
                "plan_battery_keeps",
                next_at=self._at(later),
                later_ct=round(100.0 * self._marginal(later), 1),
            )
        return None

    def _guarded(self, battery: BatteryTask, does: DevicePlan, step: int) -> bool:
        """Whether the last kWh inside is held against surprises: what its lack would risk until the battery moves again."""
        soc = does.soc_kwh[step]
        level = next((prices for up_to, prices in battery.reserve_levels if soc <= up_to + 1e-6), ())
        if not level or soc <= battery.min_soc_kwh + 1e-3:
            return False
        until = next(
            (t for t in range(step + 1, self._steps) if abs(does.power_w[t]) > _GRAIN_W), self._steps
        )
        return sum(level[step:until]) > _GRAIN_EUR

    def _run(self, run: RunTask, does: DevicePlan, step: int) -> Reason | None:
        start = does.start_step
        if start is None or step >= start + run.run_steps or step < run.earliest_step:
            return None
        if step < start:
            return self._waiting(step, start)
        last = min(self._steps, run.latest_step + run.run_steps)
        return self._drawing(step, max(0, run.earliest_step), max(last, step + 1))

    def _buffer(self, buffer: BufferTask, does: DevicePlan, step: int) -> Reason | None:
        low = buffer.low_c[step] if isinstance(buffer.low_c, tuple) else buffer.low_c
        if does.power_w[step] > _GRAIN_W:
            if does.temperature_c[step] <= low + 0.1:
                return reason("plan_heat_needed", low_c=round(low, 1))
            return self._drawing(step, step, self._steps)
        later = self._next_on(does, step, self._steps)
        return None if later is None else self._waiting(step, later)
