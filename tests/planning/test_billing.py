"""What a bill must hold whatever the figures: gaps by name, sums that agree, prices that agree with the bill."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.config import tariff_catalogue
from kwartier.config.tariff_section import TariffsSection
from kwartier.planning.billing import (
    NO_SPOT,
    Flows,
    Spot,
    bill,
    monthly_bills,
    peak_for_plan,
    peak_terms,
    step_prices,
)
from kwartier.planning.billing.charges import banded
from kwartier.planning.billing.series import midnight, moment, moments
from kwartier.site.tariffs import (
    ContractFee,
    PeakFee,
    PerKwh,
    Rate,
    Tariff,
    Tiered,
    Window,
    validity_gaps,
)

ZONE = ZoneInfo("Europe/Brussels")
DAY = date(2026, 3, 2)
NEXT = date(2026, 3, 3)
STARTS = list(range(midnight(DAY, ZONE), midnight(NEXT, ZONE), 900))
HOUSE = tariff_catalogue.tariff(["engie-dynamic", "fluvius-imewo", "be-household"])


def own(*components: dict[str, object], vat_pct: float = 0) -> Tariff:
    return TariffsSection.model_validate({"components": list(components), "vat_pct": vat_pct}).tariff()


def peak(**more: object) -> dict[str, object]:
    return {"key": "peak", "kind": "peak", "group": "network", "eur_per_kw_year": 12} | more


def test_missing_quarters_are_named_and_not_billed() -> None:
    """Two hours are not known: the gap has its times, the bill is not complete, and says so in both languages."""
    hole = set(STARTS[8:16])
    flows = Flows.of(STARTS, [None if s in hole else 0.25 for s in STARTS])
    found = bill(HOUSE, flows, Spot.of(STARTS, [0.1] * 96), ZONE, DAY, NEXT)
    assert found.missing == ((STARTS[8], STARTS[16]),)
    assert found.import_kwh == Decimal("0.25") * 88
    assert not found.complete
    assert "Quarter-hours that are not known: 8." in found.notes["en"][0]
    assert "Kwartieren die niet gekend zijn: 8." in found.notes["nl"][0]
    assert any("may have been higher" in note for note in found.notes["en"])


def test_energy_without_a_market_price_is_named_and_never_invented() -> None:
    """A price that is missing takes its quarter out of the energy line alone; a quarter without energy needs none."""
    flows = Flows.of(STARTS, [0.0 if i == 5 else 1.0 for i in range(96)])
    prices = [None if i in {4, 5} else 0.1 for i in range(96)]
    found = bill(HOUSE, flows, Spot.of(STARTS, prices), ZONE, DAY, NEXT)
    assert found.missing_prices == ((STARTS[4], STARTS[5]),)
    assert found.unpriced_kwh == 1
    assert found.line("energy").quantity == 94
    assert found.line("grid-kwh").quantity == 95
    assert not found.complete
    assert bill(HOUSE, flows, NO_SPOT, ZONE, DAY, NEXT).unpriced_kwh == 95


def test_days_without_a_price_are_named() -> None:
    """The file of Fluvius ends with 2026: a bill of 2027 lacks the grid and says so."""
    first, last = date(2027, 1, 1), date(2027, 1, 2)
    starts = range(midnight(first, ZONE), midnight(last, ZONE), 900)
    found = bill(HOUSE, Flows.of(starts, [0.1] * 96), NO_SPOT, ZONE, first, last)
    assert {"capacity", "grid-kwh", "grid-data", "excise"} <= set(found.lacking)
    assert "Capacity (mean month peak)" in " ".join(found.notes["en"])
    assert validity_gaps(HOUSE, date(2026, 1, 1), date(2027, 1, 1)) == ()


def test_a_bill_of_no_days_is_refused() -> None:
    """An empty period is a mistake of the caller."""
    with pytest.raises(ValueError, match="at least one day"):
        bill(HOUSE, Flows({}, {}), NO_SPOT, ZONE, DAY, DAY)


def test_twelve_months_count_and_no_more() -> None:
    """Peaks of 8 kW in 14 months, then one month of 20 kW: its mean is (11 x 8 + 20) / 12 = 9 kW at 12 EUR."""
    tariff = own(peak(months=12))
    starts, energies = [], []
    for number in range(15):
        at = midnight(date(2025 + number // 12, number % 12 + 1, 15), ZONE)
        starts.append(at)
        energies.append(5.0 if number == 14 else 2.0)
    found = bill(tariff, Flows.of(starts, energies), NO_SPOT, ZONE, date(2026, 3, 1), date(2026, 4, 1))
    assert found.line("peak").quantity == 9
    assert found.line("peak").amount_excl == Decimal("9.00")
    assert len(found.peaks) == 12
    assert (found.peaks[0].year, found.peaks[0].month) == (2025, 4)


def test_fewer_months_than_twelve_make_a_mean_of_those_there_are() -> None:
    """As the grid operator does for a new meter; peaks that the meter tells fill months that were not recorded."""
    tariff = own(peak(months=12, floor_kw=2.5))
    flows = Flows.of([STARTS[0]], [1.25])
    alone = bill(tariff, flows, NO_SPOT, ZONE, date(2026, 3, 1), date(2026, 4, 1))
    assert alone.line("peak").quantity == 5
    told = {(2026, 2): Decimal(1), (2026, 1): Decimal(7), (2026, 3): Decimal(4)}
    three = bill(tariff, flows, NO_SPOT, ZONE, date(2026, 3, 1), date(2026, 4, 1), known_peaks_kw=told)
    assert (
        three.line("peak").quantity == (Decimal("2.5") + 7 + 5) / 3
    )  # the higher one of 4 told and 5 measured
    assert "no more are known" in three.line("peak").texts["en"]


def test_an_analogue_meter_pays_the_flat_contribution() -> None:
    """2.5 kW, whatever was taken: 2.5 x 54.2009816 / 12 = 11.29."""
    section = TariffsSection.model_validate({"parts": ["fluvius-imewo"], "analogue_meter": True})
    flows = Flows.of(STARTS, [3.0] * 96)
    found = bill(section.tariff(), flows, NO_SPOT, ZONE, date(2026, 3, 1), date(2026, 4, 1))
    assert found.line("capacity").amount_excl == Decimal("11.29")


def test_a_month_in_part_pays_its_days() -> None:
    """A move on the 11th of a month of 31 days: 21 days of a capacity of 4 kW at 12 EUR."""
    starts = list(range(midnight(date(2026, 3, 11), ZONE), midnight(date(2026, 4, 1), ZONE), 900))
    found = bill(
        own(peak()), Flows.of(starts, [1.0] * len(starts)), NO_SPOT, ZONE, date(2026, 3, 11), date(2026, 4, 1)
    )
    assert found.line("peak").exact_excl == Decimal(4) * 21 / 31


def test_the_kth_highest_quarter_in_its_window() -> None:
    """Elia bills the 11th highest outside summer's working hours; here the 2nd, between 17 and 20 o'clock."""
    tariff = own(peak(rank=2, windows=[{"hours": ["17:00-20:00"]}]))
    energies = {12 * 4: 9.0, 17 * 4: 3.0, 18 * 4: 2.0, 19 * 4: 1.0}
    found = bill(
        tariff, Flows.of(STARTS, [energies.get(i, 0.0) for i in range(96)]), NO_SPOT, ZONE, DAY, NEXT
    )
    assert found.line("peak").quantity == 8


def test_hourly_settlement_takes_the_mean_of_the_hour() -> None:
    """1 kWh in the first quarter of an hour of 0.10, 0.20, 0.30, 0.40 costs 0.25; one missing quarter leaves it open."""
    tariff = own({"key": "e", "kind": "per_kwh", "group": "energy", "factor": 1, "settled": "hour"})
    flows = Flows.of(STARTS, [1.0 if i == 0 else 0.0 for i in range(96)])
    four = Spot.of(STARTS[:4], [0.1, 0.2, 0.3, 0.4])
    assert bill(tariff, flows, four, ZONE, DAY, NEXT).line("e").exact_excl == Decimal("0.25")
    hour = Spot.of(STARTS[:1], [0.25], step_s=3600)
    assert bill(tariff, flows, hour, ZONE, DAY, NEXT).line("e").exact_excl == Decimal("0.25")
    assert bill(tariff, flows, Spot.of(STARTS[:3], [0.1] * 3), ZONE, DAY, NEXT).unpriced_kwh == 1


def test_injection_is_never_paid_below_its_floor() -> None:
    """0.10 and -0.10 on the market, a floor of 0.01: 0.09 + 0.01 for 2 kWh."""
    tariff = own(
        {
            "key": "i",
            "kind": "per_kwh",
            "group": "injection",
            "direction": "export",
            "factor": 1,
            "eur_per_kwh": -0.01,
            "minimum_eur_per_kwh": 0.01,
        }
    )
    flows = Flows.of(STARTS[:2], [0.0, 0.0], [1.0, 1.0])
    found = bill(tariff, flows, Spot.of(STARTS[:2], [0.1, -0.1]), ZONE, DAY, NEXT)
    assert found.line("i").exact_excl == Decimal("-0.10")


def test_vat_is_reckoned_on_the_sum_and_not_line_by_line() -> None:
    """Three lines of 0.04 with 6 %: each would round to 0.00 of VAT, together they make 0.0072, 0.01."""
    lines = [
        {"key": f"l{i}", "kind": "fixed", "group": "energy", "eur": 0.04, "per": "day"} for i in range(3)
    ]
    found = bill(own(*lines, vat_pct=6), Flows.of(STARTS, [0.0] * 96), NO_SPOT, ZONE, DAY, NEXT)
    assert found.total_excl == Decimal("0.12")
    assert found.total_incl == Decimal("0.13")
    assert all(line.amount_incl == Decimal("0.04") for line in found.lines)


def test_a_contract_without_its_power_says_what_is_needed() -> None:
    """The grid operator's file cannot know it."""
    with pytest.raises(ValueError, match="contracted_kw"):
        bill(tariff_catalogue.tariff(["fluvius-mv-imewo-grid"]), Flows({}, {}), NO_SPOT, ZONE, DAY, NEXT)


@pytest.mark.parametrize(
    ("energy", "cost"), [("0", "0"), ("100", "10"), ("150", "12.5"), ("350", "17.5"), ("1000", "17.5")]
)
def test_bands(energy: str, cost: str) -> None:
    """100 kWh at 0.10, 200 at 0.05... and nothing above 250."""
    bands = ((Decimal(100), Decimal("0.1")), (Decimal(250), Decimal("0.05")), (None, Decimal(0)))
    assert banded(bands, Decimal(energy)) == Decimal(cost)


def test_bands_go_on_from_month_to_month() -> None:
    """75 kWh in January and 75 in February: the second month pays 25 at 0.10 and 50 at 0.05."""
    tariff = own(
        {
            "key": "tax",
            "kind": "tiered",
            "group": "levies",
            "bands": [{"up_to_kwh": 100, "eur_per_kwh": 0.10}, {"eur_per_kwh": 0.05}],
        }
    )
    starts = [midnight(date(2026, 1, 1), ZONE), midnight(date(2026, 2, 5), ZONE)]
    months = monthly_bills(
        tariff, Flows.of(starts, [75.0, 75.0]), NO_SPOT, ZONE, date(2026, 1, 1), date(2026, 3, 1)
    )
    assert [b.line("tax").exact_excl for b in months] == [Decimal("7.5"), Decimal("5.0")]


def test_windows() -> None:
    """Spans are half-open, may go over midnight, and may hold in some months and on some days only."""
    night = Window(minutes=((1320, 60),))
    assert [night.holds(1, 0, m) for m in (1319, 1320, 0, 59, 60)] == [False, True, True, True, False]
    winter = Window(months=(1, 12), weekdays=(0,))
    assert [winter.holds(*at) for at in ((1, 0, 0), (2, 0, 0), (1, 1, 0))] == [True, False, False]


def test_prices_for_the_plan() -> None:
    """ENGIE's formula, grid, certificates and levies with 6 % VAT; injection without.

    taken at 0.10: (1.039 x 0.1 + 0.008702 + 0.0149245 + 0.0522864 + 0.04748 + 0.0019261) x 1.06 = 0.2429721
    fed in at 0.10: 0.1 - 0.013135 = 0.086865
    """
    spot = Spot.of(STARTS, [0.1] * 4 + [None] * 4 + [-0.05] * 88)
    taken, given_ = step_prices(HOUSE, spot, STARTS[:12], 900, ZONE)
    assert taken[0] == pytest.approx(0.2429721, abs=1e-7)
    assert given_[0] == pytest.approx(0.086865)
    assert (taken[4], given_[4]) == (None, None)
    assert given_[8] == pytest.approx(-0.063135)
    assert step_prices(HOUSE, spot, [STARTS[0]], 3600, ZONE)[0][0] == pytest.approx(taken[0])
    assert step_prices(HOUSE, spot, [STARTS[0] + 300], 300, ZONE)[0][0] == pytest.approx(taken[0])
    assert step_prices(HOUSE, spot, [STARTS[3]], 1800, ZONE)[0] == (None,)
    without, _ = step_prices(HOUSE, spot, STARTS[:1], 900, ZONE, with_vat=False)
    assert without[0] is not None
    assert taken[0] == pytest.approx(without[0] * 1.06)


def test_prices_while_netting() -> None:
    """Fed in, a kWh takes the energy tax off as long as more is taken than fed in over the year."""
    tariff = tariff_catalogue.tariff(["nl-household"])
    at = [midnight(date(2026, 5, 1), ZONE)]
    to_pay, to_get = step_prices(tariff, NO_SPOT, at, 900, ZONE)
    assert to_pay == to_get == pytest.approx((0.11085,))
    assert step_prices(tariff, NO_SPOT, at, 900, ZONE, feeds_in_more=True) == ((0.0,), (0.0,))
    after = [midnight(date(2027, 5, 1), ZONE)]
    assert step_prices(tariff, NO_SPOT, after, 900, ZONE) == ((0.0,), (0.0,))


def test_peak_terms() -> None:
    """54.2009816 / 12 x 1.06 a kW, free below 2.5 kW, the maximum tariff with VAT; contracted power of a firm."""
    terms = peak_terms(HOUSE, DAY)
    assert terms.eur_per_kw == pytest.approx(4.78775, abs=1e-5)
    assert terms.floor_w == 2500
    assert terms.ceiling_eur_per_kwh == pytest.approx(0.3472738, abs=1e-7)
    assert (terms.contracted_w, terms.excess_eur_per_kw, terms.rank) == (None, 0.0, 1)
    assert peak_terms(HOUSE, date(2030, 1, 1)).eur_per_kw == 0
    section = TariffsSection.model_validate({"parts": ["fluvius-mv-imewo-grid"], "contracted_kw": 80})
    firm = peak_terms(section.tariff(), DAY, with_vat=False)
    assert firm.contracted_w == 80_000
    assert firm.eur_per_kw == pytest.approx(54.2288988 / 12)


def test_the_peak_of_a_plan() -> None:
    """From the evening of 31 March into April: a month begins at midnight, and only the tariff's hours count."""
    starts = range(
        midnight(date(2026, 4, 1), ZONE) - 8 * 900, midnight(date(2026, 4, 1), ZONE) + 8 * 900, 900
    )
    house = peak_for_plan(HOUSE, starts, ZONE, so_far_w=3100, imported_kwh=250)
    assert (house.month_ends, house.counts, house.so_far_w, house.imported_kwh) == ((8,), None, 3100, 250)
    assert house.eur_per_kw == pytest.approx(4.78775, abs=1e-5)
    late = own(peak(rank=2, windows=[{"hours": ["23:00-00:30"]}]))
    timed = peak_for_plan(late, starts, ZONE, largest_w=(5000.0, 4000.0))
    assert timed.counts == (*[False] * 4, *[True] * 6, *[False] * 6)
    assert timed.largest_w == (5000.0, 4000.0)
    assert peak_for_plan(HOUSE, starts, ZONE, largest_w=(5000.0,)).largest_w == ()


energies = st.lists(st.integers(0, 20_000), min_size=96, max_size=96)


@settings(max_examples=8, deadline=None)
@given(taken=energies, given_=energies, prices=st.lists(st.integers(-500, 4000), min_size=96, max_size=96))
def test_the_plan_sees_the_prices_that_the_bill_has(
    taken: list[int], given_: list[int], prices: list[int]
) -> None:
    """Energy times the step prices is what the bill's lines per kWh come to, with VAT, before rounding."""
    flows = Flows.of(STARTS, [e / 1000 for e in taken], [e / 1000 for e in given_])
    spot = Spot.of(STARTS, [p / 1000 for p in prices])
    found = bill(HOUSE, flows, spot, ZONE, DAY, NEXT)
    per_kwh = {c.key for c in HOUSE.components if isinstance(c, PerKwh | Tiered)}
    billed = sum(
        (line.exact_excl * (100 + line.vat_pct) / 100 for line in found.lines if line.key in per_kwh),
        Decimal(0),
    )
    to_pay, to_get = step_prices(HOUSE, spot, STARTS, 900, ZONE)
    planned = sum(
        e / 1000 * (p or 0.0) - g / 1000 * (q or 0.0)
        for e, p, g, q in zip(taken, to_pay, given_, to_get, strict=True)
    )
    assert float(billed) == pytest.approx(planned, abs=1e-6)


@settings(max_examples=8, deadline=None)
@given(energies=st.lists(st.integers(0, 5000), min_size=20, max_size=20), seed=st.integers(0, 10**6))
def test_months_add_up_to_the_period(energies: list[int], seed: int) -> None:
    """Exact sums of monthly bills are those of the one bill over all of them, netting and bands included."""
    first, last = date(2026, 1, 1), date(2026, 5, 1)
    span = midnight(last, ZONE) - midnight(first, ZONE)
    starts = sorted({midnight(first, ZONE) + (seed * (i + 1) * 900) % span // 900 * 900 for i in range(20)})
    flows = Flows.of(
        starts,
        [energies[i] / 10 for i in range(len(starts))],
        [energies[-i - 1] / 7 for i in range(len(starts))],
    )
    tariff = Tariff(
        name="t",
        components=(
            *HOUSE.components,
            *tariff_catalogue.components("nl-household"),
            PerKwh(
                key="n",
                names=(),
                group="energy",
                source="",
                rates=(Rate(eur_per_kwh=Decimal("0.2")),),
                netted_until=date(2027, 1, 1),
            ),
        ),
    )
    spot = Spot.of(starts, [0.1] * len(starts))
    whole = bill(tariff, flows, spot, ZONE, first, last)
    months = monthly_bills(tariff, flows, spot, ZONE, first, last)
    for line in whole.lines:
        parts = [m.exact_excl for b in months for m in b.lines if (m.key, m.rate) == (line.key, line.rate)]
        assert sum(parts, Decimal(0)) == pytest.approx(line.exact_excl, abs=Decimal("1e-20"))
    assert sum((b.import_kwh for b in months), Decimal(0)) == whole.import_kwh


@settings(max_examples=12, deadline=None)
@given(peaks=st.lists(st.integers(0, 40_000), min_size=1, max_size=12), floor=st.integers(0, 5))
def test_a_peak_never_costs_less_than_its_floor_nor_falls_with_more(peaks: list[int], floor: int) -> None:
    """The mean lies between floor and highest; raising one month by a kW raises it by a twelfth at most."""
    fee = PeakFee(
        key="p",
        names=(),
        group="network",
        source="",
        eur_per_kw_year=Decimal(12),
        months=12,
        floor_kw=Decimal(floor),
    )
    starts = [midnight(date(2025, 1 + i, 10), ZONE) for i in range(len(peaks))]
    last = (
        date(2025, len(peaks), 1),
        date(2026, 1, 1) if len(peaks) == 12 else date(2025, len(peaks) + 1, 1),
    )

    def mean(kwh: list[float]) -> Decimal:
        tariff = Tariff(name="t", components=(fee,))
        return bill(tariff, Flows.of(starts, kwh), NO_SPOT, ZONE, *last).line("p").quantity

    usual = mean([p / 4000 for p in peaks])
    assert max(floor, 0) <= usual <= max(Decimal(floor), Decimal(max(peaks)) / 1000) + Decimal("0.001")
    more = mean([peaks[0] / 4000 + 0.25, *(p / 4000 for p in peaks[1:])])
    assert usual <= more <= usual + Decimal(1) / len(peaks) + Decimal("0.001")


def test_quarters_of_a_day_are_counted_as_they_are_looked_up() -> None:
    """Counting through a day gives what asking the clock for each quarter gives, over both changes of the clock."""
    for first, last in ((date(2026, 3, 28), date(2026, 3, 31)), (date(2026, 10, 24), date(2026, 10, 27))):
        start, end = midnight(first, ZONE), midnight(last, ZONE)
        assert moments(start, end, ZONE) == [moment(s, ZONE) for s in range(start, end, 900)]
    odd = midnight(DAY, ZONE) + 5 * 900
    assert moments(odd, odd + 90_000, ZONE) == [moment(s, ZONE) for s in range(odd, odd + 90_000, 900)]


@pytest.mark.parametrize(
    ("starts", "taken", "words"),
    [
        ([0, 900], [1.0], "one entry"),
        ([450], [1.0], "multiple of 900"),
        ([0, 0], [1.0, 1.0], "twice"),
        ([0], [-1.0], "no energy"),
        ([0], [float("nan")], "no energy"),
    ],
)
def test_what_is_no_series_is_refused(starts: list[int], taken: list[float], words: str) -> None:
    """The error names what is wrong."""
    with pytest.raises(ValueError, match=words):
        Flows.of(starts, taken)


def test_contract_fees_without_excess_have_one_line() -> None:
    """A peak above the contract costs nothing more where no price for it is known."""
    fee = ContractFee(
        key="c", names=(), group="network", source="", eur_per_kw_year=Decimal(12), contracted_kw=Decimal(10)
    )
    found = bill(Tariff(name="t", components=(fee,)), Flows.of(STARTS, [9.0] * 96), NO_SPOT, ZONE, DAY, NEXT)
    assert [line.rate for line in found.lines] == [""]
