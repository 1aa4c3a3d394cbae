"""`kwartier replay`: decide the recorded past again, and compare to the bit."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kwartier.historian.replay import ReplayResult


def replay(
    database: Annotated[Path, typer.Argument(metavar="DB", help="The history file (historian.path).")],
    begin: Annotated[str, typer.Option("--from", help="ISO 8601 time; UTC where it has no offset.")] = "",
    end: Annotated[str, typer.Option("--to", help="ISO 8601 time, not included.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Decide every recorded cycle again and say whether it comes out the same, bit for bit. Exit code 1 when
    one does not, or when nothing could be replayed."""
    from kwartier.control.memory import Memory
    from kwartier.control.step import step
    from kwartier.historian.replay import replay as run
    from kwartier.site.errors import StorageError

    from_s, to_s = _moment("--from", begin, float("-inf")), _moment("--to", end, float("inf"))
    if not database.is_file():
        print(f"there is no history in {database}", file=sys.stderr)
        raise typer.Exit(2)
    try:
        result = run(database, step, Memory, from_s=from_s, to_s=to_s)
    except StorageError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    if as_json:
        print(json.dumps({"ok": result.ok, **asdict(result)}, indent=2, ensure_ascii=False))
    else:
        _tell(result)
    raise typer.Exit(0 if result.ok else 1)


def _moment(option: str, text: str, default: float) -> float:
    if not text:
        return default
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        print(f"{option} {text!r} is no ISO 8601 time; write 2026-01-15T07:30:00+01:00", file=sys.stderr)
        raise typer.Exit(2) from None
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()


def _tell(result: "ReplayResult") -> None:
    for sentence in result.unreadable:
        print(sentence, file=sys.stderr)
    for mismatch in result.mismatches:
        print(f"{_iso(mismatch.utc_s)}  {mismatch.what}")
    if not result.cycles:
        print("nothing to replay: no cycle is recorded in that time")
        return
    assert result.from_s is not None
    assert result.until_s is not None
    print(
        f"{result.same} of {result.cycles} decisions from {_iso(result.from_s)} to {_iso(result.until_s)} "
        "come out the same, bit for bit"
    )


def _iso(utc_s: float) -> str:
    return datetime.fromtimestamp(utc_s, UTC).isoformat(timespec="seconds")
