"""Documents that no small site has: two hundred charge points on six levels, and names that mean ill."""

import copy
import json
from pathlib import Path

from kwartier.web.live import Document

HOSTILE = "<script>alert(1)</script>"
LEVELS = 6
POINTS = 200


def wide() -> Document:
    """A car park of 200 charge points behind a tree of six levels, with every kind of limit there is."""
    document: Document = json.loads(Path(__file__).with_name("carpark.json").read_text(encoding="utf-8"))
    circuit, points = document["circuits"][0], document["charge_points"]
    document["circuits"] = [_circuit(circuit, "grid", None, 0)]
    document["charge_points"] = []
    parents = ["grid"]
    for level in range(1, LEVELS):
        fresh = []
        for parent in parents:
            for number in range(1 if level in {2, 4} else 3):
                name = f"{parent}-{number}"
                fresh.append(name)
                document["circuits"].append(_circuit(circuit, name, parent, level))
        parents = fresh
    for number in range(POINTS):
        point = copy.deepcopy(points[number % len(points)])
        point |= {
            "id": f"w{number}",
            "name": f"Bay {number + 1:03}",
            "circuit": parents[number % len(parents)],
        }
        document["charge_points"].append(point)
    return document


def _circuit(model: Document, name: str, parent: str | None, level: int) -> Document:
    return copy.deepcopy(model) | {
        "id": name,
        "name": f"Board {name}" if parent else "Transformer",
        "parent": parent,
        "level": level,
        "meter": "grid" if parent is None else None,
        "metered": parent is None,
        "limit_sources": ["static", "formula", "fuse"] if level == 2 else ["static"] * 3,
        "limit_until": [None, "2026-11-21T18:00:00+01:00", None] if level == 2 else None,
        "phases": [1, 2, 3] if level < LEVELS - 1 else [1, 2],
        "imbalance_limit_a": 20.0 if level == 0 else None,
        "contract_w": 150000.0 if level == 0 else None,
        "fuse": {"type": "gG", "rating_a": 250.0} if level == 0 else None,
        "protection": _protection() if level == 0 else None,
    }


def _protection() -> Document:
    return {
        "total_limit_a": 652.2,
        "total_source": "contract",
        "total_limit_w": 150000.0,
        "fuse_used_pct": [64.0, 66.0, 60.0],
        "fuse_margin_pct": 5.6,
        "fuse_urgency": "calm",
        "fuse_worst_pct": 41.0,
        "fuse_worst_at": "2026-11-19T18:02:11+01:00",
        "fuse_worst_phase": 2,
        "export_w": -1200.0,
        "export_limit_w": 10000.0,
        "export_over": False,
    }


def hostile(document: Document) -> Document:
    """The same site, all of whose names are markup."""
    document = copy.deepcopy(document)
    document["site"]["name"] = HOSTILE
    for part in ("circuits", "meters", "charge_points", "inputs"):
        for thing in document.get(part, ()):
            thing["name"] = HOSTILE
    for point in document["charge_points"]:
        point["reason"] = point["reason"] | {"en": HOSTILE, "nl": HOSTILE}
    for message in document["messages"]:
        message |= {"en": HOSTILE, "nl": HOSTILE}
    return document


def peaks() -> Document:
    """What `/api/v1/peaks` may answer, with everything known."""
    months = [
        f"{year}-{month:02}" for year, month in ((2025, 11), (2025, 12), *((2026, m) for m in range(1, 12)))
    ]
    peaks_w = [3100, 4200, 3900, 3600, 2900, 2300, 2100, 2200, 2600, 3300, 3700, 4400, 4100]
    return {
        "target": "month_peak",
        "floor_w": 2500.0,
        "eur_per_kw_year": 56.12,
        "currency": "EUR",
        "quarter": {
            "start": "2026-11-21T17:00:00+01:00",
            "end": "2026-11-21T17:15:00+01:00",
            "elapsed_s": 312.0,
            "left_s": 588.0,
            "energy_kwh": 0.31,
            "demand_w": 1240.0,
            "projected_w": 3630.0,
            "source": "meter",
            "status": "held",
            "target_w": 4100.0,
            "budget_kwh": 1.025,
            "left_kwh": 0.715,
            "free_w": 720.0,
            "chargers_w": 2900.0,
            "without_chargers_w": 2150.0,
            "reason": {"code": "quarter_budget", "params": {}, "en": "2.9 kW left.", "nl": "Nog 2,9 kW."},
        },
        "month": {
            "month": "2026-11",
            "peak_w": 4100.0,
            "billed_w": 4100.0,
            "start": "2026-11-12T18:30:00+01:00",
            "end": "2026-11-12T18:45:00+01:00",
            "source": "meter",
            "cause": {
                "import_kwh": 1.025,
                "parts": [
                    {"id": "left", "name": "Left <b>", "kind": "charge_point", "kwh": 0.61, "mean_w": 2440.0},
                    {"id": None, "name": None, "kind": "production", "kwh": -0.1, "mean_w": -400.0},
                    {"id": None, "name": None, "kind": "other", "kwh": 0.515, "mean_w": 2060.0},
                ],
            },
        },
        "months": [
            {
                "month": month,
                "peak_w": float(peak_w),
                "billed_w": float(max(peak_w, 2500)),
                "start": "2026-11-12T18:30:00+01:00" if month == "2026-11" else None,
                "source": "quarters" if month == "2026-11" else "history",
                "running": month == "2026-11",
            }
            for month, peak_w in zip(months, peaks_w, strict=True)
        ],
        "mean_w": 3383.0,
        "months_counted": 12,
        "eur_per_year": 189.86,
        "eur_per_kw_more": 4.68,
    }
