"""A thousand times `kill -9`: the real controller, emulated devices that survive it, a judge at the chargers.

    make kill-test KILLS=1000          or: python -m tests.process.kill_loop --kills 1000 [--out FOLDER]
    python -m tests.process.kill_loop --starts 100 [--cold]   only how long until the first set-point, in real time

Each session (at most 50 kills) has a history of its own and is judged at its end. Results are appended to
`FOLDER/results.jsonl` and counted over sessions, so that the run can be interrupted and gone on with; what an
interrupted session had done is not counted. Sessions in different folders may run at the same time.

Judged from outside:
- no set-point above the safe current, alone or together with its neighbour on their shared phase, before the
  meter has spoken to this process for ten seconds;
- before the meter spoke at all, no set-point above what the socket's register held;
- quarter-hours without gap, doubling or lost energy, against the emulated meter's own register;
- from the kill, or from the call of the program where that had to start, to the first set-point: how long.

Three of four kills hit the controller where there is one yet, and its guardian replaces it (`warm`); the others hit the guardian, so that the program
starts from nothing, as after the power came back (`cold`).
"""

# ruff: noqa: T201 (a program of its own)

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.process.host import SAFE_A, Host, Life, Write

from kwartier.historian.queries import quarters
from kwartier.metering.quarters import ClosedQuarter
from kwartier.site.intervals import QUARTER_S

SPEED = 60.0
SESSION = 50
WARM_SHARE = 0.75
LONG_EVERY = 12
"""Every so many lives one is long enough to charge above the safe current."""
FIRST_WITHIN_S = 60.0
EPS_A = 0.01


@dataclass(slots=True)
class Kill:
    """What one life was like."""

    number: int
    lived_s: float
    warm: bool = False
    """Whether its guardian had lived on."""
    first_s: float | None = None
    """From its start (warm: the kill before it) to its first set-point; None where it was killed while it started."""
    first_cpu_s: float | None = None
    writes: int = 0
    highest_a: float = 0.0
    problems: list[str] = field(default_factory=list)


def judge(host: Host, life: Life) -> list[str]:
    """What was wrong with the set-points of a life."""
    fresh_s = host.fresh_from_s(life)
    heard_s = fresh_s - 10.0
    told: dict[str, float] = {}
    problems = []
    for write in host.writes_of(life):
        if write.at_s >= fresh_s:
            break
        told[write.socket_id] = write.value_a
        after = f"{write.at_s - life.began_s:.2f} s after the start"
        if write.value_a > SAFE_A + EPS_A:
            problems.append(f"{write.socket_id} was told {write.value_a:g} A {after}")
        if len(told) == len(life.standing_a) and sum(told.values()) > SAFE_A + EPS_A:
            problems.append(f"both together were told {sum(told.values()):g} A {after}")
        before_a = life.standing_a[write.socket_id] or 0.0
        if write.at_s < heard_s and write.value_a > before_a + EPS_A:
            problems.append(
                f"{write.socket_id} was raised from {before_a:g} to {write.value_a:g} A without a meter {after}"
            )
    return problems


def judge_quarters(host: Host, found: Sequence[ClosedQuarter]) -> list[str]:
    """What is wrong with the quarter-hours, against the emulated meter."""
    if len(found) < 2:
        return [f"only {len(found)} quarter-hours were recorded"]
    problems = []
    register_kwh = found[0].register_import_kwh - found[0].import_kwh
    for number, quarter in enumerate(found):
        if quarter.start_s != found[0].start_s + QUARTER_S * number:
            problems.append(f"quarter {number} starts at {quarter.start_s}: one is missing or doubled")
            break
        if abs(quarter.register_import_kwh - register_kwh - quarter.import_kwh) > 1e-6:
            problems.append(f"quarter {number}: its energy is not the difference of its registers")
        register_kwh = quarter.register_import_kwh
        true_kwh = host.registers_kwh[int(quarter.end_s)]
        # Read out 15 simulated seconds apart; over a dead time the boundary is interpolated.
        margin_kwh = 0.1 if quarter.quality == "measured" else 1.0
        if abs(true_kwh - register_kwh) > margin_kwh:
            problems.append(f"quarter {number} ends at {register_kwh} kWh, the meter had {true_kwh}")
    return problems


async def one_life(host: Host, life: Life, number: int, dice: random.Random, long: bool) -> tuple[Kill, Life]:
    """Let it live, kill, judge; the next life."""
    starting = dice.random() < 0.4
    first: Write | None = None
    first_cpu_s = None
    if starting and not long:
        await asyncio.sleep(dice.uniform(0.0, 0.3 if life.warm else 1.2))
    else:
        while first is None and time.monotonic() - life.began_s < FIRST_WITHIN_S:
            await asyncio.sleep(0.005)
            first = next(iter(host.writes_of(life)), None)
        first_cpu_s = life.cpu_s()
        await asyncio.sleep(dice.uniform(20.0, 26.0) if long else dice.uniform(0.0, 2.5))
    following = await host.crash(life) if dice.random() < WARM_SHARE else None
    if following is None:
        await host.kill(life)
        following = host.start()
    assert life.ended_s is not None
    kill = Kill(number, round(life.ended_s - life.began_s, 3), life.warm, problems=judge(host, life))
    written = host.writes_of(life, following.first_write)
    kill.writes, kill.highest_a = len(written), max((w.value_a for w in written), default=0.0)
    if first is not None:
        kill.first_s, kill.first_cpu_s = round(first.at_s - life.began_s, 4), first_cpu_s
    elif not starting or long:
        kill.problems.append(f"no set-point within {FIRST_WITHIN_S:g} s")
    return kill, following


async def session(
    folder: Path, kills: int, seed: int, *, long_every: int = LONG_EVERY, last_quarters: float = 2.2
) -> tuple[list[Kill], dict[str, object]]:
    """A number of kills on one history, then a life of some quarter-hours, and what was recorded."""
    dice = random.Random(seed)
    async with Host(folder / "site", speed=SPEED, seed=seed) as host:
        done = []
        life = host.start()
        for number in range(kills):
            long = number % long_every == long_every - 1
            kill, life = await one_life(host, life, number, dice, long)
            done.append(kill)
        await asyncio.sleep(last_quarters * QUARTER_S / SPEED)
        code = await host.end(life)
        found = quarters(host.history, "main", 0, 9e12)
        problems = judge_quarters(host, found)
        expected = int((host.telegrams[-1][1] - found[0].start_s) // QUARTER_S) if found else 0
        if len(found) not in {expected, expected - 1}:
            problems.append(f"{len(found)} quarter-hours instead of {expected}")
        if code != 0:
            problems.append(f"the last life ended with {code}")
        problems += [p.name for p in host.folder.iterdir() if "corrupt" in p.name]
    summary = {
        "quarters": len(found),
        "qualities": dict(Counter(q.quality for q in found)),
        "problems": problems,
    }
    return done, summary


def told(kills: Sequence[Kill]) -> str:
    """The figures of many kills."""
    problems = sum(len(k.problems) for k in kills)
    highest_a = max(k.highest_a for k in kills)
    lines = [
        f"{len(kills)} kills, {sum(k.writes for k in kills)} set-points, highest {highest_a:g} A, {problems} problems"
    ]
    for warm in (True, False):
        some = [k for k in kills if k.warm == warm]
        first = sorted(k.first_s for k in some if k.first_s is not None)
        cpu = sorted(k.first_cpu_s for k in some if k.first_cpu_s is not None)
        if first:
            lines.append(
                f"{'kill of the controller' if warm else 'start of the program'} to first set-point, {len(first)} times: "
                f"median {_at(first, 0.5):.3f} s, p99 {_at(first, 0.99):.3f} s, max {first[-1]:.3f} s; "
                f"processor time until then: median {_at(cpu, 0.5):.2f} s, p99 {_at(cpu, 0.99):.2f} s, max {cpu[-1]:.2f} s"
            )
    return "\n".join(lines)


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def only_starts(number: int, warm: bool, pause_s: float = 0.5) -> list[Kill]:
    """Start, wait for the first set-point, kill, again."""
    done = []
    with tempfile.TemporaryDirectory(prefix="kwartier-starts-") as folder:
        async with Host(Path(folder) / "site") as host:
            life = host.start()
            for index in range(number + 1):
                while not host.writes_of(life):
                    await asyncio.sleep(0.002)
                cpu_s, first = life.cpu_s(), host.writes_of(life)[0]
                if index:  # the first one compiles
                    first_s = round(first.at_s - life.began_s, 4)
                    done.append(
                        Kill(index, 0.0, life.warm, first_s, cpu_s, 1, first.value_a, judge(host, life))
                    )
                await asyncio.sleep(pause_s)
                following = await host.crash(life) if warm else None
                if following is None:
                    await host.kill(life)
                    following = host.start()
                life = following
            await host.kill(life)
    return done


def main() -> int:
    """Run sessions until so many kills are done."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=Path(".cache/kill-test"))
    parser.add_argument("--starts", type=int, default=0)
    parser.add_argument("--cold", action="store_true", help="with --starts: kill the guardian, too")
    parser.add_argument("--seed", type=int, default=1, help="of the first session; the others count on")
    asked = parser.parse_args()
    if asked.starts:
        print(told(asyncio.run(only_starts(asked.starts, not asked.cold))))
        return 0
    asked.out.mkdir(parents=True, exist_ok=True)
    results = asked.out / "results.jsonl"
    sessions = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    while (done := sum(len(s["kills"]) for s in sessions)) < asked.kills:
        with tempfile.TemporaryDirectory(prefix="kwartier-kills-") as folder:
            number, seed = min(SESSION, asked.kills - done), asked.seed + len(sessions)
            kills, summary = asyncio.run(session(Path(folder), number, seed))
        sessions.append({"seed": seed, "kills": [asdict(k) for k in kills], "summary": summary})
        with results.open("a") as file:
            file.write(json.dumps(sessions[-1]) + "\n")
        print(f"session {len(sessions)}: {told(kills)}\n  {summary}", flush=True)
    everything = [Kill(**k) for s in sessions for k in s["kills"]]
    problems = [p for s in sessions for p in s["summary"]["problems"]] + [
        p for k in everything for p in k.problems
    ]
    print(told(everything))
    print(f"{sum(s['summary']['quarters'] for s in sessions)} quarter-hours")
    print("\n".join(problems) or "no problem found")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
