"""Lists of `{start, end, price}` in JSON, which most sources send: one way to read them all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kwartier.protocols.answers import WallClock
from kwartier.protocols.prices.gather import Gather


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one source calls the fields; the first name that an entry has counts."""

    start: Sequence[str]
    end: Sequence[str] = ()
    price: Sequence[str] = ("value",)
    zoned: bool = True
    """False: moments without a time zone are this source's way and no fault."""


def put_rows(
    entries: object, row: Row, gather: Gather, clock: WallClock, factor: float, *, where: str
) -> None:
    """Put every entry of a list; entries that are none are named and left out."""
    if not isinstance(entries, list):
        gather.fault("bad_entry", where, "is no list")
        return
    gather.section()
    starts = [clock.read(_first(e, row.start)) for e in entries]
    usual_s = _usual_step([m.utc_s for m in starts if m is not None])
    unzoned = 0
    for i, (entry, start) in enumerate(zip(entries, starts, strict=True)):
        at = f"{where}[{i}]"
        if not isinstance(entry, dict):
            gather.fault("bad_entry", at, "is no object")
            continue
        if start is None:
            gather.fault("bad_time", at, f"{str(_first(entry, row.start))[:40]!r} is no moment")
            continue
        unzoned += not start.zoned
        step_s = _step(entry, row, clock, start.utc_s, usual_s)
        gather.put(start.utc_s, step_s, _first(entry, row.price), factor, at)
    if unzoned and row.zoned:
        gather.fault("no_time_zone", where, f"{unzoned} moments have no time zone: taken as local time")


def _first(entry: object, names: Sequence[str]) -> object:
    if not isinstance(entry, dict):
        return None
    return next((entry[name] for name in names if entry.get(name) is not None), None)


def _step(entry: dict[str, object], row: Row, clock: WallClock, start_s: int, usual_s: int) -> int:
    """From start to end. An end on a clock that was just set back is unclear: then what is usual counts."""
    value = _first(entry, row.end)
    if value is None:
        return usual_s
    end = clock.peek(value)
    if end is None:
        return usual_s
    length_s = end.utc_s - start_s
    if not end.zoned and abs(length_s - usual_s) == 3600:
        return usual_s
    return length_s


def _usual_step(starts_s: Sequence[int]) -> int:
    """The commonest distance between neighbours; an hour for a single entry."""
    ordered = sorted(set(starts_s))
    gaps = Counter(b - a for a, b in pairwise(ordered))
    return max(gaps, key=lambda gap: (gaps[gap], -gap)) if gaps else 3600
