"""The same month without Kwartier."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from kwartier.config import tariff_catalogue
from kwartier.planning.billing import NO_SPOT, Flows, bill
from kwartier.planning.billing.baseline import (
    BatteryLimits,
    Session,
    baseline,
    charge_at_once,
    saving,
)
from kwartier.planning.billing.series import midnight

ZONE = ZoneInfo("Europe/Brussels")
DAY, NEXT = date(2026, 3, 2), date(2026, 3, 3)
START = midnight(DAY, ZONE)
STARTS = list(range(START, START + 86_400, 900))
BATTERY = BatteryLimits(
    capacity_kwh=10,
    start_kwh=5,
    end_kwh=5,
    charge_w=4000,
    discharge_w=4000,
    charge_efficiency=1,
    discharge_efficiency=1,
)


def test_a_car_charges_at_once() -> None:
    """5 kWh at 8 kW from 18:05: 2 kWh a quarter, so 1.33 in the quarter that runs, 2 in the next and 1.67 in the third."""
    session = Session(plugged_s=START + 65_100, unplugged_s=START + 86_400, energy_kwh=5, max_w=8000)
    energy, left = charge_at_once(STARTS, [session])
    assert [round(energy[s], 3) for s in sorted(energy)] == [1.333, 2.0, 1.667]
    assert left == 0


def test_what_would_not_have_been_delivered_is_told() -> None:
    """Half an hour at 4 kW gives 2 of 5 kWh."""
    session = Session(plugged_s=START, unplugged_s=START + 1800, energy_kwh=5, max_w=4000)
    energy, left = charge_at_once(STARTS, [session])
    assert sum(energy.values()) == pytest.approx(2)
    assert left == pytest.approx(3)


def test_a_charge_that_was_moved_to_the_night_moves_back() -> None:
    """8 kWh at 2 kW in the night, plugged at 18:00: without Kwartier 8 kW at 18:00. The house's 400 W stay."""
    cars = [2000.0 if i < 16 else 0.0 for i in range(96)]
    grid = [400.0 + c for c in cars]
    session = Session(plugged_s=START + 64_800, unplugged_s=START + 86_400, energy_kwh=8, max_w=8000)
    line = baseline(STARTS, grid, cars, [0.0] * 96, [session])
    assert line.method == "at_once"
    assert line.import_kwh[STARTS[0]] == pytest.approx(0.1)
    assert line.import_kwh[START + 64_800] == pytest.approx(2.1)
    assert sum(line.import_kwh.values()) == pytest.approx(9.6 + 8)
    tariff = tariff_catalogue.tariff(["fluvius-imewo"], vat_pct=None)
    real = bill(tariff, Flows.of(STARTS, [g / 4000 for g in grid]), NO_SPOT, ZONE, DAY, NEXT)
    without = bill(tariff, Flows.of(STARTS, [line.import_kwh[s] for s in STARTS]), NO_SPOT, ZONE, DAY, NEXT)
    result = saving(without, real, line)
    # energy is the same; the peak is 8.4 instead of 2.5 kW for one day of 31: 5.9 x 54.2009816 / 12 / 31 = 0.8596
    assert result.saving_eur == pytest.approx(0.86, abs=0.01)
    assert result.by_group["network"] == pytest.approx(result.saving_eur)


def test_a_battery_serves_the_house_alone() -> None:
    """2 kW of surplus for two hours fills 4 kWh, then 1 kW of need empties it; nothing goes to the grid from it."""
    house = [-2000.0] * 8 + [1000.0] * 88
    line = baseline(STARTS, house, [0.0] * 96, [0.0] * 96, [], mode="self-consumption", battery=BATTERY)
    assert sum(line.export_kwh.values()) == pytest.approx(0)
    assert sum(line.import_kwh.values()) == pytest.approx(22 - 9)
    assert line.battery_left_kwh == pytest.approx(-5)
    assert line.method == "at_once+self-consumption"


def test_an_idle_battery_does_nothing() -> None:
    """What it did is taken out of the grid, and it ends as it began."""
    line = baseline(STARTS, [3000.0] * 96, [0.0] * 96, [2000.0] * 96, [], mode="idle", battery=BATTERY)
    assert sum(line.import_kwh.values()) == pytest.approx(24)
    assert line.battery_left_kwh == 0


@pytest.mark.parametrize("power_w", [-5000.0, 5000.0])
def test_a_battery_keeps_to_its_limits(power_w: float) -> None:
    """Power and room: 4 kW of 5, until it is full or empty."""
    line = baseline(
        STARTS, [power_w] * 96, [0.0] * 96, [0.0] * 96, [], mode="self-consumption", battery=BATTERY
    )
    first = abs(line.import_kwh[STARTS[0]] - line.export_kwh[STARTS[0]])
    assert first == pytest.approx(0.25)
    assert abs(line.battery_left_kwh) == pytest.approx(5)


def test_what_cannot_be_compared_is_refused() -> None:
    """Series of different lengths, a battery nobody knows, bills of different periods."""
    with pytest.raises(ValueError, match="one mean power"):
        baseline(STARTS, [0.0], [0.0], [0.0], [])
    with pytest.raises(ValueError, match="limits of the battery"):
        baseline([], [], [], [], [], mode="self-consumption")
    tariff = tariff_catalogue.tariff(["fluvius-imewo"])
    one = bill(tariff, Flows.of(STARTS, [0.1] * 96), NO_SPOT, ZONE, DAY, NEXT)
    other = bill(tariff, Flows.of(STARTS, [0.1] * 96), NO_SPOT, ZONE, date(2026, 3, 1), NEXT)
    with pytest.raises(ValueError, match="one period"):
        saving(one, other, baseline([], [], [], [], []))
