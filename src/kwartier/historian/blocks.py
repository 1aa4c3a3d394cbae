"""One-second history as blocks of a minute: each begins with the memory and the whole picture, then says per
cycle what changed and a digest of the decision; deflated. A block can be read and replayed by itself, and
a damaged one costs one minute.

A block is written in parts (at least every ten seconds) that continue one deflate stream; whatever parts
are there can be read up to the last one.

Lines of JSON. First: `{"format", "kwartier", "site", "memory", "decision"}`. Then per cycle
`[full picture or null, change of the picture or null, {charge point: [current_a, phases, reason code]} as far
as changed, digest]`.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Protocol

from kwartier import __version__
from kwartier.historian.codec import Json, codec_of, dumps, encode, loads
from kwartier.site.errors import LocalProtocolError, StorageError
from kwartier.site.setpoints import Message, Picture, Setpoint

FORMAT = 1
BLOCK_S = 60.0
_PICTURE = codec_of(Picture)

Brief = dict[str, list[Json]]
"""Per charge point: current_a, phases, reason code."""


class View(Protocol):
    """A circuit as the decision saw it (`control.decision.CircuitView`)."""

    @property
    def circuit_id(self) -> str: ...
    @property
    def load_a(self) -> tuple[float, float, float]: ...


class Decided(Protocol):
    """What the historian needs of a decision; the whole of it must be a tree of frozen dataclasses."""

    @property
    def memory(self) -> Any: ...
    @property
    def setpoints(self) -> tuple[Setpoint, ...]: ...
    @property
    def circuits(self) -> tuple[View, ...]: ...
    @property
    def messages(self) -> tuple[Message, ...]: ...


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle on its way to the writer."""

    before: Any
    """The memory it was decided with; None: not known, so it cannot be replayed."""
    picture: Picture
    decision: Decided
    values: dict[str, float | None]
    """More quantities for the charts, by name."""
    linked: bool
    """Whether `before` is the memory of the cycle that was handed over just before."""


@dataclass(slots=True)
class BlockId:
    """The number of a block; given when its first part is committed."""

    value: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a block, ready to be stored."""

    block: BlockId
    number: int
    from_s: float
    until_s: float
    cycles: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One cycle read back."""

    picture: Picture
    brief: Brief
    """All set-points in force."""
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block read back."""

    kwartier: str
    """The version that decided."""
    site: str
    """Key of the site in the journal."""
    memory: Json
    """The memory before its first cycle, encoded."""
    cycles: tuple[Recorded, ...]


def digest_of(decision: Any) -> str:
    """64 bits over every field of a decision, the memory included: one differing bit shows."""
    return blake2b(dumps(encode(decision)).encode(), digest_size=8).hexdigest()


def brief_of(setpoints: Iterable[Setpoint]) -> Brief:
    """Set-points in short, to tell how two decisions differ."""
    return {s.charge_point_id: [s.current_a, s.phases, s.reason.code] for s in setpoints}


@dataclass(slots=True)
class BlockWriter:
    """Turns cycles into parts. `site` is the key under which the journal holds the site."""

    site: str
    _id: BlockId | None = None
    _deflate: Any = None
    _began_s: float = 0.0
    _number: int = 0
    _held: list[bytes] = field(default_factory=list)
    _cycles: int = 0
    _from_s: float = 0.0
    _until_s: float = 0.0
    _picture: Picture | None = None
    _brief: Brief = field(default_factory=dict)

    def add(self, cycle: Cycle) -> Part | None:
        """Take one cycle; returns the last part of a block that it ended."""
        picture = cycle.picture
        age_s = picture.now_s - self._began_s
        done = None
        if self._id is None or not cycle.linked or not 0 <= age_s < BLOCK_S:
            done = self.take(end=True)
            if cycle.before is None:
                return done
            self._begin(cycle)
        self._line(cycle)
        return done

    def take(self, *, end: bool = False) -> Part | None:
        """What was added since the last part; `end` closes the block."""
        part = None
        if self._id is not None and self._cycles:
            self._held.append(self._deflate.flush(zlib.Z_FINISH if end else zlib.Z_SYNC_FLUSH))
            part = Part(
                block=self._id,
                number=self._number,
                from_s=self._from_s,
                until_s=self._until_s,
                cycles=self._cycles,
                data=b"".join(self._held),
            )
            self._number += 1
            self._held = []
            self._cycles = 0
        if end:
            self._id = None
        return part

    def _begin(self, cycle: Cycle) -> None:
        self._id, self._number = BlockId(), 0
        self._deflate = zlib.compressobj(6)
        self._began_s = cycle.picture.now_s
        self._picture, self._brief = None, {}
        self._write(
            {
                "format": FORMAT,
                "kwartier": __version__,
                "site": self.site,
                "memory": encode(cycle.before),
                "decision": type(cycle.decision).__name__,
            }
        )

    def _line(self, cycle: Cycle) -> None:
        picture = cycle.picture
        if not self._cycles:
            self._from_s = picture.utc_s
        self._until_s = picture.utc_s
        self._cycles += 1
        full = _PICTURE.encode(picture) if self._picture is None else None
        delta = _PICTURE.delta(self._picture, picture) if self._picture is not None else None
        brief = brief_of(cycle.decision.setpoints)
        changed = {k: v for k, v in brief.items() if self._brief.get(k) != v}
        changed.update({k: [] for k in self._brief if k not in brief})
        self._picture, self._brief = picture, brief
        self._write([full, delta, changed, digest_of(cycle.decision)])

    def _write(self, line: Json) -> None:
        self._held.append(self._deflate.compress(dumps(line).encode() + b"\n"))


def read_block(parts: Iterable[tuple[int, bytes]]) -> Block:
    """Read a block from its parts `(number, data)` in order; stops at a missing part.

    Raises StorageError when it cannot be read: its beginning is missing or damaged, or another version of
    Kwartier wrote what this one does not know.
    """
    try:
        lines = _lines(parts)
        head = loads(next(lines))
        if head["format"] != FORMAT:
            raise StorageError(f"a block of format {head['format']} needs another version of Kwartier")
        return Block(
            kwartier=head["kwartier"],
            site=head["site"],
            memory=head["memory"],
            cycles=tuple(_cycles(lines)),
        )
    except (StopIteration, zlib.error, ValueError, KeyError, TypeError, LocalProtocolError) as error:
        raise StorageError(f"a minute of history cannot be read: {type(error).__name__} {error}") from error


def _lines(parts: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    inflate, rest = zlib.decompressobj(), b""
    for expected, (number, data) in enumerate(parts):
        if number != expected:
            return
        *lines, rest = (rest + inflate.decompress(data)).split(b"\n")
        yield from lines


def _cycles(lines: Iterator[bytes]) -> Iterator[Recorded]:
    picture: Picture | None = None
    brief: Brief = {}
    for line in lines:
        full, delta, changed, digest = loads(line)
        picture = _PICTURE.decode(full) if full is not None else _PICTURE.patch(picture, delta)
        assert picture is not None
        brief = {k: v for k, v in {**brief, **changed}.items() if v}
        yield Recorded(picture=picture, brief=brief, digest=digest)
