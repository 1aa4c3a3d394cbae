"""The planner's process: answers, is killed when it hangs, its death harms nobody, its memory goes back."""

import asyncio
import io
import os
import signal
from typing import Any

import pytest
from tests.planning.situations import car, situation

from kwartier.edge.plan import child as plan_child
from kwartier.edge.plan.child import PlanChild, PlannerDown
from kwartier.edge.plan.worker import serve
from kwartier.historian.codec import decode, encode
from kwartier.planning.situation import Answer

ECHO = "import sys\nfor line in sys.stdin:\n    print({answer}, flush=True)"


def stub(answer: str) -> PlanChild:
    """A process that answers each line with this expression."""
    return PlanChild(("-c", ECHO.format(answer=answer)))


async def alive(pid: int | None) -> bool:
    """Whether the process runs."""
    if pid is None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_the_real_one_plans_and_says_what_is_wrong() -> None:
    """A plan comes back as it was made; a question without shape is refused in words; it lives on; then it rests."""
    child = PlanChild()
    try:
        found = decode(Answer, await child.ask("plan", encode(situation(cars=(car(),))), 60.0))
        assert sum(found.cars_w["left"]) / 4000 == pytest.approx(15.0, abs=0.01)
        broken = encode(situation()) | {"export_price": [0.1]}
        with pytest.raises(PlannerDown, match="ConfigError"):
            await child.ask("plan", broken, 60.0)
        pid = child.pid
        assert await alive(pid)
        await child.rest()
        assert child.pid is None
        assert not await alive(pid)
    finally:
        await child.close()


async def test_one_that_hangs_is_killed_and_the_next_question_starts_another() -> None:
    """Within its limit."""
    child = PlanChild(("-c", "import time; time.sleep(600)"))
    with pytest.raises(PlannerDown, match="longer than"):
        await child.ask("plan", {}, 0.3)
    assert child.pid is None
    with pytest.raises(PlannerDown):
        await child.ask("plan", {}, 0.3)
    assert child.starts == 2


@pytest.mark.parametrize(
    "answer", ["'nonsense'", "'{}'", '\'{"id": 7, "answer": 1}\'', "sys.exit(3)", "[] + 1"]
)
async def test_nonsense_and_crashes_are_answers_too(answer: str) -> None:
    """What dies or makes no sense is PlannerDown, never another exception."""
    child = stub(answer)
    with pytest.raises(PlannerDown):
        await child.ask("plan", {}, 20.0)
    await child.close()


async def test_killed_between_questions() -> None:
    """The kernel may end it at any time."""
    child = stub("__import__('json').dumps({'id': __import__('json').loads(line)['id'], 'answer': line[:3]})")
    assert await child.ask("plan", {}, 20.0) == '{"i'
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    for _ in range(2):
        try:
            assert await child.ask("plan", {}, 20.0) == '{"i'
            break
        except PlannerDown:
            continue
    assert child.starts == 2
    await child.close()


async def test_it_is_ended_after_so_many_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it holds by then."""
    monkeypatch.setattr(plan_child, "PLANS", 2)
    child = stub("__import__('json').dumps({'id': __import__('json').loads(line)['id'], 'answer': 1})")
    for _ in range(5):
        await child.ask("plan", {}, 20.0)
    assert child.starts == 3
    await child.close()


async def test_a_question_that_nobody_waits_for_leaves_no_answer_behind() -> None:
    """Cancelled: the process goes, and the next answer belongs to the next question."""
    slow = "(__import__('time').sleep(5), __import__('json').dumps({'id': 1, 'answer': 1}))[1]"
    child = stub(slow)
    asking = asyncio.create_task(child.ask("plan", {}, 30.0))
    await asyncio.sleep(0.2)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert child.pid is None
    await child.close()


def test_the_worker_ends_with_its_input() -> None:
    """So that it does not outlive a controller that was killed."""
    answers: Any = io.BytesIO()
    serve(io.BytesIO(b""), answers)
    assert answers.getvalue() == b""
