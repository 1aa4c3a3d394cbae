"""The commands. Each lives in its own file and imports what it needs only when it runs, so that
`kwartier --help` stays fast."""

from kwartier.cli.app import main

__all__ = ["main"]
