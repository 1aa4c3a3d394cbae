"""What the control loop remembers from one step to the next: a value, stored durably, compared in replay.

Times are monotonic seconds. A monotonic clock starts anew with the machine, so `after_restart` keeps
what stays true (what devices were granted) and forgets what was timed.
"""

from dataclasses import dataclass, field, replace

from kwartier.control.battery import memory as battery_memory
from kwartier.control.battery.memory import BatteryMemory
from kwartier.control.chargers import obedience
from kwartier.control.chargers.obedience import OBEDIENT, Obedience
from kwartier.control.chargers.starting import NOT_STARTED, Start
from kwartier.control.chargers.switching import Switch
from kwartier.control.outside import Held
from kwartier.control.rows.budget import PeakMemory
from kwartier.control.wishes.sun_memory import FlowMemory, SunMemory
from kwartier.safety.export import ExportMemory
from kwartier.safety.ladder import Ladder, begin
from kwartier.safety.tripping import TripMemory, resumed
from kwartier.site.phases import ZERO, PhaseVector
from kwartier.site.reasons import Reason, reason
from kwartier.site.topology import Site
from kwartier.site.values import valueclass

Sample = tuple[float, PhaseVector]
"""A time and a current per site phase, A."""


@valueclass(frozen=True, slots=True, kw_only=True)
class CircuitMemory:
    """Of a circuit with a meter: all its load that is no charger over the last seconds, newest last."""

    base: tuple[Sample, ...] = ()
    quiet_a: PhaseVector = ZERO
    """That load when last every charge point behind it was heard."""
    room_a: PhaseVector | None = None
    """What its chargers could draw together when its meter was last trusted: on meter loss they get
    no more than this, whatever the safe current says (missing data can only tighten)."""
    swings: tuple[Sample, ...] | None = None
    """Where phases must not lie too far apart: how much more that load may have been at each moment of `base`,
    because chargers changed just then."""


@dataclass(frozen=True, slots=True)
class Turn:
    """When a waiting car is expected to start; None where that cannot be told."""

    start_s: float | None
    reckoned_s: float


@dataclass(kw_only=True, slots=True)
class PointMemory:
    """Of a charge point. A step works on copies of its own and changes none that it was given: within a
    step this is a draft, outside it is a value."""

    granted_a: float = 0.0
    booked_a: float = 0.0
    """What it may still be drawing by what it was told: above `granted_a` until a decrease is confirmed."""
    changed_s: float = 0.0
    raised_s: float = -1e9
    told: tuple[tuple[float, float], ...] = ()
    """What it was granted earlier in the last seconds, each with when that ended, newest last."""
    samples: tuple[Sample, ...] = ()
    """Newest measured currents per site phase, newest last."""
    over_a: float = 0.0
    """What its car was lately found to draw beyond its orders, per phase booked (`chargers.points.note_excess`)."""
    over_s: float = -1e9
    """When it was last found to draw so much."""
    state: str = ""
    operative: bool = True
    """As it last said."""
    back_s: float = -1e9
    """When it was heard again after silence, or for the first time."""
    heard_s: float = 0.0
    seen_s: float | None = None
    """`at_s` of the newest reading looked at, as it was given."""
    silent: bool = False
    known: bool = False
    """Whether it was ever heard since the start."""
    fallback_a: float = 0.0
    untold_a: float = 0.0
    """Of one that was never heard: what an earlier run may have told it, of which nothing is kept."""
    started_s: float | None = None
    """Since when it has had current without a break."""
    waiting_s: float | None = None
    """Since when it has waited for current."""
    queued_s: float | None = None
    """Since when it had waited when its turn began."""
    served_s: float = 0.0
    """What it has had of a turn that was broken off."""
    alone_s: float = -1e9
    """When it could last have been admitted alone, as far as it was asked."""
    turn: Turn | None = None
    """Of one that waits for others: what was last reckoned."""
    stopped_s: float | None = None
    """When the car of this session was last stopped for lack of room."""
    drawn_a: float = 0.0
    drawn_before_a: float = 0.0
    window_s: float = 0.0
    """Largest measured current in the running window and in the one before; when the window began."""
    cap_a: float | None = None
    """What the car has shown to take, with a margin; None while it takes what it is given."""
    idle: bool = False
    disobeys: bool = False
    """Whether it draws more than it was told, by its newest word."""
    obedience: Obedience = OBEDIENT
    """How far that has led."""
    start: Start = NOT_STARTED
    """Whether its car has begun, and how it is helped."""
    phases_shown: int | None = None
    """How many phases it says it uses, where that can be changed."""
    switch: Switch | None = None
    """How a change of phases stands, where it can be changed."""
    wired: tuple[int, ...] = ()
    """Site phases on which the car of this session has drawn current; empty: not known yet."""
    session: int = 0
    """Counts the sessions: one more each time a car is plugged in."""
    session_s: float | None = None
    """When the car of this session was plugged in, as far as this run saw it."""
    session_energy_kwh: float | None = None
    """The charge point's register when this session began."""
    charged_kwh: float | None = None
    """Of this session, by the charge point's own register."""
    user: str | None = None
    """Whose car it is, by his card."""
    departs_s: float | None = None
    """When he usually leaves, UTC: the first such moment after he was recognised."""
    urgent: bool = False
    """Whether its departure has raised it by a level."""
    sun: SunMemory | None = None
    """Of one that charges on the sun."""
    plugged: bool = False
    reason: Reason = field(default=Reason("starting"))
    reason_s: float = 0.0

    def copy(self) -> "PointMemory":
        """A draft for the next step. Written out, for it is done for each charge point in each step: a loop over the
        fields takes four times as long."""
        new = PointMemory.__new__(PointMemory)
        new.granted_a, new.booked_a, new.changed_s = self.granted_a, self.booked_a, self.changed_s
        new.raised_s, new.told, new.samples = self.raised_s, self.told, self.samples
        new.over_a, new.over_s = self.over_a, self.over_s
        new.state, new.operative, new.back_s = self.state, self.operative, self.back_s
        new.heard_s, new.seen_s, new.silent = self.heard_s, self.seen_s, self.silent
        new.known, new.fallback_a, new.untold_a = self.known, self.fallback_a, self.untold_a
        new.started_s = self.started_s
        new.waiting_s, new.queued_s, new.served_s = self.waiting_s, self.queued_s, self.served_s
        new.alone_s, new.turn, new.stopped_s = self.alone_s, self.turn, self.stopped_s
        new.drawn_a, new.drawn_before_a, new.window_s = self.drawn_a, self.drawn_before_a, self.window_s
        new.cap_a, new.idle, new.disobeys = self.cap_a, self.idle, self.disobeys
        new.obedience, new.start, new.phases_shown = self.obedience, self.start, self.phases_shown
        new.switch, new.wired, new.session = self.switch, self.wired, self.session
        new.session_s, new.session_energy_kwh, new.charged_kwh = (
            self.session_s,
            self.session_energy_kwh,
            self.charged_kwh,
        )
        new.user, new.departs_s, new.urgent = self.user, self.departs_s, self.urgent
        new.sun, new.plugged, new.reason = self.sun, self.plugged, self.reason
        new.reason_s = self.reason_s
        return new

    @property
    def unheard(self) -> bool:
        """Whether nothing is known of what it draws now."""
        return self.silent or not self.known

    @property
    def reserved_a(self) -> float:
        """What it may draw per phase while it is unheard: never assumed to be nothing (DESIGN 5.4)."""
        return max(self.held_a, self.untold_a)

    @property
    def held_a(self) -> float:
        """The same as far as this run, and those whose memory it took up, know what they told."""
        return max(self.granted_a, self.booked_a, self.fallback_a, *newest(self.samples))

    def told_since_a(self, when_s: float) -> float:
        """The most that it was granted at any moment since then (as far back as `told` goes)."""
        most_a = self.granted_a
        for until_s, current_a in self.told:
            if until_s >= when_s and current_a > most_a:
                most_a = current_a
        return most_a


@valueclass(frozen=True, slots=True, kw_only=True)
class SumMemory:
    """Of a circuit with a limit on its phases together (`rows.totals`)."""

    room_a: float | None = None
    """What its contract left its chargers, over the phases, when its meter was last trusted."""
    paused: dict[str, float] = field(default_factory=dict)
    """Charge points that its quarter-hour has stopped, and until when they pause."""


@valueclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Everything. The dictionaries are never changed in place."""

    meters: dict[str, Ladder]
    circuits: dict[str, CircuitMemory]
    points: dict[str, PointMemory]
    step_s: float | None = None
    """Time of the last step."""
    peaks: dict[str, PeakMemory] = field(default_factory=dict)
    """Of each circuit with a goal for its quarter-hours."""
    sums: dict[str, SumMemory] = field(default_factory=dict)
    fuses: dict[str, TripMemory] = field(default_factory=dict)
    """Of each circuit whose fuse is known."""
    exports: dict[str, ExportMemory] = field(default_factory=dict)
    """Of each circuit with a limit on what it feeds back."""
    batteries: dict[str, BatteryMemory] | None = None
    """None where the site has none."""
    flow: FlowMemory | None = None
    """What the site needs beside cars and batteries, where that plays a part."""
    outside: Held = ()
    """Limits from outside that still count."""


def initial(site: Site, now_s: float) -> Memory:
    """The memory of a controller that knows nothing yet. What charge points were told by somebody who is gone they may
    hold for a minute more."""
    return Memory(
        meters={m.id: begin(now_s) for m in site.meters},
        circuits={c.id: CircuitMemory() for c in site.circuits},
        points={
            p.id: PointMemory(
                fallback_a=p.fallback_a,
                booked_a=p.fallback_a,
                untold_a=p.max_a,
                heard_s=now_s,
                changed_s=now_s,
                reason_s=now_s,
            )
            for p in site.charge_points
        },
        batteries={b.id: battery_memory.begin(now_s) for b in site.batteries} or None,
    )


def after_restart(site: Site, old: Memory, now_s: float) -> Memory:
    """Take up what an earlier run knew: grants and fallbacks; all that was timed is learnt anew.

    A device may still be drawing what the earlier run granted, or measured, so that stays booked until it is
    heard. The grants themselves only shrink from here: meters start in `waiting`, under the safe current, and
    behind one that the earlier run had lost no more is given out than it gave.
    """
    fresh = initial(site, now_s)
    rooms = {i: CircuitMemory(room_a=c.room_a) for i, c in old.circuits.items() if i in fresh.circuits}
    points = {}
    for p in site.charge_points:
        known = old.points.get(p.id)
        points[p.id] = fresh.points[p.id]
        if known is not None:
            booked = max(known.held_a, p.fallback_a)
            points[p.id] = replace(
                points[p.id],
                untold_a=known.untold_a,
                granted_a=known.granted_a,
                booked_a=booked,
                started_s=now_s if known.granted_a > 0 else None,
                raised_s=now_s,
                fallback_a=max(known.fallback_a, p.fallback_a),
                session=known.session,
                session_energy_kwh=known.session_energy_kwh,
                plugged=known.plugged,
                charged_kwh=known.charged_kwh,
                user=known.user,
                departs_s=known.departs_s,
                urgent=known.urgent,
                switch=_kept(known.switch, now_s),
                obedience=obedience.after_restart(known.obedience, now_s),
                reason=reason("starting"),
            )
    return replace(
        fresh,
        circuits=fresh.circuits | rooms,
        points=points,
        # Samples have no age any more; that a meter's clock was set stays true.
        peaks={i: PeakMemory(doubtful_start_s=p.doubtful_start_s) for i, p in old.peaks.items()},
        sums={i: SumMemory(room_a=s.room_a) for i, s in old.sums.items()},
        fuses={i: resumed(t, now_s) for i, t in old.fuses.items()},
        batteries={
            b.id: battery_memory.after_restart(b, (old.batteries or {}).get(b.id), now_s)
            for b in site.batteries
        }
        or None,
    )


def _kept(switch: Switch | None, now_s: float) -> Switch | None:
    """Of a change of phases only how often it was done, reckoned as of now: the device says how it stands."""
    if switch is None:
        return None
    return Switch(since_s=now_s, done_s=(now_s,) * len(switch.done_s), fails=switch.fails)


def newest(samples: tuple[Sample, ...]) -> PhaseVector:
    """The newest measured currents, zero when there never were any."""
    return samples[-1][1] if samples else ZERO
