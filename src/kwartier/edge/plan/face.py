"""The planner as the web sees it (`web.plan.PlanSite`): the plan's document, goals, overrides, previews."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from kwartier.control.memory import PointMemory
from kwartier.control.wishes.claims import user
from kwartier.edge.cycle import Cycle
from kwartier.edge.plan import document as doc
from kwartier.edge.plan.asked import wished
from kwartier.edge.plan.child import PlannerDown
from kwartier.edge.plan.inputs import STEPS, about_sun, spoken
from kwartier.edge.plan.made import Made
from kwartier.edge.plan.planner import SitePlanner
from kwartier.edge.plan.savings import Saved
from kwartier.edge.plan.wishes import car_of, car_wish, least_w, level_pct, most_w, usual_car, wanted
from kwartier.edge.views.moments import iso
from kwartier.edge.views.snapshot import Document, words
from kwartier.planning.situation import STEP_S, CarWish
from kwartier.site.agenda import HELD_S, Wanted
from kwartier.site.clock import Clock
from kwartier.site.goals import CarFacts, Goal
from kwartier.site.modes import mode_of, still_ahead
from kwartier.site.reasons import LANGUAGES, Reason, reason
from kwartier.site.setpoints import Message, Override, Wish
from kwartier.site.topology import ChargePoint
from kwartier.web.plan import Unfit
from kwartier.web.plan_schemas import GoalChange, OverrideChange

SUMMARY_S = 3.0
NEGLIGIBLE_KWH = 0.1


class PlanFace:
    """Answers the web. Everything it changes is a wish on the blackboard."""

    def __init__(
        self,
        planner: SitePlanner,
        cycle: Cycle,
        clock: Clock,
        saved: Saved,
        *,
        tell: Callable[[Message], None],
        keep: Callable[[bool], None],
        notes: Sequence[Reason] = (),
    ) -> None:
        """`notes`: what is told with each plan (a demonstration's past is made up)."""
        self._planner = planner
        self._cycle = cycle
        self._clock = clock
        self._saved = saved
        self._tell = tell
        self._keep = keep
        self._notes = tuple(notes)
        self._site = cycle.site
        self._zone = ZoneInfo(cycle.site.time_zone)
        self._names = {p.id: p.name for p in self._site.charge_points} | {
            b.id: b.name for b in self._site.batteries
        }
        self._changes = 0
        self._changed_s: dict[str, float] = {}
        """UTC: when a wish was changed here; plans from before say nothing about it."""
        self._summary: tuple[tuple[float, int, int, str], Document] | None = None

    # -- the plan ------------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """`planned`, `waiting`, `stale` or `failed`."""
        made = self._planner.made
        if made is not None and self._clock.utc_s() < made.valid_until_s:
            return "planned"
        if self._planner.failing is not None:
            return "failed"
        return "waiting" if made is None else "stale"

    def summary(self) -> Document:
        """The plan in the live state; made anew every few cycles."""
        key = (self._clock.monotonic_s() // SUMMARY_S, self._changes, id(self._planner.made), self.status)
        if self._summary is None or self._summary[0] != key:
            self._summary = (key, self._summarised())
        return self._summary[1]

    def _summarised(self) -> Document:
        made = self._planner.made
        shown = ("mode", "target", "unit", "due", "finish", "missing_kwh")
        return {
            "status": self.status,
            "version": None if made is None else str(made.number),
            "goals": {g["charge_point_id"]: {k: g[k] for k in shown} for g in self.goals()},
        }

    async def plan(self) -> Document:
        """The newest plan."""
        now_s, made, zone = self._clock.utc_s(), self._planner.made, self._zone
        next_s = self._planner.next_s
        out: Document = {
            "at": iso(now_s, zone),
            "status": self.status,
            "version": None,
            "made_at": None,
            "age_s": None,
            "valid_until": None,
            "next_at": None if next_s is None else iso(max(next_s, now_s), zone),
            "cause": None,
            "proven": None,
            "gap_eur": None,
            "solve_s": None,
            "notes": [words(n) for n in self._notes],
            "prices": {"source": None, "age_s": None, "known_until": None, "tariff": None},
            "axis": None,
            "blocks": [],
            "goals": self.goals(),
            "violations": [],
            "cost": None,
            "peak": None,
        }
        if made is None:
            return out
        inputs, answer = made.inputs, made.answer
        overrides = {i: w.overrides for i, w in self._cycle.board.wishes.items()}
        peak = made.situation.peak
        return out | {
            "version": str(made.number),
            "made_at": iso(made.made_s, zone),
            "age_s": round(max(0.0, now_s - made.made_s), 1),
            "valid_until": iso(made.valid_until_s, zone),
            "cause": words(made.cause),
            "proven": answer.status,
            "gap_eur": answer.gap_eur,
            "solve_s": answer.solve_s,
            "notes": [words(n) for n in (*inputs.notes, *about_sun(inputs, answer.sun.basis), *self._notes)],
            "prices": {
                "source": inputs.price_source,
                "age_s": inputs.price_age_s,
                "known_until": None if inputs.known_until_s is None else iso(inputs.known_until_s, zone),
                "tariff": inputs.tariff_name,
            },
            "axis": doc.axis(made, self._names, self._cars(made, now_s), now_s),
            "blocks": [b for b in doc.block_rows(made, self._names, overrides, zone) if b["end_s"] > now_s],
            "violations": doc.broken(made, self._names, zone),
            "cost": doc.costs(made),
            "peak": {
                "planned_w": answer.peak_w,
                "so_far_w": peak.so_far_w or None,
                "eur_per_kw": peak.eur_per_kw or None,
            },
        }

    def _cars(self, made: Made, now_s: float) -> dict[str, tuple[CarFacts, float | None, int]]:
        """Of each car what is known, its level, and for how many measured steps it has been there."""
        out = {}
        for car_id in made.answer.cars_w:
            remembered, wish = self._cycle.memory.points[car_id], self._wish(car_id)
            facts = car_of(wish, usual_car(self._site, remembered))
            plugged = 0
            if remembered.plugged and remembered.session_s is not None:
                there_s = self._clock.monotonic_s() - remembered.session_s
                plugged = min(made.inputs.behind, int(there_s // STEP_S))
            out[car_id] = (facts, level_pct(facts, self._planner.taken_kwh(car_id)), plugged)
        return out

    # -- goals ---------------------------------------------------------------------------------------------

    def goals(self, *, private: bool = False) -> list[Document]:
        """Of each charge point; with `private` what only those who are logged in may know."""
        return [self._goal(point, private) for point in self._site.charge_points]

    def _goal(self, point: ChargePoint, private: bool) -> Document:
        remembered, wish = self._cycle.memory.points[point.id], self._wish(point.id)
        made, zone = self._planner.made, self._zone
        facts = car_of(wish, usual_car(self._site, remembered))
        taken = self._planner.taken_kwh(point.id)
        now_s = self._clock.utc_s()
        found = wanted(self._site, remembered, wish, self._planner.agenda(point), now_s, zone)
        goal: Goal | None = None if found is None else found.goal
        mode = mode_of(point, user(self._site, remembered), wish)
        out: Document = {
            "charge_point_id": point.id,
            "name": point.name,
            "mode": mode,
            "plugged": remembered.plugged,
            "set": goal is not None,
            "target": None if goal is None else goal.amount,
            "unit": None if goal is None else goal.unit,
            "at": None,
            "weekdays": [] if goal is None or goal.once_s is not None else list(goal.weekdays),
            "on": None,
            "style": wish.style,
            "at_once": None if wish.minimum_kwh is None else round(wish.minimum_kwh, 2),
            "battery_kwh": facts.battery_kwh,
            "kwh_per_100km": facts.kwh_per_100km,
            "level_pct": None if (level := level_pct(facts, taken)) is None else round(level, 1),
            "due": None if found is None else iso(found.due_s, zone),
            "origin": None if found is None else found.origin,
            "event": None if found is None or not private else _event(found, zone),
            "calendar": self._calendar(point, private),
            "needs_kwh": None,
            "planned_kwh": None,
            "missing_kwh": None,
            "finish": None,
            "cost_eur": None,
            "overrides": self._shown(wish),
        }
        if found is not None:
            out["at"] = iso(found.due_s, zone)[11:16]
            if found.goal.once_s is not None:
                out["on"] = iso(found.due_s, zone)[:10]
        if not remembered.plugged or wish.needs_kwh is None:
            return out
        out["needs_kwh"] = round(max(0.0, wish.needs_kwh - taken), 2)
        if made is None or point.id not in made.answer.cars_w:
            return out
        if made.made_s < self._changed_s.get(point.id, 0.0):
            return out
        car = next(c for c in made.situation.cars if c.id == point.id)
        missing = made.answer.missing_kwh.get(point.id, 0.0)
        finish = doc.finish_s(made, point.id, car.needs_kwh) if missing < NEGLIGIBLE_KWH else None
        return out | {
            "planned_kwh": round(car.needs_kwh - missing, 2),
            "missing_kwh": round(missing, 2) if missing >= NEGLIGIBLE_KWH else 0.0,
            "finish": None if finish is None else iso(finish, zone),
            "cost_eur": doc.cost_eur(made, point.id),
        }

    def _calendar(self, point: ChargePoint, private: bool) -> Document | None:
        standing = self._planner.standing(point)
        if standing is None:
            return None
        read_s = standing.read_s
        return {
            "state": standing.state,
            "read_at": None if read_s is None else iso(read_s, self._zone),
            "until": None if read_s is None else iso(read_s + HELD_S, self._zone),
            "problem": standing.problem if private else None,
            "faults": list(standing.faults) if private else [],
        }

    def set_goal(self, charge_point_id: str, asked: GoalChange) -> None:
        """Take a mode, a goal or both."""
        point = self._point(charge_point_id)
        new = self._wished(point, asked)
        self._put(new)
        if asked.target is not None and new.departs_s is not None:
            told = reason(
                "goal_set",
                name=point.name,
                target=f"{asked.target:g} {_UNITS[asked.unit]}",
                time=spoken(new.departs_s, self._clock.utc_s(), self._zone),
            )
        else:
            told = reason(f"wish_{new.mode or 'fast'}", name=point.name)
        self._say(told, charge_point_id)

    def _wished(self, point: ChargePoint, asked: GoalChange) -> Wish:
        remembered = self._cycle.memory.points[point.id]
        if asked.target is not None and asked.mode is None:
            asked = asked.model_copy(update={"mode": "smart"})
        return wished(
            self._wish(point.id),
            asked,
            now_s=self._clock.utc_s(),
            zone=self._zone,
            taken_kwh=self._planner.taken_kwh(point.id),
            usual=usual_car(self._site, remembered),
        )

    def remove_goal(self, charge_point_id: str) -> None:
        """Forget it; the mode stays."""
        point = self._point(charge_point_id)
        wish = self._wish(charge_point_id)
        self._put(replace(wish, goal=None, departs_s=None, needs_kwh=None, minimum_kwh=None, by=None))
        self._say(reason("goal_removed", name=point.name), charge_point_id)

    async def preview(self, charge_point_id: str, asked: GoalChange) -> Document:
        """What it would come to, by a real plan that nobody follows."""
        point = self._point(charge_point_id)
        remembered = self._cycle.memory.points[point.id]
        if asked.target is None:
            raise Unfit(reason("goal_no_time"))
        wish = self._wished(point, asked.model_copy(update={"mode": "smart"}))
        now_s = self._clock.utc_s()
        taken = self._planner.taken_kwh(point.id)
        car = self._car_wish(point, remembered, wish, taken, now_s)
        due_s = wish.departs_s if wish.departs_s is not None else now_s
        out: Document = {
            "due": iso(due_s, self._zone),
            "needs_kwh": car.needs_kwh,
            "planned_kwh": 0.0,
            "missing_kwh": 0.0,
            "finish": None,
            "cost_eur": None,
            "at_once_eur": None,
            "blocks": [],
            "warnings": [],
        }
        warnings = [] if remembered.plugged else [("not_plugged", reason("warn_not_plugged"))]
        try:
            made = await self._planner.make("plan_wish", {point.id: car})
            at_once = await self._planner.make("plan_wish", {point.id: replace(car, mode="fast", fixed=())})
        except PlannerDown:
            return out | {"warnings": [_warned("no_plan", reason("warn_no_plan"))]}
        missing = made.answer.missing_kwh.get(point.id, 0.0)
        finish = doc.finish_s(made, point.id, car.needs_kwh)
        warnings += self._warnings(made, car, missing, due_s, now_s)
        return out | {
            "planned_kwh": round(car.needs_kwh - missing, 2),
            "missing_kwh": round(missing, 2) if missing >= NEGLIGIBLE_KWH else 0.0,
            "finish": None if finish is None or missing >= NEGLIGIBLE_KWH else iso(finish, self._zone),
            "cost_eur": doc.cost_eur(made, point.id),
            "at_once_eur": doc.cost_eur(at_once, point.id),
            "blocks": [
                b
                for b in doc.block_rows(made, self._names, {point.id: wish.overrides}, self._zone)
                if b["device_id"] == point.id
            ],
            "warnings": [_warned(code, why) for code, why in warnings],
        }

    def _warnings(
        self, made: Made, car: CarWish, missing: float, due_s: float, now_s: float
    ) -> list[tuple[str, Reason]]:
        out: list[tuple[str, Reason]] = []
        due = spoken(due_s, now_s, self._zone)
        possible = car.due_step * car.max_w * STEP_S / 3.6e6
        if missing >= NEGLIGIBLE_KWH:
            got = round(car.needs_kwh - missing, 1)
            out.append(
                (
                    "unreachable",
                    reason("warn_unreachable", missing_kwh=round(missing, 1), time=due, planned_kwh=got),
                )
            )
            if possible > car.needs_kwh:
                out.append(("above_limit", reason("warn_above_limit")))
        known_s = made.inputs.known_until_s
        if known_s is None:
            out.append(("beyond_prices", reason("warn_no_prices")))
        elif due_s > known_s:
            out.append(
                ("beyond_prices", reason("warn_beyond_prices", time=spoken(known_s, now_s, self._zone)))
            )
        peak = made.situation.peak
        above_kw = (made.answer.peak_w - max(peak.so_far_w, peak.floor_w)) / 1000.0
        if above_kw > NEGLIGIBLE_KWH and peak.eur_per_kw:
            cost = f"{self._site.currency} {above_kw * peak.eur_per_kw:.2f}"
            peak_kw = round(made.answer.peak_w / 1000.0, 1)
            out.append(("new_peak", reason("warn_new_peak", peak_kw=peak_kw, cost=cost)))
        return out

    def _car_wish(
        self, point: ChargePoint, remembered: PointMemory, wish: Wish, taken: float, now_s: float
    ) -> CarWish:
        start_s = int(now_s // STEP_S) * STEP_S
        return car_wish(self._site, point, remembered, wish, taken_kwh=taken, start_s=start_s, steps=STEPS)

    # -- overrides -----------------------------------------------------------------------------------------

    def override(self, asked: OverrideChange) -> list[Document]:
        """Fix a slot, or shift what is planned."""
        point = self._point(asked.charge_point_id)
        now_s = self._clock.utc_s()
        from_s, to_s = (round(at.timestamp() / STEP_S) * STEP_S for at in (asked.start, asked.end))
        if to_s <= from_s or to_s + asked.shift_s <= now_s:
            raise Unfit(reason("override_past"))
        end_s = int(now_s // STEP_S + STEPS) * STEP_S
        if to_s + asked.shift_s > end_s:
            raise Unfit(reason("override_beyond_plan", time=spoken(end_s, now_s, self._zone)))
        wish = self._wish(point.id)
        power_w = asked.power_w
        if power_w is None:
            power_w = self._planned_w(point, wish, from_s, to_s)
        elif power_w > most_w(point) + 1.0:
            raise Unfit(reason("override_above", name=point.name, most_kw=round(most_w(point) / 1000, 1)))
        elif 0 < power_w < least_w(point) - 1.0:
            raise Unfit(reason("override_below", least_kw=round(least_w(point) / 1000, 1)))
        to = (from_s + asked.shift_s, to_s + asked.shift_s)
        kept = [o for o in wish.overrides if not (o.from_s < to_s and from_s < o.to_s)]
        kept = [o for o in kept if not (o.from_s < to[1] and to[0] < o.to_s)]
        slots = [Override(from_s=max(to[0], int(now_s // STEP_S) * STEP_S), to_s=to[1], power_w=power_w)]
        if asked.shift_s:
            slots += [
                Override(from_s=a, to_s=b, power_w=0.0) for a, b in _rest((from_s, to_s), to) if b > now_s
            ]
        self._put(replace(wish, overrides=tuple(sorted((*kept, *slots), key=lambda o: o.from_s))))
        return self._shown(self._wish(point.id))

    def _planned_w(self, point: ChargePoint, wish: Wish, from_s: float, to_s: float) -> float:
        held = next((o for o in wish.overrides if o.power_w and o.from_s < to_s and from_s < o.to_s), None)
        if held is not None and held.power_w:
            return held.power_w
        made = self._planner.made
        power = () if made is None else made.answer.cars_w.get(point.id, ())
        start_s = 0 if made is None else made.situation.start_s
        found = [w for i, w in enumerate(power) if from_s <= start_s + i * STEP_S < to_s and w > 0]
        if not found:
            raise Unfit(reason("override_nothing"))
        return min(most_w(point), max(least_w(point), sum(found) / len(found)))

    def give_back(self, charge_point_id: str, override_id: str) -> list[Document]:
        """End one override, `all` every one."""
        self._point(charge_point_id)
        wish = self._wish(charge_point_id)
        known = {doc.override_id(o) for o in wish.overrides}
        if override_id != "all" and override_id not in known:
            raise KeyError(f"There is no override {override_id!r}; it may have given itself back.")
        if override_id == "all":
            self._put(replace(wish, overrides=()))
            return []
        gone = next(o for o in wish.overrides if doc.override_id(o) == override_id)
        # The pause that a shift left behind goes with what was shifted, when nothing else is fixed.
        rest = tuple(o for o in wish.overrides if o is not gone)
        if not any(o.power_w for o in rest):
            rest = ()
        self._put(replace(wish, overrides=rest))
        return self._shown(self._wish(charge_point_id))

    def _shown(self, wish: Wish) -> list[Document]:
        return [
            {
                "id": doc.override_id(o),
                "start": iso(o.from_s, self._zone),
                "end": iso(o.to_s, self._zone),
                "power_w": 0.0 if o.power_w is None else o.power_w,
            }
            for o in still_ahead(wish.overrides, self._clock.utc_s())
        ]

    # -- savings and forecasts -----------------------------------------------------------------------------

    async def savings(self) -> Document:
        """With and without Kwartier."""
        return await self._saved.document(self._clock.utc_s())

    async def forecasts(self) -> Document:
        """Forecasts against what came, as the last night reckoned them."""
        notes = [words(n) for n in self._notes]
        made, night = self._planner.made, self._planner.night
        if made is not None:
            notes += [words(n) for n in about_sun(made.inputs, made.answer.sun.basis)]
        scores = [] if night.judged is None else [doc.scored(s) for s in night.judged.scores.scores]
        if night.failing is not None:
            notes.append(words(reason("planner_failed", what=f"{night.failing}.")))
        elif not night.ran:
            notes.append(words(reason("forecast_soon")))
        elif not scores:
            notes.append(words(reason("forecast_no_days")))
        return {"scores": scores, "notes": notes}

    # -- helpers -------------------------------------------------------------------------------------------

    def _point(self, charge_point_id: str) -> ChargePoint:
        try:
            return self._site.charge_point[charge_point_id]
        except KeyError:
            raise KeyError(f"There is no charge point {charge_point_id!r}.") from None

    def _wish(self, charge_point_id: str) -> Wish:
        return self._cycle.board.wishes.get(charge_point_id, Wish(charge_point_id=charge_point_id))

    def _put(self, wish: Wish) -> None:
        self._cycle.board.wish(wish)
        self._changes += 1
        self._changed_s[wish.charge_point_id] = self._clock.utc_s()
        self._keep(True)
        self._cycle.nudge()
        self._planner.nudge("plan_wish")

    def _say(self, why: Reason, charge_point_id: str) -> None:
        self._tell(
            Message(at_s=self._clock.monotonic_s(), level="info", device_id=charge_point_id, reason=why)
        )


_UNITS = {"pct": "%", "kwh": "kWh", "km": "km"}


def _event(found: Wanted, zone: ZoneInfo) -> Document | None:
    """The event behind a calendar's goal."""
    departure = found.departure
    if departure is None:
        return None
    return {"title": departure.title, "at": iso(departure.starts_s, zone)}


def _warned(code: str, why: Reason) -> Document:
    return {"code": code, **{language: why.text(language) for language in LANGUAGES}}


def _rest(old: tuple[float, float], new: tuple[float, float]) -> list[tuple[float, float]]:
    """What of a slot is left free when it moves."""
    parts = [(old[0], min(old[1], new[0])), (max(old[0], new[1]), old[1])]
    return [(a, b) for a, b in parts if b > a]
