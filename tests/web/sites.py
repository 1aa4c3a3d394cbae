"""Documents that no small site has: two hundred charge points on six levels, and names that mean ill."""

import copy
import json
from pathlib import Path

from kwartier.site.reasons import LANGUAGES
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
        point["reason"] = point["reason"] | dict.fromkeys(LANGUAGES, HOSTILE)
    for message in document["messages"]:
        message.update(dict.fromkeys(LANGUAGES, HOSTILE))
    return document
