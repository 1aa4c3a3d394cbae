"""`kwartier plan`: one plan, problem and answer in JSON (DESIGN 6.5)."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def plan(
    problem: Annotated[str, typer.Argument(help="JSON file, or - for standard input.")],
    time_limit: Annotated[
        float,
        typer.Option("--time-limit", min=0.1, help="Seconds of the search; the best so far is the answer."),
    ] = 20.0,
    as_json: Annotated[
        bool, typer.Option("--json", help="On one line, for programs; the same document.")
    ] = False,
) -> None:
    """Plan cars, batteries, appliances and heat for the least money, with the month's peak.

    Prints the plan as JSON, with the proof of how close to the best it is and every wish or limit that could not be
    kept. Exit code 2 when the problem has no sense as one.
    """
    from kwartier.planning.answer_json import document
    from kwartier.planning.planner import plan as planned
    from kwartier.planning.problem_json import read_problem
    from kwartier.site.errors import ConfigError

    source = "standard input" if problem == "-" else problem
    try:
        given = read_problem(_text(problem), source)
        answer = planned(given, time_limit_s=time_limit)
    except (OSError, UnicodeDecodeError) as error:
        print(f"{source}: cannot be read: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    except ConfigError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    shown = document(given, answer)
    if as_json:
        print(json.dumps(shown, allow_nan=False))
        return
    lines = [f" {json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in shown.items()]
    print("{\n" + ",\n".join(lines) + "\n}")


def _text(problem: str) -> str:
    if problem == "-":
        return sys.stdin.buffer.read().decode("utf-8")
    return Path(problem).read_text(encoding="utf-8")
