"""The fail-safe proof as arithmetic: what it adds up, what it refuses, and that it never passes by mistake."""

from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.safety.proof import Proof, Row, prove
from kwartier.site.phases import PhaseVector
from kwartier.site.topology import ChargePoint, Circuit, Fuse, Meter, Site


def point(
    name: str, circuit: str = "garage", *, conductors: tuple[int, ...] = (1, 2, 3), **more: float
) -> ChargePoint:
    return ChargePoint(id=name, name=name.title(), circuit=circuit, conductors=conductors, **more)  # type: ignore[arg-type]


def house(
    *points: ChargePoint, limit_a: float = 40.0, safe_a: float = 10.0, contract_w: float | None = None
) -> Site:
    """A metered connection that feeds a garage without a meter, 2 A of other load on its L1."""
    return Site(
        name="House",
        circuits=(
            Circuit(id="garage", name="Garage", parent="grid", limit_a=(32.0,) * 3, base_load_a=(2.0, 0.0, 0.0)),
            Circuit(
                id="grid", name="Grid", parent=None, limit_a=(limit_a,) * 3, meter="main",
                safe_current_a=safe_a, contract_w=contract_w,
            ),
        ),
        meters=(Meter(id="main", name="Main", role="grid", address="P1"),),
        charge_points=points,
    )  # fmt: skip


def row(proof: Proof, circuit: str, phases: tuple[int, ...], case: str = "alone") -> Row:
    return next(r for r in proof.rows if (r.circuit_id, r.phases, r.case) == (circuit, phases, case))


def codes(proof: Proof) -> list[str]:
    return [problem.code for problem in proof.problems]


def test_fallbacks_add_up_after_rotation_beside_the_worst_other_load() -> None:
    """Each charger counts on the site phases its conductors hang on; parents hold what their children hold."""
    site = house(
        point("left", conductors=(1,), fallback_a=6.0), point("right", conductors=(2, 3, 1), fallback_a=8.0)
    )
    proof = prove(site, {"left": 6.0, "right": 8.0}, {"grid": (20.0, 3.0, -9.0)})
    assert proof.ok
    assert [(r.circuit_id, r.case) for r in proof.rows if r.phases == (1,)] == [
        ("grid", "alone"), ("grid", "meter_lost"), ("garage", "alone"),
    ]  # fmt: skip
    assert [row(proof, "grid", (n,)).total_a for n in (1, 2, 3)] == [34.0, 11.0, 8.0]
    assert [row(proof, "garage", (n,)).total_a for n in (1, 2, 3)] == [16.0, 8.0, 8.0]
    assert row(proof, "grid", (1,)).chargers == ((8.0, 1), (6.0, 1))


def test_a_sum_above_the_limit_fails_with_its_arithmetic() -> None:
    """Exactly the limit passes; a hair more fails and the sentence has every figure."""
    site = house(point("left", conductors=(2,), fallback_a=6.0))
    assert prove(site, {"left": 6.0}, {"grid": (0.0, 30.0, 0.0)}).ok
    proof = prove(site, {"left": 6.0}, {"grid": (0.0, 34.01, 0.0)})
    assert not proof.ok
    assert codes(proof) == ["proof_over", "proof_safe_current"]
    assert dict(proof.problems[0].params) == {
        "circuit": "Grid", "phases": "L2", "chargers_a": 6.0, "base_a": 34.01, "total_a": 40.01, "limit_a": 40.0,
    }  # fmt: skip
    assert "Grid" in proof.problems[0].text("nl")


def test_the_fuse_counts_where_it_is_smaller_than_the_limit() -> None:
    """A row names what sets its limit."""
    site = Site(
        name="x",
        circuits=(
            Circuit(
                id="grid", name="Grid", parent=None, limit_a=(63.0,) * 3, fuse=Fuse(type="C", rating_a=25)
            ),
        ),
        charge_points=(point("a", "grid", fallback_a=32.0),),
    )
    proof = prove(site, {"a": 32.0}, {})
    assert (proof.rows[0].limit_a, proof.rows[0].source, proof.ok) == (25.0, "fuse", False)


def test_a_contract_is_held_by_the_sum_of_the_phases() -> None:
    """9.2 kW are 40 A over all phases: one phase may have them all, three together not more."""
    site = house(point("left", conductors=(1,), fallback_a=6.0), contract_w=9200.0, safe_a=6.0)
    proof = prove(site, {"left": 6.0}, {"grid": (20.0, 7.0, 7.0)})
    assert proof.ok
    assert row(proof, "grid", (1, 2, 3)).total_a == row(proof, "grid", (1, 2, 3)).limit_a == 40.0
    over = prove(site, {"left": 6.0}, {"grid": (20.0, 7.0, 7.1)})
    assert codes(over) == ["proof_over", "proof_safe_current"]
    assert dict(over.problems[0].params)["phases"] == "L1+L2+L3"


@pytest.mark.parametrize("told", [None, nan, inf, -1.0])
def test_an_unknown_fallback_counts_with_the_maximum_and_fails(told: float | None) -> None:
    """A charger that does not tell is never taken to stop."""
    site = house(point("left", conductors=(1,), max_a=16.0))
    for fallbacks in ({"left": told}, {}):
        proof = prove(site, fallbacks, {"grid": (0.0, 0.0, 0.0)})
        assert codes(proof) == ["proof_fallback_unknown"]
        assert row(proof, "grid", (1,)).total_a == 18.0, "16 A and the 2 A that the garage is said to draw"


def test_a_site_file_that_promises_less_than_the_device_fails_and_names_both() -> None:
    """The device's own word is counted."""
    site = house(point("left", conductors=(1,), fallback_a=6.0))
    proof = prove(site, {"left": 10.0}, {"grid": (0.0, 0.0, 0.0)})
    assert codes(proof) == ["proof_fallback_low"]
    assert dict(proof.problems[0].params) == {"name": "Left", "told_a": 10.0, "configured_a": 6.0}
    assert row(proof, "grid", (1,)).chargers_a == 10.0
    assert prove(site, {"left": 6.0000001}, {"grid": (0.0, 0.0, 0.0)}).ok, "rounding of a register is no lie"


def test_a_site_file_that_promises_more_is_counted_and_noted() -> None:
    """The larger of the two is counted, as the running loop books it."""
    site = house(point("left", conductors=(1,), fallback_a=10.0))
    proof = prove(site, {"left": 6.0}, {"grid": (0.0, 0.0, 0.0)})
    assert proof.ok
    assert [note.code for note in proof.notes] == ["proof_fallback_high"]
    assert row(proof, "grid", (1,)).chargers_a == 10.0


@pytest.mark.parametrize("load", [None, (1.0, nan, 1.0), (inf, 0.0, 0.0)])
def test_an_unknown_other_load_is_no_load_of_zero(load: PhaseVector | None) -> None:
    """Its rows have no sum, and neither has the row of an unmetered circuit above it."""
    site = Site(
        name="x",
        circuits=(
            Circuit(id="grid", name="Grid", parent=None, limit_a=(63.0,) * 3),
            Circuit(id="board", name="Board", parent="grid", limit_a=(40.0,) * 3, meter="m"),
        ),
        meters=(Meter(id="m", name="M", role="circuit", address="x"),),
    )
    proof = prove(site, {}, {"board": load})
    assert codes(proof) == ["proof_load_unknown"]
    assert {r.total_a for r in proof.rows} == {None}
    assert prove(site, {}, {"board": (40.0, 40.0, 40.0)}).ok


def test_the_safe_current_is_for_all_chargers_together_and_for_no_more_than_they_can_draw() -> None:
    """80 A of safe current for one socket of 16 A on L1 is 16 A there and nothing elsewhere."""
    site = house(point("left", conductors=(1,), max_a=16.0, fallback_a=6.0), safe_a=80.0)
    proof = prove(site, {"left": 6.0}, {"grid": (20.0, 39.0, 39.0)})
    assert proof.ok
    assert [row(proof, "grid", (n,), "meter_lost").total_a for n in (1, 2, 3)] == [36.0, 39.0, 39.0]


def test_what_the_site_file_assumes_below_a_meter_counts_when_the_meter_saw_less() -> None:
    """A heat pump that has not run since the record began is still there."""
    site = house(point("left", conductors=(1,), fallback_a=6.0))
    proof = prove(site, {"left": 6.0}, {"grid": (0.5, 0.0, 0.0)})
    assert row(proof, "grid", (1,)).base_a == 2.0


Case = tuple[Site, dict[str, float | None], dict[str, PhaseVector | None]]
amps = st.floats(0, 60)
conductors = st.sampled_from([(1,), (2,), (3,), (1, 2, 3), (2, 3, 1), (3, 1, 2), (2, 1)])


@st.composite
def sites(draw: st.DrawFn) -> Site:
    """Trees of one to five circuits, some with a meter, with up to eight charge points."""
    circuits, meters = [], []
    for i in range(draw(st.integers(1, 5))):
        metered = draw(st.booleans())
        if metered:
            meters.append(Meter(id=f"m{i}", name=f"M{i}", role="circuit", address="x"))
        circuits.append(
            Circuit(
                id=f"c{i}",
                name=f"C{i}",
                parent=None if i == 0 else f"c{draw(st.integers(0, i - 1))}",
                limit_a=draw(st.tuples(*[st.floats(20, 400)] * 3)),
                meter=f"m{i}" if metered else None,
                safe_current_a=draw(amps),
                base_load_a=draw(st.tuples(amps, amps, amps)),
                contract_w=draw(st.one_of(st.none(), st.floats(10_000, 400_000))),
            )
        )
    points = [
        ChargePoint(
            id=f"p{i}",
            name=f"P{i}",
            circuit=f"c{draw(st.integers(0, len(circuits) - 1))}",
            conductors=draw(conductors),
            max_a=draw(st.floats(6, 63)),
            fallback_a=draw(st.floats(0, 20)),
        )
        for i in range(draw(st.integers(0, 8)))
    ]
    return Site(name="x", circuits=tuple(circuits), meters=tuple(meters), charge_points=tuple(points))


@st.composite
def wild_cases(draw: st.DrawFn) -> Case:
    """A site with what its devices tell; some of it is missing or makes no sense."""
    site = draw(sites())
    told = st.one_of(st.none(), st.just(nan), st.floats(-5, 40))
    loads = st.one_of(st.none(), st.tuples(st.floats(-50, 60), amps, amps))
    fallbacks = {p.id: draw(told) for p in site.charge_points if draw(st.booleans())}
    return site, fallbacks, {c.id: draw(loads) for c in site.circuits if draw(st.booleans())}


@st.composite
def close_cases(draw: st.DrawFn) -> Case:
    """Everything is known and each limit is at, a little above or a little below what flows."""
    site = draw(sites())
    near = st.sampled_from([1.0, 1.0, 1.0, 1.0, 0.5, 1.001, 1.1])
    fallbacks: dict[str, float | None] = {p.id: p.fallback_a * draw(near) for p in site.charge_points}
    load = st.tuples(st.floats(-50, 60), amps, amps)
    case: Case = (site, fallbacks, {c.id: draw(load) for c in site.circuits})
    flows = {(r.circuit_id, r.phases): r.total_a or 0.0 for r in prove(*case).rows if r.case == "alone"}
    gap = st.sampled_from([0.0, 1e-6, 0.01, 1.0, 20.0] * 8 + [-0.01])
    circuits = []
    for c in site.circuits:
        l1, l2, l3 = (max(0.1, flows[c.id, (phase,)] + draw(gap)) for phase in (1, 2, 3))
        contract_w = None
        if c.contract_w is not None:
            contract_w = 230 * (flows[c.id, (1, 2, 3)] + 1e-6 + draw(gap))
        circuits.append(replace(c, limit_a=(l1, l2, l3), contract_w=contract_w, safe_current_a=0.0))
    return replace(site, circuits=tuple(circuits)), case[1], case[2]


def sum_by_hand(case: Case, circuit: Circuit, phase: int) -> float:
    """What flows in a circuit on a phase, added up the long way; everything must be known."""
    site, fallbacks, _ = case
    below = [p for p in site.charge_points if circuit.id in site.path[p.circuit] and phase in p.conductors]
    return sum(max(fallbacks[p.id] or 0.0, p.fallback_a) for p in below) + other_by_hand(case, circuit, phase)


def other_by_hand(case: Case, circuit: Circuit, phase: int) -> float:
    """The part of it that is no charger: metered, else as the file says with all children."""
    site, _, loads = case
    seen = loads.get(circuit.id)
    if circuit.meter is not None:
        assert seen is not None
        return max(0.0, seen[phase - 1])
    children = [c for c in site.circuits if c.parent == circuit.id]
    return circuit.base_load_a[phase - 1] + sum(other_by_hand(case, c, phase) for c in children)


@settings(max_examples=300)
@given(st.one_of(close_cases(), wild_cases()))
def test_it_never_passes_when_a_sum_exceeds_its_limit_or_something_is_unknown(case: Case) -> None:
    """Reckoned anew for each circuit and phase, walking every charge point."""
    site, fallbacks, _ = case
    proof = prove(*case)
    assert proof.ok == (not proof.problems)
    assert proof.ok <= all(r.ok for r in proof.rows)
    if not proof.ok:
        return
    for p in site.charge_points:
        told = fallbacks[p.id]
        assert told is not None
        assert 0 <= told <= p.fallback_a + 0.05
    for circuit in site.circuits:
        sums = [sum_by_hand(case, circuit, phase) for phase in (1, 2, 3)]
        assert all(s <= limit + 1e-9 for s, limit in zip(sums, circuit.limit_a, strict=True))
        assert circuit.contract_w is None or sum(sums) * 230 <= circuit.contract_w + 1e-6


@settings(max_examples=300)
@given(close_cases())
def test_it_passes_when_all_is_known_and_every_row_fits(case: Case) -> None:
    """It fails for reasons only: where every row fits and no device says more than the file, there is none."""
    site, fallbacks, _ = case
    proof = prove(*case)
    honest = all((fallbacks[p.id] or 0.0) <= p.fallback_a for p in site.charge_points)
    assert not honest or proof.ok == all(r.ok for r in proof.rows)


@given(st.one_of(close_cases(), wild_cases()), st.floats(0, 30))
def test_more_fallback_or_more_load_never_turns_a_failure_into_a_pass(case: Case, more_a: float) -> None:
    """The proof is monotone: no sum falls when a device or a meter says more."""
    site, fallbacks, loads = case
    before = prove(site, fallbacks, loads)
    worse = prove(
        site,
        {i: a + more_a for i, a in fallbacks.items() if a is not None and a >= 0},
        {i: (v[0] + more_a, v[1], v[2] + more_a) for i, v in loads.items() if v is not None},
    )
    assert before.ok or not worse.ok
    for old, new in zip(before.rows, worse.rows, strict=True):
        assert (old.total_a is None) == (new.total_a is None)
        assert old.total_a is None or new.total_a is None or new.total_a >= old.total_a


def test_a_house_with_one_phase_is_proven_on_that_phase() -> None:
    """Rows of phases that a circuit does not have would say nothing."""
    one = Site(
        name="one",
        circuits=(
            Circuit(id="grid", name="Grid", parent=None, limit_a=(40.0,) * 3, phases=(1,), contract_w=9200.0),
        ),
        charge_points=(ChargePoint(id="p", name="P", circuit="grid", conductors=(1,), fallback_a=6.0),),
    )
    rows = prove(one, {"p": 6.0}, {}).rows
    assert [(r.phases, r.source, r.total_a, r.limit_a) for r in rows] == [
        ((1,), "static", 6.0, 40.0),
        ((1,), "contract", 6.0, 40.0),
    ]


def test_without_neutral_a_charger_counts_on_both_lines_and_a_contract_as_three_lines() -> None:
    """16 A between two lines flow in both; 9.2 kW are 23.1 A on each of three lines, 69.3 A together."""
    delta = Site(
        name="delta",
        three_wire=True,
        circuits=(Circuit(id="grid", name="Grid", parent=None, limit_a=(40.0,) * 3, contract_w=9200.0),),
        charge_points=(ChargePoint(id="p", name="P", circuit="grid", conductors=(1, 3), fallback_a=16.0),),
    )
    rows = prove(delta, {"p": 16.0}, {}).rows
    assert [r.total_a for r in rows] == [16.0, 0.0, 16.0, 32.0]
    assert rows[-1].limit_a == pytest.approx(69.28, abs=0.01)
