"""A step depends on nothing but its arguments and changes none of them, and its short cuts change no decision."""

from collections import Counter
from collections.abc import Callable
from dataclasses import fields
from itertools import combinations
from typing import Any

import pytest
from tests.control import adversary

from kwartier.control.allocation import sharing, takers_of
from kwartier.control.allocation.takers import Takers
from kwartier.control.chargers import hearing
from kwartier.control.chargers.starting import STAGES, Start
from kwartier.control.decision import Decision
from kwartier.control.memory import Memory, PointMemory
from kwartier.control.step import step
from kwartier.site.phases import ZERO
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
        monkeypatch.setattr(hearing, name, _counted(getattr(hearing, name), name, taken))
    short = live(seed, step, monkeypatch)
    for name in ("_quiet", "_goes_on"):
        monkeypatch.setattr(hearing, name, lambda *_: False)
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


CHANGES: tuple[dict[str, Any], ...] = (
    *({"told": ((until_s, 16.0),)} for until_s in (80.0, 89.0, 90.5, 95.5, 100.0)),
    *({"samples": samples} for samples in ((), ((93.0, ZERO), (99.0, ZERO)), ((99.0, (6.0, 0.0, 0.0)),))),
    *({"state": state} for state in ("A1", "B2", "E")),
    *(
        {name: 20.0}
        for name in ("drawn_a", "drawn_before_a", "window_s", "raised_s", "started_s", "waiting_s")
    ),
    *({name: 3.0} for name in ("drawn_a", "drawn_before_a")),
    *({"cap_a": 7.0, "idle": idle} for idle in (False, True)),
    *({"start": Start(stage=stage)} for stage in STAGES),
    *({"wired": wired} for wired in ((), (3,))),
    {"known": False},
    {"silent": True},
    {"disobeys": True},
    {"operative": False},
    {"back_s": 95.0},
    *({"current_a": (amps, amps, amps)} for amps in (0.0, 0.5, 5.0, 10.1, 10.4, 12.0)),
    {"current_a": (10.0, 0.0, 0.0)},
    *(
        {"current_a": (amps,) * 3, "samples": ((99.0, (amps,) * 3),), "drawn_a": amps, "drawn_before_a": amps}
        for amps in (0.4, 5.0, 10.4, 12.0)
    ),
    *({name: amps} for name in ("applied_a", "setpoint_a", "fallback_a") for amps in (0.0, 8.0, 10.2, 16.0)),
)
"""What may be otherwise with a car that goes on as it did."""
READ = ("current_a", "applied_a", "setpoint_a", "fallback_a")


def _going_on(granted_a: float, *changes: dict[str, Any]) -> tuple[PointMemory, ChargePointReading]:
    """What is remembered of a car that charges or waits, and the same of it again, with some changes."""
    now: dict[str, Any] = {"current_a": (granted_a, granted_a, granted_a), "fallback_a": 6.0}
    was: dict[str, Any] = {
        "granted_a": granted_a,
        "samples": tuple((when_s, now["current_a"]) for when_s in (94.0, 98.0, 99.0)),
        "state": "C2",
        "plugged": True,
        "known": True,
        "heard_s": 99.0,
        "window_s": 90.0,
        "drawn_a": granted_a,
        "drawn_before_a": granted_a,
        "start": Start(stage="drawing" if granted_a else "off"),
        "wired": (1, 2, 3),
    }
    for change in changes:
        for name, value in change.items():
            (now if name in READ else was)[name] = value
    return PointMemory(**was), ChargePointReading(charge_point_id="p", at_s=100.0, state="C2", **now)


@pytest.mark.parametrize("granted_a", [10.0, 0.0])
def test_a_car_that_goes_on_is_folded_in_as_any_other(granted_a: float) -> None:
    """The short cut for it makes of memory and reading what the long way makes of them, whichever two things are
    otherwise; and it is taken where nothing is."""
    point = ChargePoint(id="p", name="P", circuit="c", conductors=(1, 2, 3), fallback_a=6.0)
    memory, reading = _going_on(granted_a)
    assert hearing._goes_on(point, memory, reading, 100.0, 100.0)
    for changes in combinations(CHANGES, 2):
        short, reading = _going_on(granted_a, *changes)
        long = short.copy()
        said = hearing.fold(point, short, reading, 100.0)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(hearing, "_goes_on", lambda *_: False)
            assert hearing.fold(point, long, reading, 100.0) == said
        assert repr(short) == repr(long), changes


def test_a_draft_has_all_of_the_memory_it_is_made_from() -> None:
    """Each field is copied by name: none is forgotten, none goes into another."""
    made = PointMemory()
    for number, field in enumerate(fields(PointMemory)):
        setattr(made, field.name, number)
    draft = made.copy()
    assert draft == made
    assert [getattr(draft, f.name) for f in fields(PointMemory)] == list(range(len(fields(PointMemory))))
