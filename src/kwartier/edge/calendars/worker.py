"""The process that reads calendars: questions as lines of JSON, one line of answer to each, ends with its input.

Started by `plan.child.PlanChild` as `python -m kwartier.edge.calendars.worker`. A calendar is what a stranger wrote, in megabytes if
he likes: whatever it does to the one who reads it, it does not to the process that protects.
"""

import json
import os
import sys
from base64 import b64decode
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from kwartier.historian.codec import encode
from kwartier.protocols.answers import AnswerError
from kwartier.protocols.calendars import read

NICE = 10
"""The loop goes first."""


def main() -> None:
    """Until the end of the input."""
    os.nice(NICE)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    # What somebody prints by mistake must not stand between the answers, nor a word of a calendar in a log.
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, sys.stdout.fileno())
    os.dup2(silent, sys.stderr.fileno())
    serve(sys.stdin.buffer, answers)


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer each line of `questions` in order: `{"told": ...}` or `{"code", "problem"}`."""
    for line in questions:
        asked: dict[str, Any] = json.loads(line)
        question = asked["with"]
        answer: dict[str, Any]
        try:
            told = read(
                b64decode(question["raw"]),
                zone=ZoneInfo(question["zone"]),
                from_s=question["from_s"],
                to_s=question["to_s"],
            )
            answer = {"told": encode(told)}
        except AnswerError as error:
            answer = {"code": error.code, "problem": str(error)}
        answers.write(json.dumps({"id": asked["id"], "answer": answer}).encode() + b"\n")


if __name__ == "__main__":
    main()
