"""`/limits`: the tree of circuits, each with its limits, its loads and the charge points on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from kwartier.site.units import NOMINAL_VOLTAGE_V
from kwartier.web.api import live_of
from kwartier.web.api_session import session_info
from kwartier.web.live import Document
from kwartier.web.sheets import SheetCache, sheet

router = APIRouter(include_in_schema=False)
REFRESH_S = 2
REFRESH_MANY_S = 5
MANY = 50
"""Charge points: with more of them the page is made less often."""
OVER_A = 0.05
HEADROOM = 1.12
"""A bar ends this far behind its limit, so that an overload shows."""
OPEN_UP_TO = 32
"""Charge points on the page: of more only those circuits are unfolded on which one is in trouble."""
DRAWS_A = 0.5
"""Less than this on a conductor is no charging."""
IDLE_W = 30.0
"""A battery that moves less rests."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One limit with what counts against it; places in per cent of the bar's width."""

    name: str
    unit: str
    limit: float
    load: float | None
    base: float | None
    granted: float | None
    slack: float | None
    source: str
    until: str | None = None

    @property
    def over(self) -> bool:
        """Whether the load is above the limit."""
        return self.load is not None and self.load > self.limit + OVER_A

    def _place(self, value: float) -> float:
        scale = max(self.limit * HEADROOM, (self.load or 0.0) * 1.02, self._reserved, 1e-6)
        return round(min(100.0, max(0.0, 100.0 * value / scale)), 1)

    @property
    def _from(self) -> float:
        return max(self.base or 0.0, 0.0)

    @property
    def _reserved(self) -> float:
        """Where it stands when the cars take all they may: what the sun gives is theirs first."""
        return (self.base or 0.0) + (self.granted or 0.0)

    @property
    def mark_pct(self) -> float:
        """Where the limit is."""
        return self._place(self.limit)

    @property
    def load_pct(self) -> float:
        """How far the load reaches."""
        return self._place(self.load or 0.0)

    @property
    def granted_from_pct(self) -> float:
        """Where the part of the chargers begins: behind the other load."""
        return self._place(self._from)

    @property
    def granted_pct(self) -> float:
        """How wide the part of the chargers is."""
        return round(max(0.0, self._place(self._reserved) - self.granted_from_pct), 1)


@dataclass(slots=True)
class Node:
    """A circuit with all that the page shows of it."""

    circuit: Document
    bars: list[Bar]
    totals: list[Bar]
    points: list[Document]
    batteries: list[Document] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)
    below: int = 0
    """Charge points on it and on all circuits that it feeds."""

    @property
    def stores(self) -> bool:
        """Whether a battery hangs on it or on a circuit that it feeds."""
        return bool(self.batteries) or any(child.stores for child in self.children)

    @property
    def one_source(self) -> bool:
        """Whether one source, until one moment, sets the limit of all phases."""
        return len({(bar.source, bar.until) for bar in self.bars}) == 1

    def of_kind(self, kind: str) -> int:
        """How many of its own charge points are so."""
        return sum(1 for p in self.points if p["kind"] == kind)


def tree(document: Document, people: Mapping[str, str] = {}) -> list[Node]:
    """The circuits, each below the one that feeds it. `people`: who charges where, for those who may know."""
    points: dict[str, list[Document]] = {}
    for point in document["charge_points"]:
        points.setdefault(point["circuit"], []).append(_point(point, people))
    batteries: dict[str, list[Document]] = {}
    for battery in document.get("batteries", ()):
        batteries.setdefault(battery["circuit"], []).append({**battery, "kind": kind_of_battery(battery)})
    nodes = {
        c["id"]: Node(c, _bars(c), list(_totals(c)), points.get(c["id"], []), batteries.get(c["id"], []))
        for c in document["circuits"]
    }
    roots: list[Node] = []
    for circuit in document["circuits"]:
        parent = nodes.get(circuit["parent"]) if circuit["parent"] is not None else None
        (roots if parent is None else parent.children).append(nodes[circuit["id"]])
    for root in roots:
        _count(root)
    return roots


def _count(node: Node) -> int:
    node.below = len(node.points) + sum(_count(child) for child in node.children)
    return node.below


def _bars(circuit: Document) -> list[Bar]:
    load = circuit["load_a"] or (None, None, None)
    until = circuit.get("limit_until") or (None, None, None)
    return [
        Bar(
            name=f"L{phase + 1}",
            unit="A",
            limit=circuit["limit_a"][phase],
            load=load[phase],
            base=circuit["base_a"][phase],
            granted=circuit["granted_a"][phase],
            slack=circuit["slack_a"][phase],
            source=circuit["limit_sources"][phase],
            until=until[phase],
        )
        for phase in (p - 1 for p in circuit.get("phases", (1, 2, 3)))
    ]


def _totals(circuit: Document) -> Iterator[Bar]:
    """Limits on the phases together: power in kW, and how far the phases lie apart."""
    load = [a for a in circuit["load_a"] or () if a is not None]
    found = circuit.get("protection")
    if found is not None and found["total_limit_a"] is not None:
        yield _power(circuit, found["total_limit_a"], found["total_source"] or "contract")
    elif circuit.get("contract_w") is not None:
        yield _power(circuit, circuit["contract_w"] / NOMINAL_VOLTAGE_V, "contract")
    if found is not None and found["export_limit_w"] is not None:
        yield Bar(
            name="export",
            unit="kW",
            limit=found["export_limit_w"] / 1000,
            load=None if found["export_w"] is None else max(0.0, found["export_w"] / 1000),
            base=None,
            granted=None,
            slack=None if found["export_w"] is None else (found["export_limit_w"] - found["export_w"]) / 1000,
            source="export",
        )
    if circuit.get("imbalance_limit_a") is not None and len(load) == len(circuit["load_a"] or ()):
        apart = max(load, default=0.0) - min(load, default=0.0)
        limit = circuit["imbalance_limit_a"]
        yield Bar(
            name="apart",
            unit="A",
            limit=limit,
            load=apart,
            base=None,
            granted=None,
            slack=limit - apart,
            source="imbalance",
        )


def _power(circuit: Document, limit_a: float, source: str) -> Bar:
    """A limit on the sum of the phases, in kW at the nominal voltage."""
    load = [a for a in circuit["load_a"] or () if a is not None]
    base_a, granted_a = sum(circuit["base_a"]), sum(circuit["granted_a"])
    return Bar(
        name="sum",
        unit="kW",
        limit=_kw(limit_a),
        load=_kw(sum(load)) if load else None,
        base=_kw(base_a),
        granted=_kw(granted_a),
        slack=_kw(limit_a - base_a - granted_a),
        source=source,
    )


def _kw(sum_a: float) -> float:
    return sum_a * NOMINAL_VOLTAGE_V / 1000


def kind_of(point: Document) -> str:
    """What a charge point does, in one word: charging, waiting, free, trouble."""
    state = point["state"]
    if point["status"] == "silent" or state in {"E", "F"}:
        return "trouble"
    if state in {"C2", "D2"}:
        return "charging"
    return "free" if state is None or state.startswith("A") else "waiting"


def kind_of_battery(battery: Document) -> str:
    """What a battery does, in one word: charging, giving, idle, trouble, waiting."""
    if battery["status"] == "silent" or battery["state"] in {"off", "fault"}:
        return "trouble"
    power_w = battery["power_w"]
    if power_w is None:
        return "waiting"
    return "charging" if power_w > IDLE_W else "giving" if power_w < -IDLE_W else "idle"


def phases_in_use(point: Document) -> int | None:
    """How many conductors carry current now; None: none does, or it is not known."""
    measured = point["measured_a"] or ()
    return sum(1 for value_a in measured if value_a is not None and value_a > DRAWS_A) or None


def _point(point: Document, people: Mapping[str, str]) -> Document:
    return {
        **point,
        "kind": kind_of(point),
        "person": people.get(point["id"]),
        "measured": [
            (phase, (point["measured_a"] or (None,) * 3)[phase - 1]) for phase in sorted(point["phases"])
        ],
        "in_use": phases_in_use(point),
    }


@router.get("/limits")
async def limits(request: Request) -> Response:
    """All circuits as they are now."""
    cache: SheetCache = request.app.state.sheets
    return await cache.of(request, lambda: _show(request))


async def _show(request: Request) -> Response:
    document = live_of(request).state()
    count = len(document["charge_points"])
    people = live_of(request).people() if session_info(request).may_write else {}
    values: dict[str, Any] = {"nodes": tree(document, people), "folded": count > OPEN_UP_TO}
    refresh_s = REFRESH_S if count <= MANY else REFRESH_MANY_S
    return await sheet(request, "limits.html", refresh_s=refresh_s, **values)
