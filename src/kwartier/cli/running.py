"""What the commands that run for long share: the event loop, how it ends, how errors are told."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import typer

from kwartier.site.errors import KwartierError


def run_until_stopped(job: Coroutine[Any, Any, None]) -> None:
    """Run a job until it ends or Ctrl-C; errors that a person can cure become a sentence and exit code 2."""
    from kwartier.edge.logs import set_up_logs

    set_up_logs()
    try:
        asyncio.run(job)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
    except KwartierError as error:
        typer.echo(f"kwartier: {error}", err=True)
        raise typer.Exit(2) from None
