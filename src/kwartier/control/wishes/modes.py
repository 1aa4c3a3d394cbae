"""Modes in a step: what off, sun and smart take from the demands. `fast` is as it always was.

Modes only take: a demand becomes smaller, or nothing with a reason. Limits and the allocation never hear of them. A car
that can reach its need only by charging on (`claims.look_ahead`) is given all, whatever its mode and the plan say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kwartier.control.chargers.points import Demand
from kwartier.control.memory import Memory, PointMemory
from kwartier.control.site_flow import drawn_w
from kwartier.control.wishes import claims, sun
from kwartier.control.wishes.advice import Now, at, begin_s, clock, in_force
from kwartier.control.wishes.price_rules import by_rules
from kwartier.control.work import Work
from kwartier.safety.power import Volts, volts
from kwartier.site.modes import mode_of, override_at
from kwartier.site.once import once_per_site
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Mode, Override, Picture
from kwartier.site.topology import ChargePoint, Site
from kwartier.site.units import W_PER_KW

LEAST_PART = 0.5
"""A plan of less than this part of the minimum is none."""
WORTH_PART = 0.1
"""What is left over beyond a plan is worth taking from this part of the minimum on."""


@dataclass(frozen=True, slots=True)
class _Step:
    """What the parts of this file hand round."""

    work: Work
    memory: Memory
    picture: Picture
    u: Volts
    plan: Now | None
    modes: Mapping[str, Mode]
    """Of those that ask and whose mode is not fast."""

    def watts(self, point: ChargePoint, current_a: float) -> float:
        return current_a * self.u.likely_v * len(self.work.phases[point.id])

    def drawn_w(self, points: Sequence[ChargePoint]) -> float:
        at_s = self.memory.flow.at_s if self.memory.flow is not None else self.work.now_s
        return sum(drawn_w(self.work.points[p.id], at_s, self.u) for p in points)


@once_per_site
def _usual(site: Site) -> bool:
    """Whether any place or user has another mode than fast by default."""
    return any(p.mode != "fast" for p in site.charge_points) or any(
        u.mode not in {None, "fast"} for u in site.users
    )


def play_a_part(site: Site, picture: Picture) -> bool:
    """Whether anybody may have another mode than fast."""
    return _usual(site) or any(
        w.mode not in {None, "fast", "off"} or w.overrides for w in picture.wishes.values()
    )


def restrain(work: Work, memory: Memory, picture: Picture) -> None:
    """Take from `work.demands` and `work.candidates` what modes take. `memory`: with the flow of this step."""
    modes, out = _modes(work, picture)
    if not modes and not out:
        return
    reading = picture.meters.get(work.site.root.meter or "")
    u = volts(None if reading is None else reading.voltage_v, three_wire=work.site.three_wire)
    step = _Step(work, memory, picture, u, in_force(picture), modes)
    asking = [p for p in work.candidates if p.id in modes]
    found: dict[str, Demand] = dict(out)
    sunny = [p for p in asking if modes[p.id] == "sun"]
    for point in asking:
        if modes[point.id] == "smart":
            found[point.id] = asked = _smart(step, point)
            if asked.max_a <= 0 and _better_fed_in(step, point):
                sunny.append(point)
            else:
                _not_on_the_sun(work.points[point.id])
    shared = _sunny(step, sunny)
    found.update({i: asked for i, asked in shared.items() if modes[i] == "sun" or asked.max_a > 0})
    work.demands.update(found)
    work.candidates = [p for p in work.candidates if work.demands[p.id].max_a > 0]


def _modes(work: Work, picture: Picture) -> tuple[dict[str, Mode], dict[str, Demand]]:
    """The modes of those who ask and do not charge fast; and what slots that a person took over ask."""
    modes: dict[str, Mode] = {}
    found: dict[str, Demand] = {}
    zone = work.site.time_zone
    for point in work.candidates:
        draft, wish = work.points[point.id], picture.wishes.get(point.id)
        who = claims.user(work.site, draft)
        mode: Mode = mode_of(point, who, wish)
        slot = override_at(wish, picture.utc_s)
        if slot is not None and slot.power_w is not None:
            found[point.id] = _slot(work, point, slot, zone)
        elif slot is not None and slot.mode is not None:
            mode = slot.mode
        if mode == "off" and point.id not in found:
            found[point.id] = Demand(0.0, reason("off_by_user"))
        if point.id in found or mode == "fast" or draft.urgent:
            _not_on_the_sun(draft)
            continue
        minimum_kwh = None if who is None else who.minimum_kwh
        if wish is not None and wish.minimum_kwh is not None:
            minimum_kwh = wish.minimum_kwh
        if minimum_kwh is not None and draft.charged_kwh is not None and draft.charged_kwh < minimum_kwh:
            _not_on_the_sun(draft)
            why = reason("minimum_first", minimum_kwh=float(minimum_kwh))
            found[point.id] = _less(work, point, work.demands[point.id].max_a, why)
            continue
        modes[point.id] = mode
    return modes, found


def _not_on_the_sun(draft: PointMemory) -> None:
    if draft.sun is not None:
        draft.sun = None


def _slot(work: Work, point: ChargePoint, slot: Override, zone: str) -> Demand:
    """What a person said for this slot of the plan: his word goes before the plan's and the car's departure."""
    until, power_w = clock(slot.to_s, zone), slot.power_w or 0.0
    if power_w <= 0:
        return Demand(0.0, reason("override_waits", until=until))
    current_a = power_w / volts(None).likely_v / len(work.phases[point.id])
    return _less(
        work,
        point,
        max(point.min_a, current_a),
        reason("override_power", power_kw=round(power_w / W_PER_KW, 1), until=until),
    )


def _less(work: Work, point: ChargePoint, current_a: float, why: Reason) -> Demand:
    """At most that, and never more than it asked; what binds is said."""
    asked = work.demands[point.id]
    if current_a > asked.max_a or (current_a == asked.max_a and asked.why.code != "charger_max"):
        return asked
    return Demand(current_a, why)


# -- smart ---------------------------------------------------------------------------------------------------


def _smart(step: _Step, point: ChargePoint) -> Demand:
    """By the plan where it is in force and knows this car, else by rules."""
    work, now = step.work, step.plan
    planned_w = None if now is None else now.power_w(now.advice.points_w, point.id)
    if now is None or planned_w is None:
        return _ruled(step, point)
    if _new(step, point, now):
        return _less(work, point, work.demands[point.id].max_a, reason("plan_new_car"))
    min_w = step.watts(point, point.min_a)
    until = clock(now.end_s, work.site.time_zone)
    if planned_w < LEAST_PART * min_w:
        return Demand(0.0, _why_wait(step, point, now))
    figures = {"plan_kw": round(planned_w / W_PER_KW, 1)}
    why = reason("plan_charges", until=until, **figures)
    extra_w = _extra_w(step, point, planned_w, now)
    if extra_w > WORTH_PART * min_w:
        planned_w += extra_w
        why = reason("plan_more", until=until, extra_kw=round(extra_w / W_PER_KW, 1), **figures)
    return _less(work, point, max(point.min_a, planned_w / step.watts(point, 1.0)), why)


def _new(step: _Step, point: ChargePoint, now: Now) -> bool:
    """Whether its car came after the plan was made."""
    session_s = step.work.points[point.id].session_s
    if session_s is None:
        return False  # as far back as this run has seen, it was there
    return step.picture.utc_s - (step.work.now_s - session_s) > now.advice.made_s


def _ruled(step: _Step, point: ChargePoint) -> Demand:
    """No plan says what it is to do."""
    work, picture = step.work, step.picture
    draft, wish = work.points[point.id], picture.wishes.get(point.id)
    asked = work.demands[point.id]
    need = claims.need_of(work.site, draft, point, wish, picture.utc_s)
    departs_s = claims.departure_s(draft, wish, picture.utc_s)
    most_w = step.watts(point, asked.max_a)
    ruled = by_rules(need, departs_s, picture.advice, picture.utc_s, most_w, work.site.time_zone)
    current_a = ruled.power_w / step.watts(point, 1.0)
    if current_a <= 0 and draft.granted_a <= 0:
        return Demand(0.0, ruled.why)
    return _less(work, point, max(point.min_a, current_a), ruled.why)


def _why_wait(step: _Step, point: ChargePoint, now: Now) -> Reason:
    """Until when, and what it saves."""
    series, zone = now.advice.points_w[point.id], step.work.site.time_zone
    least_w = LEAST_PART * step.watts(point, point.min_a)
    later = next((s for s in range(now.step + 1, len(series)) if (at(series, s) or 0.0) >= least_w), None)
    if later is None:
        return reason("plan_done")
    until = clock(begin_s(now.advice, later), zone)
    then, this = at(now.advice.import_price, later), now.import_price
    if then is None or this is None or not then < this:
        return reason("plan_waits_until", until=until)
    return reason("plan_waits", until=until, then_cents=round(100 * then, 1), now_cents=round(100 * this, 1))


def _extra_w(step: _Step, point: ChargePoint, planned_w: float, now: Now) -> float:
    """Its part of what the site takes less from the grid than was planned."""
    flow, grid_w, site = step.memory.flow, now.grid_w, step.work.site
    if flow is None or grid_w is None:
        return 0.0
    smart = [site.charge_point[i] for i, mode in step.modes.items() if mode == "smart"]
    planned = {p.id: now.power_w(now.advice.points_w, p.id) or 0.0 for p in smart}
    others = [p for p in site.charge_points if p.id not in planned]
    cells_w = sum(m.newest_w for m in (step.memory.batteries or {}).values() if not m.unheard)
    under_w = grid_w - (flow.rest_w + step.drawn_w(others) + cells_w) - sum(planned.values())
    return max(0.0, under_w) * planned_w / max(1.0, sum(planned.values()))


def _better_fed_in(step: _Step, point: ChargePoint) -> bool:
    """Whether a car that waits for a later hour should take the sun that nobody foresaw: it earns less now than it
    saves then."""
    now = step.plan
    if now is None or now.export_price is None:
        return False
    series = now.advice.points_w.get(point.id, ())
    prices = [
        price
        for s in range(now.step + 1, len(series))
        if (at(series, s) or 0.0) > 0 and (price := at(now.advice.import_price, s)) is not None
    ]
    return bool(prices) and now.export_price < min(prices)


# -- sun -----------------------------------------------------------------------------------------------------


def _sunny(step: _Step, points: Sequence[ChargePoint]) -> dict[str, Demand]:
    """Share what is left over."""
    if not points:
        return {}
    work, flow = step.work, step.memory.flow
    left_w = -1.0
    if flow is not None:
        ids = {p.id for p in points}
        left_w = -flow.rest_w - step.drawn_w([p for p in work.site.charge_points if p.id not in ids])
        left_w -= _to_batteries_w(step, left_w)
    asking = [
        sun.Asks(
            id=p.id,
            min_w=step.watts(p, p.min_a),
            max_w=step.watts(p, work.demands[p.id].max_a),
            priority=claims.rank(work.site, p, work.points[p.id])[0],
        )
        for p in points
    ]
    parts = sun.share(asking, {p.id: work.points[p.id].sun for p in points}, left_w, work.now_s)
    out: dict[str, Demand] = {}
    for point, asks in zip(points, asking, strict=True):
        part = parts[point.id]
        work.points[point.id].sun = part.memory
        why = _sun_words(part, asks) if flow is not None else reason("sun_unknown")
        if part.power_w <= 0:
            out[point.id] = Demand(0.0, why)
        else:
            out[point.id] = _less(work, point, max(point.min_a, part.power_w / step.watts(point, 1.0)), why)
    return out


def _to_batteries_w(step: _Step, left_w: float) -> float:
    """What batteries that go first take of the sun."""
    cells = step.work.cells
    if cells is None or left_w <= 0:
        return 0.0
    first_w = 0.0
    for battery in step.work.site.batteries:
        memory = cells.memory[battery.id]
        soc_pct = memory.soc_pct
        if not memory.unheard and soc_pct is not None and soc_pct < battery.first_soc_pct and not memory.full:
            first_w += memory.charge_w
    return min(first_w, left_w)


def _sun_words(part: sun.Part, asks: sun.Asks) -> Reason:
    surplus_kw, need_kw = round(part.left_w / W_PER_KW, 1), round(asks.min_w / W_PER_KW, 1)
    if part.memory.on and part.in_s is not None:
        return reason("sun_stops_in", surplus_kw=surplus_kw, need_kw=need_kw, in_s=round(part.in_s))
    if part.memory.on:
        return reason("sun_charges", surplus_kw=surplus_kw)
    if part.in_s is not None:
        return reason("sun_starts_in", surplus_kw=surplus_kw, in_s=round(part.in_s))
    return reason("sun_waits", surplus_kw=surplus_kw, need_kw=need_kw)
