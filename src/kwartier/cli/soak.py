"""`kwartier soak`: years of sites with faults, seed after seed, with a verdict."""

import json
import multiprocessing
import subprocess
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kwartier.simulation.soak import Job, Line


def soak(
    years: Annotated[
        float, typer.Option(min=0.0, help="Site-years in all, those in the file included.")
    ] = 10.0,
    jobs: Annotated[int, typer.Option(min=1, help="Processes at work.")] = 1,
    days: Annotated[
        float, typer.Option(min=0.01, help="Simulated days of each seed; of large sites a part of them.")
    ] = 2.0,
    first_seed: Annotated[int, typer.Option(help="Where the row of seeds begins.")] = 1,
    file: Annotated[Path, typer.Option(help="One line for each finished seed.")] = Path("var/soak.jsonl"),
    report: Annotated[Path | None, typer.Option(help="Write the figures as a page to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The totals as one JSON object.")] = False,
) -> None:
    """Run seeds in a row with faults, both demonstration sites and random ones.

    Stop it with Ctrl-C and start it again: finished seeds are kept. Exit code 1 when a seed failed; the command
    that replays it is printed.
    """
    from kwartier.simulation import soak as soaking

    file.parent.mkdir(parents=True, exist_ok=True)
    lines = soaking.read_lines(file)
    todo = iter(soaking.remaining(lines, years=years, days=days, first=first_seed))
    commit, compiled = _commit(), _compiled()
    if compiled:
        print("compiled by scripts/native.py", file=sys.stderr)
    progress = _Progress(years * soaking.YEAR_DAYS, lines)
    try:
        with file.open("a", encoding="utf-8") as out:
            for line in _run(todo, jobs):
                line["commit"] = commit
                line["compiled"] = compiled
                out.write(json.dumps(line) + "\n")
                out.flush()
                lines.append(line)
                progress.tell(line)
    except KeyboardInterrupt:
        print(f"stopped; {file} keeps the {len(lines)} finished seeds", file=sys.stderr)
    all_together = soaking.totals(lines)
    if report is not None:
        report.write_text(
            soaking.report(lines, f"kwartier soak --years {years:g} --days {days:g}"), encoding="utf-8"
        )
    if as_json:
        print(json.dumps(all_together))
    else:
        for key, text in soaking.ROWS.items():
            print(f"{text}: {all_together[key]}")
    bad = [line for line in lines if not line["good"]]
    for line in bad:
        print(f"FAILED: {line['command']}\n  {line['findings'][0]}", file=sys.stderr)
    raise typer.Exit(1 if bad else 0)


def _run(todo: "Iterator[Job]", jobs: int) -> "Iterator[Line]":
    """Lines as they are finished. No more seeds are begun than are at work."""
    from kwartier.simulation.soak import run_job

    if jobs == 1:
        yield from map(run_job, todo)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, max_tasks_per_child=20) as pool:
        running: set[Future[Line]] = {pool.submit(run_job, job) for job in islice(todo, jobs)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for finished in done:
                yield finished.result()
                running |= {pool.submit(run_job, job) for job in islice(todo, 1)}


class _Progress:
    """A line for each seed: how it went, how far all is, how long the rest may take."""

    def __init__(self, all_days: float, lines: "Iterable[Line]") -> None:
        self._days = sum(line["days"] for line in lines)
        self._faults = sum(line["faults"] for line in lines)
        self._bad = sum(not line["good"] for line in lines)
        self._all_days = all_days
        self._new_days = 0.0
        self._began_s = time.monotonic()

    def tell(self, line: "Line") -> None:
        """A seed is finished."""
        self._days += line["days"]
        self._new_days += line["days"]
        self._faults += line["faults"]
        self._bad += not line["good"]
        verdict = "fine" if line["good"] else f"FAILED {line['rules']}"
        hours = max(time.monotonic() - self._began_s, 0.1) / 3600.0
        rate = self._new_days / hours
        left_h = max(0.0, self._all_days - self._days) / rate
        print(
            f"{time.strftime('%H:%M:%S')} {line['story']} {line['seed']}: {line['points']} points, {line['days']:g} days, "
            f"{line['faults']} faults, {line['cpu_s']:g} s, {verdict} | {self._days:,.1f} of {self._all_days:,.1f} site-days, "
            f"{self._faults:,} faults, {self._bad} failed, {rate:,.0f} site-days an hour, {left_h:,.1f} h left",
            file=sys.stderr,
            flush=True,
        )


def _compiled() -> bool:
    """Whether what decides and simulates runs compiled (`make native`), not as it stands in the source."""
    from kwartier.control import step

    return not str(step.__file__).endswith(".py")


def _commit() -> str:
    """The commit that runs, with a mark when files were changed since."""
    try:
        done = subprocess.run(
            ["git", "describe", "--always", "--dirty"],  # noqa: S607
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip() or "unknown"
