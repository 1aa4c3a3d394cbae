"""`kwartier p1`: telegrams of the P1 port, from files and live."""

from typing import Annotated

import typer

from kwartier.cli.p1_decode import STDIN, Job, decode_all, hex_key
from kwartier.cli.p1_listen import listen

app = typer.Typer(name="p1", help="Telegrams of a meter's P1 port.", no_args_is_help=True)
app.command("listen")(listen)


def _hex_key(text: str) -> bytes:
    key = hex_key(text)
    if key is None:
        raise typer.BadParameter("a key is 32 hex digits")
    return key


@app.command()
def decode(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILES", help="Recordings; - or nothing: standard input.")
    ] = None,
    key: Annotated[
        bytes | None,
        typer.Option(parser=_hex_key, metavar="HEX", help="Key of a meter that encrypts, 32 hex digits."),
    ] = None,
    auth_key: Annotated[
        bytes | None,
        typer.Option(
            parser=_hex_key,
            metavar="HEX",
            help="Its authentication key; Luxembourg's public one if not given.",
        ),
    ] = None,
) -> None:
    """Print one JSON line for each telegram and each garbled piece, in order.

    Exit code 0: every telegram was good; 1: one was bad or none was found; 2: a file cannot be read.
    """
    raise typer.Exit(decode_all(Job(files or (STDIN,), key, auth_key)))
