"""What follows when a charge point draws more than it was told: a ladder with a way back, as a pure machine.

    obeys -> counted -> disabled -> cut -> returning -> trying -> obeys, or barred

*Counted*: its current is booked as other load in the same step (`control.chargers.points`), and it is told its least.
*Disabled*: it is told 0 A. *Cut*: it draws although it was told 0 A, and a circuit on its path is over its
limit: nobody else behind that circuit gets anything either. *Returning*: it has been quiet; the others come
back one by one, it gets nothing yet. *Trying*: it gets its least and is watched. *Barred*: it has used up its
tries; it gets nothing until its car leaves or a person switches it off, but for a try each half hour: most have only
lost messages.

What a charge point draws beyond its orders is booked against the others from the first reading that shows it,
so the rows that it overloads are empty of other cars before this ladder is climbed at all. The times, from the
decrease that it does not follow, against those in which a circuit must be back under its limit (DESIGN 5.7:
60 s up to 13 % over, 30 s up to 45 %, 10 s above):

    10 s   until it is called disobedient: pilot signal 5 s, car 5 s (IEC 61851-1)
    +0 s   told 0 A where a circuit is over, or a contract or imbalance; else `DISABLE_AFTER_S`, the time of two written set-points
    +10 s  the group is cut: 20 s in all, inside 30 s. A station opens its contactor 6 s after the pilot
           went, and its reading is a few seconds old. Above 45 % half of the 10 s must do (`OPEN_URGENT_S`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from kwartier.safety.fuse import BUDGETS

Stage = Literal["obeys", "counted", "disabled", "cut", "returning", "trying", "barred"]
STAGES: tuple[Stage, ...] = ("obeys", "counted", "disabled", "cut", "returning", "trying", "barred")
Word = Literal["obeys", "over", "silent", "gone", "pardoned"]
"""What there is to say of a charge point in this step: it keeps to what it was told; it draws more; it is not
heard; no car is there and nothing flows; a person has switched it off, and nothing flows."""
WORDS: tuple[Word, ...] = ("obeys", "over", "silent", "gone", "pardoned")
Event = Literal["disabled", "cut", "released", "trying", "believed", "barred"]

DISABLE_AFTER_S = 20.0
OPEN_S = 10.0
OPEN_URGENT_S = 5.0
URGENT_PCT = BUDGETS[1][0]
QUIET_S = 60.0
"""How long it must have drawn nothing before anything is given back on its account."""
CALM_S = 300.0
"""While it goes on drawing: after this long without any circuit over its limit its group shares what is left."""
RETURN_EACH_S = 10.0
"""The members of its group come back this far apart: the time in which a raise shows on the meters."""
TRY_S = (120.0, 600.0, 3600.0)
"""How long it is watched at its least, the first time and the times after it."""
MOST_TRIES = 3
"""So often it may be disabled; then it is barred."""
BARRED_S = 1800.0
"""So long it must have kept to 0 A then before it is tried once more: by then what it overloaded is cold."""
FORGET_S = 3600.0
"""After this long without an offence its past is forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obedience:
    """Of one charge point. Times are monotonic."""

    stage: Stage = "obeys"
    since_s: float = 0.0
    quiet_s: float | None = None
    """Since when it has drawn nothing in this stage, for sure; in `cut` also: since when no circuit is over."""
    until_s: float = 0.0
    """Of `returning` and `trying`: when it ends, if all is well."""
    circuit: str | None = None
    """Of `cut` and `returning`: the circuit whose group is stopped."""
    offences: int = 0
    """How often it was counted lately."""
    disables: int = 0
    """How often it was disabled lately."""

    @property
    def stopped(self) -> bool:
        """Whether it is told 0 A."""
        return self.stage in {"disabled", "cut", "returning", "barred"}


OBEDIENT = Obedience()
Then = Callable[[Obedience, float], tuple[Obedience, Event]]


@dataclass(frozen=True, slots=True)
class Over:
    """The smallest circuit on its path that is over its limit, or would be with what is booked."""

    circuit: str
    overload_pct: float


def judge(
    old: Obedience, word: Word, over: Over | None, now_s: float, others: int = 0, *, beyond: bool = False
) -> tuple[Obedience, Event | None]:
    """One step of the ladder. `others` is how many charge points share the group that may be cut; `beyond`: whether a
    limit without tolerance, on the phases together or on how far they lie apart, is exceeded by what cannot be held back.

    Nothing that is not heard counts as good behaviour, with one exception: where a charge point fell silent and
    no circuit is over with all that is booked for it, its group need not stand still for it.
    """
    match old.stage:
        case "obeys":
            return _obeys(old, word, now_s)
        case "counted":
            return _counted(old, word, beyond or over is not None, now_s)
        case "disabled":
            return _disabled(old, word, over, now_s)
        case "cut":
            return _cut(old, word, over, now_s, others)
        case "returning":
            return _returning(old, word, over, now_s)
        case "trying":
            return _trying(old, word, now_s)
        case "barred":
            return _barred(old, word, over, now_s)


def after_restart(old: Obedience, now_s: float) -> Obedience:
    """The same stage, with all its time yet to pass: a restart frees nobody."""
    if old.stage == "obeys":
        return replace(old, since_s=now_s)
    return replace(old, since_s=now_s, quiet_s=None, until_s=now_s + max(0.0, old.until_s - old.since_s))


def released(old: Obedience, place: int, now_s: float) -> bool:
    """Whether the group's member at this place (from 0) may charge again."""
    return old.stage == "returning" and now_s - old.since_s >= place * RETURN_EACH_S


def _free(now_s: float) -> Obedience:
    return Obedience(since_s=now_s)


def _disable(old: Obedience, now_s: float) -> tuple[Obedience, Event]:
    disables = old.disables + 1
    return Obedience(stage="disabled", since_s=now_s, offences=old.offences, disables=disables), "disabled"


def _try(old: Obedience, times: int, now_s: float) -> tuple[Obedience, Event]:
    """Watch it at its least, the longer the more often it had to be done."""
    until_s = now_s + TRY_S[min(times, len(TRY_S)) - 1]
    new = Obedience(
        stage="trying", since_s=now_s, until_s=until_s, offences=old.offences, disables=old.disables
    )
    return new, "trying"


def _try_or_bar(old: Obedience, now_s: float) -> tuple[Obedience, Event]:
    if old.disables >= MOST_TRIES:
        new = Obedience(stage="barred", since_s=now_s, offences=old.offences, disables=old.disables)
        return new, "barred"
    return _try(old, max(1, old.disables), now_s)


def _obeys(old: Obedience, word: Word, now_s: float) -> tuple[Obedience, Event | None]:
    if word == "over":
        new = Obedience(stage="counted", since_s=now_s, offences=old.offences + 1, disables=old.disables)
        return new, None  # `points` says it, with the figures
    past = old.offences or old.disables
    if past and (word in {"gone", "pardoned"} or now_s - old.since_s >= FORGET_S):
        return _free(now_s), None
    return old, None


def _counted(old: Obedience, word: Word, over: bool, now_s: float) -> tuple[Obedience, Event | None]:
    if word == "silent":
        return old, None
    if word in {"gone", "pardoned"}:
        return _free(now_s), "believed"
    if word == "over":
        if over or now_s - old.since_s >= DISABLE_AFTER_S:
            return _disable(old, now_s)
        return old, None
    if old.offences > 1:
        return _try(old, old.offences - 1, now_s)
    return Obedience(since_s=now_s, offences=old.offences, disables=old.disables), "believed"


def _disabled(old: Obedience, word: Word, over: Over | None, now_s: float) -> tuple[Obedience, Event | None]:
    if word == "gone":
        return _free(now_s), "believed"
    if word == "over" and over is not None:
        open_s = OPEN_S if over.overload_pct <= URGENT_PCT else OPEN_URGENT_S
        if now_s - old.since_s >= open_s:
            return _cut_group(old, over, now_s)
    if word in {"over", "silent"}:
        return _noisy(old), None
    return _after_quiet(old, now_s, _try_or_bar)


def _cut_group(old: Obedience, over: Over, now_s: float) -> tuple[Obedience, Event]:
    new = Obedience(
        stage="cut", since_s=now_s, circuit=over.circuit, offences=old.offences, disables=old.disables
    )
    return new, "cut"


def _cut(
    old: Obedience, word: Word, over: Over | None, now_s: float, others: int
) -> tuple[Obedience, Event | None]:
    def release(cut: Obedience, at_s: float) -> tuple[Obedience, Event]:
        until_s = at_s + QUIET_S + others * RETURN_EACH_S
        return replace(cut, stage="returning", since_s=at_s, quiet_s=None, until_s=until_s), "released"

    if word == "over" and over is not None and over.circuit != old.circuit:
        return _cut_group(old, over, now_s)  # the small group helped nothing, a larger one is over
    if over is not None and word in {"over", "silent"}:
        return _noisy(old), None
    if word == "gone":
        return release(old, now_s)
    if word == "over":
        if old.quiet_s is None or now_s - old.quiet_s < CALM_S:
            return replace(old, quiet_s=now_s if old.quiet_s is None else old.quiet_s), None
        new = Obedience(stage="disabled", since_s=now_s, offences=old.offences, disables=old.disables)
        return new, "released"
    return _after_quiet(old, now_s, release)


def _returning(old: Obedience, word: Word, over: Over | None, now_s: float) -> tuple[Obedience, Event | None]:
    if word == "over":
        return _disable(old, now_s) if over is None else _cut_group(old, over, now_s)
    if now_s < old.until_s or word == "silent":
        return old, None
    if word == "gone":
        return _free(now_s), "believed"
    return _try_or_bar(old, now_s)


def _trying(old: Obedience, word: Word, now_s: float) -> tuple[Obedience, Event | None]:
    if word == "over":
        return _disable(old, now_s)
    if word == "gone":
        return _free(now_s), "believed"
    if word == "silent":
        return replace(old, since_s=now_s, until_s=now_s + old.until_s - old.since_s), None
    if now_s < old.until_s:
        return old, None
    return Obedience(since_s=now_s, offences=old.offences, disables=old.disables), "believed"


def _barred(old: Obedience, word: Word, over: Over | None, now_s: float) -> tuple[Obedience, Event | None]:
    if word == "over" and over is not None:
        return _cut_group(old, over, now_s)
    if word in {"gone", "pardoned"}:
        return _free(now_s), "believed"
    if word != "obeys":
        return _noisy(old), None
    return _after_quiet(old, now_s, _last_try, BARRED_S)


def _last_try(old: Obedience, now_s: float) -> tuple[Obedience, Event]:
    return _try(old, len(TRY_S), now_s)


def _noisy(old: Obedience) -> Obedience:
    return old if old.quiet_s is None else replace(old, quiet_s=None)


def _after_quiet(
    old: Obedience, now_s: float, then: Then, quiet_s: float = QUIET_S
) -> tuple[Obedience, Event | None]:
    if old.quiet_s is None:
        return replace(old, quiet_s=now_s), None
    if now_s - old.quiet_s < quiet_s:
        return old, None
    return then(old, now_s)
