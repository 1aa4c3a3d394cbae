"""The load beside chargers that is recorded for the fail-safe proof, where a battery stands beside the house."""

from tests.control.battery_house import battery_site

from kwartier.edge.base_load import BaseLoads
from kwartier.safety.power import LEAST_V
from kwartier.site.batteries import BatteryReading
from kwartier.site.readings import MeterReading


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
