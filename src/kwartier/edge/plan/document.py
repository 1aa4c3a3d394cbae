"""The newest plan in plain values, as `web.plan_schemas` describes them. Nothing is decided here."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from kwartier.edge.plan.blocks import Block, before, cost_of, finish_step, levels
from kwartier.edge.plan.made import Made
from kwartier.edge.views.moments import iso
from kwartier.edge.views.snapshot import Document, words
from kwartier.planning.situation import STEP_S, Course, Scored, Told
from kwartier.site.goals import CarFacts
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Override

FLOWS = ("grid_w", "house_w", "production_w", "chargers_w", "battery_w")
NEGLIGIBLE_KWH = 0.1


def axis(
    made: Made, names: Mapping[str, str], cars: Mapping[str, tuple[CarFacts, float | None, int]], now_s: float
) -> Document:
    """The one time axis. `cars`: of each charge point what is known of its car, its level now and for how many past steps it
    has been there."""
    inputs, situation, answer = made.inputs, made.situation, made.answer
    behind, steps = inputs.behind, situation.steps
    house, sun = answer.house, answer.sun
    chargers = [sum(power[i] for power in answer.cars_w.values()) for i in range(steps)]
    battery = [sum(power[i] for power in answer.batteries_w.values()) for i in range(steps)]
    planned: dict[str, Sequence[float | None]] = {
        "grid_w": answer.grid_w,
        "house_w": house.mid,
        "production_w": [-v for v in sun.mid],
        "chargers_w": chargers,
        "battery_w": battery,
    }
    if not answer.batteries_w:
        planned["battery_w"] = [None] * steps
    if sun.basis == "none":
        planned["production_w"] = [None] * steps
    peak = situation.peak
    paid_w = max(peak.so_far_w, peak.floor_w)
    limit_w = situation.import_limit_w
    paid_w = max(paid_w, situation.goal_w or 0.0)
    shown_limit_w = (
        limit_w if limit_w is not None and limit_w < 2.5 * max([paid_w, *answer.grid_w, 4000.0]) else None
    )
    return {
        "start_s": inputs.axis_start_s,
        "step_s": STEP_S,
        "now_s": now_s,
        "measured": {name: [*_tenths(inputs.measured[name]), *[None] * steps] for name in FLOWS},
        "planned": {name: [*[None] * behind, *_tenths(planned[name])] for name in FLOWS},
        "house_band": _band(house, behind, 1.0),
        "sun_band": _band(sun, behind, -1.0),
        "import_price": [round(p, 5) for p in inputs.axis_import],
        "export_price": [round(p, 5) for p in inputs.axis_export],
        "price_known": list(inputs.price_known),
        "marginal": [*[None] * behind, *answer.marginal_eur_per_kwh],
        "import_limit_w": [shown_limit_w] * (behind + steps),
        "peak_w": paid_w or None,
        "devices": [
            *(_car(made, i, names.get(i, i), cars.get(i)) for i in sorted(answer.cars_w)),
            *(_battery(made, i, names.get(i, i)) for i in sorted(answer.batteries_w)),
        ],
    }


def _tenths(values: Sequence[float | None]) -> list[float | None]:
    return [None if v is None else round(v, 1) for v in values]


def _band(course: Course, behind: int, sign: float) -> Document:
    nothing: list[float | None] = [None] * behind
    low, high = (course.low, course.high) if sign > 0 else (course.high, course.low)
    if course.basis == "none":
        steps: list[float | None] = [None] * len(course.mid)
        return {"low": nothing + steps, "mid": nothing + steps, "high": nothing + steps}
    return {
        "low": nothing + [sign * v for v in low],
        "mid": nothing + [sign * v for v in course.mid],
        "high": nothing + [sign * v for v in high],
    }


def _car(made: Made, car_id: str, name: str, known: tuple[CarFacts, float | None, int] | None) -> Document:
    inputs, behind, steps = made.inputs, made.inputs.behind, made.situation.steps
    measured, planned = inputs.devices.get(car_id, ()), made.answer.cars_w[car_id]
    level: list[float | None] = [None] * (behind + steps)
    capacity = None
    if known is not None:
        facts, now_pct, plugged = known
        capacity = facts.battery_kwh
        if now_pct is not None and capacity is not None:
            level = [
                *before(now_pct, measured or [None] * behind, capacity, facts.efficiency, plugged),
                *levels(now_pct, planned, capacity, facts.efficiency),
            ]
    return {
        "id": car_id,
        "name": name,
        "kind": "car",
        "measured_w": [*_tenths(measured or [None] * behind), *[None] * steps],
        "planned_w": [*[None] * behind, *_tenths(planned)],
        "capacity_kwh": capacity,
        "level_pct": level,
    }


def _battery(made: Made, battery_id: str, name: str) -> Document:
    inputs, behind, steps = made.inputs, made.inputs.behind, made.situation.steps
    task = next(b for b in made.situation.batteries if b.id == battery_id)
    alone = len(made.situation.batteries) == 1
    measured = inputs.measured["battery_w"] if alone else (None,) * behind
    now_pct = 100.0 * task.soc_kwh / task.capacity_kwh
    kept = [round(100.0 * v / task.capacity_kwh, 1) for v in made.answer.batteries_kwh[battery_id]]
    past = before(now_pct, measured, task.capacity_kwh, task.charge_efficiency, _known(measured))
    return {
        "id": battery_id,
        "name": name,
        "kind": "battery",
        "measured_w": [*_tenths(measured), *[None] * steps],
        "planned_w": [*[None] * behind, *_tenths(made.answer.batteries_w[battery_id])],
        "capacity_kwh": task.capacity_kwh,
        "level_pct": [*past, *kept],
    }


def _known(values: Sequence[float | None]) -> int:
    """How many at the end are known without a gap."""
    count = 0
    for value in reversed(values):
        if value is None:
            break
        count += 1
    return count


def block_rows(
    made: Made, names: Mapping[str, str], overrides: Mapping[str, Sequence[Override]], zone: ZoneInfo
) -> list[Document]:
    """The table by blocks."""
    return [block_row(b, made, names, overrides, zone) for b in made.blocks]


def block_row(
    block: Block,
    made: Made,
    names: Mapping[str, str],
    overrides: Mapping[str, Sequence[Override]],
    zone: ZoneInfo,
) -> Document:
    """One block."""
    begin_s = made.situation.start_s + block.first * STEP_S
    end_s = made.situation.start_s + block.last * STEP_S
    held = None
    if block.by_hand:
        mine = [
            o
            for o in overrides.get(block.device_id, ())
            if o.from_s < end_s and begin_s < o.to_s and o.power_w != 0
        ]
        held = override_id(mine[0]) if mine else None
    does = "discharges" if block.power_w < 0 else "charges" if block.kind != "load" else "runs"
    return {
        "id": f"{block.device_id}-{begin_s}",
        "device_id": block.device_id,
        "name": names.get(block.device_id, block.device_id),
        "kind": block.kind,
        "does": does,
        "start": iso(begin_s, zone),
        "end": iso(end_s, zone),
        "start_s": begin_s,
        "end_s": end_s,
        "power_w": round(block.power_w, 1),
        "energy_kwh": round(block.energy_kwh, 2),
        "price_eur_per_kwh": None if block.price is None else round(block.price, 4),
        "cost_eur": round(block.cost, 3),
        "sun_pct": None if block.sun_pct is None else round(block.sun_pct),
        "reason": None if block.why is None else words(block.why),
        "movable": block.kind == "car",
        "override_id": held,
    }


def override_id(override: Override) -> str:
    """Names an override as long as it stands."""
    return f"{int(override.from_s)}-{int(override.to_s)}"


def finish_s(made: Made, car_id: str, needs_kwh: float) -> float | None:
    """UTC: when a car has what it needs; None where the plan never gets there."""
    step = finish_step(made.answer.cars_w.get(car_id, ()), needs_kwh)
    return None if step is None else float(made.situation.start_s + step * STEP_S)


def cost_eur(made: Made, car_id: str) -> float:
    """What the plan spends on a car."""
    return round(cost_of(made.blocks, car_id, made.situation.steps), 3)


def broken(made: Made, names: Mapping[str, str], zone: ZoneInfo) -> list[Document]:
    """What the plan cannot keep; a car's goal once, with what it will have less."""
    out, told = [], set()
    for violation in made.answer.violations:
        if violation.what in {"car_goal", "at_once"}:
            if violation.id in told or made.answer.missing_kwh.get(violation.id, 0.0) < NEGLIGIBLE_KWH:
                continue
            told.add(violation.id)
        out.append(_broken(violation, made, names, zone))
    return out


def _broken(told: Told, made: Made, names: Mapping[str, str], zone: ZoneInfo) -> Document:
    name = names.get(told.id, told.id)
    at = None if told.step is None else iso(made.situation.start_s + told.step * STEP_S, zone)
    why: Reason
    if told.what in {"car_goal", "at_once"}:
        why = reason(
            "broken_car_goal", name=name, amount=round(made.answer.missing_kwh.get(told.id, told.amount), 1)
        )
    elif told.what == "import_limit":
        amount = told.amount / 1000.0 if told.unit == "W" else told.amount
        why = reason("broken_import_limit", amount=round(amount, 1))
    else:
        why = reason("broken_other", name=name, what=told.what, amount=round(told.amount, 2), unit=told.unit)
    return {
        "what": told.what,
        "id": told.id,
        "name": name,
        "at": at,
        "amount": told.amount,
        "unit": told.unit,
        "reason": words(why),
    }


def costs(made: Made) -> Document:
    """What the plan costs from now to its end."""
    cost = made.answer.cost_eur
    energy, peak, wear = (round(cost.get(name, 0.0), 3) for name in ("energy", "peak", "wear"))
    return {
        "energy_eur": energy,
        "peak_eur": peak,
        "wear_eur": wear,
        "total_eur": round(energy + peak + wear, 3),
        "at_once_eur": round(made.answer.at_once_eur, 3),
    }


def scored(found: Scored) -> Document:
    """How one forecast did, beside the others."""
    return {
        "name": found.name,
        "used": found.used,
        "best": found.best,
        "why": [words(why) for why in found.why],
        "days": found.days,
        "mae_w": found.mae_w,
        "rmse_w": found.rmse_w,
        "covered_pct": found.covered_pct,
        "yesterday_mae_w": found.yesterday_mae_w,
        "last_week_mae_w": found.last_week_mae_w,
        "methods": [
            {
                "method": tried.method,
                "days": tried.days,
                "mae_w": tried.mae_w,
                "rmse_w": tried.rmse_w,
                "covered_pct": tried.covered_pct,
            }
            for tried in found.methods
        ],
        "at_s": [found.start_s + i * STEP_S for i in range(len(found.mid_w))],
        "low_w": list(found.low_w),
        "mid_w": list(found.mid_w),
        "high_w": list(found.high_w),
        "measured_w": list(found.measured_w),
    }
