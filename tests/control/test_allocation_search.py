"""Admission where minimums interlock: the search, its bound, and what happens when it is cut off."""

from itertools import product
from random import Random

import pytest

from kwartier.control.allocation import AllocCharger, AllocCircuit, allocate
from kwartier.control.allocation.bound import Demand, PriceBound

PHASE_SETS = [(1,), (2,), (3,), (1, 2), (2, 3), (1, 3), (1, 2, 3)]


def crowd(seed: int, chargers: int, minimums: list[float]) -> tuple[list[AllocCircuit], list[AllocCharger]]:
    """Three levels, everywhere room for about two thirds of the minimums."""
    random = Random(seed)
    circuits = [AllocCircuit("n", None, (chargers * 2.4,) * 3)]
    for a in "abc":
        circuits.append(AllocCircuit(f"n{a}", "n", (random.uniform(0.7, 1.0) * chargers,) * 3))
        circuits += [
            AllocCircuit(f"n{a}{b}", f"n{a}", (random.uniform(0.3, 0.5) * chargers,) * 3) for b in "xyz"
        ]
    leaves = [c.id for c in circuits if len(c.id) == 3]
    return circuits, [
        AllocCharger(
            f"c{i}",
            random.choice(leaves),
            random.choice(PHASE_SETS),
            random.choice(minimums),
            32.0,
            waiting_s=float(random.randrange(4)),
        )
        for i in range(chargers)
    ]


def test_interlocking_pairs_of_phases_are_known_to_exclude_each_other() -> None:
    """With 6 A per phase only one of three two-phase cars fits, though half of each would fit by count."""
    cars = [AllocCharger(f"c{i}", "n", p, 6.0, 32.0) for i, p in enumerate([(1, 2), (2, 3), (1, 3)])]
    answer = allocate([AllocCircuit("n", None, (6.0,) * 3)], cars)
    assert [g.current_a for g in answer.grants] == [6.0, 0.0, 0.0]
    assert answer.exact


@pytest.mark.parametrize("seed", range(6))
def test_a_large_crowd_with_one_minimum_is_settled_exactly(seed: int) -> None:
    """60 chargers, all phase sets, three levels short: proven within the effort of a control step, and
    nobody else's order would admit more."""
    circuits, chargers = crowd(seed, 60, [6.0])
    answer = allocate(circuits, chargers)
    assert answer.exact
    count = sum(g.admitted for g in answer.grants)
    assert count < 60
    for turn in range(5):
        shuffled = Random(turn).sample(chargers, len(chargers))
        assert sum(g.admitted for g in allocate(circuits, shuffled).grants) == count


def test_a_search_without_effort_says_so_and_still_leaves_no_room_unused() -> None:
    """Cut off at once, the answer is within limits and no refused charger would fit beside those admitted."""
    cut = 0
    for seed in range(12):
        circuits, chargers = crowd(seed, 40, [6.0, 7.0, 9.5, 13.0])
        answer = allocate(circuits, chargers, effort=0)
        best = allocate(circuits, chargers, effort=10**6)
        cut += not answer.exact
        assert not best.exact or sum(g.admitted for g in best.grants) >= sum(
            g.admitted for g in answer.grants
        )
        room = {(c.id, p): c.limit_a[p - 1] for c in circuits for p in (1, 2, 3)}
        rows = [[(c.circuit[:n], p) for n in (1, 2, 3) for p in c.phases] for c in chargers]
        for i, grant in enumerate(answer.grants):
            for row in rows[i] if grant.admitted else ():
                room[row] -= chargers[i].min_a
        assert min(room.values()) > -1e-9
        for i, grant in enumerate(answer.grants):
            assert grant.admitted or min(room[row] for row in rows[i]) < chargers[i].min_a
    assert cut > 0


@pytest.mark.parametrize("seed", range(40))
def test_the_price_bound_is_never_below_what_fits(seed: int) -> None:
    """Against all combinations, at first and after changes, with its margins telling the truth."""
    random = Random(seed)
    parents = [-1, 0, 0, 1]
    demands = []
    for _ in range(4):
        node = random.choice([1, 2, 3])
        chain = [node]
        while parents[chain[-1]] >= 0:
            chain.append(parents[chain[-1]])
        phases = random.choice(PHASE_SETS)
        demands.append(Demand(tuple(3 * n + p - 1 for n in chain for p in phases), random.choice([6, 8, 13])))
    bound = PriceBound(parents, demands, [0.0, 1 / 13, 1 / 8, 1 / 6])
    room = {row: random.randrange(40) for demand in demands for row in demand.rows}
    for _ in range(3):
        left = [random.randrange(4) for _ in demands]
        for k in range(len(demands)):
            bound.mark(k)
        value = bound.value(room, left)
        margins = bound.margins()
        for counts in product(*(range(n + 1) for n in left)):
            load = dict.fromkeys(room, 0)
            for demand, count in zip(demands, counts, strict=True):
                for row in demand.rows:
                    load[row] += count * demand.need
            if all(load[row] <= room[row] for row in room):
                # Each member of a kind with a negative margin, and each one missing of a kind with a positive
                # one, takes its margin off the bound.
                off = sum(
                    -m * count if m < 0 else m * (n - count)
                    for m, n, count in zip(margins, left, counts, strict=True)
                )
                assert sum(counts) <= value - off + 1e-6
        room = {row: random.randrange(40) for row in room}
