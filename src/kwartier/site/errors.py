"""Errors, named by who must act (STYLE section 3.11)."""


class KwartierError(Exception):
    """Base of all errors that Kwartier raises on purpose."""


class ConfigError(KwartierError):
    """The installer must act: the site file or a command's input is wrong. The text tells what,
    where and the cure."""


class LocalProtocolError(KwartierError):
    """We spoke nonsense: a bug of ours."""


class RemoteProtocolError(KwartierError):
    """The device spoke nonsense; `raw` holds its bytes as far as they are known."""

    def __init__(self, message: str, raw: bytes = b"") -> None:
        super().__init__(message)
        self.raw = raw


class DeviceUnreachable(KwartierError):
    """The device does not answer: wait, back off, try again."""


class DeviceRefused(KwartierError):
    """The device answered "no" (a Modbus exception, a refused write): tell the user."""


class StorageError(KwartierError):
    """The historian cannot write or read; the cycle goes on without it."""
