"""An independent judge of plans: reads problem and answer as the JSON documents of DESIGN 6.5 and reckons everything
again in plain Python. It shares no code with the planner."""

from datetime import datetime
from typing import Any

TOLERANCE_W = 0.01
TOLERANCE_KWH = 1e-5
TOLERANCE_EUR = 1e-5


def quarter_means(problem: dict[str, Any], grid_w: list[float]) -> list[float]:
    """Mean import of every quarter-hour of the clock, W."""
    step_s = round(60 * problem.get("step_minutes", 15))
    start_s = datetime.fromisoformat(problem["start"]).timestamp()
    joules: dict[int, float] = {}
    for t, power in enumerate(grid_w):
        at, end = start_s + t * step_s, start_s + (t + 1) * step_s
        while at < end:
            quarter = int(at // 900)
            until = min(end, (quarter + 1) * 900)
            joules[quarter] = joules.get(quarter, 0.0) + max(power, 0.0) * (until - at)
            at = until
    running = 3.6e6 * problem.get("peak", {}).get("running_kwh", 0.0)
    if running and start_s % 900:
        joules[int(start_s // 900)] = joules.get(int(start_s // 900), 0.0) + running
    return [each / 900.0 for each in joules.values()]


def faults(problem: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    """Everything in which a plan contradicts itself or physics. A plain problem only: what 6.5 names, no extras."""
    found: list[str] = []
    steps = len(problem["import_price"])
    hours = problem.get("step_minutes", 15) / 60.0
    grid, sun = answer["grid_w"], answer["pv_used_w"]
    available = problem.get("pv_w") or [0.0] * steps
    for t in range(steps):
        devices = sum(b["power_w"][t] for b in answer["batteries"].values())
        devices += sum(e["power_w"][t] for e in answer["evs"].values())
        devices += sum(load["power_w"][t] for load in answer["loads"].values())
        if abs(grid[t] - (problem["load_w"][t] - sun[t] + devices)) > TOLERANCE_W:
            found.append(f"step {t}: the grid is not the sum of the rest")
        if not -TOLERANCE_W <= sun[t] <= available[t] + TOLERANCE_W:
            found.append(f"step {t}: {sun[t]} W of sun used, {available[t]} W there")
        if not problem.get("pv_curtailable") and abs(sun[t] - available[t]) > TOLERANCE_W:
            found.append(f"step {t}: sun curtailed that cannot be")
    for battery in problem.get("batteries", []):
        found += _battery(battery, answer["batteries"][battery["id"]], hours)
    for car in problem.get("evs", []):
        found += _car(car, answer["evs"][car["id"]], hours, steps)
    for load in problem.get("loads", []):
        found += _load(load, answer["loads"][load["id"]], steps)
    found += _limits(problem, answer)
    return found


def _battery(battery: dict[str, Any], plan: dict[str, Any], hours: float) -> list[str]:
    found = []
    energy = battery["soc_kwh"]
    lowest = min(battery.get("min_soc_kwh", 0.0), energy)
    inward, outward = battery.get("charge_efficiency", 1.0), battery.get("discharge_efficiency", 1.0)
    for t, power in enumerate(plan["power_w"]):
        if not -battery["discharge_w"] - TOLERANCE_W <= power <= battery["charge_w"] + TOLERANCE_W:
            found.append(f"{battery['id']} step {t}: {power} W is beyond its power")
        kwh = power * hours / 1000.0
        energy += kwh * inward if kwh > 0 else kwh / outward
        if abs(energy - plan["soc_kwh"][t]) > TOLERANCE_KWH:
            found.append(f"{battery['id']} step {t}: its energy does not follow from its power")
        if not lowest - TOLERANCE_KWH <= energy <= battery["capacity_kwh"] + TOLERANCE_KWH:
            found.append(f"{battery['id']} step {t}: {energy} kWh is beyond its capacity")
    return found


def _car(car: dict[str, Any], plan: dict[str, Any], hours: float, steps: int) -> list[str]:
    found = []
    least, most = car.get("min_w", 0.0), car["max_w"]
    for t, power in enumerate(plan["power_w"]):
        there = car["arrive_step"] <= t < car["depart_step"]
        if power > 0 and not there:
            found.append(f"{car['id']} step {t}: charges while it is not there")
        if power and not least - TOLERANCE_W <= power <= most + TOLERANCE_W:
            found.append(f"{car['id']} step {t}: {power} W is neither 0 nor in [{least}, {most}]")
    assert len(plan["power_w"]) == steps
    got = sum(plan["power_w"]) * hours / 1000.0 * car.get("efficiency", 1.0)
    if abs(got - plan["delivered_kwh"]) > TOLERANCE_KWH:
        found.append(f"{car['id']}: {got} kWh delivered, {plan['delivered_kwh']} told")
    if abs(max(0.0, car["energy_kwh"] - got) - plan["shortfall_kwh"]) > TOLERANCE_KWH:
        found.append(f"{car['id']}: the shortfall is not what is missing")
    if got > max(car["energy_kwh"], car.get("room_kwh") or 0.0) + TOLERANCE_KWH:
        found.append(f"{car['id']}: got more than it has room for")
    return found


def _load(load: dict[str, Any], plan: dict[str, Any], steps: int) -> list[str]:
    start = plan["start_step"]
    wanted = [0.0] * steps
    if start is not None:
        if not load["earliest_step"] <= start <= load["latest_step"] or start + load["run_steps"] > steps:
            return [f"{load['id']}: starts at {start}, outside its window"]
        wanted[start : start + load["run_steps"]] = [load["power_w"]] * load["run_steps"]
    return [] if plan["power_w"] == wanted else [f"{load['id']}: does not run as it starts"]


def _limits(problem: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    """A limit that is passed must be named."""
    named = {violation["what"] for violation in answer["violations"]}
    found = []
    for what, sign in (("import_limit", 1.0), ("export_limit", -1.0)):
        limit = problem.get(f"{what}_w")
        if limit is None:
            continue
        over = max(
            sign * power - (limit[t] if isinstance(limit, list) else limit)
            for t, power in enumerate(answer["grid_w"])
        )
        if over > 2 * TOLERANCE_W and what not in named:
            found.append(f"{what}: passed by {over} W and not named")
    for battery in problem.get("batteries", []):
        final = battery.get("final_soc_kwh")
        if final is None or answer["batteries"][battery["id"]]["soc_kwh"][-1] >= final - TOLERANCE_KWH:
            continue
        if "final_soc" not in named:
            found.append(f"{battery['id']}: not as full at the end as wished, and not named")
    short = [c for c in problem.get("evs", []) if answer["evs"][c["id"]]["shortfall_kwh"] > TOLERANCE_KWH]
    if short and "car_goal" not in named:
        found.append(f"{short[0]['id']}: energy missing and not named")
    return found


def cost_eur(problem: dict[str, Any], answer: dict[str, Any]) -> dict[str, float]:
    """The bill of a plan, by the words of the design."""
    hours = problem.get("step_minutes", 15) / 60.0
    energy = sum(
        (max(w, 0.0) * buy - max(-w, 0.0) * sell) * hours / 1000.0
        for w, buy, sell in zip(
            answer["grid_w"], problem["import_price"], problem["export_price"], strict=True
        )
    )
    peak = problem.get("peak", {})
    paid = max(peak.get("so_far_w", 0.0), peak.get("floor_w", 0.0))
    highest = max(quarter_means(problem, answer["grid_w"]))
    wear = sum(
        battery.get("wear_eur_per_kwh", 0.0)
        * sum(max(-w, 0.0) for w in answer["batteries"][battery["id"]]["power_w"])
        * hours
        / 1000.0
        / battery.get("discharge_efficiency", 1.0)
        for battery in problem.get("batteries", [])
    )
    missing = sum(
        car["shortfall_eur_per_kwh"] * answer["evs"][car["id"]]["shortfall_kwh"]
        for car in problem.get("evs", [])
    )
    return {
        "energy": energy,
        "peak": peak.get("eur_per_kw", 0.0) * max(0.0, highest - paid) / 1000.0,
        "wear": wear,
        "shortfall": missing,
    }


def wrong_bill(problem: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    """Where the told costs are not the reckoned ones."""
    reckoned = cost_eur(problem, answer)
    scale = TOLERANCE_EUR * max(1.0, *(abs(each) for each in reckoned.values()))
    found = [
        f"{name}: {answer['cost_eur'][name]} told, {value} reckoned"
        for name, value in reckoned.items()
        if abs(answer["cost_eur"][name] - value) > scale
    ]
    if abs(answer["objective_eur"] - sum(answer["cost_eur"].values())) > scale:
        found.append("the objective is not the sum of the costs")
    return found
