"""The peak page's figures out of an account that is fed as the cycle feeds it."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.control.power_house import house_site

from kwartier.control.rows.budget import Allowance
from kwartier.edge.account import Account
from kwartier.edge.views.peaks import goal, page
from kwartier.metering.quarters import ClosedQuarter
from kwartier.site.quarters import ClosedMonth, QuarterSettings
from kwartier.site.readings import ChargePointReading, MeterReading
from kwartier.site.setpoints import Picture
from kwartier.web.peak_schemas import Peaks, QuarterNow

ZONE = ZoneInfo("Europe/Brussels")
BEGIN_S = datetime(2026, 11, 28, 18, 0, tzinfo=ZONE).timestamp()
SITE = house_site([(1,), (2,)], quarter=QuarterSettings(eur_per_kw_year=48.0))


def picture(t: float, import_kwh: float, left_kwh: float, **more: object) -> Picture:
    reading = MeterReading(
        meter_id="main",
        at_s=100.0 + t,
        current_a=(1.0, 1.0, 1.0),
        power_w=1000.0,
        energy_import_kwh=import_kwh,
        energy_export_kwh=5.0,
        meter_time_s=BEGIN_S + t,
        **more,  # type: ignore[arg-type]
    )
    points = {
        i: ChargePointReading(
            charge_point_id=i, at_s=100.0 + t, state="C2", current_a=(0.0, 0.0, 0.0), energy_kwh=kwh
        )
        for i, kwh in (("p0", 50.0 + left_kwh), ("p1", 20.0))
    }
    return Picture(
        now_s=100.0 + t, utc_s=BEGIN_S + t, meters={"main": reading}, charge_points=points, wishes={}
    )


def fed() -> tuple[Account, list[ClosedQuarter]]:
    closed: list[ClosedQuarter] = []
    account = Account(SITE, {}, closed.append)
    history = (
        ClosedMonth(closed_at_s=datetime(2026, 11, 1, tzinfo=ZONE).timestamp(), at_s=None, peak_w=1800.0),
    )
    for t in range(0, 1801, 10):
        kwh = t / 3600 * (6.0 if t <= 900 else 2.0) + (0.0 if t <= 900 else 1.0)
        left = min(t, 900) / 900 * 1.1
        account.take(picture(float(t), 1000.0 + kwh, left, peak_history=history))
    return account, closed


def test_a_step_finds_the_running_quarter_of_a_meter_with_a_goal() -> None:
    """And its month peak so far; quarters are closed once."""
    account, closed = fed()
    found = account.pages()["main"]
    assert found.running is not None
    assert (found.running.start_s, found.at_s) == (BEGIN_S + 1800, 1900.0)
    assert found.peak is not None
    assert found.peak.peak_w == 6000.0
    assert [q.start_s for q in closed] == [BEGIN_S, BEGIN_S + 900]
    assert Account(house_site([(1,)]), {}, closed.append).pages() == {}


def test_the_page_tells_the_peak_its_cause_the_months_and_the_euros() -> None:
    """Who drew in the quarter of the month's peak; what nobody measured is other load; the floor for October."""
    account, _ = fed()
    out = page(SITE, account, None, 0.0)
    Peaks.model_validate(out)
    assert out["month"]["peak_w"] == 6000.0
    assert out["month"]["start"] == "2026-11-28T18:00:00+01:00"
    parts = {p["id"]: p["kwh"] for p in out["month"]["cause"]["parts"]}
    assert parts == {"p0": 1.1, None: 0.4}
    assert [(m["month"], m["peak_w"], m["billed_w"]) for m in out["months"]] == [
        ("2026-10", 1800.0, 2500.0),
        ("2026-11", 6000.0, 6000.0),
    ]
    assert out["mean_w"] == 4250.0
    assert out["eur_per_year"] == 204.0
    assert out["eur_per_kw_more"] == 4.0


def test_ledger_and_causes_survive_a_restart() -> None:
    """What is kept is taken up again, and the meter that has forgotten takes nothing away."""
    account, _ = fed()
    second = Account(SITE, account.memories, lambda _: None)
    second.resume(account.months(), account.causes)
    second.take(picture(1900.0, 1002.2, 1.1))
    assert page(SITE, second, None, None)["month"]["cause"] is not None
    assert page(SITE, second, None, None)["mean_w"] == 4250.0


def test_a_quarter_that_was_not_watched_from_its_beginning_has_no_cause() -> None:
    """Nobody knows who drew before we looked."""
    account = Account(SITE, {}, lambda _: None)
    for t in range(300, 1000, 10):
        account.take(picture(float(t), 1000.0 + t / 600, 0.0))
    assert page(SITE, account, None, None)["month"]["cause"] is None


def test_the_running_quarter_against_its_goal() -> None:
    """kW still free are those over what flows now, until the end."""
    account, _ = fed()
    running = account.running()
    assert running is not None
    running = replace(running, elapsed_s=600.0, energy_kwh=0.5, projected_w=2600.0)
    allowance = Allowance(
        status="held",
        power_w=2400.0,
        end_s=int(BEGIN_S) + 2700,
        target_w=4000.0,
        left_kwh=0.5,
        without_w=2200.0,
    )
    out = goal(running, allowance, ZONE)
    assert out["free_w"] == (4000.0 - 2600.0) * 3
    assert (out["budget_kwh"], out["left_kwh"], out["left_s"]) == (1.0, 0.5, 300.0)
    assert "18:45" in out["reason"]["en"]
    assert goal(replace(running, elapsed_s=895.0), allowance, ZONE)["free_w"] is None, (
        "no 43 kW for five seconds"
    )
    later = goal(running, replace(allowance, end_s=int(BEGIN_S) + 3600), ZONE)
    assert (later["free_w"], later["left_kwh"], later["without_chargers_w"]) == (None, None, None)
    assert later["target_w"] == 4000.0
    assert goal(None, None, ZONE)["status"] == "free"
    shown = {"start": "x", "end": "x", "elapsed_s": 600.0, "energy_kwh": 0.5, "source": "meter"}
    QuarterNow.model_validate(
        {**shown, "demand_w": 1.0, "projected_w": 1.0, "month_peak_w": None, "month_peak_at": None, **out}
    )
