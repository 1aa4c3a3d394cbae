"""The load beside chargers that is recorded for the fail-safe proof, where a battery stands beside the house."""

from tests.control.battery_house import battery_site

from kwartier.edge.base_load import BaseLoads
from kwartier.safety.power import LEAST_V
from kwartier.simulation.scenarios import household_site
from kwartier.site.batteries import BatteryReading
from kwartier.site.readings import ChargePointReading, MeterReading


def recorded_a(power_w: float | None) -> float | None:
    """On L1, for a meter that shows 8 A beside a battery of this power; None: nothing was recorded."""
    loads = BaseLoads(battery_site([]))
    for second in range(10):
        loads.take(MeterReading(meter_id="main", at_s=float(second), current_a=(8.0, 8.0, 8.0)))
        if power_w is not None:
            loads.take(BatteryReading(battery_id="b", at_s=float(second), power_w=power_w))
    found = loads.settled(10.0)
    return found["grid"][0] if found else None


def test_what_a_battery_gives_hides_no_load() -> None:
    """House 8 A by the meter and 4.5 kW out of the battery: when it is empty the house takes all of that from the grid."""
    assert recorded_a(0.0) == 8.0
    assert recorded_a(-4500.0) == 8.0 + 4500.0 / 3 / LEAST_V
    assert recorded_a(4500.0) == 8.0  # what it takes is part of what the meter shows
    assert recorded_a(None) is None


def test_what_the_sun_gives_hides_no_load() -> None:
    """A house of 20 A beside panels of 12 A: the connection shows 8 A until a cloud comes. Of sun that comes and goes only what it surely gave counts,
    for this record is kept for ever; panels that are not heard hide what they hide."""
    assert beside_sun_a([-12.0] * 10) == 20.0
    assert beside_sun_a([-12.0 if second % 2 else -3.0 for second in range(10)]) == 11.0
    assert beside_sun_a([0.5] * 10) == 8.0  # an inverter at night draws a little
    assert beside_sun_a([]) == 8.0


def beside_sun_a(given_a: list[float]) -> float:
    """What is recorded on L1 where the connection shows 8 A and the panels tell these currents, second by second."""
    site = household_site()
    loads, told = BaseLoads(site), iter(given_a)
    for second in range(10):
        loads.take(
            MeterReading(meter_id=site.root.meter or "", at_s=float(second), current_a=(8.0, 8.0, 8.0))
        )
        for point in site.charge_points:
            loads.take(ChargePointReading(charge_point_id=point.id, at_s=float(second), state="A1"))
        sun_a = next(told, None)
        if sun_a is not None:
            loads.take(MeterReading(meter_id="pv", at_s=float(second), current_a=(sun_a, sun_a, sun_a)))
    return loads.settled(10.0)[site.root.id][0]
