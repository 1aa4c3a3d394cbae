"""Allocation against an independent reference: plain enumeration and filling in exact fractions."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.control.allocation import Allocation, AllocCharger, AllocCircuit, allocate, tree_of

Row = tuple[str, int]
Problem = tuple[list[AllocCircuit], list[AllocCharger]]

PHASES = st.permutations((1, 2, 3)).flatmap(lambda p: st.integers(1, 3).map(lambda n: tuple(p[:n])))
"""One to three conductors, wired in any order."""


def tenths(low: float, high: float) -> st.SearchStrategy[float]:
    """Figures as people write them: one decimal."""
    return st.integers(round(10 * low), round(10 * high)).map(lambda n: n / 10)


@st.composite
def problems(draw: st.DrawFn, most: int) -> Problem:
    """A tree of up to five levels, with up to `most` chargers."""
    names = [f"n{i}" for i in range(draw(st.integers(1, 8)))]
    depth: dict[str, int] = {}
    circuits = []
    for i, name in enumerate(names):
        above = [n for n in names[:i] if depth[n] < 5]
        parent = draw(st.sampled_from(above)) if i else None
        depth[name] = depth[parent] + 1 if parent else 1
        limit = draw(st.tuples(*[tenths(0, 60)] * 3))
        circuits.append(AllocCircuit(name, parent, limit, draw(st.tuples(*[tenths(-5, 8)] * 3))))
    minimums = draw(st.sampled_from([st.just(6.0), st.sampled_from([6.0, 8.0, 10.0]), tenths(0, 13)]))
    chargers = [
        AllocCharger(
            f"c{i}",
            draw(st.sampled_from(names)),
            draw(PHASES),
            draw(minimums),
            draw(st.sampled_from([0.0, 5.0, 10.0, 13.0, 16.0, 32.0])),
            draw(st.sampled_from([0.1, 1.0, 1.0, 2.0, 7.3])),
            draw(st.sampled_from([0, 0, 0, 1, -1])),
            draw(st.sampled_from([0.0, 0.0, 60.0, 900.0])),
        )
        for i in range(draw(st.integers(0, most)))
    ]
    return draw(st.permutations(circuits)), chargers


def exact(value: float) -> Fraction:
    """The decimal that a person wrote, not its nearest binary fraction."""
    return Fraction(str(value))


class Reference:
    """The semantics of DESIGN 6.4 word by word, slowly."""

    def __init__(self, circuits: list[AllocCircuit], chargers: list[AllocCharger]) -> None:
        self.chargers = chargers
        self.parent = {c.id: c.parent for c in circuits}
        self.slack = {(c.id, p): exact(c.limit_a[p - 1]) for c in circuits for p in (1, 2, 3)}
        for c in circuits:
            for p in (1, 2, 3):
                for up in self.path(c.id):
                    self.slack[up, p] -= exact(c.base_load_a[p - 1])
        self.rows = [[(up, p) for up in self.path(c.circuit) for p in c.phases] for c in chargers]
        self.current = [Fraction(0)] * len(chargers)
        self.admitted: set[int] = set()
        over = {row for row, slack in self.slack.items() if slack < 0}
        for priority in sorted({c.priority for c in chargers}, reverse=True):
            able = [
                i
                for i, c in enumerate(chargers)
                if c.priority == priority
                and c.max_a >= c.min_a
                and c.max_a > 0
                and not over & set(self.rows[i])
            ]
            self.fill(self.admit(sorted(able, key=lambda i: (-chargers[i].waiting_s, i))))

    def path(self, circuit: str | None) -> Iterator[str]:
        while circuit is not None:
            yield circuit
            circuit = self.parent[circuit]

    def admit(self, order: list[int]) -> list[int]:
        """The first, in the order of inclusion, of the sets with most members that fit."""
        best: list[int] | None = None
        room = dict(self.slack)

        def descend(at: int, chosen: list[int]) -> None:
            nonlocal best
            if best is not None and len(chosen) + len(order) - at <= len(best):
                return
            if at == len(order):
                best = chosen[:]
                return
            i, need = order[at], exact(self.chargers[order[at]].min_a)
            if all(room[row] >= need for row in self.rows[i]):
                for row in self.rows[i]:
                    room[row] -= need
                descend(at + 1, [*chosen, i])
                for row in self.rows[i]:
                    room[row] += need
            descend(at + 1, chosen)

        descend(0, [])
        return best or []

    def fill(self, members: list[int]) -> None:
        """Raise everybody together, from one breakpoint to the next."""
        low = {i: exact(self.chargers[i].min_a) for i in members}
        high = {i: exact(self.chargers[i].max_a) for i in members}
        weight = {i: exact(self.chargers[i].weight) for i in members}
        current, level, moving = dict(low), Fraction(0), list(members)
        while True:
            load = {row: sum(current[i] for i in members if row in self.rows[i]) for row in self.slack}
            moving = [
                i
                for i in moving
                if current[i] < high[i] and all(load[row] < self.slack[row] for row in self.rows[i])
            ]
            if not moving:
                break
            steps = [bound[i] / weight[i] for i in moving for bound in (low, high)]
            for row, slack in self.slack.items():
                rate = sum(weight[i] for i in moving if row in self.rows[i] and low[i] <= weight[i] * level)
                if rate:
                    steps.append(level + (slack - load[row]) / rate)
            level = min(step for step in steps if step > level)
            for i in moving:
                current[i] = max(low[i], min(high[i], weight[i] * level))
        for i in members:
            self.admitted.add(i)
            self.current[i] = current[i]
            for row in self.rows[i]:
                self.slack[row] -= current[i]


@settings(max_examples=200, deadline=None)
@given(problems(most=11))
def test_the_answer_is_that_of_exhaustive_search_and_exact_filling(problem: Problem) -> None:
    """Who is admitted is the same, and every current agrees to a ten-millionth of an ampere."""
    answer = allocate(*problem)
    reference = Reference(*problem)
    assert answer.exact
    assert {i for i, g in enumerate(answer.grants) if g.admitted} == reference.admitted
    for grant, current in zip(answer.grants, reference.current, strict=True):
        assert abs(grant.current_a - current) < 1e-7, grant
    for use in answer.circuits:
        for p in (1, 2, 3):
            assert abs(use.slack_a[p - 1] - reference.slack[use.id, p]) < 1e-7


def loads(problem: Problem, answer: Allocation) -> dict[Row, float]:
    """Everything that flows through each circuit-phase, added up anew."""
    circuits, chargers = problem
    parent = {c.id: c.parent for c in circuits}
    out = {(c.id, p): 0.0 for c in circuits for p in (1, 2, 3)}

    def add(circuit: str | None, phase: int, current_a: float) -> None:
        while circuit is not None:
            out[circuit, phase] += current_a
            circuit = parent[circuit]

    for c in circuits:
        for p in (1, 2, 3):
            add(c.id, p, c.base_load_a[p - 1])
    for charger, grant in zip(chargers, answer.grants, strict=True):
        for p in charger.phases:
            add(charger.circuit, p, grant.current_a)
    return out


@settings(max_examples=80, deadline=None)
@given(problems(most=60))
def test_no_limit_is_passed_and_every_current_is_zero_or_within_its_bounds(problem: Problem) -> None:
    """On sites too large for the reference. A circuit-phase that its base load alone fills carries no charger."""
    answer = allocate(*problem)
    load = loads(problem, answer)
    bare = loads(problem, replace(answer, grants=tuple(replace(g, current_a=0.0) for g in answer.grants)))
    for circuit, use in zip(problem[0], answer.circuits, strict=True):
        for p in (1, 2, 3):
            total = load[circuit.id, p]
            assert total <= circuit.limit_a[p - 1] + 1e-7 or abs(total - bare[circuit.id, p]) < 1e-9
            assert abs(use.used_a[p - 1] - total) < 1e-7
            assert abs(use.used_a[p - 1] + use.slack_a[p - 1] - circuit.limit_a[p - 1]) < 1e-7
    for charger, grant in zip(problem[1], answer.grants, strict=True):
        assert grant.id == charger.id
        if grant.admitted:
            assert charger.min_a - 1e-9 <= grant.current_a <= charger.max_a + 1e-9
        else:
            assert grant.current_a == 0.0


@settings(max_examples=80, deadline=None)
@given(problems(most=60))
def test_nobody_can_get_more_but_from_one_who_has_less_or_must_keep_it(problem: Problem) -> None:
    """The criterion of max-min fairness: who is below his maximum has a full circuit-phase, the one he is
    told, on which whoever has more per weight is at his minimum or goes before."""
    circuits, chargers = problem
    answer = allocate(circuits, chargers)
    use = {u.id: u for u in answer.circuits}
    tree = tree_of(circuits)
    behind = [{tree.place(r) for r in tree.reach(c.circuit, c.phases).rows} for c in chargers]
    for i, (charger, grant) in enumerate(zip(chargers, answer.grants, strict=True)):
        if not grant.admitted or grant.phase is None:
            assert grant.code != "own_maximum" or abs(grant.current_a - charger.max_a) < 1e-7
            continue
        row = (grant.limited_by, grant.phase)
        assert row in behind[i]
        assert abs(use[row[0]].slack_a[row[1] - 1]) < 1e-7
        for j, (other, theirs) in enumerate(zip(chargers, answer.grants, strict=True)):
            if row in behind[j] and other.priority == charger.priority:
                more = theirs.current_a / other.weight - grant.current_a / charger.weight
                assert more * other.weight < 1e-6 or abs(theirs.current_a - other.min_a) < 1e-6


@settings(max_examples=60, deadline=None)
@given(problems(most=60))
def test_who_is_left_out_had_no_room_where_he_is_told(problem: Problem) -> None:
    """With the minimums of those admitted booked, and higher priorities served, his would pass a limit."""
    circuits, chargers = problem
    answer = allocate(circuits, chargers)
    tree = tree_of(circuits)
    places = [{tree.place(r) for r in tree.reach(c.circuit, c.phases).rows} for c in chargers]
    empty = loads(problem, replace(answer, grants=tuple(replace(g, current_a=0.0) for g in answer.grants)))
    limit = {(c.id, p): c.limit_a[p - 1] for c in circuits for p in (1, 2, 3)}
    for i, (charger, grant) in enumerate(zip(chargers, answer.grants, strict=True)):
        if grant.code != "no_room":
            continue
        row = (grant.limited_by, grant.phase or 0)
        assert row in places[i]
        booked = empty[row]
        for j, (other, theirs) in enumerate(zip(chargers, answer.grants, strict=True)):
            if row in places[j] and theirs.admitted:
                if other.priority > charger.priority:
                    booked += theirs.current_a
                elif other.priority == charger.priority:
                    booked += other.min_a
        assert booked + charger.min_a > limit[row] + 1e-10


@settings(max_examples=60, deadline=None)
@given(problems(most=40))
def test_lower_priorities_change_nothing_for_higher_ones(problem: Problem) -> None:
    """Leaving out all but the highest priority leaves its grants as they were."""
    circuits, chargers = problem
    if not chargers:
        return
    top = max(c.priority for c in chargers)
    first = [c for c in chargers if c.priority == top]
    together = {g.id: g for g in allocate(circuits, chargers).grants}
    alone = allocate(circuits, first).grants
    assert [together[g.id] for g in alone] == list(alone)


@settings(max_examples=60, deadline=None)
@given(problems(most=14))
def test_the_same_problem_has_the_same_answer(problem: Problem) -> None:
    """To the bit, also with a tree that has served other problems; the order of circuits does not matter."""
    circuits, chargers = problem
    tree = tree_of(circuits)
    allocate(circuits, chargers[::-1], tree=tree)
    answer = allocate(circuits, chargers)
    assert allocate(circuits, chargers, tree=tree) == answer
    turned = allocate(circuits[::-1], chargers)
    for one, other in zip(answer.grants, turned.grants, strict=True):
        assert abs(one.current_a - other.current_a) < 1e-7
