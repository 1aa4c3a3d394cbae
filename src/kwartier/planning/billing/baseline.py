"""What it would have cost without Kwartier: the same house, the same sun, the same kWh into the cars, ruled by nobody.

Method, and it is told with every figure:

- the house's own load is what was measured, less what cars and batteries did (grid + sun + battery - cars);
- each car charges at once and as fast as it may from the moment it is plugged in, until it has what it really got
  (or until it left: the rest is told as `undelivered_kwh`, and not as a saving);
- a battery is `idle`, or serves self-consumption: it takes surplus and gives it back to the house, never to the grid,
  with its real limits and losses, from the state of charge it really had at the beginning;
- energy that is in the battery at the end more or less than it really was is valued at the mean price of import.

Powers are means over quarter-hours. Positive flows into a component, so the sun is negative and so is a battery that
gives; the grid is the sum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kwartier.planning.billing.values import Bill
from kwartier.site.intervals import QUARTER_S
from kwartier.site.tariffs import GROUPS
from kwartier.site.units import kwh, mean_power_w

BatteryMode = Literal["none", "idle", "self-consumption"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A car that was there."""

    plugged_s: float
    """UTC."""
    unplugged_s: float
    energy_kwh: float
    """What it took, at the charger's meter."""
    max_w: float
    """What charger and car may draw together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryLimits:
    """A battery as self-consumption would use it."""

    capacity_kwh: float
    start_kwh: float
    """What was in it at the beginning."""
    end_kwh: float | None = None
    """What really was in it at the end; None: not known, and then it is not valued."""
    min_kwh: float = 0.0
    charge_w: float = 0.0
    discharge_w: float = 0.0
    charge_efficiency: float = 0.95
    discharge_efficiency: float = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The series that nobody ruled, by quarter start, in kWh."""

    import_kwh: Mapping[int, float]
    export_kwh: Mapping[int, float]
    undelivered_kwh: float
    """What the cars really got and would not have got, since they charged slower than they might have."""
    battery_left_kwh: float
    """In the battery at the end, more (or, below zero, less) than really was."""
    method: str
    """A code for the screen: `at_once+idle`, `at_once+self-consumption`."""


def baseline(
    starts_s: Sequence[int],
    grid_w: Sequence[float],
    cars_w: Sequence[float],
    battery_w: Sequence[float],
    sessions: Sequence[Session],
    *,
    mode: BatteryMode = "none",
    battery: BatteryLimits | None = None,
) -> Baseline:
    """The quarter-hours without Kwartier.

    `grid_w`, `cars_w` (all cars together), `battery_w` are measured means of the same quarters, in order. Raises
    ValueError for series of different lengths, or a battery to be used of which nothing is known.
    """
    if not len(starts_s) == len(grid_w) == len(cars_w) == len(battery_w):
        raise ValueError("grid, cars and battery need one mean power for each quarter-hour")
    if mode == "self-consumption" and battery is None:
        raise ValueError("self-consumption needs the limits of the battery")
    at_once, undelivered = charge_at_once(starts_s, sessions)
    taken: dict[int, float] = {}
    given: dict[int, float] = {}
    stored = battery.start_kwh if battery is not None else 0.0
    for i, start_s in enumerate(starts_s):
        net_w = grid_w[i] - cars_w[i] - battery_w[i] + mean_power_w(at_once.get(start_s, 0.0), QUARTER_S)
        if mode == "self-consumption" and battery is not None:
            flow_w, stored = _serve(battery, stored, net_w)
            net_w += flow_w
        energy = kwh(net_w, QUARTER_S)
        taken[start_s], given[start_s] = max(0.0, energy), max(0.0, -energy)
    left = 0.0
    if battery is not None and battery.end_kwh is not None and mode != "none":
        left = stored - battery.end_kwh
    return Baseline(
        import_kwh=taken,
        export_kwh=given,
        undelivered_kwh=undelivered,
        battery_left_kwh=left,
        method="at_once" if mode == "none" else f"at_once+{mode}",
    )


def charge_at_once(starts_s: Sequence[int], sessions: Sequence[Session]) -> tuple[dict[int, float], float]:
    """Energy per quarter when each car takes what it got as soon and as fast as it can, and what did not fit."""
    inside = set(starts_s)
    out: dict[int, float] = {}
    undelivered = 0.0
    for session in sessions:
        left_kwh = session.energy_kwh
        start_s = int(session.plugged_s // QUARTER_S) * QUARTER_S
        while left_kwh > 0 and start_s < session.unplugged_s:
            begin = max(session.plugged_s, start_s)
            end = min(session.unplugged_s, start_s + QUARTER_S)
            energy = min(left_kwh, kwh(session.max_w, end - begin))
            if start_s in inside and energy > 0:
                out[start_s] = out.get(start_s, 0.0) + energy
            left_kwh -= energy
            start_s += QUARTER_S
        undelivered += max(0.0, left_kwh)
    return out, undelivered


def _serve(battery: BatteryLimits, stored_kwh: float, net_w: float) -> tuple[float, float]:
    """What the battery does with a surplus or a need, W at its terminals, and what is in it then."""
    if net_w < 0:
        room_w = mean_power_w((battery.capacity_kwh - stored_kwh) / battery.charge_efficiency, QUARTER_S)
        power_w = max(0.0, min(-net_w, battery.charge_w, room_w))
        return power_w, stored_kwh + kwh(power_w, QUARTER_S) * battery.charge_efficiency
    there_w = mean_power_w((stored_kwh - battery.min_kwh) * battery.discharge_efficiency, QUARTER_S)
    power_w = max(0.0, min(net_w, battery.discharge_w, there_w))
    return -power_w, stored_kwh - kwh(power_w, QUARTER_S) / battery.discharge_efficiency


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """The difference of two bills, with what it rests on."""

    without_eur: float
    with_eur: float
    battery_eur: float
    """What the energy is worth that the battery would hold more at the end: the bill without Kwartier paid for it."""
    saving_eur: float
    by_group: Mapping[str, float]
    """Without VAT, per part of the bill."""
    method: str
    undelivered_kwh: float


def saving(without: Bill, real: Bill, line: Baseline, discharge_efficiency: float = 0.95) -> Saving:
    """What Kwartier saved in the period of both bills. Raises ValueError for bills of different periods."""
    if (without.first, without.last) != (real.first, real.last):
        raise ValueError("a saving compares two bills of one period")
    price = float(without.of("energy") / without.import_kwh) if without.import_kwh else 0.0
    battery_eur = line.battery_left_kwh * discharge_efficiency * price
    without_eur, with_eur = float(without.total_incl), float(real.total_incl)
    return Saving(
        without_eur=without_eur,
        with_eur=with_eur,
        battery_eur=round(battery_eur, 2),
        saving_eur=round(without_eur - battery_eur - with_eur, 2),
        by_group={group: float(without.of(group) - real.of(group)) for group in GROUPS},
        method=line.method,
        undelivered_kwh=line.undelivered_kwh,
    )
