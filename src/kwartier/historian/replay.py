"""Decide the past again and compare, bit for bit: the proof that a decision depends on nothing but what the
journal holds, and the way to look into an incident."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kwartier.historian.blocks import Block, Brief, Decided, brief_of, digest_of, read_block
from kwartier.historian.codec import codec_of, decode, loads
from kwartier.historian.queries import reading
from kwartier.site.errors import LocalProtocolError, StorageError
from kwartier.site.setpoints import Picture
from kwartier.site.topology import Site

D = TypeVar("D", bound=Decided)
SHOWN = 10
"""Mismatches that are described; all are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A cycle that was decided differently."""

    utc_s: float
    what: str
    """A sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayResult:
    """The verdict of a replay."""

    cycles: int
    """Decided again."""
    same: int
    """Of which bit for bit the same."""
    from_s: float | None
    until_s: float | None
    mismatches: tuple[Mismatch, ...]
    """The first ten."""
    unreadable: tuple[str, ...]
    """Sentences about minutes that could not be read; they are not part of the verdict."""

    @property
    def ok(self) -> bool:
        """Whether something was replayed and all of it was the same."""
        return self.cycles > 0 and self.same == self.cycles


def replay(
    path: Path,
    step: Callable[[Site, Any, Picture], D],
    memory_type: type,
    *,
    site: Site | None = None,
    from_s: float = float("-inf"),
    to_s: float = float("inf"),
) -> ReplayResult:
    """Run `step` again over every recorded cycle with `from_s <= UTC < to_s`.

    Each minute starts from the memory recorded with it and then goes on with the memory of the decision
    made again, so that a difference in the memory shows too. `site` replaces the recorded one. Raises
    StorageError when the file cannot be read.
    """
    cycles = same = 0
    times: list[float] = []
    mismatches: list[Mismatch] = []
    unreadable: list[str] = []
    sites: dict[str, Site] = {}
    codec = codec_of(memory_type)
    for found in blocks(path, from_s, to_s):
        if isinstance(found, str):
            unreadable.append(found)
            continue
        try:
            where = site if site is not None else _site(path, found.site, sites)
            memory = codec.decode(found.memory)
        except (StorageError, LocalProtocolError, TypeError) as error:
            unreadable.append(f"a minute that Kwartier {found.kwartier} recorded cannot be replayed: {error}")
            continue
        for recorded in found.cycles:
            decision = step(where, memory, recorded.picture)
            memory = decision.memory
            if not from_s <= recorded.picture.utc_s < to_s:
                continue
            cycles += 1
            times.append(recorded.picture.utc_s)
            if digest_of(decision) == recorded.digest:
                same += 1
            elif len(mismatches) < SHOWN:
                what = _difference(recorded.brief, brief_of(decision.setpoints), found.kwartier)
                mismatches.append(Mismatch(utc_s=recorded.picture.utc_s, what=what))
    return ReplayResult(
        cycles=cycles,
        same=same,
        from_s=min(times, default=None),
        until_s=max(times, default=None),
        mismatches=tuple(mismatches),
        unreadable=tuple(unreadable),
    )


def blocks(path: Path, from_s: float, to_s: float) -> Iterator[Block | str]:
    """The recorded minutes that touch `[from_s, to_s)`, oldest first; a sentence for one that cannot be read."""
    with reading(path) as connection:
        numbers = connection.execute(
            "SELECT block FROM raw WHERE until_s >= ? AND from_s < ? GROUP BY block ORDER BY block",
            (from_s, to_s),
        ).fetchall()
        for (number,) in numbers:
            parts = connection.execute(
                "SELECT part, data FROM raw WHERE block = ? ORDER BY part", (number,)
            ).fetchall()
            try:
                yield read_block(parts)
            except StorageError as error:
                yield f"block {number}: {error}"


def _site(path: Path, key: str, known: dict[str, Site]) -> Site:
    if key not in known:
        with reading(path) as connection:
            row = connection.execute(
                "SELECT data FROM journal WHERE kind = 'site' AND subject = ? ORDER BY seq DESC LIMIT 1",
                (key,),
            ).fetchone()
        if row is None:
            raise StorageError(f"the journal holds no site {key!r}; give the site file of that time")
        known[key] = decode(Site, loads(row[0]))
    return known[key]


def _difference(recorded: Brief, now: Brief, version: str) -> str:
    for point_id in sorted({*recorded, *now}):
        was, is_now = recorded.get(point_id), now.get(point_id)
        if was != is_now:
            return f"charge point {point_id}: {_words(was)} was decided by Kwartier {version}, now {_words(is_now)}"
    return f"the set-points are the same, but not their deadlines, reasons, messages or memory (Kwartier {version})"


def _words(brief: list[Any] | None) -> str:
    if not brief:
        return "nothing"
    current_a, phases, code = brief
    on = f" on {phases} phases" if phases is not None else ""
    return f"{current_a} A{on} ({code})"
