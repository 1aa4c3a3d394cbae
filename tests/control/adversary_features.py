"""What a site of the adversary may have beside limits per phase, all of it at once, and the quarter-hour account of
its grid meter. As in `adversary`, nothing comes from the simulation."""

from dataclasses import dataclass, replace
from math import inf
from random import Random

from kwartier.site.quarters import QuarterPicture, QuarterSettings, RunningQuarter
from kwartier.site.topology import ChargePoint, Circuit, Fuse, FuseType, Site, User

VOLTS = 253.0
"""No meter here tells a voltage, so an ampere counts as this much at most."""
SWITCH_S = 3.0
"""A contactor for phases takes so long from the word to the change."""
QUARTER_S = 900.0


def with_everything(site: Site, dice: Random) -> Site:
    """The same site with people, fuses, limits on sums, on imbalance and on feeding back, a goal for its
    quarter-hours, charge points that can change their phases and some that need more to begin."""
    return replace(
        site,
        circuits=tuple(_circuit(c, dice) for c in site.circuits),
        charge_points=tuple(_point(p, dice) for p in site.charge_points),
        users=(
            User(id="u1", name="U1", rfid=("A1",), priority=1, weight=3.0, needs_kwh=20.0),
            User(id="u2", name="U2", rfid=("B2",), needs_kwh=5.0),
        ),
    )


def _circuit(c: Circuit, dice: Random) -> Circuit:
    uneven_a = dice.choice([None, 8.0, 16.0, 20.0]) if c.meter or c.parent is None else None
    kinds: tuple[FuseType | None, ...] = (None, "B", "C", "gG")
    fuse = dice.choice(kinds)
    quarter = None
    if c.meter and c.parent is None and dice.random() < 0.7:
        fixed_w = max(3 * (c.safe_current_a + 8.0), dice.choice([0.3, 0.6]) * sum(c.limit_a)) * VOLTS
        quarter = QuarterSettings(follow="fixed", fixed_w=fixed_w)
    return replace(
        c,
        imbalance_a=uneven_a,
        fuse=None if fuse is None else Fuse(type=fuse, rating_a=max(c.limit_a)),
        export_limit_w=dice.choice([None, 5000.0]) if c.meter else None,
        quarter=quarter,
    )


def _point(p: ChargePoint, dice: Random) -> ChargePoint:
    return replace(
        p,
        phase_switching=len(p.conductors) == 3 and dice.random() < 0.6,
        start_a=dice.choice([None, None, 9.0, 14.0]),
    )


@dataclass
class Account:
    """What a meter has counted in the running quarter-hour."""

    circuit: Circuit
    start_s: int
    elapsed_s: float
    energy_kwh: float

    @classmethod
    def begin(cls, circuit: Circuit, dice: Random) -> "Account":
        """Somewhere in a quarter in which the target would have been kept so far."""
        assert circuit.quarter is not None
        elapsed_s = float(dice.randint(0, 880))
        used_kwh = 0.8 * (circuit.quarter.fixed_w or 0.0) * elapsed_s / 3.6e6
        return cls(circuit, 1_700_000_100 // 900 * 900, elapsed_s, used_kwh)

    @property
    def target_w(self) -> float:
        """Of the mean power of a quarter-hour."""
        assert self.circuit.quarter is not None
        return self.circuit.quarter.fixed_w or 0.0

    def count(self, currents_a: list[float]) -> float | None:
        """One second more; returns the mean power of a quarter that has just ended."""
        self.energy_kwh += max(0.0, sum(currents_a)) * VOLTS / 3.6e6
        self.elapsed_s += 1.0
        if self.elapsed_s < QUARTER_S:
            return None
        ended_w = self.energy_kwh * 3.6e6 / QUARTER_S
        self.start_s, self.elapsed_s, self.energy_kwh = self.start_s + 900, 0.0, 0.0
        return ended_w

    def picture(self, now_s: float) -> QuarterPicture:
        """As a driver would freeze it."""
        running = RunningQuarter(
            meter_id=self.circuit.meter or "",
            start_s=self.start_s,
            elapsed_s=self.elapsed_s,
            energy_kwh=self.energy_kwh,
            demand_w=self.energy_kwh * 4000.0,
            projected_w=0.0,
            source="meter",
        )
        return QuarterPicture(running=running, at_s=now_s)


def reserved_a(circuit: Circuit) -> float:
    """What the loads of a circuit with a goal for its quarter-hours may be, over the phases: the target less the
    reserve of 15 %."""
    if circuit.quarter is None or circuit.quarter.fixed_w is None:
        return inf
    return 0.85 * circuit.quarter.fixed_w / VOLTS
