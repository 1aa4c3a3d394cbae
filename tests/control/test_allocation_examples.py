"""Allocation by example: small sites whose answer can be worked out on paper."""

import pytest

from kwartier.control.allocation import (
    OWN,
    Allocation,
    AllocCharger,
    AllocCircuit,
    FillItem,
    Tree,
    allocate,
    explain,
    fill,
    tree_of,
)
from kwartier.site.errors import ConfigError

ALL = (1, 2, 3)
GRID = AllocCircuit("grid", None, (63.0, 63.0, 63.0))


def currents(allocation: Allocation) -> list[float]:
    return [round(g.current_a, 9) for g in allocation.grants]


def garage(limit_a: float, *base_a: float) -> AllocCircuit:
    base = (base_a[0], base_a[1], base_a[2]) if base_a else (0.0, 0.0, 0.0)
    return AllocCircuit("garage", "grid", (limit_a, limit_a, limit_a), base)


def car(name: str, circuit: str = "garage", phases: tuple[int, ...] = ALL, **more: float) -> AllocCharger:
    return AllocCharger(
        name,
        circuit,
        phases,
        min_a=more.get("min_a", 6.0),
        max_a=more.get("max_a", 32.0),
        weight=more.get("weight", 1.0),
        priority=int(more.get("priority", 0)),
        waiting_s=more.get("waiting_s", 0.0),
    )


def test_room_is_shared_equally_and_what_one_cannot_take_goes_to_the_others() -> None:
    """32 A for three cars of which one takes 8 A: the other two get 12 A each."""
    answer = allocate([GRID, garage(32.0)], [car("a"), car("b", max_a=8.0), car("c")])
    assert currents(answer) == [12.0, 8.0, 12.0]
    assert [g.code for g in answer.grants] == ["circuit_full", "own_maximum", "circuit_full"]
    assert [(g.limited_by, g.phase) for g in answer.grants] == [("garage", 1), (OWN, None), ("garage", 1)]


def test_weights_divide_in_proportion_but_never_below_the_minimum() -> None:
    """30 A at weights 1 : 1 : 8 would be 3 + 3 + 24 A; the minimum of 6 A goes before."""
    cars = [car("a"), car("b"), car("c", weight=8.0)]
    assert currents(allocate([GRID, garage(30.0)], cars)) == [6.0, 6.0, 18.0]


def test_each_phase_binds_by_itself_and_names_itself() -> None:
    """L2 carries 10 A of other load: it binds the three-phase car and the one on L2, not the one on L3."""
    cars = [car("three", phases=(3, 1, 2)), car("two", phases=(2,)), car("other", phases=(3,))]
    answer = allocate([GRID, garage(32.0, 0.0, 10.0, 0.0)], cars)
    assert currents(answer) == [11.0, 11.0, 21.0]
    assert [g.phase for g in answer.grants] == [2, 2, 3]


def test_parents_carry_their_childrens_base_loads_and_pv_gives_room() -> None:
    """63 A at the grid less 20 A own load, less 8 A in the garage, plus 5 A of PV in the shed: 40 A."""
    circuits = [
        AllocCircuit("grid", None, (63.0,) * 3, (20.0, 20.0, 20.0)),
        garage(60.0, 8.0, 8.0, 8.0),
        AllocCircuit("shed", "grid", (16.0,) * 3, (-5.0, -5.0, -5.0)),
    ]
    answer = allocate(circuits, [car("a", max_a=80.0)])
    assert currents(answer) == [40.0]
    assert answer.grants[0].limited_by == "grid"
    assert [u.used_a[0] for u in answer.circuits] == [63.0, 48.0, -5.0]
    assert [u.slack_a[0] for u in answer.circuits] == [0.0, 12.0, 21.0]


def test_five_levels_bind_where_they_are_tightest() -> None:
    """A chain of five circuits: the car gets what the narrowest of them leaves."""
    limits = [63.0, 50.0, 25.0, 40.0, 32.0]
    circuits = [AllocCircuit(f"n{i}", f"n{i - 1}" if i else None, (a, a, a)) for i, a in enumerate(limits)]
    answer = allocate(circuits, [car("a", "n4")])
    assert currents(answer) == [25.0]
    assert answer.grants[0].limited_by == "n2"


def test_a_higher_priority_takes_all_it_can_before_a_lower_one_gets_its_minimum() -> None:
    """32 A: the high one takes 30 A, and the 2 A left are less than a car can use."""
    answer = allocate([GRID, garage(32.0)], [car("low"), car("high", priority=5, max_a=30.0)])
    assert currents(answer) == [0.0, 30.0]
    assert answer.grants[0].code == "no_room"
    assert not answer.grants[0].admitted


def test_when_minimums_do_not_fit_the_longest_waiting_go_first_then_the_list() -> None:
    """13 A carry two minimums of 6 A out of four."""
    cars = [car("a"), car("b", waiting_s=60.0), car("c"), car("d")]
    assert currents(allocate([GRID, garage(13.0)], cars)) == [6.5, 6.5, 0.0, 0.0]


def test_more_cars_go_before_longer_waiting() -> None:
    """One that needs 12 A makes way for two that need 6 A each, however long it has waited."""
    cars = [car("big", min_a=12.0, waiting_s=1e5), car("a"), car("b")]
    assert currents(allocate([GRID, garage(12.0)], cars)) == [0.0, 6.0, 6.0]


def test_one_three_phase_car_makes_way_for_three_one_phase_cars() -> None:
    """6 A per phase: three cars charge instead of one."""
    cars = [car("three", waiting_s=9.0), *(car(f"p{p}", phases=(p,)) for p in ALL)]
    assert currents(allocate([GRID, garage(6.0)], cars)) == [0.0, 6.0, 6.0, 6.0]


def test_a_base_load_above_the_limit_stops_only_the_chargers_of_that_circuit_and_phase() -> None:
    """L1 of the garage is overloaded: cars there that use L1 get nothing, others charge."""
    cars = [car("three"), car("l2", phases=(2,)), car("upstairs", "grid")]
    answer = allocate([GRID, garage(20.0, 25.0, 0.0, 0.0)], cars)
    assert currents(answer) == [0.0, 20.0, 32.0]
    assert (answer.grants[0].code, answer.grants[0].limited_by, answer.grants[0].phase) == (
        "base_load",
        "garage",
        1,
    )
    assert answer.circuits[1].slack_a[0] == -5.0


def test_rounding_keeps_nobody_out() -> None:
    """0.3 - 0.1 - 0.2 is not 0 in binary fractions; three minimums of 6 A still fit into 18.3 - 0.3 A."""
    circuits = [AllocCircuit("grid", None, (18.3,) * 3, (0.1 + 0.2, 0.3, 0.3))]
    assert currents(allocate(circuits, [car(n, "grid") for n in "abc"])) == [6.0, 6.0, 6.0]


@pytest.mark.parametrize(("min_a", "max_a"), [(6.0, 5.9), (6.0, 0.0), (0.0, 0.0)])
def test_a_charger_that_can_take_nothing_gets_nothing_and_is_told_so(min_a: float, max_a: float) -> None:
    """Its own bounds are to blame, not a circuit."""
    answer = allocate([GRID], [car("a", "grid", min_a=min_a, max_a=max_a)])
    assert currents(answer) == [0.0]
    assert (answer.grants[0].code, answer.grants[0].limited_by) == ("never", OWN)


def test_a_forest_is_fine() -> None:
    """Two roots share nothing."""
    circuits = [GRID, AllocCircuit("island", None, (10.0,) * 3)]
    assert currents(allocate(circuits, [car("a", "grid"), car("b", "island")])) == [32.0, 10.0]


def test_no_chargers_and_no_circuits_are_fine() -> None:
    """Nothing to share gives an empty answer."""
    assert allocate([], []).grants == ()
    assert allocate([GRID], []).circuits[0].slack_a == (63.0, 63.0, 63.0)


def test_reasons_say_what_binds() -> None:
    """Each kind of grant has words with its figures; that both languages have them is tested with the catalogue."""
    circuits = [GRID, garage(32.0, 10.0, 40.0, 0.0)]
    cars = [
        car("alone", phases=(1,)),
        car("over", phases=(2,)),
        car("max", phases=(3,), max_a=7.0),
        car("x", phases=(3,)),
        car("y", phases=(3,), min_a=21.0),
        car("never", min_a=7.0, max_a=6.0),
        car("zero", max_a=0.0),
    ]
    texts = [r.text() for r in explain(circuits, cars, allocate(circuits, cars))]
    assert texts == [
        "circuit 'garage' is full on L1: 32 A limit, 10 A other load, and this charger",
        "circuit 'garage' is over its limit on L2 without any charger: 32 A limit, 40 A other load",
        "the charger's own maximum of 7 A",
        "circuit 'garage' is full on L3: 32 A limit, 0 A other load, shared by 2 chargers",
        (
            "circuit 'garage' has no room on L3 for the minimum of 21 A: 32 A limit, 0 A other load, "
            "chargers that go first: 2"
        ),
        "the charger's own maximum of 6 A is below its minimum of 7 A",
        "the charger's own maximum is 0 A",
    ]


@pytest.mark.parametrize(
    ("circuits", "chargers", "says"),
    [
        ([GRID, GRID], [], "two circuits are called 'grid'"),
        ([garage(6.0)], [], "its parent 'grid' is no circuit"),
        ([AllocCircuit("a", "b", (1.0,) * 3), AllocCircuit("b", "a", (1.0,) * 3)], [], "a -> b -> a"),
        ([GRID], [car("c", "cellar")], "charger 'c': 'cellar' is no circuit"),
        ([GRID], [car("c", "grid", (1, 4))], "charger 'c': phases must be"),
        ([GRID], [car("c", "grid", ())], "charger 'c': phases must be"),
        ([GRID], [car("c", "grid", weight=0.0)], "charger 'c': its weight must"),
    ],
)
def test_contradictions_are_refused(
    circuits: list[AllocCircuit], chargers: list[AllocCharger], says: str
) -> None:
    """A wrong site is an error of the installer, told with the name of what is wrong."""
    with pytest.raises(ConfigError, match=says):
        allocate(circuits, chargers)


def test_a_tree_made_once_serves_again_but_not_for_other_circuits() -> None:
    """The control loop keeps the tree; limits and loads may change, circuits may not."""
    tree = tree_of([GRID, garage(32.0)])
    for limit in (10.0, 20.0):
        assert currents(allocate([GRID, garage(limit)], [car("a")], tree=tree)) == [limit]
    with pytest.raises(ConfigError, match="other circuits"):
        allocate([GRID], [], tree=tree)


def test_fill_raises_from_lower_bounds_within_the_room() -> None:
    """Who already has 10 A waits until the other has caught up; the root binds both."""
    tree = Tree([("grid", None), ("garage", "grid")])
    items = [FillItem("garage", (1,), 10.0, 32.0), FillItem("grid", (1, 2), 0.0, 32.0)]
    first, second = fill(tree, [(24.0, 50.0, 50.0), (99.0, 99.0, 99.0)], items)
    assert (first.current_a, second.current_a) == (12.0, 12.0)
    assert (first.circuit, first.phase) == ("grid", 1)


def test_fill_leaves_lower_bounds_alone_where_they_exceed_the_room() -> None:
    """An overbooked circuit hands out nothing more, here and for whoever else loads it."""
    tree = Tree([("grid", None)])
    items = [
        FillItem("grid", (1,), 20.0, 32.0),
        FillItem("grid", ALL, 2.0, 32.0),
        FillItem("grid", (3,), 0.0, 9.0),
    ]
    assert [f.current_a for f in fill(tree, [(15.0, 15.0, 15.0)], items)] == [20.0, 2.0, 9.0]
