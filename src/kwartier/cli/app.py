"""The `kwartier` program: registers the commands."""

import typer

from kwartier import __version__
from kwartier.cli import backtest, catalog
from kwartier.cli.allocate import allocate
from kwartier.cli.check import check
from kwartier.cli.demo import demo
from kwartier.cli.p1 import app as p1_app
from kwartier.cli.plan import plan
from kwartier.cli.replay import replay
from kwartier.cli.report import report
from kwartier.cli.run import run
from kwartier.cli.schema import schema
from kwartier.cli.simulate import simulate
from kwartier.cli.soak import soak

app = typer.Typer(
    name="kwartier",
    help="Open energy manager: measures, protects, saves, obeys and explains.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"kwartier {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Show the version."
    ),
) -> None:
    pass


app.command()(demo)
app.command()(run)
app.command()(allocate)
app.command()(check)
app.command()(plan)
app.command()(replay)
app.command()(report)
app.command()(schema)
app.command()(simulate)
app.command()(soak)
app.add_typer(backtest.app)
app.add_typer(catalog.app)
app.add_typer(p1_app)
