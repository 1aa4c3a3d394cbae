"""`kwartier backtest`: the plan over recorded time, against rules and against perfect foresight."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from kwartier.simulation.backtest.case import Case
    from kwartier.simulation.backtest.compare import Comparison
    from kwartier.simulation.backtest.household import Policy

_FIRST, _END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
_KNOWN = ("load", "pv", "price", "cars", "peak")


def backtest(
    what: Annotated[str, typer.Argument(help="household (recorded), or sample (made up, needs no data)")],
    data: Annotated[Path | None, typer.Option(help="Directory of the recorded data.")] = None,
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"])] = _FIRST,
    end: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"])] = _END,
    pair: Annotated[int, typer.Option(min=0, max=3, help="One of the three households; 0: all.")] = 0,
    load: Annotated[str, typer.Option(help="Another load (htw04 ... htw70), with --driver.")] = "",
    driver: Annotated[str, typer.Option(help="Another driver of the recorded sessions.")] = "",
    know: Annotated[
        list[str] | None,
        typer.Option(help=f"Also a run that knows this beforehand: {', '.join(_KNOWN)}."),
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Also a plain receding horizon.")] = False,
    step: Annotated[
        int, typer.Option(help="1: the last week in minutes with the real loop, beside the 15-minute figure.")
    ] = 15,
    days: Annotated[int, typer.Option(min=2, help="Of the sample.")] = 14,
    seed: Annotated[int, typer.Option(help="Of the sample, and of the minutes.")] = 1,
    html: Annotated[Path | None, typer.Option(help="Write a page with charts to this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Replay recorded time and show the share of the possible saving.

    The plan knows at each moment only what was known then: it learns the load from the days before, takes the weather
    service's forecast of that day, and prices as published. Cars say when they leave and how much they need when
    they are plugged in. Perfect foresight is one exact solve of the whole period with the true data.
    """
    from kwartier.simulation.backtest.compare import compare, compare_minutes
    from kwartier.simulation.backtest.page import page
    from kwartier.simulation.backtest.recorded import DataError
    from kwartier.simulation.backtest.report import document, lines

    if step not in {1, 15}:
        print(f"--step {step}: 15 or 1", file=sys.stderr)
        raise typer.Exit(2)
    policies = _policies(know or [], plain)
    try:
        cases = _cases(what, data, first.date(), end.date(), pair, load, driver, days, seed)
    except DataError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
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


def _cases(
    what: str,
    data: Path | None,
    first: "date",
    end: "date",
    pair: int,
    load: str,
    driver: str,
    days: int,
    seed: int,
) -> "list[Case]":
    from kwartier.simulation.backtest.recorded import PAIRS, DataError, household
    from kwartier.simulation.backtest.sample import sample_household

    if what == "sample":
        return [sample_household(days=days, seed=seed)]
    if what != "household":
        raise DataError(f"no backtest of {what!r}: household (needs --data) or sample")
    if data is None:
        raise DataError(
            "give the directory of the recorded data with --data, or try: kwartier backtest sample"
        )
    if bool(load) != bool(driver):
        raise DataError("give both --load and --driver, or neither")
    chosen = [(load, driver)] if load else list(PAIRS if pair == 0 else PAIRS[pair - 1 : pair])
    return [household(data, *each, first=first, end=end) for each in chosen]


def _policies(know: list[str], plain: bool) -> "dict[str, Policy]":
    from kwartier.simulation.backtest.household import Policy

    for each in know:
        if each not in _KNOWN:
            print(f"--know {each}: choose of {', '.join(_KNOWN)}", file=sys.stderr)
            raise typer.Exit(2)
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
