"""A step depends on nothing but its arguments and changes none of them, and its short cuts change no decision."""

from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.control import adversary

from kwartier.control.allocation import sharing, takers_of
from kwartier.control.allocation.takers import Takers
from kwartier.control.chargers import points
from kwartier.control.chargers.starting import Stage, Start
from kwartier.control.decision import Decision
from kwartier.control.memory import Memory, PointMemory
from kwartier.control.step import step
from kwartier.site.phases import to_site_phases
from kwartier.site.readings import ChargePointReading
from kwartier.site.setpoints import Picture
from kwartier.site.topology import ChargePoint, Site

Step = Callable[[Site, Memory, Picture], Decision]
SECONDS = 90


def live(seed: int, deciding: Step, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All decisions of a world that means ill, as text: two are the same only where every bit is."""
    decisions: list[str] = []

    def told(site: Site, memory: Memory, picture: Picture) -> Decision:
        decision = deciding(site, memory, picture)
        decisions.append(repr(decision))
        return decision

    monkeypatch.setattr(adversary, "step", told)
    world = adversary.World(seed, calm=seed % 2 == 0)
    for _ in range(SECONDS):
        world.advance()
        world.decide()
    return decisions


def forgetful(site: Site, memory: Memory, picture: Picture) -> Decision:
    """A step that has nothing left of the ones before, and shows whether it wrote to what it was given."""
    site.kept.clear()
    takers_of.cache_clear()
    before = repr((memory, picture))
    decision = step(site, memory, picture)
    assert repr((memory, picture)) == before
    return decision


@pytest.mark.parametrize("seed", range(6))
def test_what_is_kept_from_earlier_steps_changes_no_decision(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all caches emptied before each step the decisions are the same to the bit."""
    assert live(seed, forgetful, monkeypatch) == live(seed, step, monkeypatch)


@pytest.mark.parametrize("seed", range(6))
def test_the_short_cuts_give_what_the_long_way_gives(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never taken, they leave every decision the same to the bit; and they are taken."""
    taken = Counter[str]()
    for name in ("_quiet", "_goes_on"):
        monkeypatch.setattr(points, name, _counted(getattr(points, name), name, taken))
    short = live(seed, step, monkeypatch)
    for name in ("_quiet", "_goes_on"):
        monkeypatch.setattr(points, name, lambda *_: False)
    monkeypatch.setattr(Takers, "all_get_their_most", lambda *_: False)
    monkeypatch.setattr(Takers, "all_get_their_least", lambda *_: False)
    monkeypatch.setattr(sharing, "_hopeful", lambda _free, chargers, *_: list(range(len(chargers))))
    assert live(seed, step, monkeypatch) == short
    assert taken["_quiet"]


def _counted(short_cut: Callable[..., bool], name: str, taken: Counter[str]) -> Callable[..., bool]:
    def counted(*given: Any) -> bool:
        answer = short_cut(*given)
        taken[name] += answer
        return answer

    return counted


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_a_car_that_goes_on_is_folded_in_as_any_other(data: st.DataObject) -> None:
    """The short cut for it makes of memory and reading what the long way makes of them."""
    conductors = data.draw(st.sampled_from([(1, 2, 3), (2, 3, 1), (3,)]))
    point = ChargePoint(id="p", name="P", circuit="c", conductors=conductors, fallback_a=6.0)
    granted_a = data.draw(st.sampled_from([0.0, 6.0, 10.0]))
    draw_a = data.draw(st.sampled_from([granted_a, granted_a, 0.5, 6.0, 9.8, 10.2]))
    current_a = (draw_a, draw_a, draw_a) if len(conductors) == 3 else (draw_a, 0.0, 0.0)
    flowing = data.draw(st.sampled_from([to_site_phases(current_a, conductors), (6.0, 0.0, 0.0)]))
    memory = PointMemory(
        granted_a=granted_a,
        booked_a=granted_a,
        told=data.draw(st.sampled_from([(), ((80.0, 16.0),), ((95.0, 16.0),)])),
        samples=tuple(
            (t, flowing) for t in data.draw(st.sampled_from([(), (94.0, 99.0), (97.0, 98.0, 99.0)]))
        ),
        state=data.draw(st.sampled_from(["C2", "C2", "C2", "B2"])),
        plugged=True,
        known=data.draw(st.sampled_from([True, True, True, False])),
        silent=data.draw(st.sampled_from([False, False, False, True])),
        heard_s=99.0,
        started_s=data.draw(st.sampled_from([None, 20.0, 90.0])),
        raised_s=data.draw(st.sampled_from([20.0, 90.0])),
        drawn_a=data.draw(st.sampled_from([draw_a, 0.0, 16.0])),
        drawn_before_a=data.draw(st.sampled_from([draw_a, 0.0, 16.0])),
        window_s=data.draw(st.sampled_from([60.0, 90.0])),
        cap_a=data.draw(st.sampled_from([None, None, None, 7.0])),
        idle=data.draw(st.sampled_from([False, False, False, True])),
        disobeys=data.draw(st.sampled_from([False, False, False, True])),
        start=Start(stage=data.draw(st.sampled_from(["drawing", "drawing", "off", "offered"]))),
        wired=data.draw(st.sampled_from([(), (3,), (1, 2, 3)])),
    )
    claims = st.sampled_from([None, granted_a, 12.0])
    reading = ChargePointReading(
        charge_point_id="p",
        at_s=100.0,
        state="C2",
        current_a=current_a,
        applied_a=data.draw(claims),
        setpoint_a=data.draw(claims),
        fallback_a=data.draw(st.sampled_from([None, 0.0, 8.0])),
    )
    short, long = memory.copy(), memory.copy()
    said = points.fold(point, short, reading, 100.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(points, "_goes_on", lambda *_: False)
        assert points.fold(point, long, reading, 100.0) == said
    assert repr(short) == repr(long)


@pytest.mark.parametrize(("granted_a", "stage"), [(10.0, "drawing"), (0.0, "off")])
def test_who_charges_or_waits_as_before_takes_the_short_cut(granted_a: float, stage: Stage) -> None:
    """Else the test before would compare the long way with itself."""
    point = ChargePoint(id="p", name="P", circuit="c", conductors=(1, 2, 3))
    current_a = (granted_a, granted_a, granted_a)
    memory = PointMemory(
        granted_a=granted_a,
        samples=((99.0, current_a),),
        state="C2",
        plugged=True,
        known=True,
        drawn_a=granted_a,
        drawn_before_a=granted_a,
        start=Start(stage=stage),
        wired=(1, 2, 3),
    )
    reading = ChargePointReading(charge_point_id="p", at_s=100.0, state="C2", current_a=current_a)
    assert points._goes_on(point, memory, reading, 100.0, 100.0)


def test_a_draft_has_all_of_the_memory_it_is_made_from() -> None:
    """Each field is copied by name: none is forgotten, none goes into another."""
    made = PointMemory()
    for number, field in enumerate(fields(PointMemory)):
        setattr(made, field.name, number)
    draft = made.copy()
    assert draft == made
    assert [getattr(draft, f.name) for f in fields(PointMemory)] == list(range(len(fields(PointMemory))))
