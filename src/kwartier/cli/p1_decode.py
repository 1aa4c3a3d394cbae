"""What `kwartier p1 decode` does, without the command line's library: recordings in, JSON lines out."""

import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:
    from kwartier.protocols.p1 import P1Reader
    from kwartier.protocols.p1.frame import Event

STDIN = "-"
INTERRUPTED = 130
_PIECE = 65_536
_KEY_BYTES = 16


class Job(NamedTuple):
    """What to decode. Keys have 16 bytes; `names` are files, or - for standard input."""

    names: Sequence[str] = (STDIN,)
    key: bytes | None = None
    auth_key: bytes | None = None


def hex_key(text: str) -> bytes | None:
    """A key of 16 bytes as the grid operator writes it; None when it is none."""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        return None
    return key if len(key) == _KEY_BYTES else None


def plain_job(arguments: Sequence[str]) -> Job | None:
    """The job that these arguments ask for when they are files and keys and nothing else. None for help,
    misuse and every other way to write an option: those are for the full command line to judge."""
    names: list[str] = []
    keys: dict[str, bytes] = {}
    words = iter(arguments)
    for word in words:
        if word in {"--key", "--auth-key"}:
            key = hex_key(next(words, ""))
            if key is None:
                return None
            keys[word] = key
        elif word.startswith("-") and word != STDIN:
            return None
        else:
            names.append(word)
    return Job(names or (STDIN,), keys.get("--key"), keys.get("--auth-key"))


def decode_all(job: Job) -> int:
    """Print one JSON line for each telegram and each garbled piece; the exit code of the command."""
    for name in job.names:
        if name != STDIN and not os.path.isfile(name):  # noqa: PTH113 - pathlib takes 5 ms to load
            print(
                f"{name} is no file; give recordings of a P1 port, or - for standard input", file=sys.stderr
            )
            return 2
    good = bad = 0
    try:
        for name in job.names:
            counts = _decode_one(name, job)
            good, bad = good + counts[0], bad + counts[1]
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"{error.filename or name} cannot be read: {error.strerror}", file=sys.stderr)
        return 2
    return 0 if good and not bad else 1


def _decode_one(name: str, job: Job) -> tuple[int, int]:
    """Print what one input holds; how many good and bad telegrams."""
    from kwartier.protocols.p1 import P1Reader, Telegram
    from kwartier.protocols.p1.ndjson import JsonLines

    live = name == STDIN
    lines = JsonLines(name)
    reader = P1Reader(key=job.key, authentication_key=job.auth_key)
    good = total = 0
    with sys.stdin.buffer if live else open(name, "rb") as stream:  # noqa: PTH123 - as above
        for events in _events(stream, reader):
            # one write for a piece: with PYTHONUNBUFFERED each would be a system call
            sys.stdout.write("".join([lines.line(event) + "\n" for event in events]))
            if live:
                sys.stdout.flush()
            good += sum(isinstance(event, Telegram) for event in events)
            total += len(events)
    return good, total - good


def _events(stream: BinaryIO, reader: "P1Reader") -> "Iterator[list[Event]]":
    # read1 gives what is there instead of waiting for a full piece
    read = getattr(stream, "read1", stream.read)
    while data := read(_PIECE):
        yield reader.receive(data)
    yield reader.close()
