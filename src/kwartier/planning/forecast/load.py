"""The load of a house or a building, from its own past.

A dozen simple averages (days by age, days that began alike, same weekday, the last hours) are weighted per horizon by
what would have worked in the past year; the band is what that would have missed (`edges`). Everything is a product of
arrays: fitted once a night in about a second, asked in milliseconds. No row at or after `now_s` is ever read.
"""

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import numpy as np

from kwartier.planning.forecast.band import Band, FloatArray, ordered
from kwartier.planning.forecast.clean import cleaned
from kwartier.planning.forecast.edges import Edges, learn_edges
from kwartier.planning.forecast.learning import learn
from kwartier.planning.forecast.stack import Stack, apply, block_of
from kwartier.planning.forecast.typical import HIGH, LOW, YEARLY_KWH, typical_load
from kwartier.planning.forecast.wall import DAY_S, Holidays, IntArray, wall_steps
from kwartier.planning.forecast.windows import Windows, averages, windows_of

_FEW_DAYS = 7
_TYPICAL_DAYS = 2.0
"""How many measured days outweigh the typical course."""
_LONGEST_DAYS = 7


@dataclass(frozen=True)
class LoadHistory:
    """Measured power, one mean per step, NaN where nothing was measured."""

    start_s: int
    """UTC, a multiple of `step_s`."""
    step_s: int
    """300, 900, 1800 or 3600: two hours must be whole steps."""
    power_w: FloatArray
    """Shape (n,). Import positive; negative where it is a net load."""
    temperature_c: FloatArray | None = None
    """Outside, shape (n,), for the models that use it."""

    def __post_init__(self) -> None:
        """Refuse a grid that cannot be laid on the local clock."""
        if self.step_s <= 0 or 7200 % self.step_s:
            raise ValueError(
                f"a step of {self.step_s} s does not divide two hours: average the history to 900 s"
            )
        if self.start_s % self.step_s:
            raise ValueError(
                f"history starts at {self.start_s}, between two steps: begin at a multiple of {self.step_s} s"
            )
        if self.temperature_c is not None and self.temperature_c.shape != self.power_w.shape:
            raise ValueError(
                "temperature_c needs one entry per entry of power_w; put NaN where it is not known"
            )


@dataclass(frozen=True)
class LoadModel:
    """What a night's fit has learnt: a few hundred figures. `state` makes it JSON."""

    step_s: int
    made_s: int
    stack: Stack
    edges: Edges

    def state(self) -> dict[str, Any]:
        """As plain lists and numbers."""
        return {
            "version": 1,
            "step_s": self.step_s,
            "made_s": self.made_s,
            "stack": {name: getattr(self.stack, name).tolist() for name in ("weights", "at", "level_w")},
            "edges": self.edges.state(),
        }

    @staticmethod
    def from_state(state: dict[str, Any]) -> "LoadModel":
        """The model out of `state()`. Raises `ValueError` when it is of another version."""
        if state.get("version") != 1:
            raise ValueError(
                f"a load model of version {state.get('version')!r} is not known here: fit it anew"
            )
        stack = Stack(
            *(np.array(state["stack"][name], dtype=np.float64) for name in ("weights", "at", "level_w"))
        )
        return LoadModel(int(state["step_s"]), int(state["made_s"]), stack, Edges.from_state(state["edges"]))

    def predict(
        self,
        history: LoadHistory,
        *,
        now_s: int,
        steps: int,
        zone: tzinfo,
        recent: LoadHistory | None = None,
        holidays: Holidays | None = None,
        yearly_kwh: float = YEARLY_KWH,
    ) -> Band:
        """The coming `steps`, from the step that runs at `now_s`."""
        laid = _lay(history, recent, now_s, steps, zone)
        return _forecast(self, laid, holidays, yearly_kwh)


@dataclass(frozen=True)
class _Laid:
    """A history on the local clock, and the steps that are asked for."""

    step_s: int
    start_s: int
    past_w: FloatArray
    """On the wall clock, up to just before `ahead[0]`."""
    ahead: IntArray
    """Wall steps of the band."""


def fit_load(
    history: LoadHistory,
    *,
    now_s: int,
    zone: tzinfo,
    recent: LoadHistory | None = None,
    holidays: Holidays | None = None,
) -> LoadModel:
    """Learn from all days before `now_s`: nightly work, about a second for a year of quarter-hours."""
    laid = _lay(history, recent, now_s, 1, zone)
    stack, trials = learn(laid.past_w, int(laid.ahead[0]), laid.step_s, holidays=holidays)
    return LoadModel(laid.step_s, now_s, stack, learn_edges(trials, DAY_S // laid.step_s))


def edge_load(
    history: LoadHistory,
    *,
    now_s: int,
    steps: int,
    zone: tzinfo,
    recent: LoadHistory | None = None,
    holidays: Holidays | None = None,
    yearly_kwh: float = YEARLY_KWH,
) -> Band:
    """Fit and forecast in one: for tests, backtests and the first hour. `recent` lies over the history where it has values.

    Nothing measured yet: a typical household of `yearly_kwh` in a wide band, `basis` says so. Raises `ValueError` for
    a history in steps that do not divide two hours, or more than a week ahead.
    """
    model = fit_load(history, now_s=now_s, zone=zone, recent=recent, holidays=holidays)
    return model.predict(
        history, now_s=now_s, steps=steps, zone=zone, recent=recent, holidays=holidays, yearly_kwh=yearly_kwh
    )


def _lay(history: LoadHistory, recent: LoadHistory | None, now_s: int, steps: int, zone: tzinfo) -> _Laid:
    step_s = history.step_s
    start_s = now_s - now_s % step_s
    if not 0 < steps <= _LONGEST_DAYS * DAY_S // step_s:
        raise ValueError(
            f"{steps} steps of {step_s} s: a load is forecast for one step to {_LONGEST_DAYS} days"
        )
    if recent is not None and recent.step_s != step_s:
        raise ValueError(
            f"recent is in steps of {recent.step_s} s, the history in {step_s} s: average it first"
        )
    parts = [history] if recent is None else [history, recent]
    first_s = min([part.start_s for part in parts if len(part.power_w)] or [start_s])
    count = max((start_s - first_s) // step_s, 0)
    power = np.full(count, np.nan)
    for part in parts:
        _lay_over(power, first_s, part)
    ahead = wall_steps(start_s, step_s, steps, zone)
    if not count:
        return _Laid(step_s, start_s, power, ahead)
    wall = wall_steps(first_s, step_s, count, zone)
    past = np.full(max(int(ahead[0] - wall[0]), 0), np.nan)
    place = wall - wall[0]
    inside = place < len(past)  # the hour that comes twice in autumn may lie ahead of the clock's own past
    past[place[inside]] = cleaned(power, step_s)[inside]
    return _Laid(step_s, start_s, past, ahead)


def _lay_over(power: FloatArray, first_s: int, part: LoadHistory) -> None:
    """Put the known values of a part where they belong, up to the end of `power`."""
    offset = (part.start_s - first_s) // part.step_s
    values = part.power_w[: max(len(power) - offset, 0)]
    target = power[offset : offset + len(values)]
    known = ~np.isnan(values)
    target[known] = values[known]


def _forecast(model: LoadModel, laid: _Laid, holidays: Holidays | None, yearly_kwh: float) -> Band:
    per_day = DAY_S // laid.step_s
    windows = windows_of(laid.past_w, int(laid.ahead[0]), laid.step_s, holidays=holidays)
    measured_days = float(np.count_nonzero(~np.isnan(laid.past_w))) / per_day
    known = laid.past_w[~np.isnan(laid.past_w)]
    typical = typical_load(laid.ahead, laid.step_s, yearly_kwh * _scale(laid, yearly_kwh))
    if not windows.rows or measured_days < 0.5:
        return ordered(laid.start_s, laid.step_s, typical * LOW, typical, typical * HIGH, "typical")
    mid = _own(model, windows, laid)
    low, high = model.edges.around(mid, laid.ahead % per_day, np.arange(len(mid)))
    share = measured_days / (measured_days + _TYPICAL_DAYS) if measured_days < 2 * _FEW_DAYS else 1.0
    if share < 1.0:
        mid, low, high = (
            share * own + (1 - share) * usual
            for own, usual in (
                (mid, typical),
                (low, np.minimum(typical * LOW, low)),
                (high, np.maximum(typical * HIGH, high)),
            )
        )
    floor = float(known.min())
    mid, low = np.maximum(mid, floor), np.maximum(low, floor)
    basis = "little_history" if measured_days < _FEW_DAYS else "history"
    return ordered(laid.start_s, laid.step_s, low, mid, high, basis)


def _own(model: LoadModel, windows: Windows, laid: _Laid) -> FloatArray:
    """What the site's own past says, W."""
    per_day = windows.per_day
    place = np.maximum(
        laid.ahead - laid.ahead[0], 0
    )  # on the wall clock: a change of the clock shifts what follows
    mids = []
    for lead in range(int(place.max()) // per_day + 1):
        said = averages(windows, np.array([windows.rows + lead]), lead)
        blocks = block_of(np.arange(lead * per_day, (lead + 1) * per_day) * np.float64(24 / per_day))
        mids.append(apply(model.stack, said[0], blocks))
    course: FloatArray = np.concatenate(mids)[place]
    return course


def _scale(laid: _Laid, yearly_kwh: float) -> float:
    """What the typical course must be multiplied with to have the level of what was measured, with a day's doubt."""
    if not len(laid.past_w):
        return 1.0
    lately = laid.past_w[-14 * DAY_S // laid.step_s :]
    wall = laid.ahead[0] - len(lately) + np.arange(len(lately))
    known = ~np.isnan(lately)
    usual = typical_load(wall[known], laid.step_s, yearly_kwh)
    doubt = yearly_kwh * 1000 / 8766 * (DAY_S / laid.step_s) / 4
    return float(np.clip((lately[known].sum() + doubt) / (usual.sum() + doubt), 0.05, 20.0))
