"""`kwartier backtest carpark`: the car park's plan over recorded months, against perfect foresight."""

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from kwartier.simulation.backtest.park import ParkResult, Row


def carpark(
    data: Annotated[Path, typer.Option(help="Directory of the recorded data.")],
    first: Annotated[str, typer.Option(help="First month that counts, as 2024-09.")] = "2024-09",
    last: Annotated[str, typer.Option(help="Last month that counts.")] = "2024-10",
    learn_from: Annotated[
        str, typer.Option(help="Month in which the recordings begin to be replayed.")
    ] = "2024-05",
    step: Annotated[
        int, typer.Option(help="Seconds of a step; must divide 900. 60: the minute truth.")
    ] = 300,
    shift_days: Annotated[
        int, typer.Option(help="Days by which the sessions are moved; a multiple of 7.")
    ] = 1827,
    information: Annotated[
        bool, typer.Option("--information", help="Also what each unknown costs (minutes more).")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Replay recorded sessions through the plan, walking forward, and compare with perfect foresight."""
    from kwartier.simulation.backtest.park import run_park
    from kwartier.simulation.backtest.park_case import load_case, month_number

    began = time.monotonic()
    try:
        case = load_case(data, first=learn_from, last=last, shift_days=shift_days)
        months = tuple(range(month_number(first), month_number(last) + 1))
        result = run_park(
            case,
            months=months,
            step_s=step,
            information=information,
            say=lambda what: print(f"{time.monotonic() - began:6.1f} s  {what}", file=sys.stderr),
        )
    except (ValueError, FileNotFoundError) as wrong:
        print(f"error: {wrong}", file=sys.stderr)
        raise typer.Exit(2) from wrong
    if as_json:
        print(json.dumps(_document(result)))
    else:
        _table(result)


def _document(result: "ParkResult") -> dict[str, Any]:
    from kwartier.simulation.backtest.park_case import month_name

    def by_month(values: Any) -> dict[str, float] | None:
        return None if values is None else {month_name(month): value for month, value in values.items()}

    return {
        "months": [month_name(month) for month in result.months],
        "sessions": result.sessions,
        "wanted_kwh": result.wanted_kwh,
        "captured_pct": result.captured_pct,
        "rows": [
            {
                "name": row.name,
                "knows": row.knows,
                "cost_eur": row.cost_eur,
                "energy_eur": row.energy_eur,
                "peak_w": by_month(row.peak_w),
                "delivered_pct": by_month(row.delivered_pct),
                "delivered_all_pct": row.delivered_all_pct,
                "sessions_met_pct": row.sessions_met_pct,
                "optimum_eur": row.optimum_eur,
                "optimum_peak_w": by_month(row.optimum_peak_w),
                "peak_ratio": row.peak_ratio,
            }
            for row in result.rows
        ],
    }


def _table(result: "ParkResult") -> None:
    from kwartier.simulation.backtest.park_case import month_name

    names = ", ".join(month_name(month) for month in result.months)
    print(f"car park, {names}: {result.sessions} sessions, {result.wanted_kwh / 1000:.1f} MWh wanted")
    print(
        f"{'':30} {'EUR':>7} {'energy':>7} {'peaks kW':>20} {'x best':>7} {'delivered':>10} {'met':>7} {'regret':>7}"
    )
    for row in result.rows:
        print(_line(row))
    print(f"captured of the possible saving, at equal delivered energy: {result.captured_pct:.1f} %")
    for row in result.rows:
        if row.knows:
            print(f"  {row.name}: knows {row.knows}")


def _line(row: "Row") -> str:
    peaks = " / ".join(f"{peak / 1000:.0f}" for peak in row.peak_w.values())
    ratio = "" if row.peak_ratio is None else f"{row.peak_ratio:.2f}"
    regret = "" if row.optimum_eur is None else f"{row.cost_eur - row.optimum_eur:.0f}"
    return (
        f"{row.name:30} {row.cost_eur:7.0f} {row.energy_eur:7.0f} {peaks:>20} {ratio:>7}"
        f" {row.delivered_all_pct:8.2f} % {row.sessions_met_pct:5.1f} % {regret:>7}"
    )
