"""`kwartier simulate`: a site in simulated time, with a verdict."""

import json
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kwartier.control.decision import Decision
    from kwartier.simulation.runner import OnStep, Result
    from kwartier.simulation.scenarios import Scenario
    from kwartier.site.setpoints import Picture


def simulate(
    scenario: Annotated[
        str,
        typer.Argument(
            help="household, household-saving, carpark, household-battery, household-steps, carpark-steps or random"
        ),
    ],
    days: Annotated[float, typer.Option(min=0.0, help="Simulated days.")] = 0.0,
    hours: Annotated[float, typer.Option(min=0.0, help="Simulated hours, added to the days.")] = 0.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same run.")] = 1,
    faults: Annotated[
        bool, typer.Option("--faults", help="Faults of all kinds, drawn from the seed, one in ten minutes.")
    ] = False,
    every_second: Annotated[
        bool, typer.Option("--every-second", help="Take every step, also where nothing happens.")
    ] = False,
    record: Annotated[
        Path | None, typer.Option(help="Keep a journal of the run in this new file, for `kwartier replay`.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Let the controller run a made-up site and judge it.

    One day unless told otherwise. `random` is a site drawn from the seed. The judge sees the true currents, not the
    meters'. Exit code 1 when anything is charged to the controller: a circuit above its limit for longer than
    allowed (60 s up to 13 %, 30 s up to 45 %, 10 s beyond), a contract, a car that starves, a quarter-hour lost.
    """
    from kwartier.simulation import faults as trouble
    from kwartier.simulation.recording import Recording
    from kwartier.simulation.runner import Run, judge
    from kwartier.simulation.stories import story
    from kwartier.site.errors import ConfigError

    try:
        made = story(scenario, seed=seed)
    except ConfigError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    duration_s = round(86400.0 * days + 3600.0 * hours) or 86400
    drawn = trouble.draw_faults(made, duration_s) if faults else ()
    started_s = time.process_time()
    watching = not as_json and sys.stderr.isatty()
    # a journal of a run holds every second of it
    run = Run(made, faults=drawn, every_second=every_second or record is not None)
    show = _progress(made) if watching else None
    if record is not None and record.exists():
        print(f"{record} is there already; give the name of a new file", file=sys.stderr)
        raise typer.Exit(2)
    with nullcontext() if record is None else Recording(record, run) as take:
        result = judge(run, duration_s=duration_s, on_step=_both(show, take))
    cpu_s = time.process_time() - started_s
    if watching:
        print("\r", end="", file=sys.stderr)
    if as_json:
        print(json.dumps(_document(result, cpu_s)))
    else:
        _show(result, cpu_s)
    raise typer.Exit(0 if result.good else 1)


def _both(one: "OnStep | None", other: "OnStep | None") -> "OnStep":
    def call(picture: "Picture", decision: "Decision") -> None:
        for listener in (one, other):
            if listener is not None:
                listener(picture, decision)

    return call


def _progress(made: "Scenario") -> "OnStep":
    def show(picture: "Picture", decision: "Decision") -> None:
        passed_s = picture.utc_s - made.start_utc_s
        if passed_s % 1800 < 1:
            print(f"\r{passed_s / 3600:5.1f} h", end="", file=sys.stderr, flush=True)

    return show


def _document(result: "Result", cpu_s: float) -> dict[str, object]:
    return {
        "scenario": result.scenario,
        "seed": result.seed,
        "simulated_s": result.duration_s,
        "good": result.good,
        "findings": [f.sentence() for f in result.findings],
        "figures": result.figures,
        "violations": [v.sentence() for v in result.violations],
        "excursions": result.excursions,
        "seconds_above": result.seconds_above,
        "worst_budget_pct": round(100 * result.worst.spent, 1) if result.worst else 0.0,
        "import_kwh": round(result.import_kwh, 3),
        "export_kwh": round(result.export_kwh, 3),
        "charged_kwh": round(result.charged_kwh, 3),
        "quarter_peak_w": round(result.quarter_peak_w),
        "sessions": result.sessions,
        "writes": result.writes,
        "faults": len(result.faults),
        "messages": len(result.messages),
        "cpu_s": round(cpu_s, 2),
    }


def _show(result: "Result", cpu_s: float) -> None:
    print(
        f"{result.scenario}, seed {result.seed}: {result.duration_s / 3600:.1f} h in {cpu_s:.1f} s of computing"
    )
    print(f"  imported {result.import_kwh:.1f} kWh, exported {result.export_kwh:.1f} kWh")
    print(
        f"  charged {result.charged_kwh:.1f} kWh in {result.sessions} sessions, {result.writes} set-points written"
    )
    print(f"  highest quarter-hour {result.quarter_peak_w / 1000:.2f} kW")
    for fault in result.faults:
        print(f"  fault: {fault.sentence()}")
    print(f"  above a limit {result.excursions} times, {result.seconds_above:.0f} s together")
    if result.worst is not None:
        print(f"  worst: {result.worst.sentence()}")
    for why, seconds in result.figures["excused_s"].items():
        print(f"  of that {seconds} s not charged to the controller: {why}")
    for finding in result.findings:
        print(f"  FAILED {finding.sentence()}")
    print("verdict: " + ("nothing to blame" if result.good else f"{len(result.findings)} findings"))
