"""What could be known at a step, and nothing later: prices, sun, load, surprises. Or the truth, to see what it is worth."""

from collections.abc import Iterable

import numpy as np

from kwartier.planning.forecast import LoadHistory, LoadModel, fit_load
from kwartier.planning.forecast.band import Band
from kwartier.planning.horizon import PastStay, Prices, Surprises, learn_night
from kwartier.simulation.backtest.case import STEP_S, Case, FloatArray, IntArray

PUBLISHED_SLOT = 53
"""Prices of tomorrow are there at a quarter past one."""
_REFIT_DAYS = 7
_PV_FADES_STEPS = 12.0
_GUESSED_DAYS = 7


class Outlook:
    """Asked with rising steps. `perfect` names what is known by magic: `load`, `pv`, `price`."""

    def __init__(self, case: Case, horizon: int, perfect: Iterable[str] = ()) -> None:
        self._case = case
        self._horizon = horizon
        self._perfect = frozenset(perfect)
        self._model: LoadModel | None = None
        self._fitted_day = -_REFIT_DAYS
        self._surprises: tuple[Surprises, Surprises] | None = None
        self._learnt_day = -1
        self._day_ends = np.searchsorted(case.calendar.day, np.arange(int(case.calendar.day[-1]) + 3))

    def steps(self, now: int) -> IntArray:
        """The steps of the horizon; the last one is repeated beyond the end of the data."""
        return np.minimum(now + np.arange(self._horizon), self._case.steps - 1)

    def slots(self, now: int) -> IntArray:
        """The slot of the day of each step of the horizon."""
        ahead = now + np.arange(self._horizon)
        calendar = self._case.calendar
        known = calendar.slot[np.minimum(ahead, self._case.steps - 1)]
        return (known + np.maximum(ahead - self._case.steps + 1, 0)) % 96

    def prices(self, now: int) -> Prices:
        """Known until the end of today or of tomorrow; then the mean of the same quarter-hours of a week."""
        case, day = self._case, int(self._case.calendar.day[now])
        published = case.calendar.slot[now] >= PUBLISHED_SLOT
        end = int(self._day_ends[min(day + (2 if published else 1), len(self._day_ends) - 1)])
        if "price" in self._perfect:
            end = case.steps
        at = self.steps(now)
        bought, sold = case.import_price[at].copy(), case.export_price[at].copy()
        known = max(0, min(end, case.steps) - now)
        for step in range(known, self._horizon):
            last = now + step
            while last >= min(end, case.steps):
                last -= 96
            before = np.arange(last, max(-1, last - 96 * _GUESSED_DAYS), -96)
            before = before[before >= 0]
            if len(before):
                bought[step] = case.import_price[before].mean()
                sold[step] = case.export_price[before].mean()
            else:
                bought[step], sold[step] = bought[known - 1], sold[known - 1]
        return Prices(
            import_eur_per_kwh=bought, export_eur_per_kwh=sold, known_steps=min(known, self._horizon)
        )

    def pv(self, now: int) -> Band:
        """The weather service's forecast of its time, corrected by what the roof did in the last hour."""
        case, at = self._case, self.steps(now)
        if "pv" in self._perfect:
            return _band(case, now, case.pv_w[at])
        hour = case.calendar.slot[now] / 4.0
        ahead = case.calendar.day[at] - case.calendar.day[now]
        today = (ahead == 0) | ((ahead == 1) & (hour >= 18.0))
        morning = (ahead == 1) & (hour >= 11.0)
        course = np.where(
            today, case.pv_intraday_w[at], np.where(morning, case.pv_morning_w[at], case.pv_week_w[at])
        )
        if now >= 4:
            expected = float(case.pv_intraday_w[now - 4 : now].sum())
            if expected > 1200.0:
                ratio = float(np.clip(case.pv_w[now - 4 : now].sum() / expected, 0.3, 2.0))
                course = course * (1.0 + (ratio - 1.0) * np.exp(-np.arange(self._horizon) / _PV_FADES_STEPS))
        return _band(case, now, np.maximum(course, 0.0))

    def load(self, now: int) -> Band:
        """The product's own forecast, fitted anew once a week."""
        case = self._case
        if "load" in self._perfect:
            return _band(case, now, case.load_w[self.steps(now)])
        now_s = case.start_s + now * STEP_S
        history = LoadHistory(case.start_s, STEP_S, case.load_w[:now])
        day = int(case.calendar.day[now])
        # in the first weeks every day teaches much
        if self._model is None or day - self._fitted_day >= min(_REFIT_DAYS, 1 + day // 7):
            self._model = fit_load(history, now_s=now_s, zone=case.zone)
            self._fitted_day = day
        return self._model.predict(history, now_s=now_s, steps=self._horizon, zone=case.zone)

    def surprises(self, now: int) -> tuple[Surprises, Surprises]:
        """Of the house with its cars and of the house alone; learnt once a day from whole days that are over."""
        case, day = self._case, int(self._case.calendar.day[now])
        if self._surprises is None or day != self._learnt_day:
            first = int(self._day_ends[max(0, day - 70)])
            end = int(self._day_ends[day])
            over = [
                PastStay(stay.first - first, stay.last - first, stay.energy_kwh, case.house.car_max_w)
                for stay in case.stays
                if stay.first >= first and stay.last <= end
            ]
            past = slice(first, end)
            self._surprises = learn_night(
                case.load_w[past] - case.pv_w[past],
                over,
                case.calendar.day[past],
                case.calendar.slot[past],
                (case.house.battery("battery", 0.0),),
            )
            self._learnt_day = day
        return self._surprises


def _band(case: Case, now: int, course: FloatArray) -> Band:
    return Band(case.start_s + now * STEP_S, STEP_S, course, course, course)
