"""The quarter-hour as a budget: targets, what is used, what is left."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwartier.metering.budget import reserve_w, target_w, used
from kwartier.metering.peaks import month_at
from kwartier.site.quarters import MonthPeak, QuarterSettings, RunningQuarter

BRUSSELS = ZoneInfo("Europe/Brussels")
NOVEMBER = month_at(2026, 11, BRUSSELS)


def running(elapsed_s: float, energy_kwh: float, source: str = "meter") -> RunningQuarter:
    return RunningQuarter(
        meter_id="grid",
        start_s=NOVEMBER.start_s,
        elapsed_s=elapsed_s,
        energy_kwh=energy_kwh,
        demand_w=energy_kwh * 4000,
        projected_w=energy_kwh * 4000,
        source=source,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("peak_w", "at_s", "expected_w"),
    [
        (None, 0, 2500),
        (1800.0, 0, 2500),
        (4321.0, 0, 4321),
        (4321.0, NOVEMBER.end_s - NOVEMBER.start_s - 900, 4321),
        (4321.0, NOVEMBER.end_s - NOVEMBER.start_s, 2500),
        (4321.0, -900, 2500),
    ],
)
def test_the_month_peak_is_followed_within_its_month_and_never_below_the_floor(
    peak_w: float | None, at_s: int, expected_w: float
) -> None:
    """What was paid for already is free; a new month begins at the floor."""
    peak = MonthPeak(month=NOVEMBER, peak_w=peak_w)
    assert target_w(QuarterSettings(), peak, NOVEMBER.start_s + at_s) == expected_w


def test_other_targets() -> None:
    """A fixed one knows no floor, none is none; a peak that is not known leaves the floor."""
    peak = MonthPeak(month=NOVEMBER, peak_w=9000.0)
    assert target_w(QuarterSettings(follow="fixed", fixed_w=1500.0), peak, NOVEMBER.start_s) == 1500
    assert target_w(QuarterSettings(follow="none"), peak, NOVEMBER.start_s) is None
    assert target_w(QuarterSettings(floor_w=3000.0), None, NOVEMBER.start_s) == 3000
    assert reserve_w(QuarterSettings(), 4000.0) == 600
    assert reserve_w(QuarterSettings(reserve_w=5000.0), 4000.0) == 4000


@pytest.mark.parametrize(
    "wrong",
    [
        {"follow": "fixed"},
        {"follow": "fixed", "fixed_w": 0.0},
        {"follow": "fixed", "fixed_w": float("nan")},
        {"floor_w": -1.0},
        {"reserve_w": -1.0},
        {"reaction_s": 1.0},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    """With a sentence."""
    with pytest.raises(ValueError, match="must"):
        QuarterSettings(**wrong)  # type: ignore[arg-type]


@given(st.floats(0, 899), st.integers(0, 20_000), st.floats(0, 0.999))
def test_both_ends_of_what_the_meter_may_mean_are_kept(elapsed_s: float, demand_w: int, cut: float) -> None:
    """Whatever 1.4.0 has cut off, the true energy lies between them; so it does with registers."""
    true_kwh = (demand_w + cut) / 4000
    quarter = used(running(elapsed_s, demand_w / 4000), 0.0, 0.0)
    assert quarter.least_kwh <= true_kwh <= quarter.most_kwh
    assert quarter.left_s == 900 - elapsed_s
    cut_kwh = int(true_kwh * 1000) / 1000
    quarter = used(running(elapsed_s, cut_kwh, "registers"), 0.0, 0.0)
    assert quarter.least_kwh <= max(0.0, true_kwh - 0.001)
    assert quarter.most_kwh >= true_kwh + 0.001 - 1e-12
    assert quarter.known


def test_what_flows_after_the_last_telegram_is_reckoned_with() -> None:
    """At most that much; past the end a new quarter has begun, of which nothing is certain."""
    quarter = used(running(300, 0.5), 30.0, 6000.0)
    assert (quarter.left_s, quarter.start_s) == (570, NOVEMBER.start_s)
    assert quarter.most_kwh == pytest.approx(0.5 + 0.00025 + 0.05)
    assert quarter.least_kwh == pytest.approx(0.5 - 0.00025)
    assert used(running(300, 0.5), 30.0, -6000.0).most_kwh == pytest.approx(0.50025)
    later = used(running(890, 0.5), 70.0, 6000.0)
    assert (later.start_s, later.left_s, later.least_kwh) == (NOVEMBER.start_s + 900, 840, 0.0)
    assert later.most_kwh == pytest.approx(0.1)
    assert used(running(0, 0.0), 9000.0, 0.0).start_s == NOVEMBER.start_s + 9000


def test_a_quarter_of_which_the_beginning_was_not_seen_is_not_known() -> None:
    """Until the next one begins."""
    assert not used(running(300, 0.5, "partial"), 0.0, 0.0).known
    assert used(running(300, 0.5, "partial"), 700.0, 0.0).known
    assert used(running(300, 0.5), 0.0, 0.0).left_kwh(4000.0) == pytest.approx(0.49975)
