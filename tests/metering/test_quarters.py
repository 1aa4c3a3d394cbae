"""The quarter-hour account: nothing lost, nothing doubled, whatever clocks and links do."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.metering.quarters import ClosedQuarter, QuarterMemory, resume, running, step
from kwartier.site.readings import MeterReading

Read = Callable[..., MeterReading]
Fold = Callable[[list[MeterReading]], tuple[QuarterMemory, list[ClosedQuarter]]]
T0 = 1_790_001_000  # a quarter's start
BRUSSELS = ZoneInfo("Europe/Brussels")


def milli(kwh: float) -> int:
    """Whole milliwatt-hours."""
    return round(kwh * 1e6)


def test_quarters_are_register_differences_at_the_boundaries(reading_at: Read, fold: Fold) -> None:
    """A constant 4 kW read each second gives quarters of exactly 1 kWh."""
    _, closed = fold([reading_at(T0 + s, round(100 + s * 4 / 3600, 3)) for s in range(2701)])
    assert [(q.start_s, q.import_kwh, q.demand_w, q.quality) for q in closed] == [
        (T0 + 900 * n, 1.0, 4000.0, "measured") for n in range(3)
    ]


def test_first_quarter_is_marked_partial(reading_at: Read, fold: Fold) -> None:
    """A quarter that we did not see begin says so, and holds only what we saw."""
    _, closed = fold([reading_at(T0 + s, 100 + s / 1000) for s in range(300, 901, 10)])
    assert [(q.import_kwh, q.quality) for q in closed] == [(0.6, "partial")]


def test_partial_quarter_takes_its_demand_from_the_meter(reading_at: Read, fold: Fold) -> None:
    """The meter's own 1.4.0 knows the whole quarter, also what we did not see."""
    readings = [
        reading_at(T0 + s, 100 + s / 1000, quarter_demand_w=float(s * 4)) for s in range(300, 900, 10)
    ]
    _, closed = fold([*readings, reading_at(T0 + 900, 100.9)])
    assert [(q.demand_w, q.import_kwh, q.quality) for q in closed] == [(3600.0, 0.6, "partial")]


@pytest.mark.parametrize(("factor", "agrees"), [(1.0, True), (1.2, False)])
def test_registers_are_checked_against_the_meters_own_demand(
    reading_at: Read, fold: Fold, factor: float, agrees: bool
) -> None:
    """At the quarter's end both must tell the same within their resolution; a false demand is not believed."""
    readings = [
        reading_at(T0 + s, round(100 + s / 900, 3), quarter_demand_w=s / 900 * 4000 * factor)
        for s in range(900)
    ]
    _, closed = fold([*readings, reading_at(T0 + 900, 101.0)])
    assert closed[0].agrees is agrees
    assert closed[0].demand_w == pytest.approx(4000, abs=6)


def test_gap_is_closed_from_the_registers_and_marked(reading_at: Read, fold: Fold) -> None:
    """Two and a half hours without a telegram lose no energy; the spread quarters say that they are spread."""
    _, closed = fold([reading_at(T0, 100.0), reading_at(T0 + 10, 100.0), reading_at(T0 + 9010, 110.0)])
    assert [q.start_s for q in closed] == [T0 + 900 * n for n in range(10)]
    assert {q.quality for q in closed} == {"interpolated"}
    assert milli(sum(q.import_kwh for q in closed)) == milli(10.0 * 8990 / 9000)


def test_ten_second_meter_is_measured_though_it_never_speaks_on_the_boundary(
    reading_at: Read, fold: Fold
) -> None:
    """DSMR 4 speaks every 10 s; the boundary lies between two telegrams and is still measured."""
    _, closed = fold([reading_at(T0 + 3 + s, 100 + s / 3600) for s in range(0, 1900, 10)])
    assert [q.quality for q in closed] == ["partial", "measured"]
    assert closed[1].import_kwh == pytest.approx(0.25, abs=1e-6)


def test_meters_clock_decides_and_not_ours(reading_at: Read, fold: Fold) -> None:
    """A meter nine months behind closes its quarters by its own time, exactly once each."""
    behind_s = 9 * 30 * 86400 + 421
    readings = [reading_at(T0 + s, 100 + s / 3600, meter_s=T0 + s - behind_s) for s in range(0, 2000, 5)]
    _, closed = fold(readings)
    starts = [q.start_s for q in closed]
    assert all(s <= T0 - behind_s + 2000 for s in starts)
    assert starts == sorted(set(starts))
    assert len(starts) == 2


def test_telegram_without_time_follows_the_meters_known_offset(reading_at: Read, fold: Fold) -> None:
    """One telegram without its time is no clock step, though the meter's clock is an hour off ours."""
    readings = [reading_at(T0 + s, 100 + s / 3600, meter_s=T0 + s - 3600) for s in range(0, 1000, 5)]
    readings[60] = replace(readings[60], meter_time_s=None)
    _, closed = fold(readings)
    assert [(q.start_s, q.quality) for q in closed] == [(T0 - 3600, "measured")]


def test_clock_set_back_an_hour_doubles_nothing(reading_at: Read, fold: Fold) -> None:
    """The repeated hour is collected in the quarter that was open, marked, and no quarter comes twice."""
    readings = []
    for s in range(0, 9001, 10):
        back_s = 3600 if s >= 4600 else 0
        readings.append(reading_at(T0 + s, 100 + s / 1000, meter_s=T0 + s - back_s))
    _, closed = fold(readings)
    starts = [q.start_s for q in closed]
    assert starts == [T0 + 900 * n for n in range(6)]
    assert [q.quality for q in closed] == ["measured"] * 5 + ["clock"]
    assert closed[-1].demand_w is None
    assert milli(sum(q.import_kwh for q in closed)) == milli(5.4 + 3.6)


def test_clock_set_right_by_months_goes_on_at_the_new_time(reading_at: Read, fold: Fold) -> None:
    """From months behind to right: the open quarter ends where it stands, none is invented in between."""
    readings = []
    for s in range(0, 2701, 10):
        behind_s = 200 * 86400 if s < 1300 else 0
        readings.append(reading_at(T0 + s, 100 + s / 1000, meter_s=T0 + s - behind_s))
    _, closed = fold(readings)
    assert [(q.start_s, q.quality) for q in closed] == [
        (T0 - 200 * 86400, "measured"),
        (T0 - 200 * 86400 + 900, "clock"),
        (T0 + 900, "clock"),
        (T0 + 1800, "measured"),
    ]
    assert milli(sum(q.import_kwh for q in closed)) == milli(2.7)


def test_clock_ahead_and_set_right_reaches_its_old_quarters_once(reading_at: Read, fold: Fold) -> None:
    """A meter two hours ahead is set right and later arrives at quarters that it had already closed."""
    readings = []
    for s in range(0, 14_401, 10):
        ahead_s = 7200 if s < 1850 else 0
        readings.append(reading_at(T0 + s, 100 + s / 1000, meter_s=T0 + s + ahead_s))
    _, closed = fold(readings)
    assert max(Counter(q.start_s for q in closed).values()) == 1
    register = closed[-1].register_import_kwh
    assert milli(sum(q.import_kwh for q in closed)) == milli(register - 100)


def test_clock_set_ahead_two_hours_invents_no_quarters(reading_at: Read, fold: Fold) -> None:
    """Our own clocks saw ten seconds pass: the quarters that the meter's clock skipped never were."""
    readings = [
        reading_at(T0 + s, 100 + s / 1000, meter_s=T0 + s + (7200 if s > 1300 else 0))
        for s in range(0, 2701, 10)
    ]
    _, closed = fold(readings)
    assert [((q.start_s - T0) // 900, q.quality) for q in closed] == [
        (0, "measured"),
        (1, "clock"),
        (9, "clock"),
        (10, "measured"),
    ]
    assert milli(sum(q.import_kwh for q in closed)) == milli(2.7)


def test_small_correction_at_a_boundary_is_no_clock_step(reading_at: Read, fold: Fold) -> None:
    """A clock that is set back three seconds just after a boundary costs nothing and marks nothing."""
    readings = [
        reading_at(T0 + s, 100 + s / 1000, meter_s=T0 + s - (3 if s > 901 else 0)) for s in range(1900)
    ]
    _, closed = fold(readings)
    assert [(q.start_s, q.quality) for q in closed] == [(T0, "measured"), (T0 + 900, "measured")]


def test_reboot_without_a_clock_of_our_own_trusts_the_meter(reading_at: Read) -> None:
    """A box without battery clock comes back after ten hours and believes it was a minute: the meter knows."""
    memory = QuarterMemory(meter_id="p1")
    memory, _ = step(memory, replace(reading_at(T0, 100.0), at_s=5000.0), float(T0))
    later = replace(reading_at(T0 + 36_000, 110.0), at_s=20.0)
    memory, closed = step(memory, later, float(T0 + 60))
    assert [q.import_kwh for q in closed] == [0.25] * 40
    assert {q.quality for q in closed} == {"interpolated"}


def test_coarse_register_may_step_by_several_kwh(reading_at: Read, fold: Fold) -> None:
    """A register in steps of 8 kWh is not taken for another meter each time that it steps."""
    _, closed = fold([reading_at(T0 + s, 8.0 * (s // 300)) for s in range(901)])
    assert [(q.import_kwh, q.quality) for q in closed] == [(24.0, "measured")]


def test_host_clock_step_changes_nothing(reading_at: Read, fold: Fold) -> None:
    """When our own clock is set by NTP the meter's quarters do not notice."""
    memory = QuarterMemory(meter_id="p1")
    out: list[ClosedQuarter] = []
    for s in range(0, 2000, 5):
        utc_s = T0 + s + (86400 * 365 if s > 850 else 0)
        memory, closed = step(memory, reading_at(T0 + s, 100 + s / 3600), utc_s)
        out.extend(closed)
    assert [(q.start_s, q.quality) for q in out] == [(T0, "measured"), (T0 + 900, "measured")]


@pytest.mark.parametrize("new_kwh", [0.0, 7000.0])
def test_replaced_meter_is_marked_and_never_billed(reading_at: Read, fold: Fold, new_kwh: float) -> None:
    """A register that goes back, or leaps, is another meter: the quarter keeps what was really measured."""
    readings = [reading_at(T0 + s, 500 + s / 1000) for s in range(0, 400, 10)]
    readings += [reading_at(T0 + s, new_kwh + (s - 400) / 1000) for s in range(400, 1801, 10)]
    _, closed = fold(readings)
    assert [q.quality for q in closed] == ["reset", "measured"]
    assert closed[0].import_kwh == pytest.approx(0.39 + 0.5)
    assert closed[1].import_kwh == pytest.approx(0.9)


def test_telegrams_that_come_once_more_are_not_counted_twice(reading_at: Read, fold: Fold) -> None:
    """A gateway repeats five old telegrams in a circle for a minute: the energy is that of the registers."""

    def true(s: int) -> MeterReading:
        return reading_at(T0 + s, round(100 + s * 4 / 3600, 3))

    readings = [true(s) for s in range(400)]
    readings += [replace(true(390 + s % 5), at_s=true(s).at_s) for s in range(400, 460)]
    _, closed = fold([*readings, *(true(s) for s in range(460, 901))])
    assert [(q.import_kwh, q.quality) for q in closed] == [(1.0, "measured")]


def test_telegrams_out_of_order_are_not_counted_twice(reading_at: Read, fold: Fold) -> None:
    """A line that begins to lag gives again what was so six seconds ago, and says so."""
    true = [reading_at(T0 + s, round(100 + s * 4 / 3600, 3)) for s in range(1000)]
    _, closed = fold([*true[:400], *true[394:]])
    assert [(q.import_kwh, q.quality) for q in closed] == [(1.0, "measured")]


def test_an_old_telegram_in_the_moment_in_which_our_clock_is_set_is_no_other_meter(
    reading_at: Read, fold: Fold
) -> None:
    """The line begins to lag and our clock of day goes back an hour, both at once: it is what was so six seconds ago."""
    true = [reading_at(T0 + s, round(100 + s * 4 / 3600, 3)) for s in range(1000)]
    memory, _ = fold(true[:400])
    out: list[ClosedQuarter] = []
    for reading in true[394:]:
        memory, closed = step(memory, reading, reading.at_s + 1_000_000_000 - 3600)
        out.extend(closed)
    assert [(q.import_kwh, q.quality) for q in out] == [(1.0, "measured")]


def test_a_meter_without_a_clock_that_repeats_itself_is_not_counted_twice(fold: Fold) -> None:
    """Its registers are a little behind for a moment: that is no other meter."""

    def true(s: int) -> MeterReading:
        kwh = round(100 + s * 40 / 3600, 2)
        return MeterReading(meter_id="p1", at_s=float(T0 + s - 10**9), energy_import_kwh=kwh)

    readings = [true(s) for s in range(400)]
    readings += [replace(true(370 + s % 5), at_s=true(s).at_s) for s in range(400, 440)]
    _, closed = fold([*readings, *(true(s) for s in range(440, 1000))])
    assert [(q.import_kwh, q.quality) for q in closed] == [(10.0, "measured")]


def test_an_old_telegram_under_a_clock_that_was_set_forward_is_no_other_meter(
    reading_at: Read, fold: Fold
) -> None:
    """A line begins to lag in the moment in which the meter's clock is set: a watt-hour less under a later time."""
    readings = [reading_at(T0 + s, round(100 + s / 1000, 3), meter_s=T0 + s) for s in range(600)]
    late = [reading_at(T0 + s, round(100 + (s - 5) / 1000, 3), meter_s=T0 + s + 20) for s in range(600, 640)]
    _, closed = fold(
        [*readings, *late, *(reading_at(T0 + s, round(100 + s / 1000, 3)) for s in range(640, 1000))]
    )
    assert milli(closed[0].import_kwh) == milli(0.9)
    assert closed[0].quality != "reset"


def test_another_meter_with_a_clock_behind_is_taken_in_the_end(reading_at: Read, fold: Fold) -> None:
    """Lower registers and an earlier clock for good are no repetition."""
    readings = [reading_at(T0 + s, 100 + s / 1000) for s in range(0, 600, 10)]
    readings += [reading_at(T0 + s, 5 + s / 1000, meter_s=T0 + s - 60) for s in range(600, 1900, 10)]
    memory, _ = fold(readings)
    assert memory.last is not None
    assert memory.last.import_kwh == pytest.approx(6.89)


def test_meter_without_export_register_has_no_export(reading_at: Read, fold: Fold) -> None:
    """Absence is not zero."""
    _, closed = fold([reading_at(T0 + s, 100 + s / 900, energy_export_kwh=None) for s in (0, 880, 900)])
    assert closed[0].export_kwh is None
    assert closed[0].import_kwh == pytest.approx(1.0)


def test_meter_with_tariff_registers_only_is_summed(fold: Fold) -> None:
    """Import is the sum of both tariffs where no total is sent."""
    readings = [
        MeterReading(
            meter_id="p1",
            at_s=T0 + s - 1_000_000_000,
            meter_time_s=T0 + s,
            energy_import_t1_kwh=10.0,
            energy_import_t2_kwh=20 + s / 900,
        )
        for s in (0, 890, 900)
    ]
    _, closed = fold(readings)
    assert closed[0].import_kwh == 1.0


def test_meter_without_registers_has_no_account(fold: Fold) -> None:
    """A meter that gives power alone leaves the memory alone."""
    memory, closed = fold([MeterReading(meter_id="p1", at_s=1.0, power_w=500.0)])
    assert (memory, closed) == (QuarterMemory(meter_id="p1"), [])


@pytest.mark.parametrize(
    ("day", "quarters"), [((2026, 3, 29), 92), ((2026, 10, 25), 100), ((2026, 6, 1), 96)]
)
def test_days_of_time_change_have_their_own_number_of_quarters(
    reading_at: Read, fold: Fold, day: tuple[int, int, int], quarters: int
) -> None:
    """A local day has 92, 96 or 100 quarters, none missing, none twice."""
    start = datetime(*day, tzinfo=BRUSSELS)
    end = datetime(*day[:2], day[2] + 1, tzinfo=BRUSSELS)
    start_s, end_s = int(start.timestamp()), int(end.timestamp())
    readings = [reading_at(s, (s - start_s) / 3600) for s in range(start_s, end_s + 1, 30)]
    _, closed = fold(readings)
    assert [q.start_s for q in closed] == list(range(start_s, end_s, 900))
    assert len(closed) == quarters
    assert {datetime.fromtimestamp(q.start_s, UTC).astimezone(BRUSSELS).date() for q in closed} == {
        start.date()
    }


def test_running_quarter_prefers_the_meters_own_demand(reading_at: Read, fold: Fold) -> None:
    """1.4.0 has a quarter of a watt-hour of resolution and knows what we did not see."""
    last = reading_at(T0 + 450, 100.2, quarter_demand_w=2200.0, power_w=6000.0)
    memory, _ = fold([reading_at(T0 + 300, 100.0), last])
    now = running(memory, last)
    assert now is not None
    assert (now.source, now.elapsed_s, now.energy_kwh, now.demand_w) == ("meter", 450, 0.55, 2200.0)
    assert now.projected_w == pytest.approx(2200 + 6000 * 450 / 900)


def test_running_quarter_is_refined_between_register_steps(reading_at: Read, fold: Fold) -> None:
    """Power fills in between two steps of the register, never by more than one step."""
    readings = [reading_at(T0 + s, 100.0, power_w=1800.0) for s in (0, 1)]
    memory, _ = fold(readings)
    now = running(memory, readings[-1])
    assert now is not None
    assert now.energy_kwh == pytest.approx(0.0005)
    readings += [reading_at(T0 + 30, 100.0, power_w=1800.0)]
    memory, _ = fold(readings)
    now = running(memory, readings[-1])
    assert now is not None
    assert now.energy_kwh == pytest.approx(0.001)
    assert now.source == "registers"


def test_resume_goes_on_where_the_recorded_quarter_ended(reading_at: Read, fold: Fold) -> None:
    """A memory saved before the newest recorded quarter neither repeats that quarter nor loses energy."""
    readings = [reading_at(T0 + s, round(100 + s / 1700, 3)) for s in range(0, 3600, 7)]
    old, _ = fold(readings[:100])
    _, recorded = fold(readings[:300])
    memory = resume(old, recorded[-1])
    more: list[ClosedQuarter] = []
    for reading in readings[310:]:
        memory, closed = step(memory, reading, reading.at_s + 1_000_000_000)
        more.extend(closed)
    assert [q.start_s for q in [*recorded, *more]] == [T0 + 900 * n for n in range(3)]
    total = sum(q.import_kwh for q in [*recorded, *more])
    assert milli(total) == milli(more[-1].register_import_kwh - 100)


def test_quarters_closed_since_the_memory_was_saved_are_not_opened_again(
    reading_at: Read, fold: Fold
) -> None:
    """Our clock of day jumps an hour ahead, a meter without one crosses four quarters, and the power fails before the memory is
    saved; when the clock is right again none of the four comes once more."""
    true = [replace(reading_at(T0 + s, 100 + s / 3600), meter_time_s=None) for s in range(0, 1900, 10)]
    saved, recorded = fold(true[:30])
    memory = saved
    for reading in true[30:33]:
        memory, closed = step(memory, reading, reading.at_s + 1_000_000_000 + 3600)
        recorded.extend(closed)
    assert len(recorded) == 4
    memory = resume(saved, recorded[-1])
    for reading in true[40:]:
        memory, closed = step(memory, reading, reading.at_s + 1_000_000_000)
        recorded.extend(closed)
    starts = [q.start_s for q in recorded]
    assert len(set(starts)) == len(starts)


def test_resume_without_memory_begins_at_the_recorded_quarter(reading_at: Read, fold: Fold) -> None:
    """Even when the state is gone, the recorded quarter's registers close the gap."""
    _, recorded = fold([reading_at(T0 + s, 100 + s / 3600) for s in range(0, 901, 10)])
    memory = resume(QuarterMemory(meter_id="p1"), recorded[-1])
    memory, closed = step(memory, reading_at(T0 + 2700, 100.75), T0 + 2700.0)
    assert [(q.start_s, q.import_kwh, q.quality) for q in closed] == [
        (T0 + 900, 0.25, "interpolated"),
        (T0 + 1800, 0.25, "interpolated"),
    ]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.integers(0, 30), st.integers(0, 20_000)),
            st.integers(0, 3000),
            st.integers(0, 900),
            st.one_of(st.just(0), st.just(0), st.integers(-40_000, 40_000)),
        ),
        min_size=1,
        max_size=60,
    )
)
def test_sum_of_quarters_is_the_register_difference(steps: list[tuple[int, int, int, int]]) -> None:
    """Whatever gaps and clock steps come, every watt-hour is in exactly one quarter, and no quarter is twice."""
    memory = QuarterMemory(meter_id="p1")
    out: list[ClosedQuarter] = []
    host_s, offset_s, imported_wh, exported_wh = float(T0), 0, 100_000, 50_000
    for waited_s, in_wh, out_wh, clock_step_s in steps:
        host_s += waited_s
        offset_s += clock_step_s
        imported_wh += in_wh
        exported_wh += out_wh
        reading = MeterReading(
            meter_id="p1",
            at_s=host_s - 1e9,
            meter_time_s=host_s + offset_s,
            energy_import_kwh=imported_wh / 1000,
            energy_export_kwh=exported_wh / 1000,
        )
        memory, closed = step(memory, reading, host_s)
        out.extend(closed)
    assert max(Counter(q.start_s for q in out).values(), default=1) == 1
    assert memory.opened is not None
    assert memory.last is not None
    first_in, first_out = 100_000 + steps[0][1], 50_000 + steps[0][2]
    open_in = memory.last.import_kwh - memory.opened.import_kwh
    open_out = (memory.last.export_kwh or 0) - (memory.opened.export_kwh or 0)
    closed_in = sum(milli(q.import_kwh) for q in out)
    closed_out = sum(milli(q.export_kwh or 0) for q in out)
    assert closed_in + milli(open_in) == (imported_wh - first_in) * 1000
    assert closed_out + milli(open_out) == (exported_wh - first_out) * 1000
    assert all(q.import_kwh >= 0 for q in out)


def test_a_partial_quarter_with_a_gap_at_its_end_is_a_guess(reading_at: Read, fold: Fold) -> None:
    """Begun late it has at least what was seen; what is spread over a gap was not seen."""
    readings = [reading_at(T0 + s, 100 + s / 900) for s in (300, 310, 2000, 2010)]
    _, closed = fold(readings)
    assert {q.quality for q in closed} == {"interpolated"}
