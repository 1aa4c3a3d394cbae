"""The soak: seed after seed, both demonstration sites and random ones, with faults, until so many site-years are done.

One line of JSON for each finished seed, appended to a file, so that it can be stopped and goes on where it was. What costs
more is run for less long, large sites above all: a day of them costs many times as much and has no more faults.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf
from pathlib import Path
from time import process_time
from typing import Any

from kwartier.simulation.faults import draw_faults
from kwartier.simulation.runner import Run, judge
from kwartier.simulation.scenarios import Scenario
from kwartier.simulation.stories import story

TURN = (
    "random",
    "household-steps",
    "random",
    "random",
    "carpark-steps",
    "random",
    "household-steps",
    "random",
    "random",
    "random-cells",
)
"""Which story each seed is: in turn by its last digit."""
SIZES: tuple[tuple[float, str, float], ...] = (
    (4, "1 to 4 points", 1.0),
    (8, "5 to 8 points", 0.5),
    (16, "9 to 16 points", 0.25),
    (inf, "more points", 0.1),
)
"""Up to how many charge points; in words; for which part of the days a site of that size is run."""
STORIES = {"household-steps": 2.0, "random-cells": 0.5}
"""The same by story. A day at the house costs less than any other; one with batteries that charge, drain and steer by the
meter, three times as much as the same site without."""
GOALS_SHARE = 0.1
"""A site with a goal for its quarter-hours is run for no more than this part: its time never leaps."""
DAY_S = 86400.0
YEAR_DAYS = 365.25
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """One seed to run."""

    story: str
    seed: int
    days: float

    @property
    def command(self) -> str:
        """How to see it again."""
        return f"kwartier simulate {self.story} --seed {self.seed} --faults --days {self.days:g}"


def job_of(seed: int, days: float) -> Job:
    """What a seed runs: for so many days, or for more or less by what a day of its site costs."""
    name = TURN[seed % len(TURN)]
    return Job(name, seed, days * _share(story(name, seed=seed)))


def _share(scenario: Scenario) -> float:
    share = next(part for most, _, part in SIZES if len(scenario.site.charge_points) <= most)
    share *= STORIES.get(scenario.name, 1.0)
    goals = any(c.quarter is not None and c.quarter.follow != "none" for c in scenario.site.circuits)
    return min(share, GOALS_SHARE) if goals else share


def run_job(job: Job) -> Line:
    """Run one seed; everything that is worth keeping of it."""
    began_s = process_time()
    made = story(job.story, seed=job.seed)
    duration_s = round(DAY_S * job.days)
    faults = draw_faults(made, duration_s)
    result = judge(Run(made, faults=faults), duration_s=duration_s)
    return {
        "story": job.story,
        "seed": job.seed,
        "days": job.days,
        "points": len(made.site.charge_points),
        "circuits": len(made.site.circuits),
        "levels": max(len(path) for path in made.site.path.values()),
        "good": result.good,
        "findings": [f.sentence() for f in result.findings[:20]],
        "rules": dict(Counter(f.rule for f in result.findings)),
        "faults": len(faults),
        "kinds": dict(sorted(Counter(f.kind for f in faults).items())),
        "together": _together(faults),
        "steps": result.steps,
        "writes": result.writes,
        "sessions": result.sessions,
        "charged_kwh": round(result.charged_kwh, 1),
        **result.figures,
        "cpu_s": round(process_time() - began_s, 1),
        "command": job.command,
    }


def _together(faults: Sequence[Any]) -> int:
    """How many faults began while another was active."""
    count, until_s = 0, -1.0
    for fault in faults:
        count += fault.start_s < until_s
        until_s = max(until_s, fault.end_s)
    return count


def read_lines(path: Path) -> list[Line]:
    """The lines of a soak so far; a last line that was cut off does not count."""
    if not path.exists():
        return []
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:
            continue
    return lines


def site_days(lines: Iterable[Line]) -> float:
    """Days of all sites together."""
    return sum(float(line["days"]) for line in lines)


def remaining(lines: Sequence[Line], *, years: float, days: float, first: int) -> Iterable[Job]:
    """The seeds that are still to be run, in a row, until the years are full."""
    done = {int(line["seed"]) for line in lines}
    left_days = years * YEAR_DAYS - site_days(lines)
    seed = first
    while left_days > 1e-6:
        if seed not in done:
            job = job_of(seed, days)
            yield job
            left_days -= job.days
        seed += 1


def totals(lines: Sequence[Line]) -> Line:
    """All lines together."""
    rules: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    excused: Counter[str] = Counter()
    for line in lines:
        rules.update(line["rules"])
        kinds.update(line["kinds"])
        excused.update(line["excused_s"])
    return {
        "seeds": len(lines),
        "site_days": round(site_days(lines), 2),
        "site_years": round(site_days(lines) / YEAR_DAYS, 3),
        "good": sum(line["good"] for line in lines),
        "rules": dict(sorted(rules.items())),
        "faults": sum(line["faults"] for line in lines),
        "together": sum(line["together"] for line in lines),
        "kinds": dict(sorted(kinds.items())),
        "over": sum(line["over"] for line in lines),
        "over_s": sum(line["over_s"] for line in lines),
        "excused_s": dict(sorted(excused.items())),
        "worst_budget_pct": max((line["worst_budget_pct"] for line in lines), default=0),
        "worst_trip_pct": max((line["worst_trip_pct"] for line in lines), default=0),
        "longest_contract_s": max((line["longest_contract_s"] for line in lines), default=0),
        # lines of before that was judged lack it
        "longest_imbalance_s": max((line.get("longest_imbalance_s", 0) for line in lines), default=0),
        "longest_wait_min": max((line["longest_wait_min"] for line in lines), default=0),
        "longest_wait_pct": max((line["longest_wait_pct"] for line in lines), default=0),
        "left_waiting": sum(line.get("left_waiting", 0) for line in lines),
        "pairs": sum(line["pairs"] for line in lines),
        "apart_ah": max((line["apart_ah"] for line in lines), default=0.0),
        "raises": sum(line.get("raises", 0) for line in lines),
        "stops": sum(line.get("stops", 0) for line in lines),
        "shares_judged_h": sum(line.get("shares_judged_h", 0) for line in lines),
        "alarms": sum(line["alarms"] for line in lines),
        "starts": sum(line["starts"] for line in lines),
        "quarters": sum(line["quarters"] for line in lines),
        "goals_judged": sum(line["goals_judged"] for line in lines),
        "goals_apart": sum(line["goals_apart"] for line in lines),
        "worst_goal_pct": max((line["worst_goal_pct"] for line in lines), default=0),
        "sessions": sum(line["sessions"] for line in lines),
        "charged_kwh": round(sum(line["charged_kwh"] for line in lines)),
        "steps": sum(line["steps"] for line in lines),
        "cpu_s": round(sum(line["cpu_s"] for line in lines)),
    }


def report(lines: Sequence[Line], command: str) -> str:
    """The figures of a soak as a page of Markdown."""
    all_together = totals(lines)
    out = [
        "# Figures of the soak",
        "",
        "Written by `kwartier soak --report`; what each figure means stands in [proof](proof.md).",
        "",
        f"Command: `{command}`.",
        "",
        "| commit | seeds | site-days | faults |",
        "|---|---|---|---|",
        *_by_commit(lines),
        "",
        "| | " + " | ".join(names := sorted({_kind(line) for line in lines})) + " | all |",
        "|---|" + "---|" * (len(names) + 1),
    ]
    columns = [totals([line for line in lines if _kind(line) == name]) for name in names] + [all_together]
    for key, text in ROWS.items():
        out.append(f"| {text} | " + " | ".join(_cell(column[key]) for column in columns) + " |")
    out += [
        "",
        "Faults by kind: " + ", ".join(f"{k} {n}" for k, n in all_together["kinds"].items()) + ".",
        "",
    ]
    excused = ", ".join(f"{why} {s:,} s" for why, s in all_together["excused_s"].items()) or "none"
    out += [f"Seconds over a limit that are not charged: {excused}.", ""]
    bad = [line for line in lines if not line["good"]]
    if bad:
        out += ["Seeds that failed:", ""]
        out += [f"- `{line['command']}`: {line['findings'][0]}" for line in bad]
    else:
        out += ["No seed failed."]
    return "\n".join(out) + "\n"


def _by_commit(lines: Iterable[Line]) -> list[str]:
    """A row for each commit that seeds were run with, in the order in which they came."""
    by_commit: dict[str, list[Line]] = {}
    for line in lines:
        by_commit.setdefault(str(line.get("commit", "unknown")), []).append(line)
    return [
        f"| {commit} | {ranges(int(x['seed']) for x in some)} | {site_days(some):,.1f} | {sum(x['faults'] for x in some):,} |"
        for commit, some in by_commit.items()
    ]


def ranges(seeds: Iterable[int]) -> str:
    """Numbers in words: `1 to 4, 7`."""
    out: list[list[int]] = []
    for seed in sorted(set(seeds)):
        if out and seed == out[-1][1] + 1:
            out[-1][1] = seed
        else:
            out.append([seed, seed])
    return ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in out)


def _kind(line: Line) -> str:
    """Its story; random sites by their size."""
    if line["story"] != "random":
        return str(line["story"])
    return "random, " + next(words for most, words, _ in SIZES if line["points"] <= most)


ROWS = {
    "seeds": "seeds",
    "good": "of them without a finding",
    "site_years": "site-years",
    "faults": "faults",
    "together": "of them while another was active",
    "sessions": "cars",
    "charged_kwh": "kWh charged",
    "rules": "findings",
    "over": "times above a limit",
    "worst_budget_pct": "most of a time budget used, %",
    "worst_trip_pct": "most of a trip curve used, %",
    "longest_contract_s": "longest above a limit without tolerance, s",
    "longest_imbalance_s": "longest with phases too far apart on account of cars, s",
    "longest_wait_min": "longest wait of a car that could be admitted, min",
    "longest_wait_pct": "longest wait as part of its bound, %",
    "left_waiting": "cars that left, or fell asleep, after waiting for 45 min or more",
    "pairs": "pairs of equal cars compared",
    "apart_ah": "furthest apart, Ah",
    "raises": "raises of set-points judged",
    "stops": "cars stopped within a turn, judged",
    "shares_judged_h": "hours of cars that could take more, judged",
    "alarms": "fire alarms",
    "starts": "starts of the controller",
    "quarters": "quarter-hours audited",
    "goals_judged": "quarter-hours with a goal judged",
    "goals_apart": "not judged: other load alone above the goal, or trouble",
    "worst_goal_pct": "highest of them as part of its goal, %",
    "steps": "decisions taken",
    "cpu_s": "seconds of computing",
}


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k} {n}" for k, n in value.items()) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)
