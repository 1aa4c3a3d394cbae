"""The planner's process: reads questions as lines of JSON, answers each with one, ends with its input.

Started by `plan.child` as `python -m kwartier.edge.plan.worker`. It holds the arrays and the solver, so that the process
that protects the site never does; what it needed goes back to the system when it ends.
"""

import json
import os
import sys
from typing import Any, BinaryIO

from kwartier.historian.codec import decode, encode
from kwartier.planning.situation import ParkPast, Past, Situation
from kwartier.site.errors import KwartierError

NICE = 10
"""The loop goes first."""


def main() -> None:
    """Until the end of the input."""
    os.nice(NICE)
    # What somebody prints by mistake must not stand between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, answers)


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer each line of `questions` in order."""
    from kwartier.planning.sitepark import learn_park  # noqa: PLC0415
    from kwartier.planning.siteplan import Planner, scores  # noqa: PLC0415 - after the first line is under way

    planner = Planner.new()
    for line in questions:
        asked: dict[str, Any] = json.loads(line)
        try:
            if asked["do"] == "plan":
                found = encode(planner.plan(decode(Situation, asked["with"])))
            elif asked["do"] == "park":
                found = encode(learn_park(decode(ParkPast, asked["with"])))
            else:
                found = encode(scores(decode(Past, asked["with"])))
            out = {"id": asked["id"], "answer": found}
        except (KwartierError, ValueError) as error:
            out = {"id": asked["id"], "error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(out).encode() + b"\n")


if __name__ == "__main__":
    main()
