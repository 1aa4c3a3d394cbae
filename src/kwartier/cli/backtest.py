"""`kwartier backtest`: the plan over recorded time, against rules and against perfect foresight."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from kwartier.cli.backtest_carpark import carpark

if TYPE_CHECKING:
    from collections.abc import Callable

    from kwartier.simulation.backtest.case import Case
    from kwartier.simulation.backtest.compare import Comparison
    from kwartier.simulation.backtest.household import Policy

_FIRST, _END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
_KNOWN = ("load", "pv", "price", "cars", "peak")


app = typer.Typer(
    name="backtest",
    help="Recorded time through forecasts, plan and settlement, beside rules and perfect foresight.",
    no_args_is_help=True,
)
Know = Annotated[
    list[str] | None,
    typer.Option(help=f"Also a run that knows this beforehand: {', '.join(_KNOWN)}."),
]
Plain = Annotated[bool, typer.Option("--plain", help="Also a plain receding horizon.")]
Step = Annotated[
    int, typer.Option(help="1: the last week in minutes with the real loop, beside the 15-minute figure.")
]
Html = Annotated[Path | None, typer.Option(help="Write a page with charts to this file.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@app.command()
def household(
    data: Annotated[Path, typer.Option(help="Directory of the recorded data.")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"])] = _FIRST,
    end: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"])] = _END,
    pair: Annotated[int, typer.Option(min=0, max=3, help="One of the three households; 0: all.")] = 0,
    load: Annotated[str, typer.Option(help="Another load (htw04 ... htw70), with --driver.")] = "",
    driver: Annotated[str, typer.Option(help="Another driver of the recorded sessions.")] = "",
    know: Know = None,
    plain: Plain = False,
    step: Step = 15,
    seed: Annotated[int, typer.Option(help="Of the minutes.")] = 1,
    html: Html = None,
    as_json: Json = False,
) -> None:
    """Replay recorded households and show the share of the possible saving.

    The plan knows at each moment only what was known then: it learns the load from the days before, takes the weather
    service's forecast of that day, and prices as published. Cars say when they leave and how much they need when
    they are plugged in. Perfect foresight is one exact solve of the whole period with the true data.
    """
    from kwartier.simulation.backtest import recorded

    if bool(load) != bool(driver):
        _refuse("give both --load and --driver, or neither")
    chosen = (
        [(load, driver)] if load else list(recorded.PAIRS if pair == 0 else recorded.PAIRS[pair - 1 : pair])
    )
    try:
        cases = [recorded.household(data, *each, first=first.date(), end=end.date()) for each in chosen]
    except recorded.DataError as error:
        _refuse(str(error))
    _replay(cases, know=know, plain=plain, step=step, seed=seed, html=html, as_json=as_json)


@app.command()
def sample(
    days: Annotated[int, typer.Option(min=2, help="How many.")] = 14,
    know: Know = None,
    plain: Plain = False,
    step: Step = 15,
    seed: Annotated[int, typer.Option(help="Of the household.")] = 1,
    html: Html = None,
    as_json: Json = False,
) -> None:
    """Replay a made-up household: needs no data."""
    from kwartier.simulation.backtest.sample import sample_household

    made = [sample_household(days=days, seed=seed)]
    _replay(made, know=know, plain=plain, step=step, seed=seed, html=html, as_json=as_json)


app.command()(carpark)


def _refuse(why: str) -> NoReturn:
    print(why, file=sys.stderr)
    raise typer.Exit(2)


def _replay(
    cases: "list[Case]",
    *,
    know: list[str] | None,
    plain: bool,
    step: int,
    seed: int,
    html: Path | None,
    as_json: bool,
) -> None:
    from kwartier.simulation.backtest.compare import compare, compare_minutes
    from kwartier.simulation.backtest.page import page
    from kwartier.simulation.backtest.report import document, lines

    if step not in {1, 15}:
        _refuse(f"--step {step}: 15 or 1")
    policies = _policies(know or [], plain)
    watching = not as_json and sys.stderr.isatty()
    found: list[Comparison] = []
    for case in cases:
        if step == 1:
            found.append(compare_minutes(case, seed=seed))
        else:
            found.append(compare(case, policies, on_day=_progress(case) if watching else None))
        if watching:
            print("\r" + " " * 60 + "\r", end="", file=sys.stderr)
        if not as_json:
            print("\n".join(lines(found[-1])) + "\n", flush=True)
    shares = [share for each in found if (share := each.share("plan")) is not None]
    mean = sum(shares) / len(shares) if shares else None
    if html is not None:
        html.write_text(page(found, "Kwartier over recorded time"), encoding="utf-8")
    if as_json:
        print(
            json.dumps(
                {
                    "share_of_saving": None if mean is None else round(mean, 4),
                    "cases": [document(each) for each in found],
                }
            )
        )
    elif mean is not None and len(found) > 1:
        print(f"share of the possible saving, mean of {len(found)}: {100 * mean:.1f} %")


def _policies(know: list[str], plain: bool) -> "dict[str, Policy]":
    from kwartier.simulation.backtest.household import Policy

    for each in know:
        if each not in _KNOWN:
            _refuse(f"--know {each}: choose of {', '.join(_KNOWN)}")
    found = {f"knowing_{each}": Policy(perfect=frozenset({each})) for each in know}
    if plain:
        found["plain_horizon"] = Policy(reserve=False)
    return found


def _progress(case: "Case") -> "Callable[[str, int], None]":
    def show(name: str, day: int) -> None:
        print(
            f"\r{case.name}: {name}, day {day} of {case.steps // 96}  ", end="", file=sys.stderr, flush=True
        )

    return show
