"""A house with a battery, sun and cars in watts and seconds, for the loop with modes, plans and batteries.

Nothing of it comes from `kwartier.simulation`.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.control.power_house import START_S, PowerHouse, house_site

from kwartier.control.decision import Decision
from kwartier.site.advice import Advice
from kwartier.site.batteries import Battery, BatteryReading
from kwartier.site.phases import PhaseVector
from kwartier.site.quarters import QuarterSettings
from kwartier.site.readings import ChargePointReading
from kwartier.site.setpoints import Mode, Picture, Wish
from kwartier.site.topology import Site

__all__ = ["START_S", "BatteryHouse", "advice", "battery_site", "cell"]


def battery_site(
    phases: list[tuple[int, ...]],
    batteries: tuple[Battery, ...] | None = None,
    *,
    mode: Mode = "fast",
    limit_a: float = 40.0,
    quarter: QuarterSettings | None = None,
    contract_w: float | None = None,
    export_limit_w: float | None = None,
) -> Site:
    """One metered circuit with a battery of 10 kWh and 5 kW on three phases."""
    site = house_site(
        phases, limit_a=limit_a, quarter=quarter, contract_w=contract_w, export_limit_w=export_limit_w
    )
    cells = (cell(),) if batteries is None else batteries
    points = tuple(replace(p, mode=mode) for p in site.charge_points)
    return replace(site, batteries=cells, charge_points=points)


def cell(**changes: object) -> Battery:
    usual: dict[str, object] = {
        "id": "b",
        "name": "Cellar",
        "circuit": "grid",
        "capacity_kwh": 10.0,
        "charge_w": 5000.0,
        "discharge_w": 5000.0,
    }
    return Battery(**(usual | changes))  # type: ignore[arg-type]


def advice(
    *,
    points: dict[str, list[float]] | None = None,
    batteries: dict[str, list[float]] | None = None,
    grid: list[float] | None = None,
    prices: list[float] | None = None,
    export: list[float] | None = None,
    peak_w: float = 1e5,
    start_s: int = START_S,
    made_s: float = START_S - 60.0,
    valid_s: float = 3600.0,
) -> Advice:
    """A plan in quarter-hours."""
    steps = max(
        [len(s) for s in (*(points or {}).values(), *(batteries or {}).values())]
        + [len(grid or []), len(prices or []), 1]
    )
    flat = prices or [0.25] * steps
    return Advice(
        version="1",
        made_s=made_s,
        valid_until_s=made_s + valid_s,
        start_s=start_s,
        step_s=900,
        points_w={i: tuple(s) for i, s in (points or {}).items()},
        why={},
        batteries_w={i: tuple(s) for i, s in (batteries or {}).items()},
        batteries_kwh={},
        loads_w={},
        grid_w=tuple(grid or [0.0] * steps),
        import_price=tuple(flat),
        export_price=tuple(export or [0.05] * steps),
        marginal_eur_per_kwh=tuple(flat),
        peak_w=peak_w,
        peak_eur_per_kw=50.0,
    )


@dataclass
class Cells:
    """One battery: takes what it was told some seconds ago, while it has room."""

    battery: Battery
    lag_s: int = 2
    soc_pct: float = 50.0
    power_w: float = 0.0
    told: deque[float] = field(default_factory=deque)
    silent: bool = False
    held_w: float = 0.0
    """What it was told when it fell silent: it goes on with that."""
    dead: bool = False
    """Does not do as it is told: stays at 0 W."""

    def advance(self, setpoint_w: float) -> None:
        self.told.append(setpoint_w)
        wanted = self.told.popleft() if len(self.told) > self.lag_s else 0.0
        if self.dead or (wanted < 0 and self.soc_pct <= 0) or (wanted > 0 and self.soc_pct >= 100):
            wanted = 0.0
        self.power_w = max(-self.battery.discharge_w, min(self.battery.charge_w, wanted))
        part = 0.95 if self.power_w > 0 else 1 / 0.95
        self.soc_pct += 100 * self.power_w * part / 3.6e6 / self.battery.capacity_kwh


class BatteryHouse(PowerHouse):
    """The house of `power_house` with batteries; wishes and a plan."""

    def __init__(
        self,
        site: Site,
        load_w: Callable[[int], float],
        lag_s: int = 2,
        *,
        soc_pct: float = 50.0,
        shares: PhaseVector = (1 / 3, 1 / 3, 1 / 3),
        volts: PhaseVector = (230.0, 230.0, 230.0),
        silent: Callable[[int], bool] = lambda _: False,
    ) -> None:
        super().__init__(site, load_w, lag_s, shares=shares, volts=volts, silent=silent)
        self.cells = {b.id: Cells(b, soc_pct=soc_pct) for b in site.batteries}
        self.advice: Advice | None = None
        self.wishes: dict[str, Wish] = {}
        self.net_w: list[float] = []
        self.point_kwh = dict.fromkeys(self.asks, 0.0)

    def base_w(self) -> PhaseVector:
        watts = list(super().base_w())
        for cells in self.cells.values():
            for phase in cells.battery.conductors:
                watts[phase - 1] += cells.power_w / len(cells.battery.conductors)
        return (watts[0], watts[1], watts[2])

    def picture(self, picture: Picture) -> Picture:
        readings = {
            i: BatteryReading(battery_id=i, at_s=picture.now_s, power_w=c.power_w, soc_pct=c.soc_pct)
            for i, c in self.cells.items()
            if not c.silent
        }
        return replace(
            picture, batteries=readings, advice=self.advice, wishes={**picture.wishes, **self.wishes}
        )

    def tick(self) -> Decision:
        decision = super().tick()
        for setpoint in decision.batteries:
            cells = self.cells[setpoint.battery_id]
            cells.advance(cells.held_w if cells.silent else setpoint.power_w)
            cells.held_w = cells.held_w if cells.silent else setpoint.power_w
        self.net_w.append(self.import_w)
        for i, drawn_a in self.drawn_a.items():
            self.point_kwh[i] += (
                drawn_a * sum(self.volts[p - 1] for p in self.site.charge_point[i].conductors) / 3.6e6
            )
        return decision

    def _point(self, point_id: str, now_s: float) -> ChargePointReading:
        return replace(super()._point(point_id, now_s), energy_kwh=self.point_kwh[point_id])

    def told_w(self, battery_id: str = "b") -> float:
        """The newest set-point."""
        assert self.decision is not None
        return next(s.power_w for s in self.decision.batteries if s.battery_id == battery_id)

    def why(self, device_id: str = "b") -> str:
        """The code of the newest reason."""
        assert self.decision is not None
        found = {s.battery_id: s.reason.code for s in self.decision.batteries}
        found |= {s.charge_point_id: s.reason.code for s in self.decision.setpoints}
        return found[device_id]
