"""The fast loop over one quarter-hour, in means: what it makes of a plan when house and sun turn out otherwise.

Within a quarter the controller sees the meter every second, so the mean of the quarter is in its hands as far as battery and
car reach. It decides by prices: a kWh in the battery and a kWh missing in the car have a value (the plan's duals), import
up to the month's peak has a price, and above the peak it is dearer than all of them.
"""

from dataclasses import dataclass

import numpy as np

_TIE_EUR_PER_KWH = 0.004
"""Values closer than this are equal: then the plan is followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the plan says of one quarter-hour."""

    battery_w: float
    car_w: float
    net_w: float
    """Load less sun, as it was expected."""
    battery_eur_per_kwh: float
    """What a kWh in the battery is worth."""
    car_eur_per_kwh: float
    """What a kWh more that the car needs would cost."""
    peak_w: float
    """A quarter-hour may go up to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What there is to act with."""

    charge_w: float
    """What the battery can take for the whole quarter."""
    discharge_w: float
    """What it can give."""
    charge_efficiency: float
    discharge_efficiency: float
    wear_eur_per_kwh: float
    car_present: bool
    car_min_w: float
    car_max_w: float
    """Also no more than what it still needs."""
    car_must_w: float
    """Less than this and it cannot be ready by its departure."""


def act(
    net_w: float, told: Told, means: Means, import_price: float, export_price: float
) -> tuple[float, float]:
    """Mean power of battery (positive charges) and car over the quarter-hour."""
    car = _car(told, means, import_price)
    battery = _battery(net_w + car, net_w - told.net_w, told, means, import_price, export_price)
    over = net_w + car + battery - told.peak_w
    if over > 0.0:
        battery, car = _guard(over, battery, car, told, means)
    return battery, _allowed(car, means)


def _car(told: Told, means: Means, import_price: float) -> float:
    if not means.car_present:
        return 0.0
    wanted = told.car_w
    if told.car_eur_per_kwh > import_price + _TIE_EUR_PER_KWH:
        wanted = means.car_max_w
    return max(min(wanted, means.car_max_w), means.car_must_w)


def _battery(
    need_w: float, more_w: float, told: Told, means: Means, import_price: float, export_price: float
) -> float:
    """Before the peak is looked at: by prices, where they are equal as planned, what was not foreseen on the battery."""
    gives_from = told.battery_eur_per_kwh / means.discharge_efficiency + means.wear_eur_per_kwh
    takes_up_to = told.battery_eur_per_kwh * means.charge_efficiency
    power = 0.0
    if need_w > 0.0:
        covered = min(need_w, means.discharge_w)
        room = max(0.0, min(means.charge_w, told.peak_w - need_w))
        if import_price > gives_from + _TIE_EUR_PER_KWH:
            power = -covered
        elif import_price > gives_from - _TIE_EUR_PER_KWH:
            power = min(max(told.battery_w - more_w, -covered), max(0.0, min(told.battery_w, room)))
        elif import_price < takes_up_to - _TIE_EUR_PER_KWH:
            power = room
        elif import_price < takes_up_to + _TIE_EUR_PER_KWH:
            power = min(max(told.battery_w - more_w, 0.0), room) if told.battery_w > 0.0 else 0.0
    elif import_price < takes_up_to - _TIE_EUR_PER_KWH:
        power = max(0.0, min(means.charge_w, told.peak_w - need_w))
    elif export_price < takes_up_to + _TIE_EUR_PER_KWH:
        power = min(means.charge_w, -need_w)
    if export_price > gives_from + _TIE_EUR_PER_KWH:
        power = -means.discharge_w
    return power


def _guard(over_w: float, battery_w: float, car_w: float, told: Told, means: Means) -> tuple[float, float]:
    """Down to the peak: charging stops first, then whoever is the cheaper of battery and car, then the other."""
    stopped = min(max(battery_w, 0.0), over_w)
    battery_w -= stopped
    over_w -= stopped
    gives_from = told.battery_eur_per_kwh / means.discharge_efficiency + means.wear_eur_per_kwh
    if told.car_eur_per_kwh < gives_from:
        eased = min(over_w, max(0.0, car_w - means.car_must_w))
        car_w -= eased
        over_w -= eased
    helped = min(over_w, max(0.0, means.discharge_w + min(battery_w, 0.0)))
    battery_w -= helped
    over_w -= helped
    eased = min(over_w, max(0.0, car_w - means.car_must_w))
    return battery_w, car_w - eased


def _allowed(car_w: float, means: Means) -> float:
    """A car below its minimum does not charge, except for the last bit, in a part of the quarter."""
    if car_w >= means.car_min_w or means.car_max_w < means.car_min_w:
        return car_w
    return float(np.where(means.car_must_w > 0.0, car_w, 0.0))
