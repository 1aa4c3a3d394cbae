"""What the site tells its planner of the days before: cars that came, months that are closed, prices that are guessed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from tests.planning.situations import car, situation

from kwartier.config.loading import load
from kwartier.control.memory import initial
from kwartier.edge.account import Account
from kwartier.edge.demonstration.past import MadeUpPast
from kwartier.edge.plan.blocks import blocks
from kwartier.edge.plan.made import advice_of
from kwartier.edge.plan.planner import SitePlanner
from kwartier.historian.codec import decode, encode
from kwartier.metering.ledger import MonthEntry
from kwartier.metering.peaks import month_of
from kwartier.planning.siteplan import Planner
from kwartier.planning.situation import Situation
from kwartier.simulation.emulators.market import usual_price
from kwartier.simulation.scenarios import household_site
from kwartier.site.batteries import Battery, BatteryReading
from kwartier.site.errors import StorageError
from kwartier.site.prices import PriceSeries
from kwartier.site.quarters import MonthPeak, QuarterSettings
from kwartier.site.setpoints import Picture
from kwartier.site.topology import Site

ZONE = ZoneInfo("Europe/Brussels")
NOW_S = datetime(2026, 4, 14, 16, 30, tzinfo=ZONE).timestamp()


class InProcess:
    """The planner without its process; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Situation] = []

    async def ask(self, do: str, asked: Mapping[str, Any], limit_s: float) -> Any:
        """Answer at once."""
        self.asked.append(decode(Situation, asked))
        return encode(Planner.new().plan(self.asked[-1]))


class CountedStays:
    """A past of which it is counted how often it is read; `broken`: it cannot be."""

    def __init__(self, past: MadeUpPast) -> None:
        self.past, self.read, self.broken = past, 0, False

    def stays(self, charge_point_id: str, from_s: float, to_s: float) -> list[tuple[float, float]]:
        """See `Stays`."""
        self.read += 1
        if self.broken:
            raise StorageError("disk I/O error")
        return self.past.stays(charge_point_id, from_s, to_s)


def site(*, battery: bool) -> Site:
    """The household of the examples, with a price of its month's peak."""
    plain = household_site()
    quarter = QuarterSettings(follow="plan", floor_w=2500.0, eur_per_kw_year=56.0)
    cellar = Battery(
        id="cellar", name="Battery", circuit="grid", capacity_kwh=10.0, charge_w=4000.0, discharge_w=4000.0
    )
    return replace(
        plain,
        circuits=(replace(plain.circuits[0], quarter=quarter), *plain.circuits[1:]),
        batteries=(cellar,) if battery else (),
    )


def planner(past: MadeUpPast, stays: CountedStays, child: InProcess, *, battery: bool = True) -> SitePlanner:
    """A planner whose clock stands still, on a site that nobody runs."""
    made = site(battery=battery)
    account = Account(made, {}, lambda _: None)
    account.seed_peak(
        "main", MonthPeak(month=month_of(NOW_S, ZONE), peak_w=3100.0, start_s=int(NOW_S) - 9000)
    )
    account.merge(
        tuple(
            MonthEntry(year=2026, month=month, peak_w=1000.0 * month, source="quarters")
            for month in (2, 3, 4)
        )
    )
    picture = Picture(
        now_s=0.0,
        utc_s=NOW_S,
        meters={},
        charge_points={},
        wishes={},
        batteries={"cellar": BatteryReading(battery_id="cellar", at_s=0.0, soc_pct=40.0)},
    )
    cycle = SimpleNamespace(
        site=made,
        account=account,
        picture=picture,
        memory=initial(made, 0.0),
        board=SimpleNamespace(wishes={}),
    )
    values = tuple(usual_price(s) / 1000 for s in range(int(NOW_S) - 20 * 86400, int(NOW_S) + 30600, 900))
    prices = PriceSeries(
        start_s=int(NOW_S) - 20 * 86400, eur_per_kwh=values, source="test", fetched_at_s=NOW_S
    )
    return SitePlanner(
        config=load(Path(str(files("kwartier.config") / "examples" / "household.yaml"))),
        cycle=cast(Any, cycle),
        clock=cast(Any, SimpleNamespace(utc_s=lambda: NOW_S)),
        recorded=past,
        stays=stays,
        market=SimpleNamespace(prices=prices, withheld=False),
        tell=lambda _: None,
        child=cast(Any, child),
    )


async def test_the_days_before_are_told() -> None:
    """Stays with what they took, read once a day; the months before this one; how far prices are known; and what comes back
    has the worth of a kWh in the battery."""
    past = MadeUpPast(NOW_S, ZONE, ("left", "right"))
    stays, child = CountedStays(past), InProcess()
    made = planner(past, stays, child)
    first = await made.make("plan_first")
    await made.make("plan_periodic")
    assert stays.read == 2  # once for each charge point
    asked = child.asked[0]
    assert asked.closed_peaks_w == (2000.0, 3000.0)
    assert asked.peak.so_far_w == 3100.0
    assert asked.points == 2
    assert 30 < asked.known_steps < 40
    assert len(asked.stays) > 30
    for stay in asked.stays:
        begin_s, end_s = int(stay.plugged_s) // 900 * 900, int(stay.gone_s)
        recorded = [
            sum(past.means(f"charge_point.{name}.power_w", begin_s, end_s).values()) / 4000
            for name in ("left", "right")
        ]
        assert any(abs(kwh - stay.energy_kwh) < 1.0 for kwh in recorded)
        assert 4.0 < stay.energy_kwh < 14.0
        assert stay.gone_s <= NOW_S
    advice = advice_of(first)
    assert len(advice.values_eur_per_kwh["cellar"]) == len(advice.grid_w)
    assert advice.values_eur_per_kwh["cellar"][0] > 0.05
    assert "cellar" in advice.batteries_w


async def test_a_past_that_cannot_be_read_is_no_reason_not_to_plan() -> None:
    """The plan goes on without, and tries again with the next."""
    past = MadeUpPast(NOW_S, ZONE, ("left", "right"))
    stays, child = CountedStays(past), InProcess()
    made = planner(past, stays, child)
    stays.broken = True
    assert (await made.make("plan_first")).answer.status in {"optimal", "feasible"}
    assert child.asked[0].stays == ()
    stays.broken = False
    await made.make("plan_periodic")
    assert len(child.asked[1].stays) > 30


async def test_without_a_battery_nobody_reads_the_stays() -> None:
    """Nothing could be kept ready for them."""
    past = MadeUpPast(NOW_S, ZONE, ("left", "right"))
    stays, child = CountedStays(past), InProcess()
    await planner(past, stays, child, battery=False).make("plan_first")
    assert stays.read == 0
    assert child.asked[0].batteries == ()


async def test_a_battery_that_is_silent_is_planned_with_what_it_surely_holds() -> None:
    """Its last word holds for minutes; then what it may have given by itself since is taken off, never below its floor,
    and the plan says so. Nothing more than that is planned out of it."""
    past = MadeUpPast(NOW_S, ZONE, ("left", "right"))
    child = InProcess()
    made = planner(past, CountedStays(past), child)
    cycle = cast(Any, made)._cycle
    for age_s, sure_kwh in ((60.0, 4.0), (1800.0, 4.0 - 2.0 / 0.95), (7200.0, 0.5)):
        cycle.picture = replace(cycle.picture, now_s=age_s)
        plan = await made.make("plan_periodic")
        task = child.asked[-1].batteries[0]
        assert task.soc_kwh == pytest.approx(sure_kwh)
        notes = [n for n in plan.inputs.notes if n.code == "note_battery_silent"]
        assert [dict(n.params)["age_min"] for n in notes] == ([] if age_s == 60.0 else [age_s / 60.0])
        assert min(plan.answer.batteries_kwh["cellar"]) >= task.min_soc_kwh - 1e-3
        stored = [sure_kwh, *plan.answer.batteries_kwh["cellar"]]
        given = sum(
            -w
            for w, b, a in zip(plan.answer.batteries_w["cellar"], stored, stored[1:], strict=False)
            if a < b and w < 0
        )
        taken = sum(w for w in plan.answer.batteries_w["cellar"] if w > 0)
        assert given / 4000 <= sure_kwh - task.min_soc_kwh + taken / 4000 + 1e-3


def test_a_fast_car_that_has_to_wait_is_not_told_that_it_charges_at_once() -> None:
    """Its minimum does not fit under the quarter-hour's goal before the sun helps; by hand it waits for another reason."""
    fast = car(mode="fast", min_w=1380.0, expected_kwh=5.0)
    codes = {}
    for name, goal_w, slots in (
        ("at once", 2500.0, ()),
        ("goal", 600.0, ()),
        ("hand", None, ((0, 8, 0.0),)),
    ):
        asked = situation(goal_w=goal_w, cars=(replace(fast, fixed=slots),))
        found = [b for b in blocks(asked, Planner.new().plan(asked)) if b.device_id == "left"]
        assert found[0].why is not None
        codes[name] = (found[0].why.code, found[0].first > 0)
    assert codes == {
        "at once": ("why_fast", False),
        "goal": ("why_fast_waits", True),
        "hand": ("why_fast_after", True),
    }
