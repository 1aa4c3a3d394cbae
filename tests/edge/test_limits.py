"""Limits that are formulas, as a running site calculates them: what holds while a measurement is missing."""

from pathlib import Path

import pytest

from kwartier.config import load, to_site
from kwartier.edge.limits import FormulaLimits
from kwartier.site.phases import PhaseVector
from kwartier.site.readings import MeterReading
from kwartier.site.setpoints import Message, Picture

SITE = """
site: {name: House}
circuits:
  - id: grid
    limit_a: {formula: 50 - feeder.current_a, max_a: 40, else_a: 20}
    meter: main
    safe_current_a: 10
meters:
  - {id: main, type: p1, url: "serial:///dev/ttyUSB0"}
  - {id: feeder, type: socomec-countis-e27, url: "modbus-tcp://192.168.0.4?unit=5"}
charge_points:
  - {id: left, type: alfen-ng9xx, url: "modbus-tcp://192.168.0.10", circuit: grid, fallback_a: 6}
"""


class Run:
    """The formulas of a site with one meter beside its own."""

    def __init__(self, path: Path) -> None:
        config = load(path)
        self.said: list[Message] = []
        self.limits = FormulaLimits(config, to_site(config), self.said.append)
        self.meters: dict[str, MeterReading] = {}

    def at(self, now_s: float, current_a: float | None = None, clock_s: float | None = None) -> PhaseVector:
        """The limit at a moment, after a value of the meter where there is one."""
        if current_a is not None:
            self.meters["feeder"] = MeterReading(
                meter_id="feeder", at_s=now_s, current_a=(current_a,) * 3, meter_time_s=clock_s
            )
        meters = dict(self.meters)
        (limit,) = self.limits(Picture(now_s=now_s, utc_s=now_s, meters=meters, charge_points={}, wishes={}))
        return limit.value_a


@pytest.fixture
def run(tmp_path: Path) -> Run:
    path = tmp_path / "site.yaml"
    path.write_text(SITE, encoding="utf-8")
    return Run(path)


def test_a_formula_without_an_answer_never_allows_more_than_its_last_one(run: Run) -> None:
    """`else_a` is 20 A: it holds before the first answer, and after one of more; a tighter answer stays."""
    assert run.at(1.0) == (20.0, 20.0, 20.0)
    assert run.at(2.0, 12.0) == (38.0, 38.0, 38.0)
    assert run.at(20.0) == (20.0, 20.0, 20.0)
    assert run.at(21.0, 45.0) == (5.0, 5.0, 5.0)
    assert run.at(40.0) == (5.0, 5.0, 5.0)
    run.at(50.0)
    (told,) = [m for m in run.said if m.reason.code == "limit_formula_stuck" and m.at_s == 50.0]
    assert dict(told.reason.params)["else_a"] == 5.0
    assert run.at(51.0, 12.0) == (38.0, 38.0, 38.0)


def test_a_frozen_meter_gives_a_formula_no_answer(run: Run) -> None:
    """One that repeats a telegram is heard all the time and tells nothing: its value is as old as its first copy."""
    for second in range(60):
        clock_s = 1000.0 + min(second, 30)
        limit_a = run.at(100.0 + second, 12.0, clock_s)
        assert limit_a[0] == (38.0 if second <= 40 else 20.0), second
    assert run.at(160.0, 12.0, 1060.0)[0] == 38.0
