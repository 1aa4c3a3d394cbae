"""Batteries: what they are told is within what they are, and goes in no forbidden direction.

*Rating*: no set-point arrives that is more than it was built for. *Charge*: none lets it charge when it is as full as it
may be, nor discharge at its floor. *Export*: a battery that may not feed the grid does not discharge while the site feeds
back, and none does so above a limit on export. The last two have the time to react of a limit without tolerance.

Nothing is judged of a battery that is in trouble itself, and for a while after; nor, of what flows at the grid connection,
while its meter is in trouble or the controller is not there; of charge only while the controller is not there, for so long
as the battery's own timer may take. Fire is no matter here.
"""

from math import inf

from kwartier.simulation.judge.ground import Finding, Ground
from kwartier.simulation.judge.sight import CONTROLLER_BLIND_S
from kwartier.site.batteries import Battery

REACTION_S = 15.0
AFTER_S = 15.0
"""So long a trouble has consequences."""
ROUNDING_W = 1.0
ROUNDING_PCT = 0.3
"""States of charge are told in tenths of a per cent; what a set-point still moves while it ends is in it."""
GIVES_W = 60.0
FEEDS_W = 200.0
"""Less than this is the standing error of meters and of batteries that follow late."""


def beyond_pct(battery: Battery) -> tuple[float, float]:
    """The states of charge at which it is judged to be too full or too empty, %."""
    return battery.max_soc_pct + ROUNDING_PCT, battery.min_soc_pct - ROUNDING_PCT


class CellsJudge:
    """Looks every second, where there are batteries."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._batteries = ground.site.batteries
        self._trouble_s = {b.id: -1e9 for b in self._batteries}
        self._away_s = -1e9
        """When the controller was last away, or had just come back."""
        self._blind_s = -1e9
        """The same, or the meter of the grid connection in trouble."""
        self._meters = frozenset(ground.meters_of(ground.site.root.id))
        self._misjudged: set[str] = set()
        self._since_s: dict[tuple[str, str], float] = {}
        self.findings: list[Finding] = []
        self.worst_s = 0.0
        """The longest that something forbidden lasted before it ended."""

    def look(self, dt_s: float) -> None:
        """Judge the last `dt_s` seconds."""
        if not self._batteries:
            return
        ground = self._ground
        root = ground.site.root
        if not ground.told.up or ground.run_s - ground.told.started_s < AFTER_S:
            self._away_s = self._blind_s = ground.run_s
        for fault in ground.schedule.active:
            if fault.target in self._meters:
                self._blind_s = ground.run_s
            if fault.target in self._trouble_s:
                self._trouble_s[fault.target] = ground.run_s
        site_w = sum(ground.plant.power_w(root.id))
        for battery in self._batteries:
            if ground.run_s - self._trouble_s[battery.id] > AFTER_S:
                self._told(battery, dt_s)
                self._flows(battery, site_w, dt_s)
            else:
                self._since_s = {k: s for k, s in self._since_s.items() if k[0] != battery.id}

    @property
    def calm(self) -> bool:
        """Whether nothing forbidden lasts now."""
        return not self._since_s

    @property
    def next_s(self) -> float:
        """The last moment of the run up to which what lies behind counts as it does now."""
        run_s = self._ground.run_s
        if not self._batteries:
            return inf
        ends_s = [at_s + AFTER_S for at_s in (*self._trouble_s.values(), self._ground.told.started_s)]
        ends_s += [self._blind_s + AFTER_S, self._away_s + CONTROLLER_BLIND_S]
        return min((s - 1.0 for s in ends_s if s >= run_s), default=inf)

    def _told(self, battery: Battery, dt_s: float) -> None:
        ground = self._ground
        cells = ground.plant.storage[battery.id]
        told_w = cells.setpoint_w if ground.plant.now_s < cells.valid_until_s else 0.0
        within = -battery.discharge_w - ROUNDING_W <= told_w <= battery.charge_w + ROUNDING_W
        if not within and battery.id not in self._misjudged:
            self._misjudged.add(battery.id)
            built = f"built for {-battery.discharge_w:.0f} to {battery.charge_w:.0f} W"
            self._blame(battery, "rating", f"told {told_w:.0f} W, {built}")
        soc_pct = 100.0 * cells.soc
        # While nobody is there it goes on by what it was told, until its own timer ends that.
        away = ground.run_s - self._away_s <= CONTROLLER_BLIND_S
        over = told_w > ROUNDING_W and soc_pct > beyond_pct(battery)[0]
        under = told_w < -ROUNDING_W and soc_pct < beyond_pct(battery)[1]
        self._lasting(battery, "full", over and not away, f"told {told_w:.0f} W at {soc_pct:.1f} %", dt_s)
        self._lasting(battery, "empty", under and not away, f"told {told_w:.0f} W at {soc_pct:.1f} %", dt_s)

    def _flows(self, battery: Battery, site_w: float, dt_s: float) -> None:
        ground = self._ground
        gives = ground.plant.storage[battery.id].total_w < -GIVES_W
        known = ground.run_s - self._blind_s > AFTER_S
        feeds = known and gives and site_w < -FEEDS_W
        what = f"gives while the site feeds back {-site_w:.0f} W"
        # What those feed back that may is not this one's.
        others = (ground.plant.storage[b.id].total_w for b in ground.site.batteries if b.may_export)
        allowed_w = sum(-min(0.0, w) for w in others)
        beyond_w = site_w + allowed_w
        self._lasting(battery, "export", feeds and not battery.may_export and beyond_w < -FEEDS_W, what, dt_s)
        limit_w = ground.site.root.export_limit_w
        beyond = limit_w is not None and feeds and site_w < -limit_w - FEEDS_W
        self._lasting(battery, "export limit", beyond, f"{what} of {limit_w or 0.0:.0f} W", dt_s)

    def _lasting(self, battery: Battery, rule: str, wrong: bool, what: str, dt_s: float) -> None:
        key = (battery.id, rule)
        if not wrong:
            self._since_s.pop(key, None)
            return
        before_s = self._since_s.get(key, 0.0)
        lasted_s = self._since_s[key] = before_s + dt_s
        self.worst_s = max(self.worst_s, lasted_s)
        if before_s <= REACTION_S < lasted_s:
            self._blame(battery, rule, f"{what}, for {lasted_s:.0f} s")

    def _blame(self, battery: Battery, rule: str, what: str) -> None:
        finding = Finding(rule=f"battery {rule}", at_s=self._ground.run_s, what=f"{battery.id!r} {what}")
        self.findings.append(finding)
