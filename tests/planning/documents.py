"""Problem documents through the planner as the command line sends them, and back."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from kwartier.planning import plan
from kwartier.planning.answer_json import document
from kwartier.planning.problem_json import LISTS, read_problem
from kwartier.site.plans import Problem


def read(problem: dict[str, Any]) -> Problem:
    return read_problem(json.dumps(problem), "problem")


def planned(problem: dict[str, Any], *, time_limit_s: float = 10.0) -> dict[str, Any]:
    """The answer, after a way through JSON, as a program would read it."""
    given = read(problem)
    answer = document(given, plan(given, time_limit_s=time_limit_s))
    back: dict[str, Any] = json.loads(json.dumps(answer, allow_nan=False))
    return back


def as_document(problem: Problem) -> dict[str, Any]:
    """A problem as the document that describes it."""
    fields = asdict(problem)
    made: dict[str, Any] = {
        "start": datetime.fromtimestamp(fields.pop("start_s"), UTC).isoformat(),
        "step_minutes": fields.pop("step_s") / 60.0,
    }
    made.update({key: list(fields.pop(name)) for key, (name, _) in LISTS.items()})
    made.update({name: value for name, value in fields.items() if value is not None})
    back: dict[str, Any] = json.loads(json.dumps(made))
    return back
