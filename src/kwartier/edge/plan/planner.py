"""The slow loop at the site: a new plan every ten minutes and soon after something changed, made in another process.

Nothing here is on the cycle's path. The cycle tells what changed (`look`), and reads the newest advice; when the planner is
slow, dead or wrong the last plan runs out and rules hold.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog

from kwartier.config.models import SiteConfig
from kwartier.control.decision import Decision
from kwartier.control.wishes.claims import user
from kwartier.edge.calendars.book import CalendarBook, Standing
from kwartier.edge.cycle import Cycle
from kwartier.edge.host.supervise import keep_running
from kwartier.edge.plan.changes import Changes
from kwartier.edge.plan.child import PlanChild, PlannerDown
from kwartier.edge.plan.history import Stays, sessions_of
from kwartier.edge.plan.inputs import HISTORY_DAYS, STEPS, Inputs, Recorded, gather
from kwartier.edge.plan.kept_model import KeptModel
from kwartier.edge.plan.made import Made, advice_of, parked
from kwartier.edge.plan.night import Night
from kwartier.edge.plan.park_past import ParkTarget, is_park
from kwartier.edge.plan.sky import LookUp, nothing
from kwartier.edge.plan.stored import SILENT_S, Stored, stored
from kwartier.edge.plan.wishes import (
    car_of,
    car_wish,
    session_kwh,
    settled,
    usual_car,
    usual_kwh,
    weekly_goals,
)
from kwartier.edge.views.snapshot import power_flow
from kwartier.historian.codec import decode, encode
from kwartier.planning.situation import Answer, CarWish, Situation, StayThen
from kwartier.site.agenda import Agenda
from kwartier.site.batteries import Battery
from kwartier.site.clock import Clock
from kwartier.site.errors import StorageError
from kwartier.site.plans import BatteryTask
from kwartier.site.prices import PriceSeries
from kwartier.site.quarters import FLOOR_W
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Level, Message, Picture, Wish
from kwartier.site.tariffs import Tariff
from kwartier.site.topology import ChargePoint, Site
from kwartier.site.units import NOMINAL_VOLTAGE_V

PERIOD_S = 600.0
DEBOUNCE_S = 1.5
"""Several changes at once make one plan."""
AGAIN_S = 60.0
"""After a failure."""
SOLVE_S = 8.0
LIMIT_S = 45.0
"""Real time: the planner's process is killed when it takes longer; the first answer needs its start besides."""
IDLE_S = 90.0
"""The planner's process is ended when nobody asked it anything for so long."""
SETTLE_S = 30.0

log = structlog.get_logger()


class PriceBook(Protocol):
    """Whoever knows prices; `edge.prices.market.Market` is one."""

    @property
    def prices(self) -> PriceSeries | None:
        """Known ones."""
        ...

    @property
    def withheld(self) -> bool:
        """The source has been silent for so long that nothing ahead is known any more."""
        ...


class SitePlanner:
    """Makes plans while it runs; `made` is the newest, `failing` says why there is no newer one."""

    def __init__(
        self,
        *,
        config: SiteConfig,
        cycle: Cycle,
        clock: Clock,
        recorded: Recorded,
        stays: Stays,
        market: PriceBook,
        tell: Callable[[Message], None],
        child: PlanChild | None = None,
        calendars: CalendarBook | None = None,
        sky: LookUp = nothing,
        model: Path | None = None,
    ) -> None:
        """`sky`: what was foretold, as known at a moment. `model`: where the night's training is kept; None: it does not train."""
        self.site: Site = cycle.site
        self.zone = ZoneInfo(self.site.time_zone)
        self.tariff: Tariff | None = None if config.tariffs is None else config.tariffs.tariff()
        self.recorded = recorded
        self.stays = stays
        self.market = market
        self.child = child or PlanChild()
        self.calendars = calendars
        self._park = ParkTarget(self.site, self.zone, recorded, self.child)
        self._sky = sky
        self.night = Night(
            zone=self.zone,
            clock=clock,
            recorded=recorded,
            look_up=sky,
            kept=None if model is None else KeptModel(model),
            changed=lambda: self.nudge("plan_forecasts"),
        )
        self.made: Made | None = None
        self.failing: str | None = None
        self.next_s: float | None = None
        """UTC; when the next plan is due."""
        self._cycle = cycle
        self._clock = clock
        self._tell = tell
        self._number = 0
        self._causes: list[str] = []
        self._wake = asyncio.Event()
        self._changes = Changes(self.nudge, self._left)
        self._settled_s = float("-inf")
        self._past_stays: tuple[int, tuple[StayThen, ...]] | None = None

    def agenda(self, point: ChargePoint) -> Agenda | None:
        """What a calendar says of the car at a charge point."""
        if self.calendars is None:
            return None
        return self.calendars.agenda(point, user(self.site, self._cycle.memory.points[point.id]))

    def standing(self, point: ChargePoint) -> Standing | None:
        """How it goes with that calendar; None: there is none."""
        if self.calendars is None:
            return None
        return self.calendars.standing(point, user(self.site, self._cycle.memory.points[point.id]))

    # -- what changed --------------------------------------------------------------------------------------

    def nudge(self, cause: str) -> None:
        """Ask for a new plan soon; `cause` is a code of `site.texts`."""
        if cause not in self._causes:
            self._causes.append(cause)
        self._wake.set()

    def look(self, picture: Picture, decision: Decision) -> None:
        """Listener of the cycle: notices what a plan must follow."""
        self._changes.of_cars(picture, decision)
        self._changes.of_limits(picture, first=self.made is None)
        if picture.now_s - self._settled_s > SETTLE_S:
            self._settled_s = picture.now_s
            self._settle(picture)
        self._changes.of_prices(self.market.prices)
        if self.made is not None and self._cycle.decision is not None:
            # The flow that the snapshot shows, without its parts that a plan moves.
            house_w = power_flow(self.site, picture, self._cycle.decision)["house_w"]
            self._changes.of_house(picture, house_w, self.made)

    def _left(self, wish: Wish | None) -> None:
        """A car is gone: slots that somebody fixed for it, and what was known of its level, go with it."""
        if wish is None:
            return
        car = None if wish.car is None else replace(wish.car, arrival_soc_pct=None)
        self._cycle.board.wish(replace(wish, overrides=(), car=car, minimum_kwh=None))

    def _settle(self, picture: Picture) -> None:
        """Goals of each week come round again; what is over goes."""
        board, memory = self._cycle.board, self._cycle.memory
        for point in self.site.charge_points:
            remembered = memory.points[point.id]
            wish = board.wishes.get(point.id, Wish(charge_point_id=point.id))
            new = settled(
                wish,
                weekly_goals(self.site, remembered),
                picture.utc_s,
                self.zone,
                car_of(wish, usual_car(self.site, remembered)),
                agenda=self.agenda(point),
                usual=usual_kwh(self.site, remembered),
            )
            if new == wish:
                continue
            board.wish(new)
            if "calendar" in {new.by, wish.by}:
                self.nudge("plan_calendar")

    # -- making plans --------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled."""
        tasks = [asyncio.create_task(self._rest(), name="planner rest")]
        try:
            self._causes.append("plan_first")
            while True:
                await self._clock.sleep(DEBOUNCE_S)
                causes, self._causes = self._causes, []
                self._wake.clear()
                pause_s = await self._once(causes[0] if causes else "plan_periodic")
                self.next_s = self._clock.utc_s() + pause_s
                if self.made is not None and len(tasks) == 1:
                    tasks.append(
                        asyncio.create_task(keep_running("planner night", self.night.run, self._clock))
                    )
                await self._until(pause_s)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.child.close()
            await self.night.close()

    async def _until(self, pause_s: float) -> None:
        """The time is over, or somebody asks."""
        sleeping = asyncio.ensure_future(self._clock.sleep(pause_s))
        waking = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait({sleeping, waking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (sleeping, waking):
                each.cancel()
            await asyncio.gather(sleeping, waking, return_exceptions=True)

    async def _rest(self) -> None:
        """End the planner's process when it has nothing to do. In real time: it is about this machine's memory."""
        while True:
            before = self._number
            await asyncio.sleep(IDLE_S)
            if self._number == before and self.child.pid is not None:
                await self.child.rest()

    async def _once(self, cause: str) -> float:
        """Make one plan; returns after how long the next is due."""
        try:
            made = await self.make(cause)
        except PlannerDown as error:
            if self.failing is None:
                self._say(reason("planner_failed", what=f"{error}."), "warning")
            self.failing = str(error)
            return AGAIN_S
        if self.failing is not None:
            self._say(reason("planner_back"), "info")
            self.failing = None
        self.made = made
        self._cycle.board.advice = advice_of(made)
        return PERIOD_S

    async def make(self, cause: str, cars: Mapping[str, CarWish] | None = None) -> Made:
        """A plan of this moment; `cars`: wishes that somebody only asks about. Raises PlannerDown."""
        now_s = self._clock.utc_s()
        inputs = await asyncio.to_thread(self._gather, now_s)
        inputs = replace(inputs, notes=(*inputs.notes, *self._silent_notes()))
        stays = await asyncio.to_thread(self._stays_before, inputs)
        situation = self.situation(inputs, now_s, cars or {}, stays)
        target_w = await self._park.target_w(inputs)
        if target_w is not None:
            situation = parked(situation, target_w)
        found = await self.child.ask("plan", encode(situation), LIMIT_S)
        self._number += 1
        return Made(
            number=self._number,
            made_s=now_s,
            cause=reason(cause),
            inputs=inputs,
            situation=situation,
            answer=decode(Answer, found),
        )

    def _gather(self, now_s: float) -> Inputs:
        cycle, site = self._cycle, self.site
        settings = site.root.quarter
        peak = cycle.account.peak()
        devices = {p.id: f"charge_point.{p.id}.power_w" for p in site.charge_points}
        return gather(
            self.recorded,
            self.market.prices,
            self.tariff,
            now_s=now_s,
            zone=self.zone,
            devices=devices,
            peak_so_far_w=None if peak is None else peak[0],
            floor_w=FLOOR_W if settings is None else settings.floor_w,
            eur_per_kw_year=None if settings is None else settings.eur_per_kw_year,
            lost=self.market.withheld,
            sky=self._sky(now_s),
        )

    def _stays_before(self, inputs: Inputs) -> tuple[StayThen, ...]:
        """Cars of the local days that are over; read once a day, and only where a battery can be kept ready for such cars: those
        of a park are held under its target, and risk nothing."""
        if not self.site.batteries or is_park(self.site) or inputs.peak.eur_per_kw <= 0.0:
            return ()
        midnight = datetime.fromtimestamp(inputs.start_s, self.zone).replace(hour=0, minute=0)
        day_s = int(midnight.timestamp())
        if self._past_stays is None or self._past_stays[0] != day_s:
            from_s = day_s - HISTORY_DAYS * 86400
            try:
                found = sessions_of(self.recorded, self.stays, self.site, from_s, inputs.start_s)
            except StorageError:
                return ()  # as without a history
            self._past_stays = day_s, found
        return self._past_stays[1]

    def _closed_peaks_w(self) -> tuple[float, ...]:
        account = self._cycle.account
        running = account.month()
        if running is None:
            return ()
        number = 12 * running.month.year + running.month.month - 1
        return tuple(entry.peak_w for entry in account.ledger if entry.number < number)

    def situation(
        self, inputs: Inputs, now_s: float, cars: Mapping[str, CarWish], stays: tuple[StayThen, ...] = ()
    ) -> Situation:
        """What the planner is told."""
        site, memory, board = self.site, self._cycle.memory, self._cycle.board
        picture = self._cycle.picture
        found = []
        for point in site.charge_points:
            if point.id in cars:
                found.append(cars[point.id])
                continue
            remembered = memory.points[point.id]
            if not remembered.plugged:
                continue
            wish = board.wishes.get(point.id, Wish(charge_point_id=point.id))
            found.append(
                car_wish(
                    site,
                    point,
                    remembered,
                    wish,
                    taken_kwh=self.taken_kwh(point.id),
                    start_s=inputs.start_s,
                    steps=STEPS,
                )
            )
        behind = inputs.behind
        return Situation(
            now_s=now_s,
            start_s=inputs.start_s,
            zone=site.time_zone,
            house_start_s=inputs.house_start_s,
            house_w=inputs.house_w,
            sun_w=inputs.sun_w,
            import_price=inputs.axis_import[behind:],
            export_price=inputs.axis_export[behind:],
            known_steps=_known(inputs.price_known[behind:]),
            stays=stays,
            closed_peaks_w=self._closed_peaks_w(),
            points=len(site.charge_points),
            import_limit_w=self.import_limit_w(),
            goal_w=self.goal_w(inputs),
            peak=inputs.peak,
            batteries=self._batteries(picture),
            cars=tuple(found),
            time_limit_s=SOLVE_S,
            sky=inputs.sky.sky,
            used=self.night.used,
            model_path=self.night.model_path,
        )

    def goal_w(self, inputs: Inputs) -> float | None:
        """What the fast loop keeps quarter-hours under, whatever it costs."""
        settings = self.site.root.quarter
        if settings is None or settings.follow in {"none", "plan"}:
            return None
        if settings.follow == "fixed":
            return settings.fixed_w
        return max(inputs.peak.so_far_w, settings.floor_w)

    def import_limit_w(self) -> float:
        """What the connection carries over its phases together."""
        root = self.site.root
        limit = sum(root.limit_a) * NOMINAL_VOLTAGE_V
        contract = root.contract_w
        return limit if contract is None else min(limit, contract)

    def taken_kwh(self, point_id: str) -> float:
        """What the car at a charge point has taken so far."""
        picture = self._cycle.picture
        reading = None if picture is None else picture.charge_points.get(point_id)
        return session_kwh(
            None if reading is None else reading.energy_kwh, self._cycle.memory.points[point_id]
        )

    def _stored(self, battery: Battery, picture: Picture | None) -> Stored | None:
        """What a battery holds for sure; None where it never said."""
        told = None if picture is None else picture.batteries.get(battery.id)
        if picture is None or told is None or told.soc_pct is None:
            return None
        remembered = (self._cycle.memory.batteries or {}).get(battery.id)
        gives_w = battery.discharge_w if remembered is None else remembered.giving_w(battery)
        return stored(battery, told.soc_pct, picture.now_s - told.at_s, gives_w)

    def _silent_notes(self) -> tuple[Reason, ...]:
        found = ((b, self._stored(b, self._cycle.picture)) for b in self.site.batteries)
        return tuple(
            reason(
                "note_battery_silent",
                name=b.name,
                age_min=round(s.age_s / 60.0),
                sure_kwh=round(s.sure_kwh, 1),
            )
            for b, s in found
            if s is not None and s.age_s > SILENT_S
        )

    def _batteries(self, picture: Picture | None) -> tuple[BatteryTask, ...]:
        out = []
        for battery in self.site.batteries:
            stored = self._stored(battery, picture)
            if stored is None:
                continue  # nobody knows how full it is: it goes by rules
            out.append(
                BatteryTask(
                    id=battery.id,
                    capacity_kwh=battery.capacity_kwh * battery.max_soc_pct / 100.0,
                    soc_kwh=stored.sure_kwh,
                    min_soc_kwh=battery.capacity_kwh
                    * max(battery.min_soc_pct, battery.reserve_soc_pct)
                    / 100.0,
                    charge_w=battery.charge_w,
                    discharge_w=battery.discharge_w,
                    charge_efficiency=battery.charge_efficiency,
                    discharge_efficiency=battery.discharge_efficiency,
                    wear_eur_per_kwh=battery.wear_eur_per_kwh,
                )
            )
        return tuple(out)

    def _say(self, why: Reason, level: Level) -> None:
        self._tell(Message(at_s=self._clock.monotonic_s(), level=level, device_id="planner", reason=why))


def _known(flags: tuple[bool, ...]) -> int:
    """How many steps from the first on have the market's own price."""
    return next((step for step, known in enumerate(flags) if not known), len(flags))
