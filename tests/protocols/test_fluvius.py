"""The customer's export of Mijn Fluvius: both languages, the nights of the clock, rows that are wrong."""

from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwartier.protocols import fluvius
from kwartier.site.errors import ConfigError

ZONE = ZoneInfo("Europe/Brussels")
EN = "From (date);From (time);Until (date);Until (time);EAN code;Meter;Meter type;Register;Volume;Unit;Validation status;Description"
NL = "Van datum;Van tijdstip;Tot datum;Tot tijdstip;EAN;Meter;Metertype;Register;Volume;Eenheid;Validatiestatus"
EAN = '="541448800000001234"'
SHARED = Path(__file__).parents[3] / "shared" / "data" / "household"


def row(
    day: str,
    begin: str,
    end: str,
    register: str,
    volume: str,
    status: str = "Read",
    until: str = "",
    unit: str = "kWh",
) -> str:
    return (
        f"{day};{begin};{until or day};{end};{EAN};1SAG1;Digital meter;{register};{volume};{unit};{status};"
    )


def read(*rows: str, header: str = EN) -> fluvius.Export:
    return fluvius.read("\n".join([header, *rows]) + "\n", ZONE)


def test_english() -> None:
    """22 October 2023 at 00:15 local is 21 October 22:15 UTC; a decimal comma; an empty volume is not known."""
    found = read(
        row("22/10/2023", "00:00:00", "00:15:00", "Offtake Night", "", "No consumption"),
        row("22/10/2023", "00:00:00", "00:15:00", "Injection Night", "", "No consumption"),
        row("22/10/2023", "00:15:00", "00:30:00", "Offtake Night", "0,173"),
        row("22/10/2023", "00:15:00", "00:30:00", "Injection Night", "0,000"),
    )
    assert found.import_kwh == {1_697_926_500: Decimal("0.173")}
    assert found.export_kwh == {1_697_926_500: Decimal("0.000")}
    assert (found.empty, found.estimated, found.faults, found.eans) == (1, 0, (), ("...1234",))


def test_dutch_with_a_byte_order_mark_and_dashes() -> None:
    """Day and night registers add up; what stands alone in a direction did not flow the other way."""
    found = read(
        row("12-10-2021", "07:00:00", "07:15:00", "Afname Dag", "1,5", "Gevalideerd"),
        row("12-10-2021", "07:00:00", "07:15:00", "Afname Nacht", "0,25", "Geschat"),
        row("12-10-2021", "07:15:00", "07:30:00", "Injectie Dag", "2", "Gevalideerd"),
        header="\ufeff" + NL,
    )
    assert list(found.import_kwh.values()) == [Decimal("1.75"), Decimal(0)]
    assert list(found.export_kwh.values()) == [Decimal(0), Decimal(2)]
    assert found.estimated == 1
    assert found.statuses == {"Gevalideerd": 2, "Geschat": 1}


def test_french() -> None:
    """Headers and registers in French."""
    header = "De (date);De (heure);À (date);À (heure);Code EAN;Compteur;Type de compteur;Registre;Volume;Unité;Statut de validation;Description"
    found = read(
        row("22/10/2023", "00:00:00", "00:15:00", "Prélèvement Nuit", "0,5"),
        row("22/10/2023", "00:00:00", "00:15:00", "Injection Nuit", "0,1", "Estimé"),
        header=header,
    )
    assert list(found.import_kwh.values()) == [Decimal("0.5")]
    assert list(found.export_kwh.values()) == [Decimal("0.1")]
    assert found.estimated == 1


@pytest.mark.parametrize("pairwise", [False, True])
def test_the_hour_that_is_there_twice(pairwise: bool) -> None:
    """29 October 2023: two to three comes twice, in order or each quarter twice; four quarters are eight."""
    first = [("02:00", "02:15"), ("02:15", "02:30"), ("02:30", "02:45"), ("02:45", "03:00")]
    order = [p for p in first for _ in range(2)] if pairwise else first + first
    found = read(
        *[
            row("29/10/2023", f"{a}:00", f"{b}:00", "Afname Nacht", f"0,{i + 1}")
            for i, (a, b) in enumerate(order)
        ]
    )
    starts = sorted(found.import_kwh)
    assert starts == [1_698_537_600 + 900 * i for i in range(8)]
    assert sum(found.import_kwh.values()) == Decimal("3.6")
    assert found.faults == ()
    in_order = [found.import_kwh[s] for s in starts]
    told = [Decimal(f"0.{i + 1}") for i in range(8)]
    assert in_order == (told[::2] + told[1::2] if pairwise else told)


def test_the_hour_that_is_not_there() -> None:
    """26 March 2023: from 01:45 to 03:00 is a quarter-hour; 02:15 is a fault by its line."""
    found = read(
        row("26/03/2023", "01:45:00", "03:00:00", "Offtake Night", "0,1"),
        row("26/03/2023", "02:15:00", "02:30:00", "Offtake Night", "0,1"),
        row("26/03/2023", "03:00:00", "03:15:00", "Offtake Night", "0,2"),
    )
    assert len(found.import_kwh) == 2
    first, second = found.import_kwh
    assert second - first == 900
    assert [str(f) for f in found.faults] == [
        "line 3: 26/03/2023 02:15 did not exist: the clock went forward"
    ]


def test_rows_that_are_wrong_are_named_and_left_out() -> None:
    """Each by its line; the good ones count."""
    found = read(
        row("22/10/2023", "00:00:00", "00:15:00", "Offtake Day", "0,5"),
        row("22/10/2023", "00:00:00", "00:15:00", "Offtake Day", "0,5"),
        row("22/10/2023", "00:00:00", "00:15:00", "Offtake Day", "0,6"),
        row("22/10/2023", "00:15:00", "00:30:00", "Offtake Day", "abc"),
        row("22/10/2023", "00:30:00", "00:45:00", "Offtake Day", "-1"),
        row("32/10/2023", "00:45:00", "01:00:00", "Offtake Day", "1"),
        row("22/10/2023", "01:05:00", "01:20:00", "Offtake Day", "1"),
        "22/10/2023;01:15:00",
        row("22/10/2023", "01:15:00", "02:15:00", "Offtake Day", "1"),
        row("22/10/2023", "01:15:00", "01:30:00", "Gas", "1"),
        row("22/10/2023", "01:15:00", "01:30:00", "Offtake Day", "9999999"),
        row("22/10/2023", "01:30:00", "01:45:00", "Offtake reactive", "1", unit="kVArh"),
        "",
    )
    assert list(found.import_kwh.values()) == [Decimal("0.5")]
    assert [f.line for f in found.faults] == [4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert "in line 2 already, with another volume" in found.faults[0].what
    assert "is no number" in found.faults[1].what


def test_a_quarter_whose_offtake_is_empty_is_not_known() -> None:
    """Injection alone does not make an offtake of zero where the file names an empty one."""
    found = read(
        row("22/10/2023", "00:00:00", "00:15:00", "Offtake Day", "", "No consumption"),
        row("22/10/2023", "00:00:00", "00:15:00", "Injection Day", "0,4"),
        row("22/10/2023", "00:15:00", "00:30:00", "Offtake Day", "0,1"),
    )
    assert len(found.import_kwh) == 1
    assert found.empty == 1


def test_day_totals_are_refused_in_clear_words() -> None:
    """A month peak cannot be found in them; the cure is told."""
    days = [
        row(f"{d:02}/10/2023", "00:00:00", "00:00:00", "Offtake Day", "8,1", until=f"{d + 1:02}/10/2023")
        for d in range(1, 6)
    ]
    for rows in (days, days[:1]):
        with pytest.raises(fluvius.NotFluvius, match=r"day totals.*quarter-hour totals \(kwartiertotalen\)"):
            read(*rows)
    hours = [row("22/10/2023", f"{h:02}:00:00", f"{h + 1:02}:00:00", "Offtake Day", "1") for h in range(6)]
    with pytest.raises(fluvius.NotFluvius, match="rows of 60 minutes"):
        read(*hours)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not the columns"),
        ("a;b;c\n1;2;3\n", "not the columns of a Fluvius export \\(a, b, c\\)"),
        (EN + "\n", "there are no rows"),
        (
            EN + "\n" + row("22/10/2023", "00:00:00", "00:15:00", "Offtake Day", "") + "\n",
            "no quarter-hour of offtake",
        ),
        ("\x00\x00;;\n", "not the columns"),
    ],
)
def test_other_files_are_refused(text: str, words: str) -> None:
    """The error says what is missing and what to download."""
    with pytest.raises(ConfigError, match=words):
        fluvius.read(text, ZONE)


def test_comma_separated_with_quotes() -> None:
    """As a spreadsheet saves it again."""
    text = (
        EN.replace(";", ",")
        + '\n22/10/2023,00:00:00,22/10/2023,00:15:00,"541",m,Digital meter,Offtake Day,"0,5",kWh,Read,\n'
    )
    assert list(fluvius.read(text, ZONE).import_kwh.values()) == [Decimal("0.5")]


@given(st.lists(st.text(alphabet=';"\n,0123456789:/-=OfftakeDayInjection ', max_size=60), max_size=12))
def test_nothing_crashes_it(lines: list[str]) -> None:
    """Whatever stands below the header, it is read, or refused in our words."""
    try:
        found = fluvius.read("\n".join([EN, *lines]), ZONE)
    except ConfigError:
        return
    assert all(start_s % 900 == 0 for start_s in found.import_kwh)


@pytest.mark.parametrize(
    ("name", "count", "first"),
    [
        ("fluvius_export_kwartier_sample.csv", 99, "0.173"),
        ("fluvius_export_kwartier_sample_nl.csv", 36, None),
    ],
)
def test_the_recorded_samples(name: str, count: int, first: str | None) -> None:
    """Two hundred rows of two real customers (MIT, patrickvorgers/Home-Assistant-Import-Energy-Data)."""
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"the shared recordings are not here ({path.name})")
    text = path.read_text(encoding="utf-8-sig")
    assert fluvius.looks_like(text)
    found = fluvius.read(text, ZONE)
    assert (len(found.import_kwh), found.faults) == (count, ())
    assert set(found.export_kwh) == set(found.import_kwh)
    if first is not None:
        assert found.import_kwh[min(found.import_kwh)] == Decimal(first)
