"""A step depends on nothing but its arguments and changes none of them, and its short cuts change no decision."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.control import adversary

from kwartier.control.allocation import takers_of
from kwartier.control.allocation.takers import Takers
from kwartier.control.chargers import points
from kwartier.control.decision import Decision
from kwartier.control.memory import Memory
from kwartier.control.step import step
from kwartier.site.setpoints import Picture
from kwartier.site.topology import Site

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
    taken = 0
    quiet = points._quiet

    def counted(*given: Any) -> bool:
        nonlocal taken
        answer = quiet(*given)
        taken += answer
        return answer

    monkeypatch.setattr(points, "_quiet", counted)
    short = live(seed, step, monkeypatch)
    monkeypatch.setattr(points, "_quiet", lambda *_: False)
    monkeypatch.setattr(Takers, "all_get_their_most", lambda *_: False)
    monkeypatch.setattr(Takers, "all_get_their_least", lambda *_: False)
    assert live(seed, step, monkeypatch) == short
    assert taken
