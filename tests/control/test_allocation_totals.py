"""Limits on the sum of a circuit's phases, against exhaustive search and filling in exact fractions."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.control.allocation import AllocCharger, AllocCircuit, allocate, explain, tree_of

Problem = tuple[list[AllocCircuit], list[AllocCharger]]
PHASE_SETS = [(1,), (2,), (3,), (1, 2), (3, 1), (1, 2, 3), (2, 3, 1)]
EVERYONE = 10**8


def tenths(low: float, high: float) -> st.SearchStrategy[float]:
    return st.integers(round(10 * low), round(10 * high)).map(lambda n: n / 10)


@st.composite
def problems(draw: st.DrawFn, most: int, phase_a: float = 60.0) -> Problem:
    """A tree in which at least one circuit has a limit on its sum."""
    names = [f"n{i}" for i in range(draw(st.integers(1, 5)))]
    limited = draw(st.sets(st.sampled_from(names), min_size=1))
    circuits = [
        AllocCircuit(
            name,
            draw(st.sampled_from(names[:i])) if i else None,
            draw(st.tuples(*[tenths(0, phase_a)] * 3)),
            draw(st.tuples(*[tenths(-5, 8)] * 3)),
            draw(tenths(0, 120)) if name in limited else None,
        )
        for i, name in enumerate(names)
    ]
    minimums = draw(st.sampled_from([st.just(6.0), st.sampled_from([6.0, 8.0, 10.0]), tenths(0, 13)]))
    chargers = [
        AllocCharger(
            f"c{i}",
            draw(st.sampled_from(names)),
            draw(st.sampled_from(PHASE_SETS)),
            draw(minimums),
            draw(st.sampled_from([5.0, 10.0, 13.0, 16.0, 32.0])),
            draw(st.sampled_from([0.1, 1.0, 1.0, 2.0, 7.3])),
            draw(st.sampled_from([0, 0, 0, 1])),
            draw(st.sampled_from([0.0, 0.0, 60.0])),
        )
        for i in range(draw(st.integers(0, most)))
    ]
    return circuits, chargers


class Reference:
    """The semantics word by word: each charger has a coefficient on each row, 1 on phases, k on sums."""

    def __init__(self, circuits: list[AllocCircuit], chargers: list[AllocCharger]) -> None:
        self.chargers = chargers
        self.parent = {c.id: c.parent for c in circuits}
        self.slack: dict[tuple[str, int], Fraction] = {}
        for c in circuits:
            for p in (1, 2, 3):
                self.slack[c.id, p] = Fraction(str(c.limit_a[p - 1]))
            if c.limit_total_a is not None:
                self.slack[c.id, 0] = Fraction(str(c.limit_total_a))
        for c in circuits:
            for up in self.path(c.id):
                for p in (1, 2, 3):
                    self.slack[up, p] -= Fraction(str(c.base_load_a[p - 1]))
                    if (up, 0) in self.slack:
                        self.slack[up, 0] -= Fraction(str(c.base_load_a[p - 1]))
        self.factor = [self.factors(c) for c in chargers]
        self.current = [Fraction(0)] * len(chargers)
        self.admitted: set[int] = set()
        over = {row for row, slack in self.slack.items() if slack < 0}
        for priority in sorted({c.priority for c in chargers}, reverse=True):
            able = [
                i
                for i, c in enumerate(chargers)
                if c.priority == priority and c.max_a >= c.min_a and not over & set(self.factor[i])
            ]
            self.fill(self.admit(sorted(able, key=lambda i: (-chargers[i].waiting_s, i))))

    def path(self, circuit: str | None) -> Iterator[str]:
        while circuit is not None:
            yield circuit
            circuit = self.parent[circuit]

    def factors(self, charger: AllocCharger) -> dict[tuple[str, int], int]:
        out = {(up, p): 1 for up in self.path(charger.circuit) for p in charger.phases}
        for up in self.path(charger.circuit):
            if (up, 0) in self.slack:
                out[up, 0] = len(charger.phases)
        return out

    def admit(self, order: list[int]) -> list[int]:
        best: list[int] | None = None
        room = dict(self.slack)

        def descend(at: int, chosen: list[int]) -> None:
            nonlocal best
            if best is not None and len(chosen) + len(order) - at <= len(best):
                return
            if at == len(order):
                best = chosen[:]
                return
            i, need = order[at], Fraction(str(self.chargers[order[at]].min_a))
            factor = self.factor[i]
            if all(room[row] >= k * need for row, k in factor.items()):
                for row, k in factor.items():
                    room[row] -= k * need
                descend(at + 1, [*chosen, i])
                for row, k in factor.items():
                    room[row] += k * need
            descend(at + 1, chosen)

        descend(0, [])
        return best or []

    def fill(self, members: list[int]) -> None:
        low = {i: Fraction(str(self.chargers[i].min_a)) for i in members}
        high = {i: Fraction(str(self.chargers[i].max_a)) for i in members}
        weight = {i: Fraction(str(self.chargers[i].weight)) for i in members}
        current, level, moving = dict(low), Fraction(0), list(members)
        while True:
            load = {row: sum(current[i] * self.factor[i].get(row, 0) for i in members) for row in self.slack}
            moving = [
                i
                for i in moving
                if current[i] < high[i] and all(load[row] < self.slack[row] for row in self.factor[i])
            ]
            if not moving:
                break
            steps = [bound[i] / weight[i] for i in moving for bound in (low, high)]
            for row, slack in self.slack.items():
                rate = sum(
                    weight[i] * self.factor[i].get(row, 0) for i in moving if low[i] <= weight[i] * level
                )
                if rate:
                    steps.append(level + (slack - load[row]) / rate)
            level = min(step for step in steps if step > level)
            for i in moving:
                current[i] = max(low[i], min(high[i], weight[i] * level))
        for i in members:
            self.admitted.add(i)
            self.current[i] = current[i]
            for row, k in self.factor[i].items():
                self.slack[row] -= k * current[i]


def check(problem: Problem) -> None:
    answer = allocate(*problem, effort=EVERYONE)
    reference = Reference(*problem)
    assert answer.exact
    assert {i for i, g in enumerate(answer.grants) if g.admitted} == reference.admitted
    for grant, current in zip(answer.grants, reference.current, strict=True):
        assert abs(grant.current_a - current) < 1e-7, grant
    for use in answer.circuits:
        for p in (1, 2, 3):
            assert abs(use.slack_a[p - 1] - reference.slack[use.id, p]) < 1e-7
        assert (use.slack_total_a is None) == ((use.id, 0) not in reference.slack)
        if use.slack_total_a is not None:
            assert abs(use.slack_total_a - reference.slack[use.id, 0]) < 1e-7


@settings(max_examples=100, deadline=None)
@given(problems(most=10))
def test_the_answer_is_that_of_exhaustive_search_and_exact_filling(problem: Problem) -> None:
    """Who is admitted is the same, and every current agrees, with phases and sums both short."""
    check(problem)


@settings(max_examples=50, deadline=None)
@given(problems(most=10, phase_a=500.0))
def test_where_phases_are_wide_the_sum_alone_shares(problem: Problem) -> None:
    """The same where mostly the sums bind."""
    check(problem)


@settings(max_examples=50, deadline=None)
@given(problems(most=60))
def test_no_limit_is_passed_and_nobody_can_get_more_but_from_one_who_has_less(problem: Problem) -> None:
    """On sites too large for the reference. The criterion: who is below his maximum is told a full circuit-phase,
    or a circuit whose sum is full; on it, whoever has more current per weight is at his minimum or goes before."""
    circuits, chargers = problem
    answer = allocate(circuits, chargers)
    use = {u.id: u for u in answer.circuits}
    bare = {u.id: u for u in allocate(circuits, []).circuits}
    for u in answer.circuits:
        slack, alone = u.slack_total_a, bare[u.id].slack_total_a
        if slack is not None and alone is not None:
            assert slack > -1e-7 or abs(slack - alone) < 1e-9
    tree = tree_of(circuits)
    behind = [{tree.place(r) for r in tree.reach(c.circuit, c.phases).rows} for c in chargers]
    for i, (charger, grant) in enumerate(zip(chargers, answer.grants, strict=True)):
        assert grant.current_a == 0 or charger.min_a - 1e-9 <= grant.current_a <= charger.max_a + 1e-9
        if grant.code != "circuit_full":
            continue
        slack = use[grant.limited_by].slack_total_a if grant.total else None
        if slack is None:
            assert grant.phase is not None
            slack = use[grant.limited_by].slack_a[grant.phase - 1]
        assert abs(slack) < 1e-7
        for j, (other, theirs) in enumerate(zip(chargers, answer.grants, strict=True)):
            shares = any(
                circuit == grant.limited_by and (grant.total or phase == grant.phase)
                for circuit, phase in behind[j]
            )
            if shares and other.priority == charger.priority:
                more = theirs.current_a / other.weight - grant.current_a / charger.weight
                assert more * other.weight < 1e-6 or abs(theirs.current_a - other.min_a) < 1e-6, (i, j)


@settings(max_examples=40, deadline=None)
@given(problems(most=30))
def test_a_sum_that_the_phases_imply_changes_nothing(problem: Problem) -> None:
    """A limit of what the phases carry anyway gives the same currents as none."""
    circuits, chargers = problem
    none = [replace(c, limit_total_a=None) for c in circuits]
    loose = [replace(c, limit_total_a=sum(c.limit_a)) for c in circuits]
    answer, other = allocate(none, chargers), allocate(loose, chargers)
    over = any(min(u.slack_a) < 0 for u in allocate(none, []).circuits)  # then a phase lends to the sum
    if not over and answer.exact and other.exact:
        assert [g.admitted for g in other.grants] == [g.admitted for g in answer.grants]
        for one, two in zip(answer.grants, other.grants, strict=True):
            assert abs(one.current_a - two.current_a) < 1e-7


def test_amperes_count_once_for_each_phase() -> None:
    """40 A over the phases: a three-phase car and a one-phase car get 10 A each, not 13.3 W-fair shares."""
    circuits = [AllocCircuit("home", None, (25.0,) * 3, (1.0, 2.0, -3.0), limit_total_a=40.0)]
    cars = [
        AllocCharger("a", "home", (1, 2, 3), 6.0, 16.0),
        AllocCharger("b", "home", (2,), 6.0, 32.0),
    ]
    answer = allocate(circuits, cars)
    assert [g.current_a for g in answer.grants] == pytest.approx([10.0, 10.0])
    assert {(g.limited_by, g.phase, g.total, g.code) for g in answer.grants} == {
        ("home", None, True, "circuit_full")
    }
    texts = [why.text() for why in explain(circuits, cars, answer)]
    assert texts[0].startswith("circuit 'home' is full over its phases together: 40")


@pytest.mark.parametrize(
    ("limit_total_a", "base_a", "granted", "code", "words"),
    [
        (17.9, 0.0, [0.0, 6.0], "no_room", "no room for the minimum of 18"),
        (2.0, 1.0, [0.0, 0.0], "base_load", "without any charger"),
    ],
)
def test_who_gets_nothing_is_told_of_the_sum(
    limit_total_a: float, base_a: float, granted: list[float], code: str, words: str
) -> None:
    """As many as possible charge, so the one-phase car goes first; a base load over the sum stops all."""
    circuits = [AllocCircuit("home", None, (25.0,) * 3, (base_a,) * 3, limit_total_a)]
    cars = [AllocCharger("a", "home", (1, 2, 3), 6.0, 16.0), AllocCharger("b", "home", (2,), 6.0, 6.0)]
    answer = allocate(circuits, cars)
    assert [g.current_a for g in answer.grants] == granted
    assert (answer.grants[0].code, answer.grants[0].total) == (code, True)
    assert words in explain(circuits, cars, answer)[0].text()


def crowd(seed: int, chargers: int = 40) -> Problem:
    """Chargers on three boards, phases and sums both short."""
    random = Random(seed)

    def some(low: float, high: float) -> float:
        return round(random.uniform(low, high) * chargers / 40, 1)

    circuits = [AllocCircuit("n", None, (some(80, 110),) * 3, limit_total_a=some(150, 220))]
    circuits += [
        AllocCircuit(f"n{b}", "n", (some(30, 50), some(30, 50), some(30, 50)), limit_total_a=some(60, 110))
        for b in "abc"
    ]
    return circuits, [
        AllocCharger(
            f"c{i}",
            f"n{random.choice('abc')}",
            random.choice(PHASE_SETS),
            random.choice([6.0, 7.0, 9.5]),
            32.0,
            waiting_s=float(random.randrange(4)),
        )
        for i in range(chargers)
    ]


def test_a_search_that_is_cut_off_says_so_and_leaves_no_room_unused() -> None:
    """Within limits, and no refused charger would fit beside those admitted; more effort never admits fewer."""
    cut = 0
    for seed in range(8):
        circuits, chargers = crowd(seed)
        answer = allocate(circuits, chargers, effort=0)
        longer = allocate(circuits, chargers, effort=200_000)
        cut += not answer.exact
        assert sum(g.admitted for g in longer.grants) >= sum(g.admitted for g in answer.grants)
        reference = Reference(circuits, [])
        factors = [Reference.factors(reference, c) for c in chargers]
        for i, grant in enumerate(answer.grants):
            for row, k in factors[i].items() if grant.admitted else ():
                reference.slack[row] -= k * Fraction(chargers[i].min_a)
        assert min(reference.slack.values()) >= -1e-6
        for i, grant in enumerate(answer.grants):
            room = min(reference.slack[row] / k for row, k in factors[i].items())
            assert grant.admitted or room < chargers[i].min_a
    assert cut > 0


@pytest.mark.parametrize("seed", range(30))
def test_where_phases_and_sums_both_bite_the_search_finds_the_wanted_set(seed: int) -> None:
    """On three boards with two levels of both kinds of limits."""
    check(crowd(seed, 11))


def test_weights_orders_of_magnitude_apart_do_not_drown_each_other() -> None:
    """Once the heavy ones have stopped, the light one still gets all that is left of the sum."""
    circuits = [AllocCircuit("n", None, (100.0,) * 3, limit_total_a=50.0)]
    cars = [AllocCharger(f"c{i}", "n", (1, 2, 3), 0.0, 3.3, weight=1e6 / (i + 1)) for i in range(3)]
    cars += [AllocCharger("light", "n", (1, 2), 0.0, 32.0, weight=3e-6)]
    answer = allocate(circuits, cars)
    assert [g.current_a for g in answer.grants] == pytest.approx([3.3, 3.3, 3.3, (50 - 9 * 3.3) / 2])
    assert answer.circuits[0].slack_total_a == pytest.approx(0.0, abs=1e-7)
