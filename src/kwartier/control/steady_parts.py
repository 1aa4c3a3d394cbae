"""Comparing two memories around a step, field by field: what stands still, what slides along with the readings, what does
neither. For simulated time that leaps (`control.steady`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from functools import cache
from operator import attrgetter
from typing import Any

from kwartier.control.chargers import points

BEFORE_S, AFTER_S = 1.0, 2.0
"""No leap ends or begins so shortly before or after the moment of a timer."""
LATE_S = 3.0
"""The same after a moment that is reckoned by the time of readings, which are up to two seconds old."""
SLIDES_S = 1e-6
SAME, TIME, SAMPLES, TOLD, BASE, WINDOW, FREE = "same", "time", "samples", "told", "base", "window", "free"

Stamped = tuple[float, Any]
"""When, and what: currents of a phase vector, or a power."""
Span = tuple[float, float]
"""From when until when steps must be taken."""


class NotSteady(Exception):
    """Something else than time has changed."""


class Parts:
    """The fields of a table by what must become of them: got in one call, for they are many and asked for often."""

    def __init__(self, table: Mapping[str, str]) -> None:
        self.known = tuple(table)
        self.still = attrgetter(*(name for name, kind in table.items() if kind in {SAME, TOLD}))
        self.times = tuple(name for name, kind in table.items() if kind == TIME)
        self.when = attrgetter(*self.times) if len(self.times) > 1 else lambda _: ()
        self.others = tuple((name, kind) for name, kind in table.items() if kind in {WINDOW, SAMPLES, BASE})


def compare(old: Any, new: Any, parts: Parts, length_s: float) -> None:
    """Raise NotSteady unless all that the table names stands still or slides, and all else is as in a fresh memory."""
    if parts.still(old) != parts.still(new):
        raise NotSteady
    for was_s, now_s in zip(parts.when(old), parts.when(new), strict=True):
        if was_s is not now_s:
            moved(was_s, now_s, length_s)
    for name, kind in parts.others:
        was, now = getattr(old, name), getattr(new, name)
        if was is now:
            continue
        if kind == WINDOW:
            if was != now and now - was != points.WINDOW_S:
                raise NotSteady
        elif kind == SAMPLES:
            _same_samples(was, now, length_s)
        else:
            _same_base(was, now, length_s)
    as_fresh(type(new), new, parts.known)


def _same_samples(was: tuple[Stamped, ...] | None, now: tuple[Stamped, ...] | None, length_s: float) -> None:
    """All values alike, and all times slide or none does."""
    if was is None or now is None:
        raise NotSteady
    if len(was) != len(now) or any(a[1] != b[1] for a, b in zip(was, now, strict=True)):
        raise NotSteady
    for a, b in zip(was, now, strict=True):
        if moved(a[0], b[0], length_s) != moved(was[-1][0], now[-1][0], length_s):
            raise NotSteady


def _same_base(was: tuple[Stamped, ...] | None, now: tuple[Stamped, ...] | None, length_s: float) -> None:
    """The newest value alike, of a meter that speaks on; of one that does not, all of it."""
    if was == now:
        return
    if not was or not now or was[-1][1] != now[-1][1] or not moved(was[-1][0], now[-1][0], length_s):
        raise NotSteady


def as_fresh(kind: type, value: object, known: tuple[str, ...]) -> None:
    """Raise NotSteady unless all fields but those that are known are as in a fresh memory."""
    for name, default in _others(kind, known):
        if getattr(value, name) != default():
            raise NotSteady


@cache
def _others(kind: type, known: tuple[str, ...]) -> tuple[tuple[str, Callable[[], Any]], ...]:
    """Fields beside those that are known, with what they are in a fresh memory."""
    return tuple((f.name, _default(f)) for f in fields(kind) if f.name not in known)


def _default(f: Field[Any]) -> Callable[[], Any]:
    if f.default is not MISSING:
        return lambda: f.default
    if f.default_factory is not MISSING:
        return f.default_factory
    return lambda: MISSING


def moved(was: float | None, now: float | None, length_s: float) -> bool:
    """Whether a time slides (true) or stands still; raises NotSteady when it does neither."""
    if was == now:
        return False
    if was is None or now is None or abs(now - was - length_s) > SLIDES_S:
        raise NotSteady
    return True


def around(stamp_s: float, ages_s: Iterable[float], after_s: float = AFTER_S) -> Iterable[Span]:
    """The time around each of these ages of a stamp in which no leap may be."""
    for age_s in ages_s:
        yield stamp_s + age_s - BEFORE_S, stamp_s + age_s + after_s


def slid(old: Any, new: Any, parts: Parts, length_s: float, by_s: float) -> dict[str, Any]:
    """What slides of `new`, moved on."""
    changes: dict[str, Any] = {}
    for name, was, now in zip(parts.times, parts.when(old), parts.when(new), strict=True):
        if was is not now and moved(was, now, length_s):
            changes[name] = now + by_s
    for name, kind in parts.others:
        was, now = getattr(old, name), getattr(new, name)
        if kind == SAMPLES and was is not now and now and moved(was[-1][0], now[-1][0], length_s):
            changes[name] = tuple((when + by_s, value) for when, value in now)
    return changes
