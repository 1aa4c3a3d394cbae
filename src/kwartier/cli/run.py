"""`kwartier run SITE.yaml`: the controller of a real site."""

from pathlib import Path
from typing import Annotated

import typer


def run(
    site: Annotated[Path, typer.Argument(help="The site file; see examples/.")],
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port instead of web.port.")] = None,
) -> None:
    """Run the controller of the site that SITE describes, with its dashboard."""
    from kwartier.cli.running import run_until_stopped
    from kwartier.config.loading import inspect
    from kwartier.edge.start import run_site
    from kwartier.site.errors import ConfigError

    try:
        inspection = inspect(site)
    except ConfigError as error:
        typer.echo(f"kwartier: {error}", err=True)
        raise typer.Exit(2) from None
    for problem in inspection.problems:
        typer.echo(str(problem), err=True)
    if inspection.config is None:
        raise typer.Exit(2)

    def ready(url: str, setup_code: str | None) -> None:
        print(f"Kwartier runs {inspection.config.site.name if inspection.config else ''}: {url}", flush=True)
        if setup_code is not None:
            print(
                f"No password is chosen yet, so nobody can change anything. Choose one at {url}setup "
                f"(from another machine with the code {setup_code})",
                flush=True,
            )

    run_until_stopped(run_site(inspection.config, port=port, on_ready=ready))
