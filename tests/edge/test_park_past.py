"""A car park at a running site: visits out of the charts, a target once a day, and the loop's goal in the advice."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from kwartier.config.loading import load
from kwartier.control.memory import initial
from kwartier.edge.account import Account
from kwartier.edge.plan.child import PlannerDown
from kwartier.edge.plan.made import advice_of
from kwartier.edge.plan.park_past import is_park, visits_of
from kwartier.edge.plan.planner import SitePlanner
from kwartier.historian.codec import decode, encode
from kwartier.metering.peaks import month_of
from kwartier.planning.sitepark import learn_park
from kwartier.planning.siteplan import Planner
from kwartier.planning.situation import ParkPast, Situation
from kwartier.simulation.scenarios import carpark_site
from kwartier.site.quarters import MonthPeak, QuarterSettings
from kwartier.site.setpoints import Picture
from kwartier.site.topology import Site

ZONE = ZoneInfo("Europe/Brussels")
NOW_S = datetime(2026, 4, 14, 10, 7, tzinfo=ZONE).timestamp()
NINE_S = int(datetime(2026, 4, 13, 9, 0, tzinfo=ZONE).timestamp())


def quarters(*values: float, at_s: int = NINE_S) -> dict[int, float]:
    """From nine o'clock on."""
    return {at_s + 900 * i: value for i, value in enumerate(values)}


def test_visits_are_seen_in_the_charts() -> None:
    """Full after an hour and still there; gone while it drew; one that waited its turn is one; two hours later is another."""
    full = visits_of(quarters(7000, 7000, 3000, 0, 0, 0), quarters(32, 32, 32, 6, 6, 6, 0, 0))
    assert [(v.arrive_s, v.depart_s, v.filled) for v in full] == [(NINE_S, NINE_S + 5400, True)]
    assert full[0].energy_kwh == pytest.approx(4.25)
    left = visits_of(quarters(7000, 7000, 7000), quarters(32, 32, 20, 0, 0, 0))
    assert [(v.depart_s, v.filled) for v in left] == [(NINE_S + 2700, False)]
    turn = visits_of(quarters(7000, 0, 0, 7000), quarters(32, 0, 0, 32))
    assert len(turn) == 1
    two = visits_of(quarters(7000, *[0] * 8, 4000), quarters(32, *[0] * 8, 32))
    assert [v.arrive_s for v in two] == [NINE_S, NINE_S + 8100]
    assert visits_of({}, quarters(6, 6)) == []  # it took nothing
    assert visits_of({}, {}) == []


class Workplace:
    """Charts of a car park on whose twelve first points a car stands each workday from eight to twelve, taking 9 kWh."""

    def means(self, name: str, from_s: int, to_s: int) -> dict[int, float]:
        """See `Recorded`."""
        out: dict[int, float] = {}
        begin_s = max(from_s, int(NOW_S) - 30 * 86400) // 900 * 900
        for s in range(begin_s, to_s, 900):
            at = datetime.fromtimestamp(s, ZONE)
            works = at.weekday() < 5 and 8 <= at.hour < 12
            draws = works and at.hour < 10
            if name == "house_w":
                out[s] = 5000.0
            elif name == "grid_w":
                out[s] = 5000.0 + (12 * 4500.0 if draws else 0.0)
            elif name.startswith("charge_point.p") and int(name.split(".")[1][1:]) <= 12:
                out[s] = (
                    (4500.0 if draws else 0.0)
                    if name.endswith("power_w")
                    else (20.0 if draws else 6.0 if works else 0.0)
                )
        return out

    def stays(self, charge_point_id: str, from_s: float, to_s: float) -> list[tuple[float, float]]:
        """Never asked: a park's cars are seen in its charts."""
        raise AssertionError("the journal of a car park is not read for stays")


class InProcess:
    """The planner without its process; `down`: it does not answer about parks."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.situations: list[Situation] = []
        self.down = False

    async def ask(self, do: str, asked: Mapping[str, Any], limit_s: float) -> Any:
        """Answer at once."""
        self.asked.append(do)
        if do == "park":
            if self.down:
                raise PlannerDown("it took longer than 60 s")
            return encode(learn_park(decode(ParkPast, asked)))
        self.situations.append(decode(Situation, asked))
        return encode(Planner.new().plan(self.situations[-1]))


def park(**quarter: Any) -> Site:
    """The car park of the examples with a goal for its quarter-hours."""
    plain = carpark_site()
    settings = replace(QuarterSettings(follow="plan", floor_w=2500.0, eur_per_kw_year=85.0), **quarter)
    return replace(plain, circuits=(replace(plain.circuits[0], quarter=settings), *plain.circuits[1:]))


def planner(site: Site, child: InProcess, peak_w: float) -> SitePlanner:
    """A planner on a site that nobody runs."""
    account = Account(site, {}, lambda _: None)
    assert site.root.meter is not None
    account.seed_peak(
        site.root.meter, MonthPeak(month=month_of(NOW_S, ZONE), peak_w=peak_w, start_s=int(NOW_S) - 9000)
    )
    cycle = SimpleNamespace(
        site=site,
        account=account,
        picture=Picture(now_s=0.0, utc_s=NOW_S, meters={}, charge_points={}, wishes={}),
        memory=initial(site, 0.0),
        board=SimpleNamespace(wishes={}),
    )
    charts = Workplace()
    return SitePlanner(
        config=load(Path(str(files("kwartier.config") / "examples" / "carpark.yaml"))),
        cycle=cast(Any, cycle),
        clock=cast(Any, SimpleNamespace(utc_s=lambda: NOW_S)),
        recorded=charts,
        stays=charts,
        market=SimpleNamespace(prices=None, withheld=False),
        tell=lambda _: None,
        child=cast(Any, child),
    )


async def test_the_loop_is_told_the_target_that_the_park_has_learnt() -> None:
    """Once a day. Twelve cars of 9 kWh in four hours need some 35 kW, and 5 kW of load: less than they drew, more than the floor."""
    child = InProcess()
    made = planner(park(), child, 21_000.0)
    first = advice_of(await made.make("plan_first"))
    await made.make("plan_periodic")
    assert child.asked == ["park", "plan", "plan"]
    assert 30_000.0 < first.peak_w <= 59_000.0
    assert child.situations[0].park
    assert child.situations[0].goal_w == first.peak_w
    assert is_park(park())


async def test_what_the_month_has_had_already_is_not_given_up() -> None:
    """The peak so far is the goal where it is higher."""
    child = InProcess()
    assert advice_of(await planner(park(), child, 90_000.0).make("plan_first")).peak_w == 90_000.0


async def test_without_an_answer_the_peak_so_far_holds() -> None:
    """And it is asked again with the next plan."""
    child = InProcess()
    child.down = True
    made = planner(park(), child, 21_000.0)
    assert advice_of(await made.make("plan_first")).peak_w == 21_000.0
    child.down = False
    assert advice_of(await made.make("plan_periodic")).peak_w > 21_000.0


@pytest.mark.parametrize("quarter", [{"follow": "month_peak"}, {"eur_per_kw_year": None}])
async def test_who_does_not_ask_for_it_gets_none(quarter: dict[str, Any]) -> None:
    """Another goal, or no price of the peak."""
    child = InProcess()
    await planner(park(**quarter), child, 21_000.0).make("plan_first")
    assert child.asked == ["plan"]
