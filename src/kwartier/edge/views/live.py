"""The running site as the web sees it (`web.live.LiveSite`)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from pydantic_core import to_json

from kwartier import __version__
from kwartier.control.decision import Decision
from kwartier.control.wishes.claims import user
from kwartier.devices.capabilities import MeterSource
from kwartier.devices.drivers.p1_line import LineHealth
from kwartier.edge.base_load import BaseLoads, charted
from kwartier.edge.cycle import Cycle
from kwartier.edge.fire import FireWatch
from kwartier.edge.views.moments import iso
from kwartier.edge.views.peaks import allowed, goal, page
from kwartier.edge.views.snapshot import Extras, document, power_flow, words
from kwartier.edge.writer import Writer
from kwartier.historian.historian import Historian
from kwartier.metering.quarters import ClosedQuarter
from kwartier.site.errors import StorageError
from kwartier.site.intervals import QUARTER_S
from kwartier.site.modes import mode_of
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Message, Mode, Picture, Wish
from kwartier.web.broadcast import Broadcast
from kwartier.web.live import Document, Series

LONGEST_STEPS = 5000
ALIVE_S = 5.0


class DemoFace(Protocol):
    """What a demonstration adds to the live site."""

    def describe(self) -> Document:
        """The `demo` part of the document."""
        ...

    def set_fault(self, fault_id: str, active: bool) -> None:
        """Make or mend a fault. Raises KeyError."""
        ...


@runtime_checkable
class Line(Protocol):
    """A meter whose driver counts what its line does."""

    meter_id: str

    @property
    def health(self) -> LineHealth:
        """Since the start."""
        ...


class Live:
    """Makes the document after each cycle and answers what the web asks. Everything here is bounded in
    time: questions about the past run in a thread of their own."""

    def __init__(
        self,
        *,
        cycle: Cycle,
        historian: Historian,
        writers: Mapping[str, Writer],
        keep: Callable[[bool], None],
        fire: FireWatch,
        alarms: Callable[[Document], list[Document]],
        meters: Iterable[MeterSource] = (),
        demo: DemoFace | None = None,
        speed: float = 1.0,
    ) -> None:
        self._cycle = cycle
        self._historian = historian
        self._writers = writers
        self._keep = keep
        self._fire = fire
        self._alarms = alarms
        self._lines = [m for m in meters if isinstance(m, Line)]
        self._demo = demo
        self._speed = speed
        self._zone = ZoneInfo(cycle.site.time_zone)
        self._base_loads = BaseLoads(cycle.site)
        self._broadcast = Broadcast()
        self._document: Document | None = None
        self.plan: Callable[[], Document] | None = None
        """The plan in short, once there is a planner and somebody to look at it."""

    def after_cycle(self, picture: Picture, decision: Decision) -> None:
        """Listener of the cycle: record, then make and send the document."""
        values = power_flow(self._cycle.site, picture, decision)
        trusted = {i for i, ladder in decision.memory.meters.items() if ladder.trusted}
        base = charted(self._base_loads.look(picture, trusted))
        self._historian.cycle(picture, decision, before=self._cycle.before, values=values | base)
        self._keep(False)
        self._document = document(
            self._cycle.site, picture, decision, values, self._extras(picture, decision)
        )
        self._document["inputs"] = self._fire.inputs()
        self._document["alarms"] = self._alarms(self._document)
        self._document["plan"] = None if self.plan is None else self.plan()
        self._broadcast.publish(to_json(self._document, inf_nan_mode="null"))

    def _extras(self, picture: Picture, decision: Decision) -> Extras:
        health, account = self._cycle.health, self._cycle.account
        status = self._historian.status()
        problem = None if status.reason is None else words(status.reason)
        quarter = account.running()
        return Extras(
            version=__version__,
            demo=None if self._demo is None else self._demo.describe(),
            clock_speed=self._speed,
            cycle={
                "number": health.number,
                "duration_ms": round(health.duration_s * 1e3, 3),
                "late_ms": round(health.late_s * 1e3, 1),
                "overruns": health.overruns,
            },
            faults=self._cycle.board.last_fault,
            health={line.meter_id: _counts(line.health) for line in self._lines},
            quarter=quarter,
            goal=goal(quarter, allowed(self._cycle.site, decision), self._zone),
            month_peak=account.peak(),
            messages=list(self._cycle.messages),
            recording={"ok": status.ok, "problem": status.problem, "queued": status.queued, "why": problem},
        )

    # -- web.live.LiveSite --------------------------------------------------------------------------------

    def state(self) -> Document:
        """The newest document; the first one exists before the web starts."""
        if self._document is None:
            self._cycle.tick()
        assert self._document is not None
        return self._document

    def subscribe(self) -> AsyncIterator[bytes]:
        """The document of each cycle."""
        return self._broadcast.subscribe()

    def close(self) -> None:
        """The site stops: end every stream."""
        self._broadcast.close()

    def wished(self, charge_point_id: str) -> Wish:
        """The wish in force."""
        point = self._known(charge_point_id)
        wish = self._cycle.board.wishes.get(charge_point_id, Wish(charge_point_id=charge_point_id))
        if wish.mode is not None:
            return wish
        remembered = self._cycle.memory.points[charge_point_id]
        return replace(wish, mode=mode_of(point, user(self._cycle.site, remembered), wish))

    def wish(self, wish: Wish) -> None:
        """Replace a wish: soft, inside every limit, kept over restarts."""
        point = self._known(wish.charge_point_id)
        if wish.limit_a is not None and wish.limit_a > point.max_a:
            raise ValueError(f"{point.name} gives at most {point.max_a:g} A; choose a limit up to that.")
        self._cycle.board.wish(wish)
        clock = self._cycle.clock
        told = _told(point.name, wish.mode, wish.limit_a)
        message = Message(at_s=clock.monotonic_s(), level="info", device_id=wish.charge_point_id, reason=told)
        self._cycle.say(message, clock.utc_s())
        self._historian.message(message)
        self._keep(True)
        self._cycle.nudge()

    def people(self) -> dict[str, str]:
        """Whose card was read at each charge point where a car is."""
        names = {u.id: u.name for u in self._cycle.site.users}
        points = self._cycle.memory.points
        return {i: names[p.user] for i, p in points.items() if p.plugged and p.user in names}

    def _known(self, charge_point_id: str) -> Any:
        try:
            return self._cycle.site.charge_point[charge_point_id]
        except KeyError:
            raise KeyError(f"There is no charge point {charge_point_id!r}.") from None

    async def series(self, name: str, from_s: float, to_s: float, step_s: float) -> Series:
        """A charted quantity."""
        steps = min(LONGEST_STEPS, max(0, round((to_s - from_s) / step_s)))
        start_s = from_s // step_s * step_s
        found = await asyncio.to_thread(
            self._historian.series, name, start_s, start_s + steps * step_s, step_s
        )
        if not found and name not in await asyncio.to_thread(self._historian.series_names):
            raise KeyError(f"Nothing called {name!r} was recorded yet.")
        means = {int(s.start_s): s.mean for s in found}
        at_s = [start_s + i * step_s for i in range(steps)]
        return {"name": name, "step_s": step_s, "at_s": at_s, "values": [means.get(int(t)) for t in at_s]}

    async def quarters(self, from_s: float, to_s: float) -> list[Document]:
        """Closed quarter-hours of the grid connection."""
        meter_id = self._cycle.site.root.meter
        if meter_id is None:
            return []
        found = await asyncio.to_thread(self._historian.quarters, meter_id, from_s, to_s)
        return [self._quarter(q) for q in found]

    async def peaks(self) -> Document:
        """The peak page."""
        site, account = self._cycle.site, self._cycle.account
        peak, export_kwh = account.peak(), None
        if peak is not None and site.root.meter is not None:
            with contextlib.suppress(StorageError):
                found = await asyncio.to_thread(
                    self._historian.quarters, site.root.meter, peak[1], peak[1] + 1.0
                )
                export_kwh = found[0].export_kwh if found else None
        return page(site, account, self.state()["quarter"], export_kwh)

    def _quarter(self, quarter: ClosedQuarter) -> Document:
        demand_w = quarter.demand_w if quarter.demand_w is not None else quarter.import_kwh * 4000
        return {
            "start": iso(quarter.start_s, self._zone),
            "end": iso(quarter.start_s + QUARTER_S, self._zone),
            "energy_kwh": quarter.import_kwh,
            "export_kwh": quarter.export_kwh,
            "demand_w": demand_w,
            "source": quarter.quality,
        }

    async def decisions(self, charge_point_id: str, limit: int) -> list[Document]:
        """Past decisions for a charge point."""
        self._known(charge_point_id)
        found = await asyncio.to_thread(self._historian.decisions, charge_point_id, limit)
        return [
            {"at": iso(d.at_s, self._zone), "allowed_a": d.current_a, "reason": words(d.reason)}
            for d in found
        ]

    def demo_fault(self, fault_id: str, active: bool) -> None:
        """A fault of the demonstration."""
        if self._demo is None:
            raise KeyError("This site is no demonstration; its faults are real.")
        self._demo.set_fault(fault_id, active)

    def metrics(self) -> str:
        """Prometheus text."""
        from kwartier.edge.views import metrics  # noqa: PLC0415 - its library is not needed to protect

        writes = sum(w.writes for w in set(self._writers.values()))
        return metrics.text(self.state(), failures=self._cycle.health.failures, writes=writes)

    def ready(self) -> tuple[bool, str]:
        """Whether the cycle runs."""
        if self._cycle.picture is None:
            return False, "The first cycle has not run yet."
        age_s = self._cycle.clock.monotonic_s() - self._cycle.picture.now_s
        if age_s > ALIVE_S:
            return (
                False,
                f"The last cycle was {age_s:.0f} s ago; devices fall back to their own safe current.",
            )
        return True, "The cycle runs."


def _counts(health: LineHealth) -> Document:
    return {
        "telegrams": health.telegrams,
        "repaired": health.repaired,
        "bad": health.bad,
        "noise_bytes": health.noise_bytes,
        "reconnects": health.reconnects,
    }


def _told(name: str, mode: Mode | None, limit_a: float | None) -> Reason:
    if mode == "off":
        return reason("wish_off", name=name)
    if mode in {"sun", "smart"}:
        return reason(f"wish_{mode}", name=name)
    if limit_a is None:
        return reason("wish_fast", name=name)
    return reason("wish_limited", name=name, limit_a=float(limit_a))
