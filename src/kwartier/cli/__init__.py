"""The commands. Each lives in its own file and imports what it needs only when it runs, so that
`kwartier --help` stays fast.

`p1 decode` is a filter that scripts start for every file, and to load Typer takes longer than to decode a
quarter of an hour. Its plain use (files and keys) therefore goes past Typer. Help, misuse and every other way to write
an option go through it, so there is one help text and one judge of mistakes. So does that of `run`, for a restart.
"""

import gc
import sys

__all__ = ["main"]

PATIENT_GC = (50_000, 20, 20)
"""Objects that come on top before Python looks for circles among them (its own figure is 700). A step makes some ten
thousand values at 1 000 charge points, none in a circle; looking for some took up to a third of the step."""


def main() -> None:
    """Entry point of the console script."""
    gc.set_threshold(*PATIENT_GC)
    if sys.argv[1:3] == ["p1", "decode"]:
        from kwartier.cli.p1_decode import decode_all, plain_job

        job = plain_job(sys.argv[3:])
        if job is not None:
            sys.exit(decode_all(job))
    if sys.argv[1:2] == ["run"]:
        from kwartier.cli.run_site import plain_job as plain_run
        from kwartier.cli.run_site import run_job

        site = plain_run(sys.argv[2:])
        if site is not None:
            sys.exit(run_job(site))
    from kwartier.cli.app import app

    app()
