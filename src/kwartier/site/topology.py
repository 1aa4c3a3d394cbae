"""The site as it is built: circuits in a tree, meters, charge points.

Everything here is frozen and checked once, when it is made. `config` turns the site file into a `Site`;
control, safety, simulation and web only read it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from kwartier.site.batteries import Battery
from kwartier.site.errors import ConfigError
from kwartier.site.goals import USUAL_KWH_PER_100KM, Goal, Style
from kwartier.site.phases import PHASES, ZERO, PhaseVector
from kwartier.site.quarters import QuarterSettings
from kwartier.site.setpoints import Mode

WEIGHTS = (1e-6, 1e6)
"""Smallest and largest weight of a charge point: further apart they would drown each other in rounding."""

MeterRole = Literal["grid", "circuit", "production", "battery", "consumption"]
FuseType = Literal["B", "C", "D", "gG"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuse:
    """A protective device: MCB characteristic B, C, D (IEC 60898-1) or a gG fuse (IEC 60269)."""

    type: FuseType
    rating_a: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """A node of the tree of limits."""

    id: str
    name: str
    parent: str | None
    """The circuit that feeds this one; None for the one root."""
    limit_a: PhaseVector
    """What it may carry per phase, always (the static electrical limit). Of a phase that it does not have the
    figure says nothing."""
    phases: tuple[int, ...] = PHASES
    """The site phases that it has, in order; those of its parent or some of them."""
    contract_w: float | None = None
    """Contracted power, W, import; no tolerance is ever given on it."""
    fuse: Fuse | None = None
    meter: str | None = None
    """The meter that sees everything that flows through this circuit."""
    backup_meter: str | None = None
    """A second meter that sees the same, for as long as the first one is late or lost."""
    safe_current_a: float = 0.0
    """What all chargers behind this circuit may draw *together* per phase when its meter is lost."""
    base_load_a: PhaseVector = ZERO
    """Assumed own load, per phase, of a circuit that has no meter (the part that is no charger and no
    child circuit). With a meter it is measured."""
    export_limit_w: float | None = None
    """What it may feed back, W, over the phases together; None: no such limit."""
    imbalance_a: float | None = None
    """How far the phases may lie apart, A, house and solar panels included (VDE-AR-N 4100: 20 A); None: no matter."""
    quarter: QuarterSettings | None = None
    """What its quarter-hours are to stay under; needs a meter. None: no target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A meter: where it sits and how often it speaks. How to reach it is the configuration's affair."""

    id: str
    name: str
    role: MeterRole
    address: str
    """For messages: `/dev/ttyUSB0`, `192.168.0.4:502 unit 5`."""
    interval_s: float = 1.0
    """How often it gives a new value when all is well (10 for DSMR 4 and older). Limits on age grow
    with it where it is longer than DESIGN section 5.5 assumes."""
    phases: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargePoint:
    """One socket or cable that charges one car at a time (OCPP: connector)."""

    id: str
    name: str
    circuit: str
    conductors: tuple[int, ...]
    """Site phase of each of its conductors L1, L2, L3 (see `site.phases`); on a three-wire site the two or three
    lines between which it hangs."""
    address: str = ""
    min_a: float = 6.0
    max_a: float = 32.0
    weight: float = 1.0
    priority: int = 0
    """Higher goes first."""
    fallback_a: float = 0.0
    """What the device falls to by itself when nobody speaks to it; 0 only where it is known to stop.
    A reading of the device's own register (Alfen 1212) takes precedence when it is higher."""
    phase_switching: bool = False
    """Whether it can be told to charge on one conductor only (its first), and on all again."""
    start_a: float | None = None
    """What some cars need to be offered before they begin (14 A for a few); None: `min_a` will do."""
    mode: Mode = "fast"
    """How it charges while nobody said otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who charges here, known by his cards, and what he is entitled to."""

    id: str
    name: str
    rfid: tuple[str, ...]
    """The numbers of his cards, as charge points report them, in capitals."""
    priority: int = 0
    """Added to that of the charge point he stands at."""
    weight: float = 1.0
    """His charge point's weight is multiplied by this."""
    departs_at_s: int | None = None
    """Seconds after local midnight at which he usually leaves; None: not known."""
    needs_kwh: float | None = None
    """What he usually needs by then."""
    mode: Mode | None = None
    """How his car charges by default; None: as the charge point has it."""
    goals: tuple[Goal, ...] = ()
    """What his car is to have by when, each week."""
    style: Style = "cheapest"
    minimum_kwh: float | None = None
    """So much at once after it is plugged in, whatever it costs."""
    battery_kwh: float | None = None
    """What his car's battery holds."""
    kwh_per_100km: float = USUAL_KWH_PER_100KM


@dataclass(frozen=True, kw_only=True)
class Site:
    """The whole site. Construction checks what no later step may meet: unknown references, a cycle,
    more than one root, a limit that is not positive."""

    name: str
    time_zone: str = "Europe/Brussels"
    currency: str = "EUR"
    circuits: tuple[Circuit, ...]
    meters: tuple[Meter, ...] = ()
    charge_points: tuple[ChargePoint, ...] = ()
    users: tuple[User, ...] = ()
    three_wire: bool = False
    """A 3 x 230 V net without neutral (delta): one-phase loads hang between two of the three lines."""
    batteries: tuple[Battery, ...] = ()

    def __post_init__(self) -> None:
        _unique("circuit", (c.id for c in self.circuits))
        _unique("meter", (m.id for m in self.meters))
        _unique("charge point", (c.id for c in self.charge_points))
        known = {c.id for c in self.circuits}
        meters = {m.id for m in self.meters}
        for c in self.circuits:
            if c.parent is not None and c.parent not in known:
                raise ConfigError(f"circuit {c.id!r}: its parent {c.parent!r} is no circuit of this site")
            if not all(a > 0 for a in c.limit_a):
                raise ConfigError(f"circuit {c.id!r}: limit_a must be above 0 A on every phase")
        for p in self.charge_points:
            if p.circuit not in known:
                raise ConfigError(
                    f"charge point {p.id!r}: its circuit {p.circuit!r} is no circuit of this site"
                )
            if (
                not p.conductors
                or len(set(p.conductors)) != len(p.conductors)
                or set(p.conductors) - {1, 2, 3}
            ):
                raise ConfigError(
                    f"charge point {p.id!r}: phases must be one to three different ones of 1, 2, 3"
                )
            if not WEIGHTS[0] <= p.weight <= WEIGHTS[1]:
                raise ConfigError(
                    f"charge point {p.id!r}: its weight must lie within a millionth and a million"
                )
        _meters_of_circuits(self, meters)
        _wires(self)
        roots = [c.id for c in self.circuits if c.parent is None]
        if len(roots) != 1:
            raise ConfigError(f"exactly one circuit must have no parent (the grid connection); found {roots}")
        parent = {c.id: c.parent for c in self.circuits}
        for c in self.circuits:
            seen = [c.id]
            up = c.parent
            while up is not None:
                if up in seen:
                    raise ConfigError(f"circuits feed each other in a circle: {' -> '.join([*seen, up])}")
                seen.append(up)
                up = parent[up]

    @cached_property
    def kept(self) -> dict[object, object]:
        """What other rooms have worked out from the site alone: see `site.once`."""
        return {}

    @cached_property
    def guarding(self) -> frozenset[str]:
        """Ids of the meters that see all that flows through a circuit."""
        both = ((c.meter, c.backup_meter) for c in self.circuits)
        return frozenset(meter for pair in both for meter in pair if meter is not None)

    @cached_property
    def backed_up(self) -> tuple[tuple[str, str], ...]:
        """The meters that have a second one behind them, with that one."""
        pairs = ((c.meter, c.backup_meter) for c in self.circuits)
        return tuple((first, second) for first, second in pairs if first is not None and second is not None)

    @cached_property
    def root(self) -> Circuit:
        """The grid connection."""
        return next(c for c in self.circuits if c.parent is None)

    @cached_property
    def circuit(self) -> dict[str, Circuit]:
        """Circuits by id."""
        return {c.id: c for c in self.circuits}

    @cached_property
    def meter(self) -> dict[str, Meter]:
        """Meters by id."""
        return {m.id: m for m in self.meters}

    @cached_property
    def charge_point(self) -> dict[str, ChargePoint]:
        """Charge points by id."""
        return {c.id: c for c in self.charge_points}

    @cached_property
    def battery(self) -> dict[str, Battery]:
        """Batteries by id."""
        return {b.id: b for b in self.batteries}

    @cached_property
    def batteries_behind(self) -> dict[str, tuple[Battery, ...]]:
        """For each circuit: all batteries on it or on a circuit it feeds."""
        return {c.id: tuple(b for b in self.batteries if c.id in self.path[b.circuit]) for c in self.circuits}

    @cached_property
    def path(self) -> dict[str, tuple[str, ...]]:
        """For each circuit: itself and all circuits that feed it, up to the root."""
        out: dict[str, tuple[str, ...]] = {}
        for c in self.circuits:
            steps = [c.id]
            while (up := self.circuit[steps[-1]].parent) is not None:
                steps.append(up)
            out[c.id] = tuple(steps)
        return out

    @cached_property
    def children(self) -> dict[str, tuple[str, ...]]:
        """Child circuits by parent id."""
        out: dict[str, list[str]] = {c.id: [] for c in self.circuits}
        for c in self.circuits:
            if c.parent is not None:
                out[c.parent].append(c.id)
        return {k: tuple(v) for k, v in out.items()}

    @cached_property
    def parents(self) -> tuple[tuple[str, str | None], ...]:
        """The tree alone: each circuit's id with its parent's, in the order of the site."""
        return tuple((c.id, c.parent) for c in self.circuits)

    @cached_property
    def charge_points_behind(self) -> dict[str, tuple[str, ...]]:
        """For each circuit: all charge points on it or on a circuit it feeds."""
        out: dict[str, list[str]] = {c.id: [] for c in self.circuits}
        for p in self.charge_points:
            for c in self.path[p.circuit]:
                out[c].append(p.id)
        return {k: tuple(v) for k, v in out.items()}

    @cached_property
    def charge_points_on(self) -> dict[str, tuple[str, ...]]:
        """For each circuit: the charge points that hang directly on it."""
        out: dict[str, list[str]] = {c.id: [] for c in self.circuits}
        for p in self.charge_points:
            out[p.circuit].append(p.id)
        return {k: tuple(v) for k, v in out.items()}

    @cached_property
    def summed(self) -> tuple[Circuit, ...]:
        """Circuits with a limit on their phases together: a contract, or a goal for their quarter-hours."""
        return tuple(
            c
            for c in self.circuits
            if c.contract_w is not None or (c.quarter is not None and c.quarter.follow != "none")
        )

    @cached_property
    def fused(self) -> tuple[Circuit, ...]:
        """Circuits whose fuse or breaker is known."""
        return tuple(c for c in self.circuits if c.fuse is not None)

    @cached_property
    def export_limited(self) -> tuple[Circuit, ...]:
        """Circuits that may feed back no more than so much."""
        return tuple(c for c in self.circuits if c.export_limit_w is not None)

    @cached_property
    def bottom_up(self) -> tuple[Circuit, ...]:
        """All circuits, children before their parents."""
        return tuple(sorted(self.circuits, key=lambda c: len(self.path[c.id]), reverse=True))


def _unique(kind: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for i in ids:
        if i in seen:
            raise ConfigError(f"two {kind}s are called {i!r}; give each its own id")
        seen.add(i)


def _wires(site: Site) -> None:
    """Nothing hangs on a phase that what feeds it does not have; without neutral, nothing on one line alone."""
    phases = {c.id: set(c.phases) for c in site.circuits}
    for c in site.circuits:
        if not c.phases or list(c.phases) != sorted(phases[c.id] & set(PHASES)):
            raise ConfigError(f"circuit {c.id!r}: phases must be one to three different ones of 1, 2, 3")
        if c.parent is not None and phases[c.id] - phases[c.parent]:
            raise ConfigError(f"circuit {c.id!r}: it has a phase that its parent {c.parent!r} does not have")
    for p in site.charge_points:
        if set(p.conductors) - phases[p.circuit]:
            raise ConfigError(
                f"charge point {p.id!r}: it has a phase that its circuit {p.circuit!r} does not have"
            )
        if site.three_wire and len(p.conductors) == 1:
            raise ConfigError(f"charge point {p.id!r}: without neutral it hangs between two lines or three")
    _battery_wires(site, phases)


def _battery_wires(site: Site, phases: dict[str, set[int]]) -> None:
    """A battery hangs on phases that its circuit has; without neutral on all three lines."""
    _unique("battery", (b.id for b in site.batteries))
    for b in site.batteries:
        if b.circuit not in phases:
            raise ConfigError(f"battery {b.id!r}: its circuit {b.circuit!r} is no circuit of this site")
        if not b.conductors or len(set(b.conductors)) != len(b.conductors):
            raise ConfigError(f"battery {b.id!r}: phases must be one to three different ones of 1, 2, 3")
        if set(b.conductors) - phases[b.circuit]:
            raise ConfigError(
                f"battery {b.id!r}: it has a phase that its circuit {b.circuit!r} does not have"
            )
        if site.three_wire and len(b.conductors) != len(PHASES):
            raise ConfigError(f"battery {b.id!r}: without neutral it must hang on all three lines")


def _meters_of_circuits(site: Site, meters: set[str]) -> None:
    """Every meter that a circuit names is one of the site."""
    for c in site.circuits:
        if c.meter is not None and c.meter not in meters:
            raise ConfigError(f"circuit {c.id!r}: its meter {c.meter!r} is no meter of this site")
        if c.backup_meter is not None and (c.meter is None or c.backup_meter not in meters - {c.meter}):
            raise ConfigError(
                f"circuit {c.id!r}: its backup meter {c.backup_meter!r} must be another meter of this site, "
                "beside a meter"
            )
