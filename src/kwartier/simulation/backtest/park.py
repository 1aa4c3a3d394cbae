"""The car park's backtest: what each way to share a grid connection costs over recorded months, beside perfect foresight."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from kwartier.planning.horizon.park_target import TargetRule
from kwartier.planning.horizon.park_visits import Floats
from kwartier.simulation.backtest.park_case import Case, month_name
from kwartier.simulation.backtest.park_controllers import (
    ConstantPower,
    FixedTarget,
    Learnt,
    LeastLaxity,
    Uncontrolled,
)
from kwartier.simulation.backtest.park_optimum import optimum, reachable_kwh
from kwartier.simulation.backtest.park_replay import Controller, Replayed, replay


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way of control over the months that count."""

    name: str
    knows: str
    """What it is told that no site knows; empty: nothing."""
    cost_eur: float
    energy_eur: float
    peak_w: Mapping[int, float]
    """Per month."""
    delivered_pct: Mapping[int, float]
    """Per month: of the energy wanted, at the real departure."""
    delivered_all_pct: float
    sessions_met_pct: float
    """Sessions with at least 95 % of what they wanted."""
    optimum_eur: float | None = None
    """Of perfect foresight that delivers to each session exactly as much."""
    optimum_peak_w: Mapping[int, float] | None = None

    @property
    def peak_ratio(self) -> float | None:
        """Mean month peak over the optimum's at equal energy."""
        if self.optimum_peak_w is None:
            return None
        return sum(self.peak_w.values()) / sum(self.optimum_peak_w.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkResult:
    """All rows, perfect foresight (full energy) last."""

    months: tuple[int, ...]
    sessions: int
    wanted_kwh: float
    rows: tuple[Row, ...]
    captured_pct: float
    """Of the saving from uncontrolled to perfect foresight, by our row: each at its own delivered energy against the optimum for
    that energy, so that energy left undelivered earns nothing."""

    def row(self, name: str) -> Row:
        """The row with this name."""
        return next(row for row in self.rows if row.name == name)


def run_park(
    case: Case,
    *,
    months: tuple[int, ...],
    step_s: int = 300,
    rule: TargetRule | None = None,
    information: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> ParkResult:
    """Replay a case in every way; `months` count, those before are learnt from.

    The case must begin before the first of `months` for ours to have learnt something, and is replayed from its beginning, walking
    forward: ours learns from the visits that it has served itself. With `information`, rows follow that tell what
    each unknown costs: the month's target in hindsight; and when cars leave and what they want.

    Raises:
        ValueError: a month is not in the case.
    """
    missing = [month_name(month) for month in months if month not in case.months]
    if missing:
        raise ValueError(f"no data for {', '.join(missing)}: the case covers {month_name(case.months[0])} on")
    part = cut(case, months)
    say("perfect foresight")
    best = optimum(part)
    rows: list[Row] = []

    def add(name: str, knows: str, controller: Controller, *, whole: bool = False) -> Row:
        say(name)
        outcome = replay(case if whole else part, controller, step_s)
        if whole:
            outcome = _cut_outcome(case, part, months, outcome)
        row = _row(name, knows, part, outcome)
        rows.append(row)
        return row

    add("uncontrolled", "", Uncontrolled(part))
    add("constant power over the stay", "departure and energy of each car", ConstantPower(part))
    first_w = rule.first_share if rule else TargetRule().first_share
    fixed = dict.fromkeys(months, first_w * case.points * case.max_w)
    add("one fixed limit", "", FixedTarget(part, fixed))
    ours = add("ours", "", Learnt(case, rule), whole=True)
    if information:
        share = ours.delivered_pct
        say("the lowest targets in hindsight")
        low = lowest_targets(part, share, step_s, FixedTarget)
        add("ours, target known", "the month's lowest target", FixedTarget(part, low))
        low = lowest_targets(part, share, step_s, LeastLaxity)
        add(
            "least laxity, target known",
            "also departure and energy of plugged cars",
            LeastLaxity(part, low),
        )
    perfect = Row(
        name="perfect foresight",
        knows="everything",
        cost_eur=best.cost_eur,
        energy_eur=best.energy_eur,
        peak_w=best.peak_w,
        delivered_pct=dict.fromkeys(months, 100.0),
        delivered_all_pct=100.0 * float(reachable_kwh(part).sum() / part.wanted_kwh.sum()),
        sessions_met_pct=100.0,
        optimum_eur=best.cost_eur,
        optimum_peak_w=best.peak_w,
    )
    rows.append(perfect)
    worst = rows[0]
    base_eur = worst.cost_eur - (worst.optimum_eur or best.cost_eur)
    regret_eur = ours.cost_eur - (ours.optimum_eur or best.cost_eur)
    return ParkResult(
        months=months,
        sessions=len(part.arrive_s),
        wanted_kwh=float(part.wanted_kwh.sum()),
        rows=tuple(rows),
        captured_pct=100.0 * (1.0 - regret_eur / base_eur) if base_eur > 0.0 else 100.0,
    )


def cut(case: Case, months: tuple[int, ...]) -> Case:
    """The part of a case in some months, and the sessions that begin there."""
    quarters = np.isin(case.month, months)
    sessions = np.isin(case.session_month(), months)
    first = int(np.argmax(quarters))
    if not quarters[first : first + int(quarters.sum())].all():
        raise ValueError("the months that count must follow on one another")
    return replace(
        case,
        start_s=case.start_s + first * 900,
        local_day=case.local_day[quarters],
        month=case.month[quarters],
        spot_eur_per_kwh=case.spot_eur_per_kwh[quarters],
        load_w=case.load_w[quarters],
        pv_w=case.pv_w[quarters],
        arrive_s=case.arrive_s[sessions],
        depart_s=case.depart_s[sessions],
        wanted_kwh=case.wanted_kwh[sessions],
        hour=case.hour[sessions],
        weekend=case.weekend[sessions],
        point=case.point[sessions],
    )


def _cut_outcome(case: Case, part: Case, months: tuple[int, ...], outcome: Replayed) -> Replayed:
    quarters = np.isin(case.month, months)
    sessions = np.isin(case.session_month(), months)
    assert int(quarters.sum()) == part.quarters
    return Replayed(
        grid_w=outcome.grid_w[quarters],
        taken_kwh=outcome.taken_kwh[sessions],
        target_w=outcome.target_w[quarters],
    )


def lowest_targets(
    case: Case,
    delivered_pct: Mapping[int, float],
    step_s: int,
    way: Callable[[Case, Mapping[int, float]], Controller],
) -> dict[int, float]:
    """Per month the lowest constant target (to 1 %) that delivers the given share: known only in hindsight."""
    low = dict.fromkeys(delivered_pct, 0.02 * case.points * case.max_w)
    high = dict.fromkeys(delivered_pct, case.points * case.max_w + float(case.load_w.max()))
    while any(high[month] > 1.01 * low[month] for month in low):
        middle = {month: (low[month] * high[month]) ** 0.5 for month in low}
        reached = _delivered_pct(case, replay(case, way(case, middle), step_s).taken_kwh)
        for month in low:
            (high if reached[month] >= delivered_pct[month] else low)[month] = middle[month]
    return high


def energy_eur(case: Case, grid_w: Floats) -> float:
    """What the energy of an exchange with the grid costs, sold energy deducted."""
    kwh = grid_w / 4000.0
    contract = case.contract
    buy = case.spot_eur_per_kwh + contract.import_extra_eur_per_kwh
    sell = case.spot_eur_per_kwh - contract.export_less_eur_per_kwh
    return float(np.maximum(kwh, 0.0) @ buy + np.minimum(kwh, 0.0) @ sell)


def _delivered_pct(case: Case, taken_kwh: Floats) -> dict[int, float]:
    of_month = case.session_month()
    return {
        month: 100.0 * float(taken_kwh[of_month == month].sum() / case.wanted_kwh[of_month == month].sum())
        for month in case.months
    }


def _row(name: str, knows: str, case: Case, outcome: Replayed) -> Row:
    peaks = {month: float(outcome.grid_w[case.month == month].max()) for month in case.months}
    energy = energy_eur(case, outcome.grid_w)
    peak_eur = case.contract.peak_eur_per_kw_month * sum(peaks.values()) / 1000.0
    equal = optimum(case, outcome.taken_kwh)
    return Row(
        name=name,
        knows=knows,
        cost_eur=energy + peak_eur,
        energy_eur=energy,
        peak_w=peaks,
        delivered_pct=_delivered_pct(case, outcome.taken_kwh),
        delivered_all_pct=100.0 * float(outcome.taken_kwh.sum() / case.wanted_kwh.sum()),
        sessions_met_pct=100.0 * float(np.mean(outcome.taken_kwh >= 0.95 * case.wanted_kwh)),
        optimum_eur=equal.cost_eur,
        optimum_peak_w=equal.peak_w,
    )
