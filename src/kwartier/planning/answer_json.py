"""The answer of `kwartier plan` (DESIGN 6.5) as a document for JSON."""

import math

from kwartier.planning.problem_json import plain_id
from kwartier.site.plans import DevicePlan, Plan, Problem, Violation


def document(problem: Problem, plan: Plan) -> dict[str, object]:
    """Every key of the design, and `bound_eur`, `gap`, `peak_eur_per_kwh`, `violations`, `buffers` besides."""
    gap_eur = plan.objective_eur - plan.bound_eur
    scale = abs(plan.objective_eur)
    shown: dict[str, object] = {
        "status": plan.status,
        "objective_eur": plan.objective_eur,
        "bound_eur": _finite(plan.bound_eur),
        "gap": _finite(gap_eur / scale if scale > 0.0 else 0.0 if gap_eur == 0.0 else math.inf),
        "cost_eur": dict(plan.cost_eur),
        "grid_w": list(plan.grid_w),
        "pv_used_w": list(plan.pv_used_w),
        "batteries": {
            plain_id(task.id): {
                "power_w": list(plan.devices[task.id].power_w),
                "soc_kwh": list(plan.devices[task.id].soc_kwh),
            }
            for task in problem.batteries
        },
        "evs": {plain_id(task.id): _car(plan.devices[task.id]) for task in problem.cars},
        "loads": {
            plain_id(task.id): {
                "start_step": plan.devices[task.id].start_step,
                "power_w": list(plan.devices[task.id].power_w),
            }
            for task in problem.runs
        },
        "peak_w": plan.peak_w,
        "marginal_eur_per_kwh": list(plan.marginal_eur_per_kwh),
        "peak_eur_per_kwh": list(plan.peak_eur_per_kwh),
        "violations": [_violation(each) for each in plan.violations],
        "solve_seconds": plan.solve_seconds,
    }
    if problem.buffers:
        shown["buffers"] = {
            plain_id(task.id): {
                "power_w": list(plan.devices[task.id].power_w),
                "temperature_c": list(plan.devices[task.id].temperature_c),
            }
            for task in problem.buffers
        }
    return shown


def _car(plan: DevicePlan) -> dict[str, object]:
    return {
        "power_w": list(plan.power_w),
        "delivered_kwh": plan.delivered_kwh,
        "shortfall_kwh": plan.shortfall_kwh,
    }


def _violation(each: Violation) -> dict[str, object]:
    return {
        "what": each.what,
        "id": plain_id(each.id),
        "step": each.step,
        "amount": _finite(each.amount),
        "unit": each.unit,
        "cause": each.cause,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
