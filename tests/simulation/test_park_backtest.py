"""The car park's replay: it keeps the books, keeps the target, and knows nothing of the future."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.simulation.parks import park, workplace

from kwartier.simulation.backtest.park import cut, lowest_targets, run_park
from kwartier.simulation.backtest.park_case import Case, load_case, month_number
from kwartier.simulation.backtest.park_controllers import (
    FixedTarget,
    Learnt,
    LeastLaxity,
    Uncontrolled,
)
from kwartier.simulation.backtest.park_optimum import optimum
from kwartier.simulation.backtest.park_replay import replay

GIVEN = os.environ.get("KWARTIER_SHARED")
SHARED = (Path(GIVEN) if GIVEN else Path(__file__).parents[3] / "shared") / "data"
needs_shared = pytest.mark.skipif(
    not (SHARED / "ev_sessions").exists(),
    reason=f"NOT TESTED: the recorded sessions are not at {SHARED}; set KWARTIER_SHARED to their folder",
)
JUNE = month_number("2024-06")


def at_target(case: Case, target_w: float) -> FixedTarget:
    return FixedTarget(case, dict.fromkeys(case.months, target_w))


def test_uncontrolled_cars_draw_at_once_until_they_are_full() -> None:
    case = park([(8, 4, 7.36), (8.5, 4, 3.68)], load_w=1000.0)
    outcome = replay(case, Uncontrolled(case), 60)
    assert outcome.taken_kwh.tolist() == pytest.approx([7.36, 3.68])
    assert outcome.grid_w[32:38] == pytest.approx([8360, 8360, 15720, 15720, 1000, 1000])
    assert np.isnan(outcome.target_w).all()


def test_under_a_target_cars_share_and_no_quarter_hour_goes_above() -> None:
    case = park([(8, 4, 30), (8, 2, 30)], load_w=2000.0)
    outcome = replay(case, at_target(case, 8000.0), 60)
    assert outcome.grid_w[32:40] == pytest.approx([8000.0] * 8)
    assert outcome.taken_kwh.tolist() == pytest.approx(
        [6.0, 18.0]
    )  # the one that leaves early came first in the list


def test_what_a_full_car_leaves_is_used_within_the_same_quarter_hour() -> None:
    case = park([(8, 4, 30), (8, 4, 0.5)])
    outcome = replay(case, at_target(case, 6000.0), 60)
    assert outcome.grid_w[32] == pytest.approx(6000.0, rel=0.02)


def test_without_room_nobody_draws_and_too_little_for_all_is_taken_in_turns() -> None:
    case = park([(8, 4, 30)] * 3, load_w=4000.0)
    assert replay(case, at_target(case, 4000.0), 300).taken_kwh.tolist() == [0.0] * 3
    outcome = replay(case, at_target(case, 7000.0), 300)  # 3 kW for three cars that need 1.38 kW each
    assert outcome.taken_kwh.sum() == pytest.approx(12.0)


@pytest.mark.parametrize("step_s", [60, 900])
def test_the_books_are_kept(step_s: int) -> None:
    case = workplace(5, 3)
    target_w = 15_000.0
    outcome = replay(case, at_target(case, target_w), step_s)
    cars_kwh = (outcome.grid_w - case.load_w + case.pv_w).sum() / 4000.0
    assert cars_kwh == pytest.approx(outcome.taken_kwh.sum())
    assert (outcome.taken_kwh <= case.wanted_kwh + 1e-9).all()
    assert outcome.grid_w.max() <= target_w + 1e-6


def test_a_step_that_does_not_fit_a_quarter_hour_is_refused() -> None:
    case = park([(8, 4, 30)])
    with pytest.raises(ValueError, match="does not divide"):
        replay(case, Uncontrolled(case), 240)


def test_nothing_that_is_still_to_come_changes_what_is_done() -> None:
    """Poison everything after an instant: sessions, departures, wishes, load, sun and prices."""
    case = workplace(28, 4)
    at = 24 * 96 + 41  # in the morning of the fourth Tuesday, with cars plugged in
    now_s = case.start_s + at * 900
    later, here = case.arrive_s >= now_s, (case.arrive_s < now_s) & (case.depart_s > now_s)
    assert later.any()
    assert here.any()
    after = np.arange(case.quarters) >= at
    poisoned = replace(
        case,
        wanted_kwh=np.where(later, 60.0, case.wanted_kwh + np.where(here, 40.0, 0.0)),
        depart_s=np.where(later, case.arrive_s + 60, np.where(here, now_s + 60, case.depart_s)),
        load_w=np.where(after, 90_000.0, case.load_w),
        pv_w=np.where(after, 50_000.0, case.pv_w),
        spot_eur_per_kwh=np.where(after, 9.0, case.spot_eur_per_kwh),
    )
    one, other = replay(case, Learnt(case), 900), replay(poisoned, Learnt(poisoned), 900)
    # cars that are here and full by now have a truth of their own: they would have drawn on
    full = here & (one.taken_kwh >= case.wanted_kwh - 1e-9)
    if full.any():
        poisoned = replace(poisoned, wanted_kwh=np.where(full, case.wanted_kwh, poisoned.wanted_kwh))
        other = replay(poisoned, Learnt(poisoned), 900)
    assert one.target_w[: at + 1].tolist() == other.target_w[: at + 1].tolist()
    assert one.grid_w[:at].tolist() == other.grid_w[:at].tolist()
    assert one.grid_w[at:].tolist() != other.grid_w[at:].tolist()


def test_the_target_is_learnt_and_meets_the_cars_in_the_second_month() -> None:
    result = run_park(workplace(61, 5, points=12), months=(JUNE + 1,), step_s=900)
    ours = result.row("ours")
    assert ours.delivered_all_pct >= 98.0
    assert ours.peak_ratio is not None
    assert ours.peak_ratio <= 1.5
    assert ours.peak_w[JUNE + 1] < 0.6 * result.row("uncontrolled").peak_w[JUNE + 1]
    assert 0.0 < result.captured_pct <= 100.0


def test_who_knows_departures_needs_a_lower_target() -> None:
    case = cut(workplace(14, 6), (JUNE,))
    share = {JUNE: 99.0}
    blind = lowest_targets(case, share, 900, FixedTarget)[JUNE]
    knowing = lowest_targets(case, share, 900, LeastLaxity)[JUNE]
    assert knowing <= blind * 1.02
    assert optimum(case).peak_w[JUNE] <= blind * 1.01


def test_months_that_are_not_there_are_named() -> None:
    with pytest.raises(ValueError, match="no data for 2024-12"):
        run_park(workplace(30, 7), months=(month_number("2024-12"),))
    with pytest.raises(ValueError, match="is not a month"):
        month_number("24-6")


def test_a_missing_recording_is_named(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="NOT TESTED: needs the extra `backtest`")
    with pytest.raises(FileNotFoundError, match="--data"):
        load_case(tmp_path)


@needs_shared
def test_recorded_workplace_meets_its_goals_in_the_second_month() -> None:
    """A month after a cold start; the months of the acceptance take minutes: docs/backtest-carpark.md."""
    pytest.importorskip("pyarrow", reason="NOT TESTED: needs the extra `backtest`")
    case = load_case(SHARED, first="2024-05", last="2024-06")
    outcome = replay(case, Learnt(case), 900)
    quarters, sessions = case.month == JUNE, case.session_month() == JUNE
    delivered = outcome.taken_kwh[sessions].sum() / case.wanted_kwh[sessions].sum()
    best = optimum(cut(case, (JUNE,))).peak_w[JUNE]
    assert delivered >= 0.98
    assert outcome.grid_w[quarters].max() <= 1.4 * best
