"""`kwartier run SITE.yaml`: the controller of a real site."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    site: Annotated[Path, typer.Argument(help="The site file; see examples/.")],
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port instead of web.port.")] = None,
) -> None:
    """Run the controller of the site that SITE describes, with its dashboard."""
    from kwartier.cli.run_site import RunJob, run_job

    raise typer.Exit(run_job(RunJob(site, port)))
