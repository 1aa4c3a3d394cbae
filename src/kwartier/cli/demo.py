"""`kwartier demo`: a whole site on the loopback."""

from enum import StrEnum
from typing import Annotated

import typer

MINUTE_S = 60.0


class DemoSiteName(StrEnum):
    """The sites to choose from."""

    HOUSEHOLD = "household"
    CARPARK = "carpark"


def demo(
    site: Annotated[DemoSiteName, typer.Option(help="Which site to show.")] = DemoSiteName.HOUSEHOLD,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the dashboard; 0 for any.")] = 8080,
    speed: Annotated[
        float | None,
        typer.Option(min=0.01, max=60, help="Simulated minutes per second; left out: real time."),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the dashboard in the browser.")] = True,
) -> None:
    """Show a living site: simulated devices, real bytes, real drivers. No meter, account or network needed."""
    from kwartier.cli.running import run_until_stopped
    from kwartier.edge.demonstration.demo import run_demo

    def ready(url: str) -> None:
        print(f"Kwartier demo, {site.value}: {url}  (Ctrl-C stops it; nothing is left behind)", flush=True)
        print("Changes need no password in the demo, from this machine only.", flush=True)
        if browser:
            typer.launch(url)

    factor = 1.0 if speed is None else speed * MINUTE_S
    raise typer.Exit(run_until_stopped(run_demo(site.value, port=port, speed=factor, on_ready=ready)))
