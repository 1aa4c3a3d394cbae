"""`kwartier check --probe`: ask every device of a site what it does by itself, and prove what that adds up to.

It listens through the same drivers as the controller and writes nothing, unless asked for the write test: then each
charge point gets one set-point that is neither above what it applies now nor above what it falls back to, so
that no current rises by it; the device's own timer ends it.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from kwartier.config.building import to_site
from kwartier.config.models import SiteConfig
from kwartier.devices.capabilities import ChargeDriver, HasWatchdog
from kwartier.edge.base_load import BaseLoads, Recorded, recorded
from kwartier.edge.drivers import drivers_of
from kwartier.historian import queries
from kwartier.safety.proof import Proof, prove, told_fallback_a
from kwartier.site.batteries import BatteryReading
from kwartier.site.clock import Clock
from kwartier.site.errors import KwartierError, StorageError
from kwartier.site.phases import ZERO, PhaseVector, add, maximum, sub
from kwartier.site.readings import ChargePointReading, DeviceFault, MeterReading
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Setpoint
from kwartier.site.topology import Site

LONGEST_TIMER_S = 60.0
"""A set-point may hold for so long after the controller is gone: any overload must be over then (DESIGN 5.7)."""
WRITE_FOR_S = 5.0
WRITTEN_S = 4.0
"""From the write test to the judgement: a station takes up a set-point within a second or two."""
SAME_A = 0.25
ENOUGH_DAYS = 7.0
DAY_S = 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What was heard of a meter or a charge point."""

    id: str
    name: str
    kind: str
    """`meter` or `charge_point`."""
    address: str
    heard: bool
    trouble: str
    """Its last fault in words; empty when there was none."""
    fallback_a: float | None = None
    valid_for_s: float | None = None
    """The longest that a set-point was still to hold; 0 when none is in force."""
    setpoint_a: float | None = None
    setpoint_used: bool | None = None
    state: str | None = None
    wrote_a: float | None = None
    """What the write test wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLoad:
    """The worst load beside chargers that is known of a circuit with a meter."""

    circuit_id: str
    worst_a: PhaseVector | None
    moment_a: PhaseVector | None
    """The largest while listening."""
    recorded: Recorded | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that the probe found."""

    site: Site
    listened_s: float
    wrote: bool
    proof: Proof
    loads: tuple[OtherLoad, ...]
    devices: tuple[Device, ...]
    problems: tuple[Reason, ...]
    """Those of the proof and those of the devices."""
    notes: tuple[Reason, ...]

    @property
    def ok(self) -> bool:
        """Whether everything is proven."""
        return not self.problems


@dataclass(slots=True)
class Ear:
    """Collects what the drivers post."""

    site: Site
    meters: dict[str, MeterReading] = field(default_factory=dict)
    points: dict[str, ChargePointReading] = field(default_factory=dict)
    trouble: dict[str, DeviceFault] = field(default_factory=dict)
    valid_for_s: dict[str, float] = field(default_factory=dict)
    fallback_a: dict[str, float] = field(default_factory=dict)
    loads: BaseLoads = field(init=False)
    moments: dict[str, PhaseVector] = field(default_factory=dict)
    """The largest load beside chargers of each circuit so far."""
    wrote: dict[str, Setpoint] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.loads = BaseLoads(self.site)

    def post(self, what: MeterReading | ChargePointReading | BatteryReading | DeviceFault) -> None:
        """Take note."""
        if isinstance(what, DeviceFault):
            self.trouble[what.device_id] = what
            return
        self.loads.take(what)
        if isinstance(what, MeterReading):
            self.meters[what.meter_id] = what
            self.settle(what.at_s)
            return
        if isinstance(what, BatteryReading):
            return
        point_id = what.charge_point_id
        self.points[point_id] = what
        if what.valid_for_s is not None:
            self.valid_for_s[point_id] = max(self.valid_for_s.get(point_id, 0.0), what.valid_for_s)
        told_a = told_fallback_a(what)
        if told_a is not None:
            self.fallback_a[point_id] = max(self.fallback_a.get(point_id, told_a), told_a)

    def settle(self, now_s: float) -> None:
        """Reckon what can be reckoned by now."""
        for circuit_id, load in self.loads.settled(now_s).items():
            self.moments[circuit_id] = maximum(self.moments.get(circuit_id, load), load)


async def probe(
    config: SiteConfig, *, clock: Clock, seconds: float, write_test: bool, history: Path | None
) -> Report:
    """Listen to all devices for `seconds`, or longer where a meter speaks rarely, and prove.

    `history`: the database with the worst load so far; None or a file that does not exist: there is none.
    Raises ConfigError when a driver refuses its settings.
    """
    site = to_site(config)
    meters, stations, _, batteries = drivers_of(config, site, clock)
    rarely_s = max((m.interval_s for m in site.meters), default=0.0)
    listen_s = max(seconds, 2.5 * rarely_s + 1.5)
    ear = Ear(site)
    tasks = [asyncio.create_task(m.run(ear.post)) for m in meters]
    tasks += [asyncio.create_task(s.run(ear.post)) for s in stations]
    tasks += [asyncio.create_task(b.run(ear.post)) for b in batteries]
    try:
        await clock.sleep(listen_s)
        if write_test:
            await _write(ear, stations, clock)
            await clock.sleep(WRITTEN_S)
    finally:
        until_s = clock.monotonic_s()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    ear.settle(until_s)
    past, missing = await asyncio.to_thread(_past, site, history, clock.utc_s(), config.historian.keep_days)
    return _Judge(ear, stations, past, listen_s, write_test).report(missing)


async def _write(ear: Ear, stations: Iterable[ChargeDriver], clock: Clock) -> None:
    """One harmless set-point for each charge point that told what is harmless."""

    async def one(station: ChargeDriver, point_id: str) -> None:
        heard = ear.points.get(point_id)
        if heard is None or heard.applied_a is None or heard.fallback_a is None:
            return
        now_s = clock.monotonic_s()
        ear.wrote[point_id] = setpoint = Setpoint(
            charge_point_id=point_id,
            current_a=min(heard.applied_a, heard.fallback_a, ear.site.charge_point[point_id].max_a),
            phases=None,
            valid_until_s=now_s + WRITE_FOR_S,
            decided_at_s=now_s,
            reason=reason("write_test"),
        )
        try:
            await station.apply(setpoint)
        except KwartierError as error:
            ear.refused[point_id] = str(error)

    await asyncio.gather(*(one(s, i) for s in stations for i in s.charge_point_ids))


def _past(
    site: Site, history: Path | None, now_s: float, days: int
) -> tuple[dict[str, Recorded], tuple[Reason, ...]]:
    if history is None or not history.exists():
        return {}, ()
    try:
        return recorded(site, partial(queries.highest, history), now_s - days * DAY_S, now_s + DAY_S), ()
    except StorageError as error:
        return {}, (reason("proof_no_record", what=str(error)),)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Turns what was heard into a report."""

    ear: Ear
    stations: Collection[ChargeDriver]
    past: Mapping[str, Recorded]
    listened_s: float
    wrote: bool

    def report(self, notes: tuple[Reason, ...]) -> Report:
        """Everything; `notes` come first among the notes."""
        site = self.ear.site
        loads = tuple(self._other_loads())
        devices = tuple(_devices(self.ear))
        proof = prove(site, self.ear.fallback_a, {load.circuit_id: load.worst_a for load in loads})
        silent = {d.name for d in devices if not d.heard}
        told = [
            p for p in proof.problems if p.code != "proof_fallback_unknown" or p.params[0][1] not in silent
        ]
        return Report(
            site=site,
            listened_s=self.listened_s,
            wrote=self.wrote,
            proof=proof,
            loads=loads,
            devices=devices,
            problems=(*self._silent(devices), *told, *self._timers(), *self._written()),
            notes=(*notes, *self._about_loads(loads), *proof.notes, *self._not_shown()),
        )

    def _silent(self, devices: Iterable[Device]) -> Iterator[Reason]:
        wait_s = round(self.listened_s)
        for d in devices:
            if not d.heard:
                yield reason(
                    "proof_unreachable", name=d.name, address=d.address, wait_s=wait_s, what=d.trouble
                )

    def _other_loads(self) -> Iterator[OtherLoad]:
        for circuit in self.ear.site.circuits:
            if circuit.meter is None:
                continue
            moment, kept = self.ear.moments.get(circuit.id), self.past.get(circuit.id)
            if moment is not None and circuit.parent is None:
                moment = add(moment, _hidden(self.ear))
            worst = moment
            if kept is not None:
                worst = kept.load_a if moment is None else maximum(moment, kept.load_a)
            yield OtherLoad(circuit_id=circuit.id, worst_a=worst, moment_a=moment, recorded=kept)

    def _timers(self) -> Iterator[Reason]:
        """A device that never stops by itself, or too late, is not safe whatever it falls back to."""
        for station in self.stations:
            fixed_s = station.watchdog.timeout_s if isinstance(station, HasWatchdog) else None
            for point_id in station.charge_point_ids:
                name = self.ear.site.charge_point[point_id].name
                holds_s = self.ear.valid_for_s.get(point_id, fixed_s)
                if point_id not in self.ear.points:
                    continue
                written = point_id in self.ear.wrote and point_id not in self.ear.refused
                if holds_s is None or (written and fixed_s is None and holds_s <= 0):
                    yield reason("proof_no_timer", name=name)
                elif holds_s > LONGEST_TIMER_S:
                    yield reason(
                        "proof_slow_timer",
                        name=name,
                        valid_for_s=round(holds_s),
                        longest_s=round(LONGEST_TIMER_S),
                    )

    def _written(self) -> Iterator[Reason]:
        for point_id in self.ear.points if self.wrote else ():
            if point_id not in self.ear.wrote:
                yield reason("proof_write_skipped", name=self.ear.site.charge_point[point_id].name)
        for point_id, setpoint in self.ear.wrote.items():
            name, current_a = self.ear.site.charge_point[point_id].name, float(setpoint.current_a)
            if point_id in self.ear.refused:
                yield reason(
                    "proof_write_refused", name=name, current_a=current_a, what=self.ear.refused[point_id]
                )
                continue
            heard = self.ear.points[point_id]
            shown_a = heard.setpoint_a if heard.at_s > setpoint.decided_at_s else None
            same = shown_a is not None and abs(shown_a - current_a) <= SAME_A
            if not same or heard.setpoint_used is False:
                shown = "-" if shown_a is None else f"{shown_a:.1f} A"
                yield reason("proof_write_ignored", name=name, current_a=current_a, shown=shown)

    def _not_shown(self) -> Iterator[Reason]:
        """Charge points that take nobody's set-point now, so that nothing shows that they would."""
        idle = [
            self.ear.site.charge_point[i].name
            for i, heard in self.ear.points.items()
            if not (heard.setpoint_used and self.ear.valid_for_s.get(i, 0.0) > 0)
        ]
        if idle and not self.wrote:
            yield reason("proof_not_written", names=", ".join(idle))

    def _about_loads(self, loads: Iterable[OtherLoad]) -> Iterator[Reason]:
        for load in loads:
            name = self.ear.site.circuit[load.circuit_id].name
            if load.recorded is not None and load.recorded.days < ENOUGH_DAYS:
                yield reason("proof_short_record", circuit=name, days=float(load.recorded.days))
            elif load.recorded is None and load.moment_a is not None:
                yield reason("proof_moment", circuit=name, seconds=round(self.listened_s))


def _hidden(ear: Ear) -> PhaseVector:
    """What batteries that only have a meter deliver now, and without neutral the sun: load that the connection does not
    show until they are empty, or a cloud comes. All else is in the moments already (`BaseLoads`)."""
    out = ZERO
    roles = {"production", "battery"} if ear.site.three_wire else {"battery"}
    for meter in ear.site.meters:
        heard = ear.meters.get(meter.id)
        if meter.role in roles and heard is not None and heard.current_a is not None:
            out = add(out, maximum(ZERO, sub(ZERO, heard.current_a)))
    return out


def _devices(ear: Ear) -> Iterator[Device]:
    for meter in ear.site.meters:
        yield Device(
            id=meter.id,
            name=meter.name,
            kind="meter",
            address=meter.address,
            heard=meter.id in ear.meters,
            trouble=_trouble(ear, meter.id),
        )
    for point in ear.site.charge_points:
        heard = ear.points.get(point.id)
        wrote = ear.wrote.get(point.id)
        yield Device(
            id=point.id,
            name=point.name,
            kind="charge_point",
            address=point.address,
            heard=heard is not None,
            trouble=_trouble(ear, point.id),
            fallback_a=ear.fallback_a.get(point.id),
            valid_for_s=ear.valid_for_s.get(point.id),
            setpoint_a=None if heard is None else heard.setpoint_a,
            setpoint_used=None if heard is None else heard.setpoint_used,
            state=None if heard is None else heard.state,
            wrote_a=None if wrote is None else wrote.current_a,
        )


def _trouble(ear: Ear, device_id: str) -> str:
    found = ear.trouble.get(device_id)
    return "" if found is None else found.what
