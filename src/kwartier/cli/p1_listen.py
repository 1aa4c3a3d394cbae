"""`kwartier p1 listen URL`: what a meter says, as it says it."""

import sys
from typing import Annotated

import typer


def listen(
    url: Annotated[
        str,
        typer.Argument(
            help="serial:///dev/ttyUSB0?baud=115200, tcp://host:port, ws://host:port/path, wss://..., "
            "homewizard://host or file:///path?speed=1"
        ),
    ],
    key: Annotated[str | None, typer.Option(help="Key of a meter that encrypts, 32 hex digits.")] = None,
    auth_key: Annotated[
        str | None, typer.Option(help="Its authentication key; Luxembourg's public one if not given.")
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, help="Stop after so many good telegrams.")] = None,
) -> None:
    """Show live telegrams, one JSON line each, until Ctrl-C. Trouble is told on the error output."""
    from kwartier.cli.p1_live import listen_to
    from kwartier.site.errors import ConfigError

    try:
        telegrams = listen_to(url, _key(key, "--key"), _key(auth_key, "--auth-key"), count)
    except ConfigError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    raise typer.Exit(0 if telegrams else 1)


def _key(text: str | None, option: str) -> bytes | None:
    if text is None:
        return None
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 16:
        print(f"{option} must be 32 hex digits", file=sys.stderr)
        raise typer.Exit(2)
    return key
