"""A small document that survives `kill -9`, a full disk and a torn write.

Two files of fixed size are written in turns, each with a number and a checksum. The newest whole one counts,
so a write that breaks off leaves the one before. The files are filled once when they are made: later writes
need no free space. It stands apart from the database, so that a damaged or locked database never takes the
fire latch or the grants with it.
"""

import contextlib
import os
import struct
import zlib
from hashlib import blake2b
from pathlib import Path

from kwartier.historian.codec import Json, dumps, loads
from kwartier.site.errors import StorageError

_MAGIC = b"KWSTATE1"
_HEAD = struct.Struct("<8sQI32s")
_ROOM = 64 * 1024
"""Size of a slot when it is made; it grows when a document needs more."""


class Slots:
    """The two files `<base>-a` and `<base>-b`. For one thread at a time."""

    def __init__(self, base: Path) -> None:
        self._paths = (base.with_name(base.name + "-a"), base.with_name(base.name + "-b"))
        self._number = 0
        self.damaged = 0
        """Slots found damaged by `load`."""

    def load(self) -> Json | None:
        """The newest whole document; None when there is none. Never raises: what cannot be read counts as
        damaged."""
        best: tuple[int, Json] | None = None
        for path in self._paths:
            found = self._read(path)
            if found is not None and (best is None or found[0] > best[0]):
                best = found
        if best is None:
            return None
        self._number = best[0]
        return best[1]

    def reserve(self) -> None:
        """Make both files at their full size, so that they can be written when the disk is full. Raises
        StorageError."""
        for path in self._paths:
            try:
                _write(path, b"")
            except OSError as error:
                raise StorageError(f"cannot make {path}: {error.strerror}") from error

    def save(self, document: Json) -> None:
        """Write the document durably. Raises StorageError; the one before is then still there."""
        number = self._number + 1
        body = zlib.compress(dumps(document).encode(), 6)
        head = _HEAD.pack(_MAGIC, number, len(body), _digest(number, body))
        path = self._paths[number % 2]
        try:
            _write(path, head + body)
        except OSError as error:
            raise StorageError(f"cannot write {path}: {error.strerror}") from error
        self._number = number

    def _read(self, path: Path) -> tuple[int, Json] | None:
        try:
            raw = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            self.damaged += 1
            return None
        try:
            magic, number, length, digest = _HEAD.unpack_from(raw)
            body = raw[_HEAD.size : _HEAD.size + length]
            if magic == _MAGIC and len(body) == length and digest == _digest(number, body):
                return number, loads(zlib.decompress(body))
        except (struct.error, zlib.error, ValueError):
            pass
        if raw.strip(b"\0"):
            self.damaged += 1
        return None


def _digest(number: int, body: bytes) -> bytes:
    return blake2b(struct.pack("<Q", number) + body, digest_size=32).digest()


def _write(path: Path, data: bytes) -> None:
    fresh = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size < max(len(data), _ROOM):
            _pwrite(descriptor, bytes(max(len(data), _ROOM) - size), size)
        _pwrite(descriptor, data, 0)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if fresh:
        with contextlib.suppress(OSError):
            _sync_directory(path.parent)


def _pwrite(descriptor: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
