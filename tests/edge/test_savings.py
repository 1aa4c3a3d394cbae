"""With and without Kwartier over days that are made up, and what a plan is made of where little is known."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from kwartier.config.tariff_section import TariffsSection
from kwartier.edge.demonstration.past import MadeUpPast
from kwartier.edge.plan.inputs import BACK_S, STEPS, gather, spoken
from kwartier.edge.plan.savings import Saved
from kwartier.simulation.emulators.market import usual_price
from kwartier.simulation.saving_site import saving_site
from kwartier.simulation.scenarios import household_site
from kwartier.site.errors import StorageError
from kwartier.site.prices import PriceSeries
from kwartier.web.plan_schemas import Savings

ZONE = ZoneInfo("Europe/Brussels")
NOW_S = datetime(2026, 4, 14, 16, 30, tzinfo=ZONE).timestamp()
TARIFF = TariffsSection(parts=["engie-dynamic", "fluvius-imewo", "be-household"]).tariff()


class Book:
    """Knows these prices."""

    withheld = False

    def __init__(self, days: int) -> None:
        start_s = int(NOW_S) // 86400 * 86400 - days * 86400
        values = tuple(usual_price(s) / 1000 for s in range(start_s, int(NOW_S) + 86400, 900))
        self.prices = (
            PriceSeries(start_s=start_s, eur_per_kwh=values, source="test", fetched_at_s=NOW_S)
            if days
            else None
        )


class Unreadable:
    """A history on a broken disk."""

    def means(self, name: str, from_s: int, to_s: int) -> dict[int, float]:
        """Nothing can be read."""
        raise StorageError("disk I/O error")

    def stays(self, charge_point_id: str, from_s: float, to_s: float) -> list[tuple[float, float]]:
        """Nothing can be read."""
        raise StorageError("disk I/O error")


@pytest.fixture(scope="module")
def past() -> MadeUpPast:
    """Five weeks."""
    return MadeUpPast(NOW_S, ZONE, ("left", "right"))


@pytest.mark.parametrize("tariff", [TARIFF, None])
async def test_the_saving_adds_up_and_says_how(past: MadeUpPast, tariff: object) -> None:
    """Parts add up to both bills and their difference; night charging below the peak saves; days run from noon to noon."""
    saved = Saved(
        site=household_site(),
        recorded=past,
        stays=past,
        market=Book(40),
        tariff=TARIFF if tariff is not None else None,
    )
    found = Savings.model_validate(await saved.document(NOW_S))
    assert found.saved_eur is not None
    assert found.with_eur is not None
    assert found.without_eur is not None
    assert sum(p.with_eur for p in found.parts) == pytest.approx(found.with_eur, abs=0.03)
    assert sum(p.without_eur for p in found.parts) == pytest.approx(found.without_eur, abs=0.03)
    assert found.saved_eur == pytest.approx(found.without_eur - found.with_eur, abs=0.011)
    assert found.saved_eur > 5
    assert len(found.days) == 30
    assert max(d.peak_with_w for d in found.days) < max(d.peak_without_w for d in found.days)
    assert len(found.method) >= 3
    assert found.notes == []
    again = await saved.document(NOW_S + 60)
    assert again is await saved.document(NOW_S + 120), "reckoned once an hour"


async def test_a_battery_that_was_steered_saves_more_than_one_that_serves_the_house() -> None:
    """Both have the same battery, empty at first; the figure is in the order of what peaks and prices of a month make up."""
    site = saving_site()
    past = MadeUpPast(NOW_S, ZONE, ("left", "right"), site.batteries[0])
    saved = Saved(site=site, recorded=past, stays=past, market=Book(40), tariff=TARIFF)
    found = Savings.model_validate(await saved.document(NOW_S))
    assert found.saved_eur is not None
    assert 10 < found.saved_eur < 80
    assert "saved_method_battery" in [m.code for m in found.method]


async def test_without_days_or_prices_it_says_so(past: MadeUpPast) -> None:
    """The first day shows no figures; days without prices are told."""
    young = MadeUpPast(NOW_S - 50 * 86400, ZONE, ("left",))
    none = await Saved(
        site=household_site(), recorded=young, stays=young, market=Book(0), tariff=None
    ).document(NOW_S)
    assert (none["saved_eur"], [n["code"] for n in none["notes"]]) == (None, ["saved_no_days"])
    blind = await Saved(
        site=household_site(), recorded=past, stays=past, market=Book(0), tariff=TARIFF
    ).document(NOW_S)
    assert [n["code"] for n in blind["notes"]] == ["saved_no_prices"]


@pytest.mark.parametrize("known", ["all", "nothing", "unreadable"])
def test_a_plan_is_made_of_what_there_is(past: MadeUpPast, known: str) -> None:
    """Series of one length whatever is missing, and each thing that is missing by its name."""
    recorded = (
        past if known == "all" else Unreadable() if known == "unreadable" else MadeUpPast(0.0, ZONE, ())
    )
    found = gather(
        recorded,
        Book(40).prices if known == "all" else None,
        TARIFF if known == "all" else None,
        now_s=NOW_S,
        zone=ZONE,
        devices={"left": "charge_point.left.power_w"},
        peak_so_far_w=None,
        floor_w=2500.0,
        eur_per_kw_year=55.0,
        lost=False,
    )
    steps = BACK_S // 900 + STEPS
    assert len(found.axis_import) == len(found.axis_export) == len(found.price_known) == steps
    assert all(len(values) == found.behind for values in (*found.measured.values(), *found.devices.values()))
    codes = {note.code for note in found.notes}
    if known == "all":
        assert "note_no_prices" not in codes
        assert found.peak.eur_per_kw > 4
        assert len(found.house_w) == (found.start_s - found.house_start_s) // 900 > 30 * 96
    else:
        assert {"note_no_prices", "note_no_tariff", "note_no_history"} <= codes
        assert found.peak.eur_per_kw == pytest.approx(55 / 12)
        assert found.house_w == ()
    assert spoken(NOW_S + 86400, NOW_S, ZONE) == "15/04 16:30"
