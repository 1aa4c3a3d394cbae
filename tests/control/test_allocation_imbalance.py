"""Phase imbalance against an independent reference: all sets of chargers, and linear programmes in fractions.

Nothing is shared with the allocator: sets are enumerated, each programme is solved anew from scratch, and who is
held at a level is found by asking, for each charger by itself, whether he could have more.
"""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.control.allocation import AllocCharger, AllocCircuit, allocate, explain, tree_of
from kwartier.control.allocation.shapes import PAIRS

Problem = tuple[list[AllocCircuit], list[AllocCharger]]
PHASE_SETS = [(1,), (2,), (3,), (1,), (2,), (1, 2), (3, 1), (1, 2, 3), (2, 3, 1)]
F = Fraction


def maximum(c: list[Fraction], a: list[list[Fraction]], b: list[Fraction]) -> list[Fraction] | None:
    """max c x where a x <= b and x >= 0, exactly (two phases, Bland's rule); None where nothing satisfies it.
    Tableau with slack columns and one artificial column per row that needs it."""
    m, n = len(a), len(c)
    bad = [r for r in range(m) if b[r] < 0]
    width = n + m + len(bad)
    rows = []
    basis = []
    for r in range(m):
        sign = -1 if r in bad else 1
        row = [sign * v for v in a[r]] + [F(0)] * (m + len(bad)) + [sign * b[r]]
        row[n + r] = F(sign)
        if r in bad:
            row[n + m + bad.index(r)] = F(1)
        rows.append(row)
        basis.append(n + m + bad.index(r) if r in bad else n + r)

    def run(cost: list[Fraction], usable: int) -> Fraction:
        while True:
            reduced = [cost[j] - sum(cost[basis[r]] * rows[r][j] for r in range(m)) for j in range(usable)]
            j = next((j for j in range(usable) if reduced[j] > 0), None)
            if j is None:
                return sum((cost[basis[r]] * rows[r][-1] for r in range(m)), F(0))
            able = [(rows[r][-1] / rows[r][j], basis[r], r) for r in range(m) if rows[r][j] > 0]
            r = min(able)[2]
            by = rows[r][j]
            rows[r] = [v / by for v in rows[r]]
            for o in range(m):
                if o != r and rows[o][j]:
                    k = rows[o][j]
                    rows[o] = [v - k * w for v, w in zip(rows[o], rows[r], strict=True)]
            basis[r] = j

    if bad:
        if run([F(0)] * (n + m) + [F(-1)] * len(bad), width) < 0:
            return None
        for r in range(m):
            if basis[r] >= n + m:  # at zero: take any real column instead
                j = next((j for j in range(n + m) if rows[r][j]), None)
                if j is not None:
                    by = rows[r][j]
                    rows[r] = [v / by for v in rows[r]]
                    for o in range(m):
                        if o != r and rows[o][j]:
                            k = rows[o][j]
                            rows[o] = [v - k * w for v, w in zip(rows[o], rows[r], strict=True)]
                    basis[r] = j
    run([*c, *[F(0)] * (m + len(bad))], n + m)
    x = [F(0)] * n
    for r in range(m):
        if basis[r] < n:
            x[basis[r]] = rows[r][-1]
    return x


def ways(charger: AllocCharger) -> list[tuple[int, ...]]:
    """The sets of phases that its car may draw on."""
    return (
        [charger.phases] if charger.sure else [charger.phases[:n] for n in range(1, len(charger.phases) + 1)]
    )


class Reference:
    """Priority by priority: the first of the largest sets that have a solution, then level after level."""

    def __init__(self, circuits: list[AllocCircuit], chargers: list[AllocCharger]) -> None:
        self.circuits, self.chargers = circuits, chargers
        self.parent = {c.id: c.parent for c in circuits}
        self.base: dict[tuple[str, int], Fraction] = {(c.id, p): F(0) for c in circuits for p in (1, 2, 3)}
        for c in circuits:
            for up in self.path(c.id):
                for p in (1, 2, 3):
                    self.base[up, p] += F(str(c.base_load_a[p - 1]))
        self.current: list[Fraction] = [F(0)] * len(chargers)
        self.admitted: set[int] = set()
        for priority in sorted({c.priority for c in chargers}, reverse=True):
            self.serve([i for i, c in enumerate(chargers) if c.priority == priority])

    def path(self, circuit: str | None) -> Iterator[str]:
        while circuit is not None:
            yield circuit
            circuit = self.parent[circuit]

    def serve(self, level: list[int]) -> None:
        cars = self.chargers
        order = [i for i in level if cars[i].max_a >= cars[i].min_a and cars[i].max_a > 0]
        order.sort(key=lambda i: (-cars[i].waiting_s, i))
        for size in range(len(order), 0, -1):
            for chosen in combinations(order, size):
                rows = self.rows(list(chosen))
                if self.best(list(chosen), rows, [F(0)] * len(chosen)) is not None:
                    self.admitted.update(chosen)
                    self.level(list(chosen), rows)
                    return

    def rows(self, chosen: list[int]) -> list[tuple[dict[int, Fraction], dict[int, Fraction], Fraction]]:
        """Loading parts, parts that count up to `firm_a`, and the room; given those served before."""
        out: list[tuple[dict[int, Fraction], dict[int, Fraction], Fraction]] = []
        cars = self.chargers
        behind = {
            c.id: [i for i in range(len(cars)) if c.id in self.path(cars[i].circuit)] for c in self.circuits
        }
        for c in self.circuits:
            for p in (1, 2, 3):
                on = [i for i in behind[c.id] if p in cars[i].phases]
                room = F(str(c.limit_a[p - 1])) - self.base[c.id, p] - sum(self.current[i] for i in on)
                parts = {i: F(1) for i in on if i in chosen}
                if parts:
                    out.append((parts, {}, room))
            if c.limit_total_a is not None:
                room = F(str(c.limit_total_a)) - sum(self.base[c.id, p] for p in (1, 2, 3))
                room -= sum(len(cars[i].phases) * self.current[i] for i in behind[c.id])
                parts = {i: F(len(cars[i].phases)) for i in behind[c.id] if i in chosen}
                if parts:  # over its limit without any of them it is nobody's affair
                    out.append((parts, {}, room))
            if c.imbalance_a is None:
                continue
            for k, (p, q) in enumerate(PAIRS):
                above = (
                    self.base[c.id, p] - self.base[c.id, q] if c.uneven_a is None else F(str(c.uneven_a[k]))
                )
                plus = [i for i in behind[c.id] if any(p in w and q not in w for w in ways(cars[i]))]
                minus = [i for i in behind[c.id] if all(q in w and p not in w for w in ways(cars[i]))]
                room = F(str(c.imbalance_a)) - above - sum(self.current[i] for i in plus)
                room += sum(min(self.current[i], self.firm(i)) for i in minus)
                parts = {i: F(1) for i in plus if i in chosen}
                if parts:
                    out.append((parts, {i: F(1) for i in minus if i in chosen}, room))
        return out

    def firm(self, i: int) -> Fraction:
        return F(10**6) if self.chargers[i].firm_a == float("inf") else F(str(self.chargers[i].firm_a))

    def best(
        self,
        chosen: list[int],
        rows: list[tuple[dict[int, Fraction], dict[int, Fraction], Fraction]],
        goal: list[Fraction],
        least: dict[int, Fraction] | None = None,
        rising: dict[int, Fraction] | None = None,
    ) -> tuple[list[Fraction], Fraction] | None:
        """Variables: x per charger, what of it is certain, and a level z with x >= rising * z. Maximises
        goal * x, or z where somebody rises."""
        n = len(chosen)
        at = {i: k for k, i in enumerate(chosen)}
        a: list[list[Fraction]] = []
        b: list[Fraction] = []

        def add(parts: dict[int, Fraction], room: Fraction) -> None:
            a.append([parts.get(k, F(0)) for k in range(2 * n + 1)])
            b.append(room)

        for k, i in enumerate(chosen):
            car = self.chargers[i]
            add({k: F(1)}, F(str(car.max_a)))
            add({k: F(-1)}, -max(F(str(car.min_a)), (least or {}).get(i, F(0))))
            add({n + k: F(1), k: F(-1)}, F(0))
            add({n + k: F(1)}, self.firm(i))
            if rising and i in rising:
                add({2 * n: rising[i], k: F(-1)}, F(0))
        for plus, minus, room in rows:
            parts = {at[i]: v for i, v in plus.items()}
            parts.update({n + at[i]: -v for i, v in minus.items()})
            add(parts, room)
        cost = [*goal, *[F(0)] * n, F(1 if rising else 0)]
        x = maximum(cost, a, b)
        return None if x is None else (x[:n], x[2 * n])

    def level(
        self, chosen: list[int], rows: list[tuple[dict[int, Fraction], dict[int, Fraction], Fraction]]
    ) -> None:
        weight = {i: F(str(self.chargers[i].weight)) for i in chosen}
        held: dict[int, Fraction] = {}
        moving = list(chosen)
        while moving:
            found = self.best(chosen, rows, [F(0)] * len(chosen), held, {i: weight[i] for i in moving})
            assert found is not None
            z = found[1]
            least = held | {i: weight[i] * z for i in moving}
            for i in list(moving):
                goal = [F(1 if i == j else 0) for j in chosen]
                most = self.best(chosen, rows, goal, least)
                assert most is not None
                if most[0][chosen.index(i)] == weight[i] * z:
                    held[i] = weight[i] * z
                    moving.remove(i)
        for i in chosen:
            self.current[i] = held[i]


def tenths(low: float, high: float) -> st.SearchStrategy[float]:
    return st.integers(round(10 * low), round(10 * high)).map(lambda n: n / 10)


@st.composite
def problems(draw: st.DrawFn, most: int) -> Problem:
    """A small tree in which at least one circuit minds its imbalance."""
    names = [f"n{i}" for i in range(draw(st.integers(1, 3)))]
    minding = draw(st.sets(st.sampled_from(names), min_size=1))
    circuits = [
        AllocCircuit(
            name,
            draw(st.sampled_from(names[:i])) if i else None,
            draw(st.tuples(*[tenths(0, 70)] * 3)),
            draw(st.tuples(*[st.one_of(st.just(0.0), tenths(-10, 25))] * 3)),
            draw(st.one_of(st.none(), st.none(), tenths(20, 120))),
            imbalance_a=draw(st.sampled_from([0.0, 5.0, 12.5, 20.0, 20.0])) if name in minding else None,
        )
        for i, name in enumerate(names)
    ]
    chargers = [
        AllocCharger(
            f"c{i}",
            draw(st.sampled_from(names)),
            draw(st.sampled_from(PHASE_SETS)),
            draw(st.sampled_from([6.0, 6.0, 0.0, 8.5])),
            draw(st.sampled_from([10.0, 16.0, 32.0, 32.0])),
            draw(st.sampled_from([0.3, 1.0, 1.0, 2.0])),
            draw(st.sampled_from([0, 0, 0, 1])),
            draw(st.sampled_from([0.0, 0.0, 60.0])),
            draw(st.sampled_from([float("inf"), float("inf"), 0.0, 4.0, 9.5, 16.0])),
            draw(st.sampled_from([True, True, True, False])),
        )
        for i in range(draw(st.integers(1, most)))
    ]
    return circuits, chargers


@settings(max_examples=150, deadline=None)
@given(problems(most=5))
def test_the_answer_is_that_of_all_sets_and_exact_programmes(problem: Problem) -> None:
    """Who is admitted is the same, and each current agrees to a millionth of an ampere."""
    answer = allocate(*problem)
    reference = Reference(*problem)
    assert answer.exact
    assert {i for i, g in enumerate(answer.grants) if g.admitted} == reference.admitted
    for grant, current in zip(answer.grants, reference.current, strict=True):
        assert abs(grant.current_a - current) < 1e-6, (grant, float(current))
    assert len(explain(*problem, answer)) == len(problem[1])


def spread(problem: Problem, currents: list[float]) -> list[tuple[str, int, float, bool]]:
    """Per circuit that minds and pair: how far the rule is broken, and whether a granted charger loads it. What
    is certain of a charger counts on both sides as the rule says, with what flows at the least and most."""
    circuits, chargers = problem
    parent = {c.id: c.parent for c in circuits}
    ids = [c.id for c in circuits]

    def above(at: str | None) -> Iterator[str]:
        while at is not None:
            yield at
            at = parent[at]

    out = []
    for c in circuits:
        if c.imbalance_a is None:
            continue
        base = [sum(o.base_load_a[p] for o in circuits if c.id in above(o.id)) for p in range(3)]
        for k, (p, q) in enumerate(PAIRS):
            load = base[p - 1] - base[q - 1]
            loads = False
            for car, current in zip(chargers, currents, strict=True):
                if c.id not in above(car.circuit) or not current:
                    continue
                if any(p in w and q not in w for w in ways(car)):
                    load, loads = load + current, True
                elif all(q in w and p not in w for w in ways(car)):
                    load -= min(current, car.firm_a)
            out.append((ids[ids.index(c.id)], k, load - c.imbalance_a, loads))
    return out


@settings(max_examples=60, deadline=None)
@given(problems(most=24))
def test_nobody_who_charges_puts_a_phase_too_far_above_another(problem: Problem) -> None:
    """On sites too large for the reference; other limits hold as ever."""
    answer = allocate(*problem)
    for _, _, beyond, loads in spread(problem, [g.current_a for g in answer.grants]):
        assert beyond < 1e-6 or not loads
    bare = allocate(problem[0], [])
    for use, without in zip(answer.circuits, bare.circuits, strict=True):
        for p in range(3):
            assert use.slack_a[p] > -1e-7 or use.slack_a[p] == without.slack_a[p]
    for car, grant in zip(problem[1], answer.grants, strict=True):
        assert grant.current_a == 0.0 or car.min_a - 1e-9 <= grant.current_a <= car.max_a + 1e-9


@settings(max_examples=60, deadline=None)
@given(problems(most=12))
def test_a_car_that_draws_nothing_of_what_it_need_not_breaks_nothing(problem: Problem) -> None:
    """Each charger that stands for others may draw as little as is certain of it, and an unsure one may turn out
    to be each of its ways: the true phases still lie no further apart than allowed on account of a car."""
    circuits, chargers = problem
    answer = allocate(circuits, chargers)
    dice = Random(1)
    for _ in range(8):
        drawn = [
            (dice.choice(ways(c)), dice.choice([g.current_a, min(g.current_a, c.firm_a)]))
            for c, g in zip(chargers, answer.grants, strict=True)
        ]
        true = [
            replace(c, phases=way, sure=True, firm_a=float("inf"))
            for c, (way, _) in zip(chargers, drawn, strict=True)
        ]
        for _, _, beyond, loads in spread((circuits, true), [a for _, a in drawn]):
            assert beyond < 1e-6 or not loads


@settings(max_examples=60, deadline=None)
@given(problems(most=8))
def test_without_such_a_limit_the_answer_is_the_same_to_the_bit(problem: Problem) -> None:
    """No limit, one that is never reached, and three-phase cars only: all the old way."""
    circuits, chargers = problem
    plain = [replace(c, imbalance_a=None) for c in circuits]
    before = allocate(plain, chargers)
    assert allocate([replace(c, imbalance_a=1e9) for c in circuits], chargers).grants == before.grants
    three = [replace(c, phases=(1, 2, 3), sure=True) for c in chargers]
    assert allocate(circuits, three) == allocate(plain, three)


@settings(max_examples=40, deadline=None)
@given(problems(most=10))
def test_lower_priorities_change_nothing_and_answers_repeat(problem: Problem) -> None:
    """Strictly by priority, and deterministic, also with a tree that served other problems."""
    circuits, chargers = problem
    top = max(c.priority for c in chargers)
    first = [c for c in chargers if c.priority == top]
    together = {g.id: g for g in allocate(circuits, chargers).grants}
    assert [together[c.id] for c in first] == list(allocate(circuits, first).grants)
    tree = tree_of(circuits)
    allocate(circuits, chargers[::-1], tree=tree)
    assert allocate(circuits, chargers, tree=tree) == allocate(circuits, chargers)


def one(base: tuple[float, float, float], *cars: AllocCharger) -> list[tuple[float, str, int | None]]:
    grid = AllocCircuit("grid", None, (63.0,) * 3, base, imbalance_a=20.0)
    return [(round(g.current_a, 6), g.code, g.against) for g in allocate([grid], cars).grants]


def car(name: str, *phases: int, firm_a: float = float("inf"), sure: bool = True) -> AllocCharger:
    return AllocCharger(name, "grid", phases, 6.0, 32.0, firm_a=firm_a, sure=sure)


def test_the_rule_in_figures() -> None:
    """What a person would reckon."""
    assert one((0, 0, 0), car("a", 1)) == [(20.0, "imbalance", 2)]
    assert one((3, 2, 8), car("a", 1)) == [(19.0, "imbalance", 2)]
    assert one((0, -9, 0), car("a", 1)) == [(11.0, "imbalance", 2)], "the sun on L2 counts"
    assert one((0, 0, 0), car("a", 1, 2, 3)) == [(32.0, "own_maximum", None)]
    assert one((0, 0, 0), car("a", 1, 2, 3, sure=False)) == [(20.0, "imbalance", 2)]
    assert [c for c, *_ in one((0, 0, 0), car("a", 1), car("b", 2), car("c", 3))] == [32.0, 32.0, 32.0]
    assert [c for c, *_ in one((0, 0, 0), car("a", 1), car("b", 2, firm_a=0.0), car("c", 3))] == [
        20.0,
        32.0,
        20.0,
    ]


def test_the_house_alone_may_break_it_and_only_those_who_make_it_worse_wait() -> None:
    """L1 carries 30 A more than the others: a car on L1 waits, all others charge."""
    alone = one((30, 0, 0), car("a", 1), car("b", 1, 2, 3), car("c", 2))
    assert alone == [(0.0, "imbalance_no_room", 3), (32.0, "own_maximum", None), (20.0, "imbalance", 3)]
    helped = one((30, 0, 0), car("a", 1), car("b", 2), car("c", 3))
    assert [c for c, *_ in helped] == [22.0, 32.0, 32.0], "two who charge make room for him"


@pytest.mark.parametrize("seed", range(6))
def test_a_large_crowd_is_served_within_every_limit_and_in_bounded_effort(seed: int) -> None:
    """Sixty cars of as many kinds: more than the programmes take. What is not proven is said."""
    dice = Random(seed)
    grid = AllocCircuit("grid", None, (250.0,) * 3, (20.0, 5.0, 11.0), imbalance_a=20.0)
    cars = [
        AllocCharger(
            f"c{i}", "grid", dice.choice(PHASE_SETS), 6.0, dice.choice([13.0, 16.0, 32.0]), 1 + i / 100,
            firm_a=dice.uniform(0, 20), sure=dice.random() < 0.8,
        )
        for i in range(60)
    ]  # fmt: skip
    answer = allocate([grid], cars)
    for _, _, beyond, loads in spread(([grid], cars), [g.current_a for g in answer.grants]):
        assert beyond < 1e-6 or not loads
    assert sum(g.admitted for g in answer.grants) >= 15


def test_a_full_sum_of_phases_is_not_blamed_on_imbalance() -> None:
    """Ten of twenty amperes are left over two phases: too little for twice six, however even the phases are."""
    grid = AllocCircuit("grid", None, (32.0, 32.0, 32.0), limit_total_a=20.0, imbalance_a=1e9)
    one = AllocCharger("one", "grid", (1,), 10.0, 10.0, waiting_s=1.0)
    two = AllocCharger("two", "grid", (3, 1), 6.0, 10.0)
    refused = allocate([grid], [one, two]).grants[1]
    assert (refused.code, refused.total, refused.against) == ("no_room", True, None)
