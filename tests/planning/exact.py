"""An exact solver of DESIGN 6.5 of its own: scipy's mixed-integer interface, a plain formulation, dense thinking. Slow, and
independent of the planner's model, its rounding and its cuts."""

from datetime import datetime
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp  # type: ignore[import-untyped]
from scipy.sparse import lil_matrix  # type: ignore[import-untyped]

_Rows = list[tuple[dict[int, float], float, float]]


class _Columns:
    def __init__(self) -> None:
        self.lower: list[float] = []
        self.upper: list[float] = []
        self.cost: list[float] = []
        self.whole: list[int] = []

    def add(self, lower: float, upper: float, cost: float, *, whole: bool = False) -> int:
        self.lower.append(lower)
        self.upper.append(upper)
        self.cost.append(cost)
        self.whole.append(int(whole))
        return len(self.cost) - 1


def optimum_eur(problem: dict[str, Any], *, seconds: float = 60.0) -> float:
    """The least cost of a feasible problem, to 1e-5."""
    steps, hours = len(problem["import_price"]), problem.get("step_minutes", 15) / 60.0
    columns = _Columns()
    rows: _Rows = []
    big = 1000.0
    most_in = problem.get("import_limit_w", big * 1000.0) / 1000.0
    most_out = problem.get("export_limit_w", big * 1000.0) / 1000.0
    balance: list[dict[int, float]] = []
    imports = []
    for t in range(steps):
        buy, sell = problem["import_price"][t], problem["export_price"][t]
        inward = columns.add(0.0, most_in, buy * hours)
        outward = columns.add(0.0, most_out, -sell * hours)
        way = columns.add(0, 1, 0.0, whole=True)
        rows.append(({inward: 1.0, way: -min(most_in, 100.0)}, -np.inf, 0.0))
        rows.append(({outward: 1.0, way: min(most_out, 100.0)}, -np.inf, min(most_out, 100.0)))
        sun = (problem.get("pv_w") or [0.0] * steps)[t] / 1000.0
        used = columns.add(0.0 if problem.get("pv_curtailable") else sun, sun, 0.0)
        balance.append({inward: 1.0, outward: -1.0, used: 1.0})
        imports.append(inward)
    _batteries(problem, columns, rows, balance)
    _cars(problem, columns, rows, balance)
    _loads(problem, columns, rows, balance)
    rows += [
        (row, load / 1000.0, load / 1000.0) for row, load in zip(balance, problem["load_w"], strict=True)
    ]
    _peak(problem, columns, rows, imports, steps)
    matrix = lil_matrix((len(rows), len(columns.cost)))
    for i, (entries, _, _) in enumerate(rows):
        for j, value in entries.items():
            matrix[i, j] = value
    found = milp(
        columns.cost,
        integrality=columns.whole,
        bounds=Bounds(columns.lower, columns.upper),
        constraints=LinearConstraint(matrix.tocsr(), [r[1] for r in rows], [r[2] for r in rows]),
        options={"mip_rel_gap": 1e-5, "time_limit": seconds},
    )
    assert found.status == 0, found.message
    return float(found.fun)


def _batteries(
    problem: dict[str, Any], columns: _Columns, rows: _Rows, balance: list[dict[int, float]]
) -> None:
    steps, hours = len(balance), problem.get("step_minutes", 15) / 60.0
    for battery in problem.get("batteries", []):
        before: int | None = None
        for t in range(steps):
            ins, outs = battery["charge_w"] / 1000.0, battery["discharge_w"] / 1000.0
            wear = battery.get("wear_eur_per_kwh", 0.0) * hours / battery["discharge_efficiency"]
            charge, give = columns.add(0.0, ins, 0.0), columns.add(0.0, outs, wear)
            way = columns.add(0, 1, 0.0, whole=True)
            rows.append(({charge: 1.0, way: -ins}, -np.inf, 0.0))
            rows.append(({give: 1.0, way: outs}, -np.inf, outs))
            last = t == steps - 1
            least = battery.get("min_soc_kwh", 0.0)
            if last:
                least = max(least, battery.get("final_soc_kwh") or 0.0)
            energy = columns.add(least, battery["capacity_kwh"], 0.0)
            row = {
                energy: 1.0,
                charge: -battery["charge_efficiency"] * hours,
                give: hours / battery["discharge_efficiency"],
            }
            start = battery["soc_kwh"] if before is None else 0.0
            if before is not None:
                row[before] = -1.0
            rows.append((row, start, start))
            before = energy
            balance[t][charge] = -1.0
            balance[t][give] = 1.0


def _cars(problem: dict[str, Any], columns: _Columns, rows: _Rows, balance: list[dict[int, float]]) -> None:
    steps, hours = len(balance), problem.get("step_minutes", 15) / 60.0
    for car in problem.get("evs", []):
        row = {}
        for t in range(max(0, car["arrive_step"]), min(steps, car["depart_step"])):
            power, on = columns.add(0.0, car["max_w"] / 1000.0, 0.0), columns.add(0, 1, 0.0, whole=True)
            rows.append(({power: 1.0, on: -car["max_w"] / 1000.0}, -np.inf, 0.0))
            rows.append(({power: 1.0, on: -car["min_w"] / 1000.0}, 0.0, np.inf))
            balance[t][power] = -1.0
            row[power] = hours * car["efficiency"]
        row[columns.add(0.0, car["energy_kwh"], car["shortfall_eur_per_kwh"])] = 1.0
        rows.append((row, car["energy_kwh"], car["energy_kwh"]))


def _loads(problem: dict[str, Any], columns: _Columns, rows: _Rows, balance: list[dict[int, float]]) -> None:
    steps = len(balance)
    for load in problem.get("loads", []):
        row = {}
        for start in range(load["earliest_step"], min(load["latest_step"], steps - load["run_steps"]) + 1):
            begins = columns.add(0, 1, 0.0, whole=True)
            row[begins] = 1.0
            for t in range(start, start + load["run_steps"]):
                balance[t][begins] = -load["power_w"] / 1000.0
        rows.append((row, 1.0, 1.0))


def _peak(
    problem: dict[str, Any],
    columns: _Columns,
    rows: _Rows,
    imports: list[int],
    steps: int,
) -> None:
    peak = problem.get("peak", {})
    paid = max(peak.get("so_far_w", 0.0), peak.get("floor_w", 0.0)) / 1000.0
    above = columns.add(0.0, np.inf, peak.get("eur_per_kw", 0.0))
    step_s = round(60 * problem.get("step_minutes", 15))
    start_s = round(datetime.fromisoformat(problem["start"]).timestamp())
    quarters: dict[int, dict[int, float]] = {}
    for t in range(steps):
        for second in range(start_s + t * step_s, start_s + (t + 1) * step_s, 60):
            entries = quarters.setdefault(second // 900, {})
            entries[imports[t]] = entries.get(imports[t], 0.0) + 60.0 / 900.0
    rows += [({**entries, above: -1.0}, -np.inf, paid) for entries in quarters.values()]
