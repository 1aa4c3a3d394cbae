"""Holding a quarter-hour target, second by second, against a meter that cuts 1.4.0 off to whole watts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import inf
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.control.rows.budget import Allowance, PeakMemory, Seen, hold, limit_total_a, why
from kwartier.metering.peaks import month_at
from kwartier.site.quarters import MonthPeak, QuarterSettings, RunningQuarter

BRUSSELS = ZoneInfo("Europe/Brussels")
START_S = month_at(2026, 11, BRUSSELS).start_s + 9 * 86400
FIXED = QuarterSettings(follow="fixed", fixed_w=5000.0)


def running(
    elapsed_s: float, energy_kwh: float, source: str = "meter", start_s: int = START_S
) -> RunningQuarter:
    return RunningQuarter(
        meter_id="grid",
        start_s=start_s,
        elapsed_s=elapsed_s,
        energy_kwh=energy_kwh,
        demand_w=energy_kwh * 4000,
        projected_w=energy_kwh * 4000,
        source=source,  # type: ignore[arg-type]
    )


@dataclass
class House:
    """A meter, other load, and cars that take all they may, some seconds late."""

    settings: QuarterSettings
    load_w: Callable[[int], float]
    lag_s: int = 0
    most_w: float = 22_000.0
    source: str = "meter"
    step_s: int = 1
    energy_kwh: float = 0.0
    """Imported in this quarter, exactly."""
    memory: PeakMemory = field(default_factory=PeakMemory)
    allowed: list[Allowance] = field(default_factory=list)
    charging_w: float = 0.0
    charged_kwh: float = 0.0
    ended_w: list[float] = field(default_factory=list)

    def run(self, seconds: int) -> "House":
        for t in range(seconds):
            if t and t % 900 == 0:
                self.ended_w.append(self.energy_kwh * 4000)
                self.energy_kwh = 0.0
            if t % self.step_s == 0:
                self.decide(t)
            late = self.allowed[max(0, len(self.allowed) - 1 - self.lag_s // self.step_s)].power_w
            self.charging_w = min(self.most_w, inf if late is None else late)
            self.energy_kwh += max(0.0, self.load_w(t) + self.charging_w) / 3.6e6
            self.charged_kwh += self.charging_w / 3.6e6
        self.ended_w.append(self.energy_kwh * 4000)
        return self

    def decide(self, t: int) -> None:
        step_kwh = 0.00025 if self.source == "meter" else 0.001
        told = int(self.energy_kwh / step_kwh + 1e-9) * step_kwh
        seen = Seen(
            running=running(t % 900, told, self.source, START_S + t - t % 900),
            at_s=float(t),
            import_w=self.load_w(t) + self.charging_w,
            charging_w=self.charging_w,
            most_w=self.most_w,
        )
        self.memory, allowance = hold(self.settings, self.memory, seen, float(t))
        self.allowed.append(allowance)


LOADS = st.lists(st.tuples(st.integers(1, 400), st.floats(-1, 1)), min_size=1, max_size=12)
"""Seconds and a level; -1 is 8 kW of export, 1 the worst."""


def steps(parts: Sequence[tuple[int, float]], worst_w: float) -> Callable[[int], float]:
    levels = [8000 * x if x < 0 else worst_w * x for seconds, x in parts for _ in range(seconds)]
    return lambda t: levels[t % len(levels)]


@settings(max_examples=40, deadline=None)
@given(
    LOADS,
    st.integers(0, 10),
    st.sampled_from([2500.0, 5000.0, 17_000.0]),
    st.sampled_from(["meter", "registers"]),
)
def test_no_load_below_the_target_ever_makes_a_quarter_pass_it(
    parts: list[tuple[int, float]], lag_s: int, target: float, source: str
) -> None:
    """Without reserve, whatever the load does up to the target, with chargers up to 10 s late: two quarters end
    at or below the target."""
    reckoned = QuarterSettings(follow="fixed", fixed_w=target, reserve_w=0.0)
    house = House(reckoned, steps(parts, target), lag_s, source=source).run(1800)
    assert max(house.ended_w) <= target + 1e-6


@settings(max_examples=40, deadline=None)
@given(LOADS, st.integers(0, 10), st.sampled_from([2500.0, 5000.0]), st.sampled_from([None, 100.0, 1000.0]))
def test_with_a_reserve_the_same_holds_for_loads_below_it(
    parts: list[tuple[int, float]], lag_s: int, target: float, reserve: float | None
) -> None:
    """The reserve is what the load is reckoned to leave; then chargers need not begin at nothing."""
    reckoned = QuarterSettings(follow="fixed", fixed_w=target, reserve_w=reserve)
    worst_w = target - (0.15 * target if reserve is None else reserve)
    house = House(reckoned, steps(parts, worst_w), lag_s).run(1800)
    assert max(house.ended_w) <= target + 1e-6


@settings(max_examples=30, deadline=None)
@given(LOADS, st.integers(0, 10), st.floats(0, 1500))
def test_a_load_beyond_what_was_reckoned_with_costs_at_most_the_reserve(
    parts: list[tuple[int, float]], lag_s: int, reserve: float
) -> None:
    """For any load up to the target itself."""
    reckoned = QuarterSettings(follow="fixed", fixed_w=5000.0, reserve_w=reserve)
    house = House(reckoned, steps(parts, 5000.0), lag_s).run(1800)
    assert max(house.ended_w) <= 5000.0 + reserve + 1e-6


@settings(max_examples=30, deadline=None)
@given(LOADS, st.floats(1.01, 3.0))
def test_above_a_load_that_alone_passes_the_target_nothing_is_charged_and_it_is_said(
    parts: list[tuple[int, float]], factor: float
) -> None:
    """From the first decision; later also that the quarter is lost for certain, and by how much."""
    floor = min(x for _, x in parts)
    load = steps([(s, (x - floor) / 2 + factor) for s, x in parts], 5000.0)
    house = House(FIXED, load).run(900)
    assert house.charged_kwh == 0
    assert {a.status for a in house.allowed} <= {"base_over", "overrun"}
    assert house.allowed[-1].status == "overrun" or house.ended_w[0] < 5000 * 1.02
    certain = [a for a in house.allowed if a.status == "overrun"]
    assert all(a.target_w == 5000 and 5000 + a.over_w <= house.ended_w[0] for a in certain)


@pytest.mark.parametrize(("load_w", "least"), [(500.0, 0.95), (3000.0, 0.95), (-6000.0, 0.95)])
def test_what_the_target_leaves_is_used(load_w: float, least: float) -> None:
    """With a steady load and the usual reserve, chargers get nearly all of it, in every quarter."""
    house = House(FIXED, lambda t: load_w, lag_s=5).run(3600)
    assert house.charged_kwh >= least * (5000 - load_w) / 1000
    assert max(house.ended_w) <= 5000


def test_a_load_that_ends_gives_its_energy_back_within_the_quarter() -> None:
    """An oven in the first five minutes: what the fast load took early is not lost for the rest, nor spent twice."""
    house = House(FIXED, lambda t: 4000.0 if t < 300 else 300.0, lag_s=5).run(900)
    assert house.charged_kwh >= 0.9 * (1.25 - (4000 * 300 + 300 * 600) / 3.6e6)
    assert house.ended_w[0] <= 5000


def test_the_start_of_a_quarter_needs_no_pause() -> None:
    """With the usual reserve, cars go on at what they had over the boundary, within a fifth."""
    house = House(FIXED, lambda t: 800.0, lag_s=3).run(2700)
    around = [a.power_w or 0.0 for a in house.allowed[840:960]]
    assert min(around) >= 0.8 * max(around) > 3000


def test_the_last_seconds_do_not_divide_by_nothing() -> None:
    """After a quarter of hardly any import the allowance stays within the limits, and ends at what the next one
    begins with."""
    seen = Seen(running=running(899.99, 0.1), at_s=10.0, import_w=200.0, charging_w=0.0, most_w=44_000.0)
    _, last = hold(FIXED, PeakMemory(), seen, 10.0)
    assert last.power_w is not None
    assert last.power_w <= 4800 + 1e-6
    for left_s in (0.001, 1.0, 29.0, 31.0, 60.0, 120.0, 600.0):
        seen = replace(seen, running=running(900 - left_s, 0.0))
        _, allowance = hold(FIXED, PeakMemory(), seen, 10.0)
        assert allowance.power_w is not None
        assert allowance.power_w <= 44_000
    _, unbounded = hold(FIXED, PeakMemory(), replace(seen, most_w=inf, running=running(899.5, 0.0)), 10.0)
    assert unbounded.power_w == pytest.approx(4800)


def test_a_meter_that_speaks_every_ten_seconds_is_enough() -> None:
    """Decisions on telegrams of DSMR 4, between which the load jumps."""
    settings_ = QuarterSettings(follow="fixed", fixed_w=5000.0, reserve_w=500.0)
    house = House(settings_, lambda t: 4500.0 if t % 97 > 50 else -3000.0, step_s=10).run(3600)
    assert max(house.ended_w) <= 5000


def test_silence_is_filled_with_what_was_allowed() -> None:
    """Without telegrams the budget shrinks by all that may have been drawn; the next quarter is awaited on our
    clock, and nothing is raised until the meter speaks again."""
    house = House(FIXED, lambda t: 1000.0).run(300)
    told = int(house.energy_kwh * 4000) / 4000
    memory = house.memory
    seen = Seen(running=running(299, told), at_s=299.0, import_w=None, charging_w=0.0, most_w=22_000.0)
    allowances = []
    for t in range(300, 3000):
        memory, allowance = hold(FIXED, memory, seen, float(t))
        allowances.append(allowance)
    powers = [a.power_w or 0.0 for a in allowances]
    assert all(later <= before for before, later in pairwise(powers[15:]))
    assert all(later.left_kwh <= before.left_kwh for before, later in pairwise(allowances[:590]))
    drawn_kwh = told + sum(1000 + power for power in powers[:599]) / 3.6e6
    assert drawn_kwh <= 1.25
    assert allowances[-1].end_s == START_S + 3600
    heard = Seen(
        running=running(50, 0.0, start_s=START_S + 2700), at_s=3001.0, import_w=1000.0, charging_w=0.0
    )
    assert (hold(FIXED, memory, heard, 3001.0)[1].power_w or 0.0) > powers[-1]


def test_without_any_quarter_nothing_is_allowed_and_without_target_everything() -> None:
    """Missing data can only tighten."""
    seen = Seen(running=None, at_s=0.0, import_w=None, charging_w=0.0)
    assert hold(FIXED, PeakMemory(), seen, 5.0)[1] == Allowance(status="unknown", power_w=0.0)
    free = hold(QuarterSettings(follow="none"), PeakMemory(), seen, 5.0)[1]
    assert (free.status, free.power_w) == ("free", None)
    assert limit_total_a(free, (1.0, 2.0, 3.0), 230.0) is None


def allowed_after(elapsed: Sequence[tuple[float, float]], source: str = "meter") -> Allowance:
    """The last allowance after telegrams at (our time, the meter's time in the quarter), hardly any import."""
    memory, allowance = PeakMemory(), Allowance(status="unknown", power_w=0.0)
    for at_s, meter_s in elapsed:
        start_s = START_S + int(meter_s // 900) * 900
        seen = Seen(
            running=running(meter_s % 900, 0.01, source, start_s),
            at_s=at_s,
            import_w=0.0,
            charging_w=0.0,
            most_w=22_000.0,
        )
        memory, allowance = hold(FIXED, memory, seen, at_s)
    return allowance


@pytest.mark.parametrize(
    "jumped", [[(0, 100), (1, 500)], [(0, 500), (1, 100)], [(0, 890), (1, 1300)], [(0, 500), (90, 500)]]
)
def test_after_a_step_of_the_meters_clock_nothing_saved_is_spent(jumped: list[tuple[float, float]]) -> None:
    """The rest of that quarter is held to the target's own power; the next one is whole again."""
    last = jumped[-1]
    after = allowed_after([*jumped, (last[0] + 1, last[1] + 1)])
    steady = allowed_after([(0, last[1]), (1, last[1] + 1)])
    assert after.power_w is not None
    assert after.power_w <= 5000 + 1
    assert steady.power_w is not None
    assert steady.power_w > after.power_w or last[1] % 900 <= 100
    ahead = [(last[0] + s, last[1] + s) for s in range(5, 1400, 5)]
    boundary = [(a, m) for a, m in ahead if m // 900 == last[1] // 900 + 1 and m % 900 >= 400]
    whole = allowed_after([*jumped, *[p for p in ahead if p[0] <= boundary[0][0]]])
    assert whole.power_w is not None
    assert whole.power_w > 5500


def test_a_quarter_seen_in_part_is_held_to_the_targets_own_power() -> None:
    """Registers since our first look tell nothing of before."""
    part, whole = allowed_after([(0, 600)], "partial"), allowed_after([(0, 600)], "registers")
    assert part.power_w == pytest.approx(5000)
    assert whole.power_w is not None
    assert whole.power_w > 10_000


@given(st.lists(st.floats(-9000, 9000), min_size=1, max_size=40), st.floats(0, 0.4), st.floats(1, 899))
def test_more_used_never_allows_more(loads: list[float], energy_kwh: float, elapsed_s: float) -> None:
    """Nor does a higher other load."""

    def power(extra_w: float, used_kwh: float) -> float:
        memory, allowance = PeakMemory(), None
        for n, load in enumerate(loads):
            seen = Seen(
                running=running(elapsed_s, used_kwh),
                at_s=float(n),
                import_w=load + extra_w,
                charging_w=0.0,
                most_w=22_000.0,
            )
            memory, allowance = hold(FIXED, memory, seen, float(n))
        assert allowance is not None
        assert allowance.power_w is not None
        return allowance.power_w

    assert power(0.0, energy_kwh + 0.05) <= power(0.0, energy_kwh) + 1e-6
    assert power(500.0, energy_kwh) <= power(0.0, energy_kwh) + 1e-6


def test_it_follows_the_month_peak_and_says_until_when() -> None:
    """In local time, in both languages; as a row of the allocator with the base load in it."""
    peak = MonthPeak(month=month_at(2026, 11, BRUSSELS), peak_w=4321.0)
    seen = Seen(running=running(300, 0.1), at_s=0.0, import_w=300.0, charging_w=0.0, peak=peak, most_w=9e3)
    _, allowance = hold(QuarterSettings(), PeakMemory(), seen, 0.0)
    assert (allowance.status, allowance.target_w, allowance.end_s) == ("held", 4321, START_S + 900)
    told = why(allowance, BRUSSELS)
    assert told is not None
    assert "kW left for charging until 00:15, to stay under 4.3 kW" in told.text()
    assert told.text("nl").startswith("Kwartierbudget: nog ")
    total = limit_total_a(allowance, (1.0, 0.5, -2.0), 240.0)
    assert total == pytest.approx((allowance.power_w or 0.0) / 240 - 0.5)


@pytest.mark.parametrize(
    ("energy_kwh", "load_w", "words"),
    [
        (0.2, 9000.0, "The other load alone takes this quarter-hour to 6.8 kW, above 5 kW."),
        (1.5, 100.0, "This quarter-hour ends at 6 kW or more, above 5 kW"),
    ],
)
def test_what_cannot_be_held_is_said(energy_kwh: float, load_w: float, words: str) -> None:
    """With the figures and until when."""
    seen = Seen(running=running(300, energy_kwh), at_s=0.0, import_w=load_w, charging_w=0.0, most_w=9e3)
    _, allowance = hold(FIXED, PeakMemory(), seen, 0.0)
    told = why(allowance, BRUSSELS)
    assert told is not None
    assert words in told.text()
    assert allowance.power_w == 0
    assert why(Allowance(status="unknown", power_w=0.0), BRUSSELS) is not None
    assert why(Allowance(status="free", power_w=None), BRUSSELS) is None
