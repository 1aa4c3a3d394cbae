"""What the commands that run for long share: the event loop, how it ends, how errors are told."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

from kwartier.site.errors import KwartierError


def run_until_stopped(job: Coroutine[Any, Any, None]) -> int:
    """Run a job until it ends or Ctrl-C; returns the exit code. Errors that a person can cure become a
    sentence and 2."""
    from kwartier.edge.host.logs import set_up_logs

    set_up_logs()
    try:
        asyncio.run(job)
    except KeyboardInterrupt:
        return 0
    except KwartierError as error:
        print(f"kwartier: {error}", file=sys.stderr)
        return 2
    return 0
