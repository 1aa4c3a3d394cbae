"""Starting a real site: the real clock, the files where the site file says."""

import gc
from collections.abc import Callable
from pathlib import Path

from kwartier.config.models import SiteConfig
from kwartier.edge.controller import Controller, Place
from kwartier.edge.host.clock import RealClock


async def run_site(
    config: SiteConfig, *, port: int | None, on_ready: Callable[[str, str | None], None]
) -> None:
    """Run the controller until it is told to stop. `on_ready` gets the URL and, while no password is
    chosen, the code with which one can be chosen from another machine. Raises KwartierError."""
    history = Path(config.historian.path)
    password = config.web.password_file
    place = Place(
        history=history,
        password=history.with_name("password.json") if password is None else Path(password),
        host=config.web.host,
        port=config.web.port if port is None else port,
    )
    controller = Controller(config, clock=RealClock(), place=place)
    gc.freeze()  # what is there now stays: the collector need not look at it again
    gc.enable()
    await controller.run(lambda url: on_ready(url, controller.auth.setup_code))
