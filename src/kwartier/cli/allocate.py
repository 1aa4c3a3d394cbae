"""`kwartier allocate`: one allocation, problem and answer in JSON (DESIGN 6.4)."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kwartier.control.allocation import Allocation, CircuitUse

_PATIENCE = 100
"""A person can wait for an exact answer longer than a control loop: so many times the effort."""


def allocate(problem: Annotated[str, typer.Argument(help="JSON file, or - for standard input.")]) -> None:
    """Share the current of a tree of circuits among chargers: by priority, then max-min fair, per phase.

    Prints what each charger gets and why. Exit code 2 when the problem is wrong.
    """
    from kwartier.cli.allocation_problem import read_problem
    from kwartier.control.allocation import EFFORT, explain
    from kwartier.control.allocation import allocate as share
    from kwartier.site.errors import ConfigError

    source = "standard input" if problem == "-" else problem
    try:
        circuits, chargers = read_problem(_text(problem), source)
    except (OSError, UnicodeDecodeError) as error:
        print(f"{source}: cannot be read: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    except ConfigError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    answer = share(circuits, chargers, effort=_PATIENCE * EFFORT)
    texts = [why.text() for why in explain(circuits, chargers, answer)]
    print(json.dumps(_document(answer, texts)))
    if not answer.exact:
        print(
            "Not proven: within every limit and fair, but the search for the largest set of chargers was cut off.",
            file=sys.stderr,
        )


def _text(problem: str) -> str:
    if problem == "-":
        return sys.stdin.buffer.read().decode("utf-8")
    return Path(problem).read_text(encoding="utf-8")


def _document(answer: "Allocation", texts: "Sequence[str]") -> dict[str, object]:
    return {
        "grants": [
            {
                "id": grant.id,
                "current_a": _rounded(grant.current_a),
                "limited_by": grant.limited_by,
                "phase": grant.phase,
                "reason": text,
            }
            for grant, text in zip(answer.grants, texts, strict=True)
        ],
        "circuits": [_use(use) for use in answer.circuits],
    }


def _use(use: "CircuitUse") -> dict[str, object]:
    shown: dict[str, object] = {
        "id": use.id,
        "used_a": _vector(use.used_a),
        "slack_a": _vector(use.slack_a),
    }
    if use.slack_total_a is not None:
        shown["slack_total_a"] = _rounded(use.slack_total_a)
    return shown


def _rounded(value_a: float) -> float:
    """To a nanoampere: the noise of binary fractions is no information."""
    return round(value_a, 9) + 0.0


def _vector(values_a: "Iterable[float]") -> list[float]:
    return [_rounded(value) for value in values_a]
