"""The planner's night: training and scoring in a process that may be killed, and a model whose file may be damaged."""

import asyncio
import math
import os
import signal
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from tests.devices.services.conftest import HandClock
from tests.planning.situations import situation

from kwartier.edge.plan import night as nights
from kwartier.edge.plan.child import COMMAND, PlanChild, PlannerDown
from kwartier.edge.plan.kept_model import KeptModel
from kwartier.edge.plan.night import Night
from kwartier.edge.plan.worker import answer, boosted
from kwartier.historian.codec import decode, encode
from kwartier.planning.forecast import ml
from kwartier.planning.siteplan import Planner
from kwartier.planning.situation import STEP_S, Answer, HousePast, Past, Trained
from kwartier.site.errors import StorageError

ZONE = ZoneInfo("Europe/Brussels")
DAYS = 46


def load_w(at_s: int) -> float:
    """A house with an evening, and washing every third day, which averages do not see coming."""
    hour = (at_s + 7200) % 86400 / 3600
    washing = 900.0 if at_s // 86400 % 3 == 0 and 10 <= hour < 12 else 0.0
    return 300.0 + washing + 700.0 * math.exp(-(((hour - 19) / 2) ** 2)) + 60.0 * math.sin(at_s * 0.37)


class House:
    """So many days of it are recorded; the roof gives nothing."""

    def __init__(self, until_s: float, days: int = DAYS) -> None:
        self.from_s, self.until_s = int(until_s) - days * 86400, until_s

    def means(self, name: str, from_s: int, to_s: int) -> dict[int, float]:
        """See `Recorded`."""
        if name != "house_w":
            return {}
        first_s = max(from_s, self.from_s) // STEP_S * STEP_S
        return {s: load_w(s) for s in range(first_s, int(min(to_s, self.until_s)), STEP_S)}


class InProcess:
    """The night's process without one; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.planner = Planner.new()

    async def ask(self, do: str, asked: Any, limit_s: float) -> Any:
        """Answer at once; training that fails says so as the process would."""
        self.asked.append(do)
        try:
            return answer(self.planner, {"do": do, "with": asked})
        except (RuntimeError, ValueError) as error:
            raise PlannerDown(str(error)) from error

    async def rest(self) -> None:
        """Nothing to end."""

    async def close(self) -> None:
        """Nothing to end."""


def night(clock: HandClock, path: Path, child: Any, *, trains: bool = True, days: int = DAYS) -> Night:
    """At a site whose house was recorded for some days."""
    return Night(
        zone=ZONE,
        clock=clock,
        recorded=House(clock.utc_s(), days),
        kept=KeptModel(path),
        child=child,
        trains=lambda: trains,
    )


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two days are scored, so that six weeks and two days are enough to train; and few trees are grown."""
    monkeypatch.setattr(nights, "SCORE_DAYS", 2)
    monkeypatch.setattr(nights, "LEAST_TRAIN_DAYS", 44)
    monkeypatch.setattr(ml, "_TREES", 10)


@pytest.mark.usefixtures("few")
async def test_a_killed_trainer_harms_nobody_and_a_trained_model_is_used(tmp_path: Path) -> None:
    """Killed: scored all the same, nothing written. Then it trains, writes, scores what it trained; the plan's process finds the model and
    forecasts with it; a byte that changed is found, the file set aside, and the edge model does it."""
    pytest.importorskip("lightgbm", reason="needs the extra ml")
    clock = HandClock("2026-05-20T03:00")
    path = tmp_path / "h.model.json"
    child = PlanChild((*COMMAND, "--night"))
    made = night(clock, path, child)
    try:
        running = asyncio.create_task(made.once())
        os.kill(await pid_of(child), signal.SIGKILL)
        judged = await running
        assert not path.exists()
        assert judged is not None
        assert (child.starts, child.pid) == (2, None)  # its memory is given back
        made.child = cast(Any, InProcess())
        judged = await made.once()
        assert path.exists()
        assert judged is not None
        methods = {m.method: m for m in judged.scores.scores[0].methods}
        assert methods["boosted"].days == 2
        assert methods["boosted"].mae_w is not None
        assert made.used == {"house": "edge"}  # two days are too few to change over
        assert made.model_path is None
    finally:
        await child.close()
    situated = encode(
        situation(used={"house": "boosted"}, model_path=str(path), house_w=_recent(), house_start_s=_start())
    )
    found = decode(Answer, answer(Planner.new(), {"do": "plan", "with": situated}))
    assert found.house.basis == "model"
    raw = path.read_text()
    at = raw.index("scale_w") + 14
    path.write_text(raw[:at] + ("1" if raw[at] != "1" else "2") + raw[at + 1 :])
    found = decode(Answer, answer(Planner.new(), {"do": "plan", "with": situated}))
    assert found.house.basis == "history"
    assert path.with_name("h.model.json.damaged").exists()
    assert boosted(str(path)) is None


async def pid_of(child: PlanChild) -> int:
    """As soon as it runs."""
    while (pid := child.pid) is None:
        await asyncio.sleep(0.01)
    return pid


def _recent() -> tuple[float, ...]:
    start_s = situation().start_s
    return tuple(load_w(s) for s in range(start_s - 20 * 86400, start_s, STEP_S))


def _start() -> int:
    return situation().start_s - 20 * 86400


async def test_without_the_extra_nothing_is_trained(tmp_path: Path) -> None:
    """Nor with too little history; and a house of which nothing is recorded is not even scored."""
    clock = HandClock("2026-05-20T03:00")
    child = InProcess()
    made = night(clock, tmp_path / "m", child, trains=False, days=9)
    first = await made.once()
    assert first is not None
    assert child.asked == ["scores"]
    assert {m.method for m in first.scores.scores[0].methods} == {"edge", "yesterday", "last_week"}
    short = InProcess()
    await night(clock, tmp_path / "m", short, days=9).once()
    assert short.asked == ["scores"]
    assert not (tmp_path / "m").exists()
    nothing = InProcess()
    assert await night(clock, tmp_path / "m", nothing, days=0).once() is None
    assert nothing.asked == []


async def test_the_next_night_comes_after_midnight(tmp_path: Path) -> None:
    """Ten minutes after it, also after a day of 23 hours; after a failure within the hour."""
    clock = HandClock("2026-03-28T12:00")
    made = night(clock, tmp_path / "m", InProcess(), trains=False, days=2)
    running = asyncio.create_task(made.run())
    while len(clock.slept) < 3:
        await asyncio.sleep(0.01)
    running.cancel()
    assert clock.slept[:3] == [12 * 3600 + 600, 23 * 3600, 24 * 3600]

    class Down(InProcess):
        async def ask(self, do: str, asked: Any, limit_s: float) -> Any:
            """Dead."""
            raise PlannerDown("its process ended")

    clock = HandClock("2026-03-28T12:00")
    made = night(clock, tmp_path / "m", Down(), trains=False, days=2)
    running = asyncio.create_task(made.run())
    while not clock.slept:
        await asyncio.sleep(0.01)
    running.cancel()
    assert clock.slept[0] == nights.AGAIN_S
    assert (made.failing, made.ran) == ("its process ended", False)
    assert made.used == {}


TRAINED = Trained(made_s=900, model='{"version": 2}', courses=())


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"version": 2}', '{"version": 1, "sha256": "", "trained": {}}']
)
def test_a_file_that_is_no_model(tmp_path: Path, damage: str) -> None:
    """Set aside, and told."""
    kept = KeptModel(tmp_path / "m.json")
    assert kept.load() is None
    kept.save(TRAINED)
    assert kept.load() == TRAINED
    kept.path.write_text(damage)
    with pytest.raises(StorageError, match="set aside"):
        kept.load()
    assert kept.load() is None


def test_questions_travel() -> None:
    """As they were asked."""
    house = HousePast(now_s=1.0, zone="UTC", house_start_s=0, house_w=(1.0, None))
    assert decode(HousePast, encode(house)) == house
    past = Past(now_s=1.0, zone="UTC", house_start_s=0, house_w=(1.0, None), sun_w=())
    assert decode(Past, encode(past)) == past
