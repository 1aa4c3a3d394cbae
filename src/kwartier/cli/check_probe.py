"""How `kwartier check --probe` shows the fail-safe proof."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import typer

from kwartier.site.errors import ConfigError
from kwartier.site.reasons import LANGUAGES

if TYPE_CHECKING:
    from kwartier.config import SiteConfig
    from kwartier.edge.probe import Device, OtherLoad, Report
    from kwartier.safety.proof import Row
    from kwartier.site.reasons import Reason

TITLES = {
    "alone": "If Kwartier stopped now: every charger at its own fallback current, beside the worst other load",
    "meter_lost": "If a meter were lost: its chargers together at the safe current, beside the worst other load",
}


def run_probe(config: "SiteConfig", *, seconds: float, write_test: bool) -> "Report":
    """Probe the site of a checked configuration. A driver that refuses its settings ends in exit code 2."""
    from kwartier.edge.host.clock import RealClock
    from kwartier.edge.probe import probe

    job = probe(
        config,
        clock=RealClock(),
        seconds=seconds,
        write_test=write_test,
        history=Path(config.historian.path),
    )
    try:
        return asyncio.run(job)
    except KeyboardInterrupt:
        raise typer.Exit(2) from None
    except ConfigError as error:
        typer.echo(f"kwartier: {error}", err=True)
        raise typer.Exit(2) from None


def document(report: "Report") -> dict[str, Any]:
    """The proof as JSON values; `problems` and `notes` in every language."""
    return {
        "ok": report.ok,
        "listened_s": report.listened_s,
        "write_test": report.wrote,
        "rows": [asdict(row) | {"ok": row.ok} for row in report.proof.rows],
        "other_loads": [asdict(load) for load in report.loads],
        "devices": [asdict(device) for device in report.devices],
        "problems": [_words(problem) for problem in report.problems],
        "notes": [_words(note) for note in report.notes],
    }


def _words(what: "Reason") -> dict[str, Any]:
    return {"code": what.code, "params": dict(what.params), **{lang: what.text(lang) for lang in LANGUAGES}}


def text(report: "Report") -> Iterator[str]:
    """The proof as lines for a terminal."""
    for case, title in TITLES.items():
        rows = [row for row in report.proof.rows if row.case == case]
        if rows:
            yield from ("", title)
            yield from _table([_cells(row) for row in rows])
    if report.loads:
        yield from ("", "Worst other load, chargers not counted")
        yield from _table([cells for load in report.loads for cells in _load_cells(report, load)])
    yield from ("", "Devices")
    yield from _table([_device_cells(device) for device in report.devices])
    yield ""
    yield from (f"note: {note.text()}" for note in report.notes)
    yield from (f"problem: {problem.text().rstrip()}" for problem in report.problems)
    yield _verdict(report)


def _table(rows: list[list[str]]) -> Iterator[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _cells(row: "Row") -> list[str]:
    from kwartier.safety.proof import phase_words

    parts = " + ".join(_a(each) if n == 1 else f"{n} x {_a(each)}" for each, n in row.chargers) or "0"
    parts += " chargers" if row.case == "alone" else " safe current"
    limit = f"{_a(row.limit_a)} A" + ("" if row.source == "static" else f" ({row.source})")
    if row.total_a is None or row.base_a is None:
        return [
            row.circuit_id,
            phase_words(row.phases),
            f"{parts} + ? other",
            "= ?",
            f"of {limit}",
            "NOT KNOWN",
        ]
    verdict = "ok" if row.ok else f"TOO MUCH by {_a(row.total_a - row.limit_a, up=True)} A"
    sum_ = f"{parts} + {_a(row.base_a)} other"
    return [row.circuit_id, phase_words(row.phases), sum_, f"= {_a(row.total_a)} A", f"of {limit}", verdict]


def _a(amps: float, *, up: bool = False) -> str:
    """A current to a hundredth; an excess is never shown as nothing."""
    return f"{max(amps, 0.01) if up else amps:.2f}".rstrip("0").rstrip(".")


def _load_cells(report: "Report", load: "OtherLoad") -> Iterator[list[str]]:
    zone = ZoneInfo(report.site.time_zone)
    if load.worst_a is None:
        yield [load.circuit_id, "", "not known", ""]
        return
    for i, worst_a in enumerate(load.worst_a):
        kept = load.recorded
        if kept is not None and kept.load_a[i] >= worst_a:
            when = datetime.fromtimestamp(kept.at_s[i], UTC).astimezone(zone)
            source = f"recorded {when:%Y-%m-%d %H:%M}, the worst of {kept.days:.1f} days"
        else:
            source = f"now, in {report.listened_s:.0f} s of listening"
        yield [load.circuit_id, f"L{i + 1}", f"{_a(worst_a)} A", source]


def _device_cells(device: "Device") -> list[str]:
    if not device.heard:
        return [device.id, device.address, "NOT HEARD", ""]
    if device.kind == "meter":
        return [device.id, device.address, "heard", ""]
    falls = "fallback not known" if device.fallback_a is None else f"falls back to {_a(device.fallback_a)} A"
    return [device.id, device.address, falls, _timer(device)]


def _timer(device: "Device") -> str:
    if device.valid_for_s is None:
        return "tells no timer"
    if device.valid_for_s <= 0:
        return "no set-point in force"
    setpoint = "a set-point" if device.setpoint_a is None else f"{_a(device.setpoint_a)} A"
    told = "written by this test" if device.wrote_a is not None else "told by a controller"
    used = "" if device.setpoint_used is None else ", used" if device.setpoint_used else ", NOT USED"
    return f"{setpoint} {told} for {device.valid_for_s:.0f} s at most{used}"


def _verdict(report: "Report") -> str:
    if report.ok:
        moment = any(note.code == "proof_moment" for note in report.notes)
        return "PASS: without Kwartier every limit is kept" + (
            ", with the other load of now." if moment else "."
        )
    count = len(report.problems)
    return f"FAIL: not proven, {count} problem{'' if count == 1 else 's'}."
