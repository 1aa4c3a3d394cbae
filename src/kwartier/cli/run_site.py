"""What `kwartier run` does, without Typer.

After a crash every tenth of a second counts until the first safe set-point (docs/safety.md), and Typer takes
one to load. The plain use of the command, which is what a service file holds, therefore goes past it, as that
of `p1 decode` does; help, misuse and every other way to write an option go through it.
"""

import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from kwartier.config.models import SiteConfig

PORTS = range(1, 65536)


@dataclass(frozen=True)
class RunJob:
    """What to run."""

    site: Path
    port: int | None = None


def plain_job(arguments: Sequence[str]) -> RunJob | None:
    """`SITE` or `SITE --port N` in either order; None for whatever else."""
    rest = list(arguments)
    port = None
    if "--port" in rest[:-1]:
        at = rest.index("--port")
        number = rest[at + 1]
        if not (number.isascii() and number.isdecimal() and int(number) in PORTS):
            return None
        port = int(number)
        del rest[at : at + 2]
    if len(rest) != 1 or rest[0].startswith("-"):
        return None
    return RunJob(Path(rest[0]), port)


def run_job(job: RunJob) -> int:
    """Run the controller until it is told to stop; returns the exit code. On Linux in a process of its own,
    which a guardian replaces when it is killed (`edge/host/guardian.py`)."""
    _load_lean()
    from kwartier.edge.host.guardian import can_guard, guard

    config, text = _read(job.site)
    if config is None:
        return 2
    if not can_guard():
        return _run(job, config)

    def run(again: bool) -> int:
        changed = again and _text(job.site) != text
        now = _read(job.site)[0] if changed else config
        return 2 if now is None else _run(job, now)

    return guard(run)


def _read(site: Path) -> "tuple[SiteConfig | None, bytes | None]":
    """The checked site file and its text; what is wrong with it is told, and without errors it is not None."""
    from kwartier.config.loading import inspect
    from kwartier.edge import start  # noqa: F401 - loaded here, once, for every controller
    from kwartier.site.errors import ConfigError

    text = _text(site)  # before it is parsed: a change in between is seen as one
    try:
        inspection = inspect(site)
    except ConfigError as error:
        print(f"kwartier: {error}", file=sys.stderr)
        return None, None
    for problem in inspection.problems:
        print(problem, file=sys.stderr)
    return inspection.config, text


def _text(site: Path) -> bytes | None:
    try:
        return site.read_bytes()
    except OSError:
        return None


def _run(job: RunJob, config: "SiteConfig") -> int:
    from kwartier.cli.running import run_until_stopped
    from kwartier.edge.start import run_site

    name = config.site.name

    def ready(url: str, setup_code: str | None) -> None:
        print(f"Kwartier runs {name}: {url}", flush=True)
        if setup_code is not None:
            print(
                f"No password is chosen yet, so nobody can change anything. Choose one at {url}setup "
                f"(from another machine with the code {setup_code})",
                flush=True,
            )

    return run_until_stopped(run_site(config, port=job.port, on_ready=ready))


def _load_lean() -> None:
    """Leave out of what is loaded what nobody needs here.

    Nothing that is made while loading is garbage (`run_site` switches the collector on again). pydantic
    looks through all installed packages for plug-ins of its own. structlog loads rich for tracebacks that we
    do not use, which takes longer than structlog itself.
    """
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    modules: dict[str, ModuleType | None] = cast("dict[str, ModuleType | None]", sys.modules)
    absent = "rich" not in modules
    if absent:
        modules["rich"] = None  # the import system's own word for: not to be had
    try:
        import structlog  # noqa: F401
    finally:
        if absent:
            del modules["rich"]
