"""What a heat pump will draw, from the temperature outside: a base per time of day, and so many watts a degree.

    power = base(slot) + slope(slot) x degrees below the heating limit, plus the same for the last day's mean

The heating limit (often 12 to 17 degrees) is the one that fits best; slots are smoothed over their neighbours. The mean of
the last day stands for walls that are slow. The band comes from the model's own misses, as for any load.
"""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import numpy as np

from kwartier.planning.forecast.band import Band, FloatArray, ordered
from kwartier.planning.forecast.clean import cleaned
from kwartier.planning.forecast.edges import Edges, learn_edges
from kwartier.planning.forecast.laying import LoadHistory
from kwartier.planning.forecast.learning import Trials
from kwartier.planning.forecast.wall import DAY_S, wall_steps

_LIMITS_C = (10.0, 12.0, 14.0, 16.0, 18.0)
_SLOTS = 24
_TERMS = 3
_PULL = 20.0
_HALF_LIFE_DAYS = 60.0
_LEAST_DAYS = 7
_TYPICAL_W_PER_C = 100.0
_LOW, _HIGH = 0.3, 1.9


@dataclass(frozen=True)
class HeatModel:
    """What was learnt of a heat pump."""

    limit_c: float
    """Below this it heats."""
    table: FloatArray
    """(24, 3): base W, W per degree now, W per degree of the last day, per local hour."""
    edges: Edges
    days: int

    def course(self, hour: FloatArray, temperature_c: FloatArray, day_mean_c: FloatArray) -> FloatArray:
        """W >= 0 for local hours and temperatures."""
        result: FloatArray = np.maximum(
            (_terms(temperature_c, day_mean_c, self.limit_c) * self._at(hour)).sum(axis=1), 0.0
        )
        return result

    def _at(self, hour: FloatArray) -> FloatArray:
        """The table between the middles of the hours."""
        place = (hour - 0.5) % _SLOTS
        first = np.floor(place).astype(np.int64) % _SLOTS
        part = (place - np.floor(place))[:, None]
        result: FloatArray = self.table[first] * (1 - part) + self.table[(first + 1) % _SLOTS] * part
        return result

    def state(self) -> dict[str, Any]:
        """As plain lists and numbers."""
        return {
            "limit_c": self.limit_c,
            "table": self.table.tolist(),
            "edges": self.edges.state(),
            "days": self.days,
        }

    @staticmethod
    def from_state(state: dict[str, Any]) -> "HeatModel":
        """The model out of `state()`."""
        table = np.array(state["table"], dtype=np.float64)
        return HeatModel(float(state["limit_c"]), table, Edges.from_state(state["edges"]), int(state["days"]))


def fit_heat(history: LoadHistory, *, now_s: int, zone: tzinfo) -> HeatModel:
    """Learn from power and temperature before `now_s`. Raises `ValueError` when the history has no temperature."""
    if history.temperature_c is None:
        raise ValueError(
            "a heat pump is learnt from power and temperature: give temperature_c with the history"
        )
    step_s, per_day = history.step_s, DAY_S // history.step_s
    count = int(np.clip((now_s - history.start_s) // step_s, 0, len(history.power_w)))
    power = cleaned(history.power_w[:count], step_s, may_rest=True)
    warmth = np.asarray(history.temperature_c[:count], dtype=np.float64)
    mean = day_mean(warmth, per_day)
    wall = wall_steps(history.start_s, step_s, count, zone)
    hour = np.asarray((wall % per_day + 0.5) * (24 / per_day), dtype=np.float64)
    age = (count - np.arange(count)) / per_day
    good = ~np.isnan(power) & ~np.isnan(warmth) & ~np.isnan(mean)
    days = int(good.sum()) // per_day
    if days < 2:
        return HeatModel(
            16.0, np.tile([0.0, _TYPICAL_W_PER_C, 0.0], (_SLOTS, 1)), learn_edges(_none(), per_day), days
        )
    weight = np.where(good, 0.5 ** (age / _HALF_LIFE_DAYS), 0.0)
    even = (np.arange(count) // per_day) % 2 == 0
    fits = []
    for limit in _LIMITS_C:
        terms = _terms(np.nan_to_num(warmth), np.nan_to_num(mean), limit)
        table = _table(terms, np.nan_to_num(power), weight, hour)
        said = (terms * table[hour.astype(np.int64) % _SLOTS]).sum(axis=1)
        fits.append((float((weight * (np.nan_to_num(power) - said) ** 2).sum()), limit, table))
    _, limit, table = min(fits, key=lambda fit: fit[0])
    model = HeatModel(limit, table, learn_edges(_none(), per_day), days)
    # The band is learnt crosswise: the misses on even days of a model from odd days, and the other way round.
    terms = _terms(np.nan_to_num(warmth), np.nan_to_num(mean), limit)
    said = np.zeros(count)
    for mine in (even, ~even):
        half = _table(terms, np.nan_to_num(power), np.where(mine, 0.0, weight), hour)
        crossed = HeatModel(limit, half, model.edges, days)
        said[mine] = crossed.course(hour[mine], np.nan_to_num(warmth)[mine], np.nan_to_num(mean)[mine])
    rows = np.flatnonzero(good)
    horizon = np.full(len(rows), per_day // 2, dtype=np.int64)
    slot = np.asarray(wall[rows] % per_day, dtype=np.int64)
    trials = Trials(said[rows], power[rows], slot, horizon, np.asarray(age[rows], dtype=np.float64))
    return HeatModel(limit, table, learn_edges(trials, per_day), days)


def forecast_heat(
    model: HeatModel,
    temperature_c: FloatArray,
    *,
    start_s: int,
    step_s: int,
    zone: tzinfo,
    last_day_c: FloatArray,
) -> Band:
    """What the heat pump draws while the temperature is as forecast (one entry a step); `last_day_c` is the measured
    temperature of the 24 hours before, in the same steps. Holes in either are filled with their mean."""
    per_day = DAY_S // step_s
    steps = len(temperature_c)
    warmth = np.concatenate([last_day_c[-per_day:], temperature_c])
    known = warmth[~np.isnan(warmth)]
    warmth = np.where(np.isnan(warmth), known.mean() if len(known) else 10.0, warmth)
    mean = day_mean(warmth, per_day)[-steps:]
    wall = wall_steps(start_s, step_s, steps, zone)
    mid = model.course((wall % per_day + 0.5) * np.float64(24 / per_day), warmth[-steps:], mean)
    if model.days < _LEAST_DAYS:
        return ordered(
            start_s, step_s, mid * _LOW, mid, mid * _HIGH, "little_history" if model.days else "typical"
        )
    low, high = model.edges.around(mid, np.asarray(wall % per_day), np.arange(steps) + per_day // 2)
    return ordered(start_s, step_s, np.maximum(low, 0.0), mid, high, "history")


def day_mean(temperature_c: FloatArray, per_day: int) -> FloatArray:
    """Mean of the day before each step (its own included, as far as the series goes); NaN where nothing is known."""
    known = ~np.isnan(temperature_c)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, temperature_c, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    ends = np.arange(1, len(temperature_c) + 1)
    begins = np.maximum(ends - per_day, 0)
    number = counts[ends] - counts[begins]
    return np.where(number > 0, (sums[ends] - sums[begins]) / np.maximum(number, 1), np.nan)


def _terms(temperature_c: FloatArray, day_mean_c: FloatArray, limit_c: float) -> FloatArray:
    cold = np.maximum(limit_c - temperature_c, 0.0)
    return np.stack([np.ones_like(cold), cold, np.maximum(limit_c - day_mean_c, 0.0)], axis=1)


def _table(terms: FloatArray, power: FloatArray, weight: FloatArray, hour: FloatArray) -> FloatArray:
    """Ridge regressions per hour, pulled to the one of all hours; neighbours count half."""
    slot = hour.astype(np.int64) % _SLOTS
    gram, moment = np.zeros((_SLOTS, _TERMS, _TERMS)), np.zeros((_SLOTS, _TERMS))
    for i in range(_SLOTS):
        mine = (slot == i) & (weight > 0)
        x = terms[mine] * weight[mine][:, None]
        gram[i], moment[i] = x.T @ terms[mine], x.T @ power[mine]
    everything = gram.sum(axis=0) + 1e-3 * np.eye(_TERMS)
    overall = np.linalg.solve(everything, moment.sum(axis=0))
    gram = gram + 0.5 * (np.roll(gram, 1, axis=0) + np.roll(gram, -1, axis=0))
    moment = moment + 0.5 * (np.roll(moment, 1, axis=0) + np.roll(moment, -1, axis=0))
    pull = everything * (_PULL / max(everything[0, 0], _PULL))
    solved = np.linalg.solve(gram + pull, (moment + pull @ overall)[:, :, None])[:, :, 0]
    return np.asarray(solved, dtype=np.float64)


def _none() -> Trials:
    nothing, none = np.zeros(0), np.zeros(0, dtype=np.int64)
    return Trials(nothing, nothing, none, none, nothing)
