"""Charge points that ignore their limit: the ladder itself, and what it does at a site."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.control.bench import Bench, metered, plain, point

from kwartier.control.chargers.obedience import (
    BARRED_S,
    CALM_S,
    DISABLE_AFTER_S,
    FORGET_S,
    MOST_TRIES,
    OPEN_S,
    OPEN_URGENT_S,
    QUIET_S,
    STAGES,
    TRY_S,
    WORDS,
    Obedience,
    Over,
    Stage,
    Word,
    judge,
)
from kwartier.control.chargers.obedience import after_restart as stage_after_restart
from kwartier.control.memory import PointMemory, after_restart, newest
from kwartier.site.readings import ChargePointReading
from kwartier.site.setpoints import Limit, Wish

NOW = 100_000.0
LITTLE, MUCH = Over("c", 12.0), Over("c", 60.0)

SAME = "same"
TABLE: dict[tuple[Stage, Word, bool], tuple[str, str]] = {
    # stage, word, a circuit is over -> next stage (before its time, after its time)
    ("obeys", "obeys", False): ("obeys", "obeys"),
    ("obeys", "obeys", True): ("obeys", "obeys"),
    ("obeys", "over", False): ("counted", "counted"),
    ("obeys", "over", True): ("counted", "counted"),
    ("obeys", "silent", False): ("obeys", "obeys"),
    ("obeys", "silent", True): ("obeys", "obeys"),
    ("obeys", "gone", False): ("obeys", "obeys"),
    ("obeys", "gone", True): ("obeys", "obeys"),
    ("obeys", "pardoned", False): ("obeys", "obeys"),
    ("obeys", "pardoned", True): ("obeys", "obeys"),
    ("counted", "obeys", False): ("obeys", "obeys"),
    ("counted", "obeys", True): ("obeys", "obeys"),
    ("counted", "over", False): ("counted", "disabled"),
    ("counted", "over", True): ("disabled", "disabled"),
    ("counted", "silent", False): ("counted", "counted"),
    ("counted", "silent", True): ("counted", "counted"),
    ("counted", "gone", False): ("obeys", "obeys"),
    ("counted", "gone", True): ("obeys", "obeys"),
    ("counted", "pardoned", False): ("obeys", "obeys"),
    ("counted", "pardoned", True): ("obeys", "obeys"),
    ("disabled", "obeys", False): ("disabled", "trying"),
    ("disabled", "obeys", True): ("disabled", "trying"),
    ("disabled", "over", False): ("disabled", "disabled"),
    ("disabled", "over", True): ("disabled", "cut"),
    ("disabled", "silent", False): ("disabled", "disabled"),
    ("disabled", "silent", True): ("disabled", "disabled"),
    ("disabled", "gone", False): ("obeys", "obeys"),
    ("disabled", "gone", True): ("obeys", "obeys"),
    ("disabled", "pardoned", False): ("disabled", "trying"),
    ("disabled", "pardoned", True): ("disabled", "trying"),
    ("cut", "obeys", False): ("cut", "returning"),
    ("cut", "obeys", True): ("cut", "returning"),
    ("cut", "over", False): ("cut", "disabled"),
    ("cut", "over", True): ("cut", "cut"),
    ("cut", "silent", False): ("cut", "returning"),
    ("cut", "silent", True): ("cut", "cut"),
    ("cut", "gone", False): ("returning", "returning"),
    ("cut", "gone", True): ("returning", "returning"),
    ("cut", "pardoned", False): ("cut", "returning"),
    ("cut", "pardoned", True): ("cut", "returning"),
    ("returning", "obeys", False): ("returning", "trying"),
    ("returning", "obeys", True): ("returning", "trying"),
    ("returning", "over", False): ("disabled", "disabled"),
    ("returning", "over", True): ("cut", "cut"),
    ("returning", "silent", False): ("returning", "returning"),
    ("returning", "silent", True): ("returning", "returning"),
    ("returning", "gone", False): ("returning", "obeys"),
    ("returning", "gone", True): ("returning", "obeys"),
    ("returning", "pardoned", False): ("returning", "trying"),
    ("returning", "pardoned", True): ("returning", "trying"),
    ("trying", "obeys", False): ("trying", "obeys"),
    ("trying", "obeys", True): ("trying", "obeys"),
    ("trying", "over", False): ("disabled", "disabled"),
    ("trying", "over", True): ("disabled", "disabled"),
    ("trying", "silent", False): ("trying", "trying"),
    ("trying", "silent", True): ("trying", "trying"),
    ("trying", "gone", False): ("obeys", "obeys"),
    ("trying", "gone", True): ("obeys", "obeys"),
    ("trying", "pardoned", False): ("trying", "obeys"),
    ("trying", "pardoned", True): ("trying", "obeys"),
    ("barred", "obeys", False): ("barred", "trying"),
    ("barred", "obeys", True): ("barred", "trying"),
    ("barred", "over", False): ("barred", "barred"),
    ("barred", "over", True): ("cut", "cut"),
    ("barred", "silent", False): ("barred", "barred"),
    ("barred", "silent", True): ("barred", "barred"),
    ("barred", "gone", False): ("obeys", "obeys"),
    ("barred", "gone", True): ("obeys", "obeys"),
    ("barred", "pardoned", False): ("obeys", "obeys"),
    ("barred", "pardoned", True): ("obeys", "obeys"),
}


def at(stage: Stage, ago_s: float, *, offences: int = 1, disables: int = 1) -> Obedience:
    """A stage that began so long ago, in which nothing was drawn ever since."""
    return Obedience(
        stage=stage,
        since_s=NOW - ago_s,
        quiet_s=NOW - ago_s if stage in {"disabled", "cut", "barred"} else None,
        until_s=NOW - ago_s + 1000.0,
        circuit="c" if stage in {"cut", "returning"} else None,
        offences=offences,
        disables=disables,
    )


@pytest.mark.parametrize(("stage", "word", "is_over"), list(product(STAGES, WORDS, (False, True))))
def test_every_stage_with_every_word(stage: Stage, word: Word, is_over: bool) -> None:
    """All 70 pairs, each before and after its time."""
    over = LITTLE if is_over else None
    early, late = TABLE[stage, word, is_over]
    assert judge(at(stage, 1.0), word, over, NOW)[0].stage == early
    assert judge(at(stage, 2000.0), word, over, NOW)[0].stage == late


def test_the_table_has_each_pair_once() -> None:
    """No pair is left out."""
    assert set(TABLE) == set(product(STAGES, WORDS, (False, True)))


@pytest.mark.parametrize(
    ("stage", "word", "over", "due_s"),
    [
        ("counted", "over", None, DISABLE_AFTER_S),
        ("disabled", "over", LITTLE, OPEN_S),
        ("disabled", "over", MUCH, OPEN_URGENT_S),
        ("disabled", "obeys", None, QUIET_S),
        ("cut", "obeys", None, QUIET_S),
        ("cut", "over", None, CALM_S),
        ("barred", "obeys", None, BARRED_S),
        ("trying", "obeys", None, 1000.0),
        ("returning", "obeys", None, 1000.0),
    ],
)
def test_each_stage_ends_when_it_is_due_and_not_before(
    stage: Stage, word: Word, over: Over | None, due_s: float
) -> None:
    """To the second."""
    assert judge(at(stage, due_s - 0.1), word, over, NOW)[0].stage == stage
    assert judge(at(stage, due_s), word, over, NOW)[0].stage != stage


def test_tries_are_few_and_the_past_is_forgotten() -> None:
    """Disabled as often as allowed, it is barred; an hour of obedience clears it, another offence does not."""
    assert judge(at("disabled", QUIET_S, disables=MOST_TRIES), "obeys", None, NOW)[0].stage == "barred"
    assert judge(at("obeys", FORGET_S, disables=2), "obeys", None, NOW)[0].disables == 0
    assert judge(at("obeys", FORGET_S - 1, disables=2), "obeys", None, NOW)[0].disables == 2
    assert judge(at("counted", 1.0, offences=2), "obeys", None, NOW)[0].stage == "trying"


def test_it_is_watched_longer_each_time() -> None:
    """Two minutes, ten, an hour."""
    for times, seconds in enumerate(TRY_S, start=1):
        tried, _ = judge(at("counted", 1.0, offences=times + 1), "obeys", None, NOW)
        assert (tried.stage, tried.until_s) == ("trying", NOW + seconds)


def test_a_larger_circuit_that_is_over_widens_the_cut() -> None:
    """The small group was stopped and it helped nothing."""
    wider, event = judge(at("cut", 1.0), "over", Over("grid", 5.0), NOW)
    assert (wider.circuit, event) == ("grid", "cut")


words = st.lists(
    st.tuples(st.sampled_from(WORDS), st.sampled_from([None, LITTLE, MUCH]), st.floats(0.1, 400))
)


@given(words)
def test_whatever_happens_nobody_is_freed_without_cause(story: list[tuple[Word, Over | None, float]]) -> None:
    """From a stopped stage to a free one only by a minute without current, a car that left or a person; and
    never more than `MOST_TRIES` times while the same car stands there."""
    state, now_s, tries, quiet_s = Obedience(), 0.0, 0, 0.0
    for word, over, pause_s in story:
        now_s += pause_s
        quiet_s = quiet_s + pause_s if word in {"obeys", "pardoned"} else 0.0
        new, _ = judge(state, word, over, now_s, others=3)
        assert stage_after_restart(new, 5.0).stage == new.stage
        if word in {"gone", "pardoned"}:
            tries = 0
        if state.stopped and not new.stopped:
            assert word in {"gone", "pardoned"} or new.stage == "trying"
            tries += word == "obeys"
            assert tries <= MOST_TRIES
        if new.stage == "cut":
            assert new.circuit is not None
        if word == "over" and state.stage in {"disabled", "barred", "trying", "returning", "cut"}:
            assert new.stopped
        state = new


# -- at a site ------------------------------------------------------------------------------------


def stubborn_site() -> Bench:
    """Two boards of 32 A behind 63 A; on the first a charge point that will draw 20 A on L1 whatever it is told."""
    bench = Bench(
        [metered("grid", None, 63.0), metered("a", "grid", 32.0), metered("b", "grid", 32.0)],
        [point("bad", "a", (1,)), point("a1", "a", (1,)), point("a2", "a", (2,)), point("b1", "b")],
    )
    return bench.run(60)


def stages(bench: Bench) -> str:
    return bench.memory.points["bad"].obedience.stage


def test_it_is_told_nothing_when_it_does_not_come_down_to_the_least() -> None:
    """Twenty seconds at the least, then 0 A; nobody else is stopped while no circuit is over."""
    bench = stubborn_site()
    bench.draws["bad"] = 28.0
    bench.run(int(DISABLE_AFTER_S) - 2)
    assert (bench.why["bad"], bench.allowed["bad"]) == ("charger_disobeys", 6.0)
    bench.run(6)
    assert (bench.why["bad"], bench.allowed["bad"]) == ("charger_disabled", 0.0)
    bench.run(300)
    assert stages(bench) == "disabled"
    assert bench.allowed["a2"] >= 31.0
    assert bench.allowed["b1"] > 0


@pytest.mark.parametrize(
    ("limits", "at_once"),
    [
        ({"imbalance_a": 20.0}, True),
        ({"contract_w": 6000.0}, True),
        ({"imbalance_a": 29.0}, False),
        ({"contract_w": 8000.0}, False),
    ],
)
def test_it_is_told_nothing_at_once_where_it_exceeds_a_limit_without_tolerance(
    limits: dict[str, Any], *, at_once: bool
) -> None:
    """28 A on L1 alone, where the phases may lie so far apart, or carry so much together: no fuse minds, so that nothing else
    would hurry."""
    grid = replace(metered("grid", None, 100.0), **limits)
    bench = Bench([grid], [point("bad", "grid", (1,))]).run(60)
    bench.draws["bad"] = 28.0
    bench.wishes["bad"] = Wish(charge_point_id="bad", limit_a=6.0)
    bench.run(14)
    assert bench.allowed["bad"] == (0.0 if at_once else 6.0)
    assert stages(bench) == ("disabled" if at_once else "counted")


def test_the_smallest_group_that_is_over_is_cut_and_comes_back_with_the_culprit_last() -> None:
    """The house on board a rises: the stubborn one overloads it. Board a goes dark, board b charges on."""
    bench = stubborn_site()
    bench.draws["bad"] = 28.0
    bench.run(40)
    bench.house["a"] = 8.0
    told: list[tuple[str, str]] = []
    for _ in range(30):
        told += [(m.level, m.reason.code) for m in bench.tick().messages]
    assert ("error", "obedience_cut") in told
    assert (bench.why["a1"], bench.why["a2"]) == ("group_cut", "group_cut")
    assert bench.allowed["a1"] == bench.allowed["a2"] == bench.allowed["bad"] == 0.0
    assert bench.allowed["b1"] > 0
    assert "bad" in bench.last_texts["a2"]
    bench.draws["bad"] = 0.0
    since: dict[str, float] = {}
    for _ in range(600):
        bench.tick()
        for p, current_a in bench.allowed.items():
            if current_a > 0:
                since.setdefault(p, bench.now_s)
        bench.draws.pop("bad", None)  # it follows its orders from now on
    assert set(since) == {"bad", "a1", "a2", "b1"}
    assert since["bad"] > max(since["a1"], since["a2"])
    assert stages(bench) == "obeys"


def test_it_gets_few_tries() -> None:
    """It behaves at 0 A and misbehaves at once when it gets something: three times, then it is barred until its
    car leaves."""
    bench = stubborn_site()
    bench.draws["bad"] = 28.0
    starts = 0
    for _ in range(1500):
        before = bench.allowed["bad"]
        bench.tick()
        starts += before == 0.0 and bench.allowed["bad"] > 0
        bench.draws["bad"] = 28.0 if bench.allowed["bad"] > 0 else 0.0
    assert (stages(bench), starts) == ("barred", MOST_TRIES - 1)
    assert bench.why["bad"] == "charger_barred"
    bench.asks.discard("bad")
    bench.draws["bad"] = 0.0
    bench.run(5)
    bench.asks.add("bad")
    del bench.draws["bad"]
    bench.run(60)
    assert bench.allowed["bad"] > 6.0


def test_one_that_is_barred_is_tried_each_half_hour_and_no_more() -> None:
    """It kept to 0 A for half an hour: its least, for an hour. It ignores that too: barred again, for another half hour."""
    bench = stubborn_site()
    bench.memory.points["bad"].obedience = Obedience(stage="barred", since_s=bench.now_s, disables=MOST_TRIES)
    bench.run(int(BARRED_S))
    assert bench.allowed["bad"] == 0.0
    bench.run(10)
    assert (stages(bench), bench.allowed["bad"]) == ("trying", 6.0)
    starts = 0
    for _ in range(int(BARRED_S)):
        before = bench.allowed["bad"]
        bench.tick()
        starts += before == 0.0 and bench.allowed["bad"] > 0
        bench.draws["bad"] = 28.0 if bench.allowed["bad"] > 0 else 0.0
    assert (stages(bench), starts) == ("barred", 0)


def test_silence_is_no_good_conduct_of_one_that_is_barred() -> None:
    """The half hour counts only while it is heard to draw nothing."""
    long_ago = at("barred", 5 * BARRED_S, disables=MOST_TRIES)
    unheard = judge(long_ago, "silent", None, NOW)[0]
    assert judge(unheard, "obeys", None, NOW + 1.0)[0].stage == "barred"
    assert judge(long_ago, "obeys", None, NOW)[0].until_s == NOW + TRY_S[-1]


def test_a_person_may_pardon() -> None:
    """Off and on again frees a barred charge point."""
    bench = stubborn_site()
    barred = Obedience(stage="barred", since_s=bench.now_s, disables=3)
    bench.memory.points["bad"].obedience = barred
    bench.run(30)
    assert bench.allowed["bad"] == 0.0
    bench.wishes = {"bad": Wish(charge_point_id="bad", mode="off")}
    bench.run(12)
    bench.wishes = {}
    bench.run(90)
    assert bench.allowed["bad"] > 0.0


@settings(max_examples=12, deadline=None)
@given(st.floats(0.0, 0.05), st.booleans())
def test_who_rounds_up_or_draws_five_percent_more_is_not_punished(more: float, rounds: bool) -> None:
    """A station that rounds to whole amperes and a car that measures 5 % high obey."""
    bench = Bench([metered("grid", None, 33.0)], [point("a", "grid"), point("b", "grid")]).run(60)
    for n in range(120):
        bench.house["grid"] = 3.0 + (n // 25) * 2.5
        for p in ("a", "b"):
            told = bench.allowed[p]
            bench.draws[p] = (float(-(-told // 1)) if rounds else told) * (1.0 + more)
        decision = bench.tick()
        assert not [
            m for m in decision.messages if "obedience" in m.reason.code or "disobeys" in m.reason.code
        ]
        assert all(bench.memory.points[p].obedience.stage == "obeys" for p in ("a", "b"))


def test_a_restart_keeps_the_ladder() -> None:
    """A cut group does not come back because Kwartier was started again."""
    bench = stubborn_site()
    bench.draws["bad"] = 28.0
    bench.run(40)
    bench.house["a"] = 8.0
    bench.run(30)
    assert stages(bench) == "cut"
    bench.memory = after_restart(bench.site, bench.memory, bench.now_s)
    bench.run(40)
    assert (stages(bench), bench.allowed["a1"], bench.allowed["a2"]) == ("cut", 0.0, 0.0)


def test_a_culprit_whose_supply_is_cut_does_not_hold_its_group_for_ever() -> None:
    """An electrician opens its breaker: it is silent, its booking stays, and the others share what that leaves."""
    bench = stubborn_site()
    bench.draws["bad"] = 28.0
    bench.run(40)
    bench.house["a"] = 8.0
    bench.run(30)
    bench.draws["bad"] = 0.0
    bench.odd_point["bad"] = ChargePointReading(charge_point_id="bad", at_s=0.0, state="C2")
    bench.house["a"] = 0.0
    bench.run(200)
    assert bench.memory.points["bad"].unheard
    assert bench.allowed["a2"] > 0.0


# -- silent devices --------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    granted_a=st.floats(0, 32),
    booked_a=st.floats(0, 32),
    fallback_a=st.floats(0, 16),
    drawn_a=st.floats(0, 40),
    restarts=st.integers(0, 3),
)
def test_what_is_booked_for_a_silent_device_is_at_least_all_that_it_may_draw(
    granted_a: float, booked_a: float, fallback_a: float, drawn_a: float, restarts: int
) -> None:
    """Last set-point, own word, own fallback and last measurement, over any number of restarts."""
    bench = Bench([plain("grid", None, 63.0)], [replace(point("a", "grid"), fallback_a=fallback_a)])
    memory = bench.memory
    memory.points["a"] = PointMemory(
        granted_a=granted_a,
        booked_a=booked_a,
        fallback_a=fallback_a,
        samples=((1.0, (drawn_a, 0.0, 0.0)),),
        known=True,
    )
    least = max(granted_a, booked_a, fallback_a, drawn_a)
    for n in range(restarts):
        memory = after_restart(bench.site, memory, float(n))
    assert memory.points["a"].reserved_a >= least
    assert restarts or max(newest(memory.points["a"].samples)) == drawn_a


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3, unique=True),
    st.integers(0, 60),
    st.booleans(),
    st.floats(8.0, 40.0),
)
def test_the_others_never_get_what_silent_ones_may_draw(
    silent: list[str], restart_at: int, metered_grid: bool, limit_a: float
) -> None:
    """What is told to those who are heard, and what each silent one may draw, fit the circuit together; also when
    Kwartier restarts meanwhile and a limit from outside comes and goes."""
    grid = (metered if metered_grid else plain)("grid", None, 50.0)
    bench = Bench([grid], [point(p, "grid") for p in "abc"]).run(90)
    keeps = dict(bench.allowed)
    for n in range(90):
        for p in silent:
            bench.odd_point[p] = ChargePointReading(charge_point_id=p, at_s=0.0, state="C2")
            bench.draws[p] = keeps[p]
        if n == 30:
            bench.limits = (Limit(circuit_id="grid", value_a=(limit_a,) * 3, source="operator"),)
        if n == 60:
            bench.limits = ()
        if n == restart_at:
            bench.memory = after_restart(bench.site, bench.memory, bench.now_s)
        bench.tick()
        if n > 15:
            heard = sum(a for p, a in bench.allowed.items() if p not in silent)
            assert (
                heard + sum(keeps[p] for p in silent) <= (limit_a if 30 <= n < 60 else 50.0) + 1e-6
                or not heard
            )
