"""The fire and emergency input (DESIGN 5.8): a latch that only a person on site opens.

    starting --quiet--> quiet --alarm--> alarm --reset--> returning --all back--> quiet
        |                 |  \\--silent--> fault --reset-/      |
        +--alarm----------+--------------> alarm <--alarm------+

`starting`   not heard since the program began. Nothing new is told to chargers; when the input stays
             silent they are stopped. Not a latch: what was quiet before a power cut needs nobody on site.
`quiet`      all is well
`alarm`      0 A; stays, whatever the input says later, until it is reset
`fault`      the input cannot be read or is unsteady: counts as alarm, latched like one
`returning`  reset: charge points come back one by one

A broken wire of a normally closed contact is an alarm level like any other. Everything is a value: the
machine is told what happened and answers what to remember and what to say.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Literal

from kwartier.site.errors import KwartierError
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Level as Gravity
from kwartier.site.setpoints import Message

InputKind = Literal["fire", "emergency"]
State = Literal["starting", "quiet", "alarm", "fault", "returning"]
Level = Literal["quiet", "alarm"]

QUIET_FOR_S = 5.0
"""A reset needs the input quiet for so long: the output of many panels pulses."""
TEST_LONGEST_S = 600.0
"""A test without cut ends by itself after this long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FireInput:
    """An input as it is configured."""

    id: str
    name: str
    kind: InputKind = "fire"
    circuits: tuple[str, ...]
    """Circuits whose charge points it stops."""
    charge_points: tuple[str, ...]
    """The charge points behind them, in the order in which they come back."""
    silent_after_s: float = 5.0
    """Without a steady word for so long it counts as lost."""
    return_every_s: float = 10.0
    samples: int = 2
    """Equal samples in a row that make a level: a single one may be a spike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FireTest:
    """A test without cut that runs."""

    began_s: float
    seen: bool = False
    """Whether the alarm of the test arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FireMemory:
    """What is remembered of an input, durably. Times are monotonic seconds of this run."""

    state: State = "starting"
    since_utc_s: float
    """Since when it is in this state, for people."""
    level: Level | None = None
    """What the input steadily says; None: nothing, so far or any more."""
    raw: Level | None = None
    run: int = 0
    """The newest sample, and how many equal ones came in a row."""
    steady_s: float
    """When the input last gave a steady level; before that: when we began to wait."""
    level_s: float = 0.0
    """Since when `level` is what it is."""
    cut: bool = False
    """In `starting`: it was silent for too long, so charging is stopped."""
    told_quiet: bool = False
    """In `alarm` and `fault`: whether people were told that the input is quiet again."""
    released: tuple[str, ...] | None = None
    """While charge points return: those that are back. None: all may run."""
    released_s: float = 0.0
    """When the newest of them was."""
    test: FireTest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A sample of the input."""

    level: Level
    now_s: float
    utc_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """Time passed. `asking`: charge points with a car, which return first."""

    now_s: float
    utc_s: float
    asking: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """A person on site opens the latch."""

    name: str
    role: str
    why: str
    now_s: float
    utc_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginTest:
    """A person begins the monthly test without cut."""

    name: str
    now_s: float
    utc_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EndTest:
    """A person ends it."""

    now_s: float
    utc_s: float


Event = Heard | Passed | Reset | BeginTest | EndTest
Step = tuple[FireMemory, tuple[Message, ...]]


class NotAllowed(KwartierError):
    """What a person asked is refused; `why` says why and what to do."""

    def __init__(self, why: Reason) -> None:
        super().__init__(why.text())
        self.why = why


def begin(now_s: float, utc_s: float) -> FireMemory:
    """An input of which nothing is known."""
    return FireMemory(since_utc_s=utc_s, steady_s=now_s)


def after_restart(old: FireMemory, now_s: float, utc_s: float) -> FireMemory:
    """Take up what an earlier run knew: a latch stays a latch, who had returned had returned. What the
    input says must be heard anew."""
    if old.state in {"alarm", "fault"}:
        return replace(begin(now_s, old.since_utc_s), state=old.state, released=None)
    return replace(begin(now_s, utc_s), released=() if old.cut else old.released)


def state_lost(spec: FireInput, now_s: float, utc_s: float) -> Step:
    """What was remembered is damaged: there may have been a latch, so there is one."""
    memory = replace(begin(now_s, utc_s), state="fault")
    return memory, (_say(spec, now_s, "error", reason("input_state_lost", input=spec.name)),)


def step(spec: FireInput, memory: FireMemory, event: Event) -> Step:
    """What to remember after an event and what to say. Raises NotAllowed for what a person may not do now."""
    match event:
        case Heard():
            return _heard(spec, memory, event)
        case Passed():
            return _passed(spec, memory, event)
        case Reset():
            return _reset(spec, memory, event)
        case BeginTest():
            return _begin_test(spec, memory, event)
        case EndTest():
            return _end_test(spec, memory, event)


def _heard(spec: FireInput, memory: FireMemory, event: Heard) -> Step:
    run = min(memory.run + 1, spec.samples) if event.level == memory.raw else 1
    memory = replace(memory, raw=event.level, run=run)
    if run < spec.samples:
        return memory, ()
    memory = replace(memory, steady_s=event.now_s)
    if event.level != memory.level:
        memory = replace(memory, level=event.level, level_s=event.now_s)
    return _says_alarm(spec, memory, event) if event.level == "alarm" else _says_quiet(spec, memory, event)


def _says_alarm(spec: FireInput, memory: FireMemory, event: Heard) -> Step:
    if memory.state == "alarm":
        return memory, ()
    if memory.test is not None:
        if memory.test.seen:
            return memory, ()
        after_s = round(event.now_s - memory.test.began_s)
        told = reason("input_test_seen", input=spec.name, after_s=after_s)
        seen = replace(memory, test=replace(memory.test, seen=True))
        return seen, (_say(spec, event.now_s, "info", told),)
    return _alarm(spec, memory, event.now_s, event.utc_s)


def _says_quiet(spec: FireInput, memory: FireMemory, event: Heard) -> Step:
    if memory.state == "starting":
        return _first_quiet(spec, memory, event)
    if memory.test is not None and memory.test.seen:
        told = reason("input_test_passed", input=spec.name)
        return replace(memory, test=None), (_say(spec, event.now_s, "info", told),)
    if memory.state in {"alarm", "fault"} and not memory.told_quiet:
        told = reason("input_quiet_again", input=spec.name)
        return replace(memory, told_quiet=True), (_say(spec, event.now_s, "warning", told),)
    return memory, ()


def _first_quiet(spec: FireInput, memory: FireMemory, event: Heard) -> Step:
    if memory.released is None and not memory.cut:
        return replace(memory, state="quiet", since_utc_s=event.utc_s), ()
    back = () if memory.cut or memory.released is None else memory.released
    told = reason("input_first_quiet", input=spec.name, every_s=float(spec.return_every_s))
    returning = _returning(memory, event.now_s, event.utc_s, back)
    return returning, (_say(spec, event.now_s, "info", told),)


def _passed(spec: FireInput, memory: FireMemory, event: Passed) -> Step:
    said: tuple[Message, ...] = ()
    if event.now_s - memory.steady_s >= spec.silent_after_s:
        memory, said = _silent(spec, memory, event)
    if memory.test is not None and event.now_s - memory.test.began_s >= TEST_LONGEST_S:
        memory, more = _test_over(spec, memory, event.now_s, event.utc_s)
        said += more
    if memory.state == "returning":
        memory, more = _release(spec, memory, event)
        said += more
    return memory, said


def _silent(spec: FireInput, memory: FireMemory, event: Passed) -> Step:
    memory = replace(memory, level=None, raw=None, run=0)
    silent_s = round(event.now_s - memory.steady_s)
    count = len(spec.charge_points)
    if memory.state == "starting" and not memory.cut:
        told = reason("input_unheard", input=spec.name, silent_s=silent_s, count=count)
        return replace(memory, cut=True), (_say(spec, event.now_s, "error", told),)
    if memory.state in {"quiet", "returning"}:
        told = reason("input_lost", input=spec.name, silent_s=silent_s, count=count)
        lost = replace(
            memory,
            state="fault",
            since_utc_s=event.utc_s,
            told_quiet=False,
            released=None,
            test=None,
        )
        return lost, (_say(spec, event.now_s, "error", told),)
    return memory, ()


def _release(spec: FireInput, memory: FireMemory, event: Passed) -> Step:
    """Let the next charge point return, when it is time: those with a car first."""
    back = memory.released or ()
    left = [p for p in spec.charge_points if p not in back]
    if left and (not back or event.now_s - memory.released_s >= spec.return_every_s):
        left.sort(key=lambda p: p not in event.asking)  # stable: else in the order of the site
        back = (*back, left.pop(0))
        memory = replace(memory, released=back, released_s=event.now_s)
    if left:
        return memory, ()
    told = reason("input_over", input=spec.name)
    over = replace(memory, state="quiet", since_utc_s=event.utc_s, released=None)
    return over, (_say(spec, event.now_s, "info", told),)


def _reset(spec: FireInput, memory: FireMemory, event: Reset) -> Step:
    if memory.state not in {"alarm", "fault"}:
        raise NotAllowed(reason("reset_not_needed", input=spec.name))
    if not (event.name.strip() and event.role.strip() and event.why.strip()):
        raise NotAllowed(reason("reset_nobody", input=spec.name))
    if memory.level is None:
        raise NotAllowed(reason("reset_while_lost", input=spec.name))
    quiet = memory.level == "quiet" and memory.raw == "quiet"  # raw: the first sample of a next alarm
    if not quiet or event.now_s - memory.level_s < QUIET_FOR_S:
        raise NotAllowed(reason("reset_while_alarm", input=spec.name, quiet_s=float(QUIET_FOR_S)))
    told = reason(
        "input_reset",
        input=spec.name,
        name=event.name.strip(),
        role=event.role.strip(),
        why=event.why.strip(),
        every_s=float(spec.return_every_s),
    )
    returning = _returning(memory, event.now_s, event.utc_s, ())
    return returning, (_say(spec, event.now_s, "warning", told),)


def _returning(memory: FireMemory, now_s: float, utc_s: float, back: tuple[str, ...]) -> FireMemory:
    return replace(
        memory,
        state="returning",
        since_utc_s=utc_s,
        cut=False,
        told_quiet=False,
        released=back,
        released_s=now_s,
    )


def _begin_test(spec: FireInput, memory: FireMemory, event: BeginTest) -> Step:
    if memory.state != "quiet" or memory.level != "quiet" or memory.raw == "alarm" or memory.test is not None:
        raise NotAllowed(reason("test_not_now", input=spec.name))
    if not event.name.strip():
        raise NotAllowed(reason("test_nobody", input=spec.name))
    told = reason(
        "input_test_begun", input=spec.name, name=event.name.strip(), longest_s=float(TEST_LONGEST_S)
    )
    begun = replace(memory, test=FireTest(began_s=event.now_s))
    return begun, (_say(spec, event.now_s, "warning", told),)


def _end_test(spec: FireInput, memory: FireMemory, event: EndTest) -> Step:
    if memory.test is None:
        raise NotAllowed(reason("test_none", input=spec.name))
    return _test_over(spec, memory, event.now_s, event.utc_s)


def _test_over(spec: FireInput, memory: FireMemory, now_s: float, utc_s: float) -> Step:
    """The test ended before quiet came back: an alarm that still lasts is a real one now."""
    seen = memory.test is not None and memory.test.seen
    memory = replace(memory, test=None)
    if seen:
        return _alarm(spec, memory, now_s, utc_s)
    told = reason("input_test_failed", input=spec.name)
    return memory, (_say(spec, now_s, "warning", told),)


def _alarm(spec: FireInput, memory: FireMemory, now_s: float, utc_s: float) -> Step:
    code = "fire_alarm" if spec.kind == "fire" else "emergency_alarm"
    told = Reason(code, (("input", spec.name), ("count", len(spec.charge_points))))
    latched = replace(
        memory,
        state="alarm",
        since_utc_s=utc_s,
        cut=False,
        told_quiet=False,
        released=None,
        test=None,
    )
    return latched, (_say(spec, now_s, "error", told),)


def _say(spec: FireInput, now_s: float, gravity: Gravity, why: Reason) -> Message:
    return Message(at_s=now_s, level=gravity, device_id=spec.id, reason=why)
