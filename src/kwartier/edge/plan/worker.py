"""The planner's process: reads questions as lines of JSON, answers each with one, ends with its input.

Started by `plan.child` as `python -m kwartier.edge.plan.worker`. It holds the arrays and the solver, so that the process
that protects the site never does; what it needed goes back to the system when it ends.
"""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from kwartier.historian.codec import decode, encode
from kwartier.planning.situation import HousePast, ParkPast, Past, Situation
from kwartier.site.errors import KwartierError, StorageError

if TYPE_CHECKING:
    from kwartier.planning.forecast.ml import BoostedModel
    from kwartier.planning.siteplan import Planner

NICE, NIGHT_NICE = 10, 19
"""The loop goes first, and what the night does last."""


def main() -> None:
    """Until the end of the input."""
    os.nice(NIGHT_NICE if "--night" in sys.argv else NICE)
    # What somebody prints by mistake must not stand between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, answers)


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer each line of `questions` in order."""
    from kwartier.planning.siteplan import Planner  # noqa: PLC0415 - after the first line is under way

    planner = Planner.new()
    for line in questions:
        asked: dict[str, Any] = json.loads(line)
        try:
            out = {"id": asked["id"], "answer": answer(planner, asked)}
        except (KwartierError, ValueError, RuntimeError) as error:
            out = {"id": asked["id"], "error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(out).encode() + b"\n")


def answer(planner: "Planner", asked: dict[str, Any]) -> Any:
    """To one question, as a JSON value. Raises KwartierError, ValueError, RuntimeError (an extra that is not installed)."""
    do, question = asked["do"], asked["with"]
    if do == "plan":
        situation = decode(Situation, question)
        planner.boosted = boosted(situation.model_path)
        return encode(planner.plan(situation))
    if do == "park":
        from kwartier.planning.sitepark import learn_park  # noqa: PLC0415 - each question loads what it needs

        return encode(learn_park(decode(ParkPast, question)))
    if do == "train":
        from kwartier.planning.sitetraining import train_house  # noqa: PLC0415

        return encode(train_house(decode(HousePast, question)))
    from kwartier.planning.sitescores import scores  # noqa: PLC0415

    return encode(scores(decode(Past, question)))


def boosted(path: str | None) -> "BoostedModel | None":
    """What the last night has trained; None where there is none that can be read: the edge model does it then."""
    if path is None:
        return None
    from kwartier.edge.plan.kept_model import KeptModel  # noqa: PLC0415
    from kwartier.planning.forecast.ml import BoostedModel  # noqa: PLC0415

    try:
        trained = KeptModel(Path(path)).load()
        return None if trained is None else BoostedModel.from_text(trained.model)
    except (StorageError, ValueError, KeyError, TypeError) as error:
        sys.stderr.write(f"the trained model is not used: {error}\n")
        return None


if __name__ == "__main__":
    main()
