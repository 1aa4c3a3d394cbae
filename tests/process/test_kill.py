"""`kill -9` of the real process (the long run of the same: `make kill-test KILLS=1000`)."""

import asyncio
import random
from pathlib import Path

from tests.process.host import SAFE_A, Host
from tests.process.kill_loop import judge, session

KILLS = 8


async def test_kill_nine_under_load(tmp_path: Path) -> None:
    """While it starts, while it charges above the safe current: no set-point above the safe one before ten
    seconds of good data, no quarter-hour lost or doubled."""
    kills, summary = await session(tmp_path, KILLS, seed=11, long_every=6, last_quarters=1.2)
    assert not [p for k in kills for p in k.problems]
    assert not summary["problems"]
    assert sum(k.first_s is not None for k in kills) > 2
    assert {k.warm for k in kills} == {True, False}, "the controller alone, and with its guardian"
    assert max(k.highest_a for k in kills) > SAFE_A, "at least one life charged above the safe current"


async def test_the_lower_of_state_and_station_counts(tmp_path: Path) -> None:
    """Its state file is older than its last word to a station: the first set-point is not above that word."""
    async with Host(tmp_path / "site", speed=60.0) as host:
        life = host.start()
        dice = random.Random(1)
        for _ in range(3):
            await _first(host, life.first_write)
            for socket in host.emulation.scenario.plant.socket.values():
                socket.write_setpoint(
                    float(dice.choice((0.0, 0.0, 6.0))), host.emulation.scenario.plant.now_s
                )
            following = await host.crash(life)
            assert following is not None
            life = following
            await _first(host, life.first_write)
            assert not judge(host, life)
        await host.kill(life)


async def _first(host: Host, index: int) -> None:
    async with asyncio.timeout(60):
        while len(host.writes) <= index:
            await asyncio.sleep(0.01)
