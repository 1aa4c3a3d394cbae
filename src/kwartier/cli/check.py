"""`kwartier check`: everything that is wrong with a site file, at once; with --probe the fail-safe proof."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from kwartier.config import Inspection, SiteConfig
    from kwartier.edge.probe import Report


def check(
    file: Annotated[Path, typer.Argument(metavar="SITE.yaml", help="The site file.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    probe: Annotated[
        bool,
        typer.Option(
            "--probe", help="Ask every device what it does when Kwartier is gone, and prove that it fits."
        ),
    ] = False,
    write_test: Annotated[
        bool,
        typer.Option(
            "--write-test",
            help="With --probe: write one set-point to each charge point, never above what it applies or falls back to.",
        ),
    ] = False,
    seconds: Annotated[
        float, typer.Option(min=4, max=3600, help="With --probe: how long to listen at least.")
    ] = 10.0,
) -> None:
    """Read a site file and say what is wrong with it, with line, key and cure. No device is spoken to without
    --probe. Exit code 1 when there are errors, or when the fail-safe proof does not hold; warnings leave it 0."""
    from kwartier.config import inspect
    from kwartier.site.errors import ConfigError

    if write_test and not probe:
        print("kwartier: --write-test is for --probe; give both", file=sys.stderr)
        raise typer.Exit(2)
    try:
        inspection = inspect(file)
    except ConfigError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    report = None
    if probe and inspection.config is not None:
        from kwartier.cli.check_probe import run_probe

        report = run_probe(inspection.config, seconds=seconds, write_test=write_test)
    if as_json:
        print(json.dumps(_document(file, inspection, report), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        for problem in inspection.problems:
            print(problem, file=sys.stderr)
        print(_verdict(file, inspection, report))
    raise typer.Exit(1 if inspection.errors or (report is not None and not report.ok) else 0)


def _document(file: Path, inspection: "Inspection", report: "Report | None") -> dict[str, Any]:
    answer = {
        "file": str(file),
        "ok": not inspection.errors,
        "problems": [asdict(problem) for problem in inspection.problems],
        "circuits": [] if inspection.config is None else _circuits(inspection.config),
    }
    if report is None:
        return answer
    from kwartier.cli.check_probe import document

    return answer | {"ok": report.ok, "proof": document(report)}


def _circuits(config: "SiteConfig") -> list[dict[str, Any]]:
    """Each circuit behind the one that feeds it, with what flows in it when every charger is on its own."""
    from kwartier.config import to_site
    from kwartier.config.fallbacks import worst_phase
    from kwartier.config.layout import layout

    site, found = to_site(config), layout(config)
    rows = []
    for circuit in sorted(site.circuits, key=lambda c: site.path[c.id][::-1]):
        worst, wires = worst_phase(found, circuit.id), found.wires.circuit(circuit.id)
        rows.append(
            {
                "id": circuit.id,
                "depth": len(site.path[circuit.id]) - 1,
                "phases": list(wires),
                "limit_a": [circuit.limit_a[p - 1] for p in wires],
                "safe_current_a": circuit.safe_current_a if circuit.meter else None,
                "charge_points": len(site.charge_points_behind[circuit.id]),
                "fallback": {"phase": worst.phase, "sum_a": worst.total_a, "words": worst.words},
            }
        )
    return rows


def _verdict(file: Path, inspection: "Inspection", report: "Report | None") -> str:
    count = len(inspection.errors)
    warnings = len(inspection.problems) - count
    if inspection.config is None:
        return f"{file}: {_counted(count, 'error')}, {_counted(warnings, 'warning')}"
    site = inspection.config
    lines = [
        f"{file}: in order"
        + (f", {_counted(warnings, 'warning')}" if warnings else "")
        + f" ({_counted(len(site.circuits), 'circuit')}, {_counted(len(site.meters), 'meter')}, "
        f"{_counted(len(site.charge_points), 'charge point')})"
    ]
    if report is None:
        lines.extend(_row(row) for row in _circuits(site))
    else:
        from kwartier.cli.check_probe import text

        lines.extend(text(report))
    return "\n".join(lines)


def _row(row: dict[str, Any]) -> str:
    limits = sorted(set(row["limit_a"]))
    limit = f"{limits[0]:g} A" if len(limits) == 1 else "/".join(f"{v:g}" for v in row["limit_a"]) + " A"
    text = f"  {'  ' * row['depth']}{row['id']}: limit {limit}"
    if row["phases"] != [1, 2, 3]:
        text += f" on {', '.join(f'L{phase}' for phase in row['phases'])} of the site"
    if row["safe_current_a"] is not None:
        text += f", {row['safe_current_a']:g} A for all chargers when its meter is lost"
    if row["charge_points"]:
        text += f", {row['fallback']['words']} when Kwartier is off"
    return text


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
