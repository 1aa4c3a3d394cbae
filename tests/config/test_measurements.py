"""What formulas may read of devices."""

from kwartier.config.measurements import charge_point_names, formula_values, meter_names
from kwartier.site.readings import ChargePointReading, MeterReading
from kwartier.site.setpoints import Picture

METER = MeterReading(
    meter_id="board-a",
    at_s=100.0,
    current_a=(1.0, 2.0, -3.0),
    voltage_v=(230.0, None, 231.0),
    power_w=500.0,
)
POINT = ChargePointReading(charge_point_id="left", at_s=100.0, state="C2", current_a=(16.0, 0.0, 0.0))


def _picture(now_s: float) -> Picture:
    return Picture(
        now_s=now_s, utc_s=0.0, meters={"board-a": METER}, charge_points={"left": POINT}, wishes={}
    )


def test_values_have_the_names_that_are_promised() -> None:
    """Every value of a device is under a name that a formula is allowed to use, in lower case."""
    values = formula_values({"AVAIL": 60.0}, _picture(101.0), {})
    assert set(values) - {"avail"} <= meter_names("board-a") | charge_point_names("left")
    assert values["avail"] == 60
    assert values["board_a.power_w"] == 500
    assert values["board_a.current_l3_a"] == -3
    assert values["left.current_l1_a"] == 16


def test_an_absent_value_is_absent_and_not_zero() -> None:
    """A phase without a voltage has no name in the values."""
    assert "board_a.voltage_l2_v" not in formula_values({}, _picture(101.0), {})


def test_an_old_value_is_absent() -> None:
    """A meter counts for 10 s, a slow one for three of its intervals; variables never grow old."""
    assert "board_a.power_w" in formula_values({}, _picture(110.0), {})
    assert formula_values({"a": 1.0}, _picture(110.5), {}) == {"a": 1.0}
    assert "board_a.power_w" in formula_values({}, _picture(130.0), {"board-a": 10.0})
    assert "board_a.power_w" not in formula_values({}, _picture(130.5), {"board-a": 10.0})
