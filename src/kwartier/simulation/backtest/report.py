"""A comparison as a JSON document and as lines on screen."""

from datetime import UTC, datetime

import numpy as np

from kwartier.simulation.backtest.case import STEP_S
from kwartier.simulation.backtest.compare import PLAN, Comparison

NAMES = {
    "uncontrolled": "no battery, charge at once",
    "self_consumption": "self-consumption battery, charge at once",
    "cheapest_hours": "the same, car in the cheapest hours",
    "plan": "Kwartier",
    "one_minute": "Kwartier, minutes and the real loop",
    "foresight": "perfect foresight",
}


def document(found: Comparison) -> dict[str, object]:
    """Everything of one case, for `--json`."""
    case = found.case
    controllers: dict[str, object] = {}
    for name, each in found.bills.items():
        run = found.runs[name]
        seconds = np.array(run.plan_seconds)
        controllers[name] = {
            "total_eur": round(each.total_eur, 2),
            "energy_eur": round(each.energy_eur, 2),
            "capacity_eur": round(each.capacity_eur, 2),
            "wear_eur": round(each.wear_eur, 2),
            "battery_correction_eur": round(each.battery_eur, 2),
            "missing_eur": round(each.missing_eur, 2),
            "month_peaks_w": [round(peak) for peak in each.month_peaks_w],
            "mean_peak_w": round(each.mean_peak_w),
            "peak_ratio": round(found.peak_ratio(name), 3),
            "car_met_pct": round(each.met_pct, 3),
            "stays_short": run.stays_short,
            "share_of_saving": _rounded(found.share(name)),
            "plans": run.plans,
            "plan_median_s": round(float(np.median(seconds)), 4) if run.plans else None,
            "plan_p99_s": round(float(np.quantile(seconds, 0.99)), 4) if run.plans else None,
        }
    share = found.share(PLAN)
    return {
        "case": case.name,
        "from": _moment(case.start_s),
        "to": _moment(case.start_s + case.steps * STEP_S),
        "step_minutes": STEP_S // 60,
        "load_kwh": round(float(case.load_w.sum()) / 4000.0, 1),
        "pv_kwh": round(float(case.pv_w.sum()) / 4000.0, 1),
        "car_kwh": round(sum(stay.energy_kwh for stay in case.stays), 1),
        "stays": len(case.stays),
        "share_of_saving": _rounded(share),
        "regret": None if share is None else round(1.0 - share, 4),
        "controllers": controllers,
    }


def lines(found: Comparison) -> list[str]:
    """The table on screen."""
    rows = [f"{found.case.name}, {_moment(found.case.start_s)[:10]}, {found.case.steps / 96:.0f} days"]
    rows.append(
        f"{'':42s}{'total':>8s}{'energy':>8s}{'capac.':>8s}{'wear':>6s}{'peak kW':>9s}{'car %':>8s}{'saved':>7s}"
    )
    for name, each in found.bills.items():
        share = found.share(name)
        energy = each.energy_eur + each.battery_eur + each.missing_eur
        rows.append(
            f"{NAMES.get(name, name):42s}{each.total_eur:8.0f}{energy:8.0f}{each.capacity_eur:8.0f}"
            f"{each.wear_eur:6.0f}{each.mean_peak_w / 1000.0:9.2f}{each.met_pct:8.2f}"
            + ("" if share is None else f"{100.0 * share:6.0f}%")
        )
    return rows


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _moment(utc_s: int) -> str:
    return datetime.fromtimestamp(utc_s, UTC).isoformat()
