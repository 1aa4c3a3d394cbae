"""`kwartier p1`: telegrams of the P1 port, from files and live."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from kwartier.cli.p1_listen import listen

if TYPE_CHECKING:
    from kwartier.protocols.p1 import P1Reader
    from kwartier.protocols.p1.frame import Event

app = typer.Typer(name="p1", help="Telegrams of a meter's P1 port.", no_args_is_help=True)
app.command("listen")(listen)

_STDIN = "-"
_PIECE = 65_536


def _hex_key(text: str) -> bytes:
    """A key of 16 bytes as the grid operator writes it."""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 16:
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
    from kwartier.protocols.p1 import P1Reader

    names = files or [_STDIN]
    for name in names:
        if name != _STDIN and not Path(name).is_file():
            print(
                f"{name} is no file; give recordings of a P1 port, or - for standard input", file=sys.stderr
            )
            raise typer.Exit(2)
    good = bad = 0
    try:
        for name in names:
            counts = _decode_one(name, P1Reader(key=key, authentication_key=auth_key))
            good, bad = good + counts[0], bad + counts[1]
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"{error.filename or name} cannot be read: {error.strerror}", file=sys.stderr)
        raise typer.Exit(2) from None
    raise typer.Exit(0 if good and not bad else 1)


def _decode_one(name: str, reader: "P1Reader") -> tuple[int, int]:
    """Print what one input holds; how many good and bad telegrams."""
    from kwartier.protocols.p1 import Telegram
    from kwartier.protocols.p1.ndjson import JsonLines

    live = name == _STDIN
    lines = JsonLines(name)
    good = total = 0
    with sys.stdin.buffer if live else Path(name).open("rb") as stream:
        for events in _events(stream, reader):
            for event in events:
                print(lines.line(event), flush=live)
                good += isinstance(event, Telegram)
            total += len(events)
    return good, total - good


def _events(stream: BinaryIO, reader: "P1Reader") -> "Iterator[list[Event]]":
    # read1 gives what is there instead of waiting for a full piece
    read = getattr(stream, "read1", stream.read)
    while data := read(_PIECE):
        yield reader.receive(data)
    yield reader.close()
