"""When a plugged-in car leaves and what it takes: what became of sessions that began alike.

Alike: about the same time of day and kind of day, the same user or charge point, and the same declared departure and
energy. What drivers declare is only a sign to find their like by and is never taken at its word (at one workplace they
left 0.9 h later than they said and took half). A broad look gives everybody an answer, a sharp one finds the person
behind a habit, also without a user number.
"""

from dataclasses import dataclass, field, replace
from datetime import tzinfo

import numpy as np

from kwartier.planning.forecast.band import FloatArray
from kwartier.planning.forecast.edges import quantile
from kwartier.planning.forecast.wall import DAY_S, Holidays, IntArray, offsets_s, weekdays

_LEVELS = (0.1, 0.5, 0.9)
_TRIALS = 300
"""Newest sessions over which the levels are proven."""
_NEWEST = 4000
"""So many of the newest sessions are asked."""
_FIRST = 20
"""Sessions before which the levels are not proven."""


@dataclass(frozen=True)
class Spread:
    """One figure with its doubt: P10, P50, P90."""

    low: float
    mid: float
    high: float
    basis: str = "history"
    """`history`, or `typical` where no session like it is known."""


@dataclass(frozen=True)
class SessionHistory:
    """Finished sessions, one entry each, in any order."""

    arrive_s: FloatArray
    """UTC."""
    depart_s: FloatArray
    """UTC."""
    energy_kwh: FloatArray
    user: tuple[str | None, ...] = ()
    """Whose; empty: nobody's is known."""
    point: tuple[str | None, ...] = ()
    declared_depart_s: FloatArray | None = None
    """What the driver said, NaN where nothing was said."""
    declared_kwh: FloatArray | None = None

    def __post_init__(self) -> None:
        """Refuse columns of different lengths."""
        columns = {
            "depart_s": len(self.depart_s),
            "energy_kwh": len(self.energy_kwh),
            "user": len(self.user) or None,
            "point": len(self.point) or None,
            "declared_depart_s": None if self.declared_depart_s is None else len(self.declared_depart_s),
            "declared_kwh": None if self.declared_kwh is None else len(self.declared_kwh),
        }
        for name, length in columns.items():
            if length is not None and length != len(self.arrive_s):
                raise ValueError(f"{name} has {length} entries for {len(self.arrive_s)} sessions: one each")


@dataclass(frozen=True)
class SessionNow:
    """A car that is plugged in."""

    arrive_s: float
    user: str | None = None
    point: str | None = None
    declared_depart_s: float | None = None
    declared_kwh: float | None = None
    delivered_kwh: float = 0.0


@dataclass(frozen=True)
class _Look:
    """How near sessions must be to count as alike."""

    hour: float
    stay: float
    log_energy: float
    same_point: float
    same_user: float
    same_weekday: float
    half_life_days: float


_BROAD = _Look(1.0, 1.5, 0.2, 2.0, 5.0, 2.0, 90.0)
_SHARP = _Look(0.5, 0.5, 0.05, 4.0, 50.0, 1.0, 120.0)
_SHARP_SHARE = 10.0
_OTHER_KIND = 0.2
_ONE_MISSING = 4.0
"""Squared distance between a session with and one without a declared figure."""


@dataclass(frozen=True)
class SessionBook:
    """A history made ready to be asked, sorted by arrival. Sessions that are nonsense (no time, no energy) are left out."""

    arrive_s: FloatArray
    stay_h: FloatArray
    energy_kwh: FloatArray
    hour: FloatArray
    """Local time of arrival."""
    weekday: IntArray
    user: IntArray
    point: IntArray
    declared_stay_h: FloatArray
    log_declared: FloatArray
    users: dict[str, int]
    points: dict[str, int]
    zone: tzinfo
    holidays: Holidays | None
    levels: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    """The levels that gave P10, P50, P90 lately, per `stay` and `energy` (`proven`)."""


def session_book(history: SessionHistory, zone: tzinfo, *, holidays: Holidays | None = None) -> SessionBook:
    """Make a history ready to be asked."""
    count = len(history.arrive_s)
    nothing = np.full(count, np.nan)
    said_s = nothing if history.declared_depart_s is None else history.declared_depart_s
    said_kwh = nothing if history.declared_kwh is None else history.declared_kwh
    stay_h = (history.depart_s - history.arrive_s) / 3600
    good = np.isfinite(stay_h) & (stay_h > 0) & (stay_h < 24 * 14) & np.isfinite(history.energy_kwh)
    good &= history.energy_kwh >= 0
    rows = np.flatnonzero(good)
    rows = rows[np.argsort(history.arrive_s[rows], kind="stable")]
    arrive_s = history.arrive_s[rows].astype(np.float64)
    hour, weekday = _local(arrive_s, zone, holidays)
    users, user = _numbers(history.user, rows)
    points, point = _numbers(history.point, rows)
    return SessionBook(
        arrive_s,
        stay_h[rows],
        history.energy_kwh[rows],
        hour,
        weekday,
        user,
        point,
        (said_s[rows] - arrive_s) / 3600,
        _log(said_kwh[rows]),
        users,
        points,
        zone,
        holidays,
    )


def proven(book: SessionBook, *, now_s: float) -> SessionBook:
    """The book with levels that would have held lately: nightly work, some tenths of a second.

    Each of the newest sessions is asked of those that ended before it began. Where the truth fell below P10 in one case
    of six, the level that is asked for P10 becomes lower, and so on (a recalibration by ranks).
    """
    newest = np.flatnonzero(book.arrive_s + book.stay_h * 3600 <= now_s)[-_TRIALS:]
    ranks: dict[str, list[float]] = {"stay": [], "energy": []}
    for row in newest.tolist():
        known = _lately(book, float(book.arrive_s[row]))
        weight = _weights(known, _row(book, row), float(book.arrive_s[row]))
        total = weight.sum()
        if total <= 0 or np.count_nonzero(weight) < _FIRST:
            continue
        for name, values, truth in (
            ("stay", known.stay_h, book.stay_h[row]),
            ("energy", known.energy_kwh, book.energy_kwh[row]),
        ):
            below = weight[values < truth].sum() + 0.5 * weight[values == truth].sum()
            ranks[name].append(float(below / total))
    levels = {
        name: (
            float(np.clip(np.quantile(part, 0.1), 0.01, 0.3)),
            0.5,
            float(np.clip(np.quantile(part, 0.9), 0.7, 0.99)),
        )
        for name, part in ranks.items()
        if len(part) >= _FIRST
    }
    return replace(book, levels=levels)


def predict_departure(book: SessionBook, session: SessionNow, *, now_s: float) -> Spread:
    """When the car leaves, UTC s, knowing that it is still there at `now_s`. Only sessions that ended by then are read."""
    book = _lately(book, now_s)
    elapsed_h = max((now_s - session.arrive_s) / 3600, 0.0)
    weight = _weights(book, _asked(book, session), now_s) * (book.stay_h > elapsed_h)
    if not weight.sum() > 0:
        stay = _typical_stay(session, elapsed_h)
        return _spread([session.arrive_s + 3600 * part for part in stay], "typical")
    low, mid, high = (quantile(book.stay_h, weight, level) for level in book.levels.get("stay", _LEVELS))
    return _spread([session.arrive_s + 3600 * max(part, elapsed_h) for part in (low, mid, high)])


def predict_energy(book: SessionBook, session: SessionNow, *, now_s: float) -> Spread:
    """What the car takes in all, kWh, at least what it has taken. Only sessions that ended by `now_s` are read."""
    book = _lately(book, now_s)
    weight = _weights(book, _asked(book, session), now_s) * (book.energy_kwh > session.delivered_kwh)
    if not weight.sum() > 0:
        said = session.declared_kwh
        low, mid, high = (5.0, 12.0, 35.0) if said is None else (0.3 * said, 0.6 * said, said)
        return _spread([max(part, session.delivered_kwh) for part in (low, mid, high)], "typical")
    low, mid, high = (
        quantile(book.energy_kwh, weight, level) for level in book.levels.get("energy", _LEVELS)
    )
    return Spread(low, mid, high)


def _spread(figures: list[float], basis: str = "history") -> Spread:
    low, mid, high = figures
    return Spread(low, mid, high, basis)


def _lately(book: SessionBook, now_s: float) -> SessionBook:
    """The newest sessions that began by then."""
    end = int(np.searchsorted(book.arrive_s, now_s, side="right"))
    part = slice(max(end - _NEWEST, 0), end)
    columns = (
        "arrive_s",
        "stay_h",
        "energy_kwh",
        "hour",
        "weekday",
        "user",
        "point",
        "declared_stay_h",
        "log_declared",
    )
    return replace(book, **{name: getattr(book, name)[part] for name in columns})


@dataclass(frozen=True)
class _Asked:
    hour: float
    weekday: int
    user: int
    point: int
    declared_stay_h: float
    log_declared: float


def _asked(book: SessionBook, session: SessionNow) -> _Asked:
    hour, weekday = _local(np.array([session.arrive_s], dtype=np.float64), book.zone, book.holidays)
    said_s, said_kwh = session.declared_depart_s, session.declared_kwh
    return _Asked(
        float(hour[0]),
        int(weekday[0]),
        book.users.get(session.user or "", -1),
        book.points.get(session.point or "", -1),
        np.nan if said_s is None else (said_s - session.arrive_s) / 3600,
        np.nan if said_kwh is None else float(_log(np.array([said_kwh], dtype=np.float64))[0]),
    )


def _row(book: SessionBook, row: int) -> _Asked:
    """A session of the book, as it was when it began."""
    return _Asked(
        float(book.hour[row]),
        int(book.weekday[row]),
        int(book.user[row]),
        int(book.point[row]),
        float(book.declared_stay_h[row]),
        float(book.log_declared[row]),
    )


def _weights(book: SessionBook, asked: _Asked, now_s: float) -> FloatArray:
    """How much each session of the book has to say; none that had not ended at `now_s`."""
    known = book.arrive_s + book.stay_h * 3600 <= now_s
    age_days = np.maximum(now_s - book.arrive_s, 0.0) / DAY_S
    apart_h = np.abs(book.hour - asked.hour)
    apart_h = np.minimum(apart_h, 24 - apart_h)
    same_day = book.weekday == asked.weekday
    same_kind = (book.weekday >= 5) == (asked.weekday >= 5)
    stay = book.declared_stay_h - asked.declared_stay_h
    energy = book.log_declared - asked.log_declared
    total = np.zeros(len(book.hour))
    for look, share in ((_BROAD, 1.0), (_SHARP, _SHARP_SHARE)):
        apart = (apart_h / look.hour) ** 2
        apart += _declared(stay / look.stay, book.declared_stay_h, asked.declared_stay_h)
        apart += _declared(energy / look.log_energy, book.log_declared, asked.log_declared)
        weight = np.exp(-0.5 * apart) + 1e-12
        weight *= np.where(same_day, look.same_weekday, 1.0) * np.where(same_kind, 1.0, _OTHER_KIND)
        if asked.user >= 0:
            weight *= np.where(book.user == asked.user, look.same_user, 1.0)
        if asked.point >= 0:
            weight *= np.where(book.point == asked.point, look.same_point, 1.0)
        total += share * weight * 0.5 ** (age_days / look.half_life_days)
    return np.where(known, total, 0.0)


def _declared(apart: FloatArray, theirs: FloatArray, mine: float) -> FloatArray:
    """Squared distance of declared figures: none between two who said nothing."""
    both_silent = np.isnan(theirs) & np.isnan(mine)
    return np.where(np.isnan(apart), np.where(both_silent, 0.0, _ONE_MISSING), apart**2)


def _typical_stay(session: SessionNow, elapsed_h: float) -> tuple[float, float, float]:
    """Hours that a car stays where nothing is known: what the driver said, with much doubt, or overnight, or a workday."""
    said = session.declared_depart_s
    if said is not None and said > session.arrive_s + 3600 * elapsed_h:
        stay = (said - session.arrive_s) / 3600
        return max(0.5 * stay, elapsed_h), stay, stay + 3.0
    return elapsed_h + 1.0, max(8.0, elapsed_h + 2.0), max(14.0, elapsed_h + 6.0)


def _local(arrive_s: FloatArray, zone: tzinfo, holidays: Holidays | None) -> tuple[FloatArray, IntArray]:
    """Hour of the local day, and weekday."""
    if not len(arrive_s):
        return np.zeros(0), np.zeros(0, dtype=np.int64)
    first = int(arrive_s.min()) // 3600 * 3600
    hours = (arrive_s.astype(np.int64) - first) // 3600
    local = arrive_s + offsets_s(first, 3600, int(hours.max()) + 1, zone)[hours]
    days = np.floor(local / DAY_S).astype(np.int64)
    return np.asarray(local % DAY_S / 3600, dtype=np.float64), weekdays(days, holidays)


def _numbers(names: tuple[str | None, ...], rows: IntArray) -> tuple[dict[str, int], IntArray]:
    """Names as numbers; -2 where there is none (no two of those are the same)."""
    known: dict[str, int] = {}
    if not names:
        return known, np.full(len(rows), -2, dtype=np.int64)
    numbers = [known.setdefault(name, len(known)) if (name := names[row]) else -2 for row in rows.tolist()]
    return known, np.array(numbers, dtype=np.int64)


def _log(energy_kwh: FloatArray) -> FloatArray:
    result: FloatArray = np.log(np.maximum(energy_kwh, 0.5))
    return result
