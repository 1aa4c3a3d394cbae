"""Bills worked out by hand, to the cent. The derivation of each figure stands beside it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from kwartier.config import tariff_catalogue
from kwartier.config.tariff_section import TariffsSection
from kwartier.planning.billing import NO_SPOT, Bill, Flows, Spot, bill, monthly_bills
from kwartier.planning.billing.series import Moment, midnight, moments
from kwartier.site.tariffs import Tariff

BRUSSELS = ZoneInfo("Europe/Brussels")
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
Shape = Callable[[Moment], float]


def quarters(first: date, last: date, zone: ZoneInfo = BRUSSELS) -> list[Moment]:
    return moments(midnight(first, zone), midnight(last, zone), zone)


def flows(
    first: date, last: date, taken: Shape, given: Shape = lambda at: 0.0, zone: ZoneInfo = BRUSSELS
) -> Flows:
    at = quarters(first, last, zone)
    return Flows.of([m.start_s for m in at], [taken(m) for m in at], [given(m) for m in at])


def amounts(found: Bill) -> dict[str, str]:
    """`key` or `key/rate` -> amount without VAT."""
    return {
        line.key + (f"/{line.rate}" if line.rate not in {"", "all"} else ""): str(line.amount_excl)
        for line in found.lines
    }


def tariff(text_parts: list[str], contracted_kw: str | None = None) -> Tariff:
    kw = None if contracted_kw is None else Decimal(contracted_kw)
    return TariffsSection(parts=text_parts, contracted_kw=kw).tariff()


def test_a_flemish_household_with_a_dynamic_contract_and_the_capacity_tariff() -> None:
    """January 2026 in the area of Imewo: 0.25 kWh each quarter-hour, one of 1.5 kWh (6 kW); a peak of 4 kW in December;
    0.10 EUR/kWh on the market, 0.30 in one hour.

    2 976 quarters; 2 975 x 0.25 + 1.5 = 745.25 kWh. Sum of kWh x spot: 74.525 + 4 x 0.25 x 0.20 = 74.725.
    subscription   100.70 with 6 % VAT = 95 a year; 95 x 31 / 365 = 8.0685              8.07
    energy         1.039 x 74.725 + 0.008702 x 745.25 = 77.639275 + 6.485166 = 84.1244  84.12
    certificates   745.25 x 0.01582 / 1.06 = 11.1225                                    11.12
    capacity       (4 + 6) / 2 = 5 kW; 5 x 54.2009816 / 12 = 22.5837                    22.58
    grid per kWh   745.25 x 0.0522864 = 38.9664                                         38.97
    data           17.85 x 31 / 365 = 1.5160                                             1.52
    excise         745.25 x 0.04748 = 35.3845                                           35.38
    contribution   745.25 x 0.0019261 = 1.4354                                           1.44
    sum 203.20; VAT 12.192 = 12.19; to be paid 215.39
    """

    def taken(at: Moment) -> float:
        if at.day == date(2025, 12, 10) and at.minute == 18 * 60:
            return 1.0
        if at.day == date(2026, 1, 20) and at.minute == 19 * 60 + 15:
            return 1.5
        return 0.25

    at = quarters(date(2026, 1, 1), date(2026, 2, 1))
    dear = (date(2026, 1, 5), 17)
    spot = Spot.of([m.start_s for m in at], [0.30 if (m.day, m.minute // 60) == dear else 0.10 for m in at])
    found = bill(
        tariff(["engie-dynamic", "fluvius-imewo", "be-household"]),
        flows(date(2025, 12, 1), date(2026, 2, 1), taken),
        spot,
        BRUSSELS,
        date(2026, 1, 1),
        date(2026, 2, 1),
    )
    assert amounts(found) == {
        "subscription": "8.07",
        "energy": "84.12",
        "certificates": "11.12",
        "capacity": "22.58",
        "grid-kwh": "38.97",
        "grid-data": "1.52",
        "excise": "35.38",
        "energy-contribution": "1.44",
    }
    assert (found.total_excl, found.vat, found.total_incl) == (
        Decimal("203.20"),
        {Decimal(6): Decimal("12.19")},
        Decimal("215.39"),
    )
    assert found.complete
    assert found.import_kwh == Decimal("745.25")
    text = found.line("capacity").texts
    assert "20 Jan 2026 19:15, 4 x 1.500 kWh = 6.00 kW" in text["en"]
    assert "Het gemiddelde van 2 maandpieken (elk minstens 2,5 kW): (4,00 + 6,00) / 2 = 5,00 kW" in text["nl"]
    assert (
        "La moyenne de 2 pointes mensuelles (chacune 2,5 kW au moins) : (4,00 + 6,00) / 2 = 5,00 kW"
        in text["fr"]
    )
    assert (
        "Der Mittelwert von 2 Monatsspitzen (jede mindestens 2,5 kW): (4,00 + 6,00) / 2 = 5,00 kW"
        in text["de"]
    )


def test_day_and_night_with_injection() -> None:
    """A week from Monday 2 to Sunday 8 February 2026: 0.2 kWh a quarter-hour by day (07-22, Monday to Friday), 0.1 else;
    0.3 kWh fed in from 12 to 14 on each day.

    day    5 days x 60 quarters x 0.2 = 60 kWh;   60 x 0.20197 / 1.06 = 11.4323          11.43
    night  (672 - 300) x 0.1 = 37.2 kWh;          37.2 x 0.17176 / 1.06 = 6.0278          6.03
    certificates  97.2 x 0.01582 / 1.06 = 1.4507                                         1.45
    subscription  69 / 1.06 x 7 / 365 = 1.2484                                           1.25
    injection     7 x 8 x 0.3 = 16.8 kWh x 0.03217 = 0.5405, without VAT                -0.54
    sum 19.62; VAT on 20.16 = 1.2096 = 1.21; to be paid 20.83
    """

    def by_day(at: Moment) -> bool:
        return at.weekday < 5 and 420 <= at.minute < 1320

    found = bill(
        tariff_catalogue.tariff(["engie-easy-day-night"], vat_pct=Decimal(6)),
        flows(
            date(2026, 2, 2),
            date(2026, 2, 9),
            lambda at: 0.2 if by_day(at) else 0.1,
            lambda at: 0.3 if 720 <= at.minute < 840 else 0.0,
        ),
        NO_SPOT,
        BRUSSELS,
        date(2026, 2, 2),
        date(2026, 2, 9),
    )
    assert amounts(found) == {
        "subscription": "1.25",
        "energy/day": "11.43",
        "energy/night": "6.03",
        "certificates": "1.45",
        "injection": "-0.54",
    }
    assert found.total_incl == Decimal("20.83")
    assert found.line("energy", "night").names == {
        "en": "Energy, night",
        "nl": "Energie, nacht",
        "fr": "Énergie, nuit",
        "de": "Energie, Nacht",
    }


def _dutch() -> Tariff:
    """Energy tax and reduction of 2025, and a fixed price of 0.10 that is netted too, with 0.04 for what remains."""
    base = tariff_catalogue.tariff(["nl-household"])
    own = TariffsSection.model_validate(
        {
            "components": [
                {
                    "key": "energy",
                    "kind": "per_kwh",
                    "group": "energy",
                    "eur_per_kwh": 0.10,
                    "netted_until": "2027-01-01",
                },
                {
                    "key": "feed-in",
                    "kind": "per_kwh",
                    "group": "injection",
                    "direction": "export",
                    "eur_per_kwh": 0.04,
                    "netted_until": "2027-01-01",
                    "vat_pct": 0,
                },
            ]
        }
    ).tariff()
    return Tariff(name="NL", components=own.components + base.components, vat_pct=Decimal(21))


def test_a_dutch_year_of_netting() -> None:
    """2025: 0.1 kWh in each of 35 040 quarters = 3 504 kWh; 0.5 kWh fed in from 12 to 14 on 365 days = 1 460 kWh.

    netted         3 504 - 1 460 = 2 044 kWh
    energy         2 044 x 0.10 = 204.40
    energy tax     2 044 x 0.10154 = 207.5478                                          207.55
    reduction     -524.95
    sum -113.00; VAT 21 % = -23.73; to be received 136.73
    """
    series = flows(
        date(2025, 1, 1),
        date(2026, 1, 1),
        lambda at: 0.1,
        lambda at: 0.5 if 720 <= at.minute < 840 else 0.0,
        AMSTERDAM,
    )
    found = bill(_dutch(), series, NO_SPOT, AMSTERDAM, date(2025, 1, 1), date(2026, 1, 1))
    assert amounts(found) == {"energy": "204.40", "energy-tax": "207.55", "energy-tax-reduction": "-524.95"}
    assert found.total_incl == Decimal("-136.73")
    assert found.export_kwh == Decimal(1460)
    months = monthly_bills(_dutch(), series, NO_SPOT, AMSTERDAM, date(2025, 1, 1), date(2026, 1, 1))
    assert len(months) == 12
    assert sum(b.line("energy-tax").quantity for b in months) == Decimal(2044)


def test_a_dutch_year_that_feeds_in_more_than_it_takes() -> None:
    """0.05 kWh a quarter-hour = 1 752 kWh; 1 kWh in each of 8 quarters a day = 2 920 kWh fed in; 1 168 kWh remain.

    energy 0, tax 0; feed-in 1 168 x 0.04 = 46.72 without VAT; reduction -524.95 with VAT -110.2395 = -110.24
    """
    series = flows(
        date(2025, 1, 1),
        date(2026, 1, 1),
        lambda at: 0.05,
        lambda at: 1.0 if 720 <= at.minute < 840 else 0.0,
        AMSTERDAM,
    )
    found = bill(_dutch(), series, NO_SPOT, AMSTERDAM, date(2025, 1, 1), date(2026, 1, 1))
    assert amounts(found) == {"feed-in": "-46.72", "energy-tax-reduction": "-524.95"}
    assert found.total_incl == Decimal("-681.91")


def test_netting_ends_with_2026() -> None:
    """January 2027: 0.1 kWh x 2 976 = 297.6 kWh taken, 0.5 x 8 x 31 = 124 kWh fed in: each has its own price, and the
    tax of 2027 is not known yet. 297.6 x 0.10 = 29.76; 124 x 0.04 = 4.96."""
    series = flows(
        date(2027, 1, 1),
        date(2027, 2, 1),
        lambda at: 0.1,
        lambda at: 0.5 if 720 <= at.minute < 840 else 0.0,
        AMSTERDAM,
    )
    found = bill(_dutch(), series, NO_SPOT, AMSTERDAM, date(2027, 1, 1), date(2027, 2, 1))
    assert amounts(found) == {"energy": "29.76", "feed-in": "-4.96"}


def test_a_firm_on_medium_voltage_with_contracted_power_and_excess() -> None:
    """March 2026, Fluvius Antwerpen on the grid, 100 kW contracted: 15 kWh a quarter-hour by day (06-18), 5 else; one of
    30 kWh (120 kW).

    31 days with 48 quarters by day = 1 488; March has 2 972 quarters, so 1 484 by night. One of the day is the peak.
    energy taken   1 487 x 15 + 30 + 1 484 x 5 = 22 305 + 30 + 7 420 = 29 755 kWh
    access power   100 x 33.6582672 / 12 = 280.4856                                    280.49
    excess         20 kW x 1.5 x 33.6582672 / 12 = 84.1457                              84.15
    month peak     120 x 54.3035736 / 12 = 543.0357                                    543.04
    per kWh        29 755 x 0.0041367 = 123.0875                                       123.09
    sum 1 030.77; a firm reckons without VAT
    """

    def taken(at: Moment) -> float:
        if at.day == date(2026, 3, 12) and at.minute == 600:
            return 30.0
        return 15.0 if 360 <= at.minute < 1080 else 5.0

    found = bill(
        tariff(["fluvius-mv-antwerpen-grid"], contracted_kw="100"),
        flows(date(2026, 3, 1), date(2026, 4, 1), taken),
        NO_SPOT,
        BRUSSELS,
        date(2026, 3, 1),
        date(2026, 4, 1),
        with_vat=False,
    )
    assert found.import_kwh == Decimal(29755)
    assert amounts(found) == {
        "access-power": "280.49",
        "access-power/excess": "84.15",
        "capacity": "543.04",
        "grid-kwh": "123.09",
    }
    assert found.total_incl == found.total_excl == Decimal("1030.77")
    assert "120.00 kW, 20.00 kW above the 100.00 kW" in found.line("access-power", "excess").texts["en"]


def test_the_maximum_tariff_caps_a_month_with_a_peak_and_little_energy() -> None:
    """February 2026 in the area of West: 0.01 kWh a quarter-hour, one of 2.5 kWh (10 kW); 2 688 quarters.

    energy taken   2 687 x 0.01 + 2.5 = 29.37 kWh
    capacity       10 x 57.0995726 / 12 = 47.5830                                       47.58
    grid per kWh   29.37 x 0.0631937 = 1.8560                                            1.86
    together 49.4390; maximum 29.37 x 0.3276168 = 9.6221, but the least contribution is
    2.5 x 57.0995726 / 12 = 11.8957, so the cap takes 49.4390 - 11.8957 = 37.5433      -37.54
    """

    def taken(at: Moment) -> float:
        return 2.5 if at.day == date(2026, 2, 3) and at.minute == 1080 else 0.01

    found = bill(
        tariff_catalogue.tariff(["fluvius-west"], vat_pct=Decimal(6)),
        flows(date(2026, 2, 1), date(2026, 3, 1), taken),
        NO_SPOT,
        BRUSSELS,
        date(2026, 2, 1),
        date(2026, 3, 1),
    )
    assert amounts(found) == {
        "capacity": "47.58",
        "grid-kwh": "1.86",
        "grid-data": "1.37",
        "grid-maximum": "-37.54",
    }


def test_the_maximum_tariff_in_one_month_of_two() -> None:
    """As before, but 0.05 kWh a quarter-hour in February and 0.5 in March: 136.85 kWh and 1 486 kWh; the peaks are 10 kW in
    February and, no quarter being higher than 0.5 kWh, 2 kW in March, which counts 2.5: mean (10 + 2.5) / 2 = 6.25.

    February  47.5830 + 136.85 x 0.0631937 = 56.2310; maximum 136.85 x 0.3276168 = 44.8344: cap 11.3966
    March     6.25 x 57.0995726 / 12 = 29.7394 + 93.9058; maximum 486.84: no cap
    """

    def taken(at: Moment) -> float:
        if at.day == date(2026, 2, 3) and at.minute == 1080:
            return 2.5
        return 0.05 if at.month == 2 else 0.5

    series = flows(date(2026, 2, 1), date(2026, 4, 1), taken)
    assert sum(series.import_ukwh.values()) == 136_850_000 + 1_486_000_000
    months = monthly_bills(
        tariff_catalogue.tariff(["fluvius-west"], vat_pct=Decimal(6)),
        series,
        NO_SPOT,
        BRUSSELS,
        date(2026, 2, 1),
        date(2026, 4, 1),
    )
    assert months[0].line("grid-maximum").amount_excl == Decimal("-11.40")
    assert [line.key for line in months[1].lines] == ["capacity", "grid-kwh", "grid-data"]
    assert months[1].line("capacity").amount_excl == Decimal("29.74")
    both = bill(
        tariff_catalogue.tariff(["fluvius-west"], vat_pct=Decimal(6)),
        series,
        NO_SPOT,
        BRUSSELS,
        date(2026, 2, 1),
        date(2026, 4, 1),
    )
    assert both.line("capacity").amount_excl == Decimal("77.32")  # 47.5830 + 29.7394


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        (date(2026, 3, 1), date(2026, 4, 1), 31 * 96 - 4),
        (date(2026, 10, 1), date(2026, 11, 1), 31 * 96 + 4),
        (date(2026, 3, 29), date(2026, 3, 30), 92),
        (date(2026, 10, 25), date(2026, 10, 26), 100),
    ],
)
def test_days_of_92_and_100_quarter_hours(first: date, last: date, count: int) -> None:
    """0.125 kWh in each quarter-hour; the energy is that of the quarters that there were, and none is missing."""
    found = bill(
        tariff_catalogue.tariff(["engie-easy-day-night"], vat_pct=Decimal(6)),
        flows(first, last, lambda at: 0.125),
        NO_SPOT,
        BRUSSELS,
        first,
        last,
    )
    assert found.import_kwh == Decimal("0.125") * count
    assert found.complete
    parts = [line.quantity for line in found.lines if line.key == "energy"]
    assert sum(parts) == found.import_kwh


def test_the_night_of_the_long_day_is_longer() -> None:
    """On Sunday 25 October all hours are night; on the Sunday before too: 100 and 96 quarters."""
    found = bill(
        tariff_catalogue.tariff(["ores-impact"], vat_pct=Decimal(6)),
        flows(date(2026, 10, 25), date(2026, 10, 26), lambda at: 0.1),
        NO_SPOT,
        BRUSSELS,
        date(2026, 10, 25),
        date(2026, 10, 26),
    )
    # PIC 17-22: 20 quarters; MEDIUM 07-11 and 22-01: 28; ECO 01-07 and 11-17: 48, and 4 more as the clock goes back
    assert found.line("grid-kwh", "pic").quantity == Decimal("2.0")
    assert found.line("grid-kwh", "medium").quantity == Decimal("2.8")
    assert found.line("grid-kwh", "eco").quantity == Decimal("5.2")


def test_the_excise_changes_with_the_month() -> None:
    """July 2026 pays 0.04748 and 0.0019261, August 0.046 and nothing: 96 x 31 x 0.1 = 297.6 kWh each."""
    months = monthly_bills(
        tariff_catalogue.tariff(["be-household"]),
        flows(date(2026, 7, 1), date(2026, 9, 1), lambda at: 0.1),
        NO_SPOT,
        BRUSSELS,
        date(2026, 7, 1),
        date(2026, 9, 1),
    )
    assert amounts(months[0]) == {"excise": "14.13", "energy-contribution": "0.57"}
    assert amounts(months[1]) == {"excise": "13.69", "energy-contribution": "0.00"}
    assert all(b.lacking == () for b in months)
