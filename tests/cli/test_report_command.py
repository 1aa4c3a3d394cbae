"""`kwartier report`: from a Fluvius file and from the history to a bill."""

import json
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from kwartier.cli.app import app
from kwartier.historian import Historian
from kwartier.metering.quarter_types import ClosedQuarter, Quality
from kwartier.site.reasons import LANGUAGES

HEADER = "From (date);From (time);Until (date);Until (time);EAN code;Meter;Meter type;Register;Volume;Unit;Validation status;Description"
TARIFF = "engie-dynamic+fluvius-imewo+be-household"
ZONE = ZoneInfo("Europe/Brussels")
SHARED = Path(__file__).parents[3] / "shared" / "data" / "household"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["report", *map(str, arguments)])


@pytest.fixture(scope="module")
def march(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """March 2026 whole, with the night of 92 quarter-hours: 0.2 kWh each, one of 1.25 (5 kW)."""
    at, rows = datetime(2026, 3, 1, tzinfo=ZONE).astimezone(UTC), [HEADER]
    while (local := at.astimezone(ZONE)).month == 3:
        end = (at + timedelta(minutes=15)).astimezone(ZONE)
        volume = "1,250" if (local.day, local.hour, local.minute) == (18, 19, 30) else "0,200"
        rows.append(
            f'{local:%d/%m/%Y;%H:%M:%S};{end:%d/%m/%Y;%H:%M:%S};="541";1SAG;Digital meter;Offtake Day;{volume};kWh;Read;'
        )
        at += timedelta(minutes=15)
    path = tmp_path_factory.mktemp("fluvius") / "march.csv"
    path.write_text("\ufeff" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hourly prices of 100 EUR/MWh."""
    at, rows = datetime(2026, 2, 28, 22, tzinfo=UTC), ["start,eur_per_mwh"]
    rows += [f"{(at + timedelta(hours=i)).isoformat()},100" for i in range(760)]
    path = tmp_path_factory.mktemp("prices") / "prices.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def test_a_month_as_json(march: Path, prices: Path) -> None:
    """2 972 quarters: 2 971 x 0.2 + 1.25 = 595.45 kWh. Energy 595.45 x (0.1039 + 0.008702) = 67.0489; capacity
    5 x 54.2009816 / 12 = 22.5837."""
    result = run(
        "--from", march, "--tariff", TARIFF, "--month", "2026-03", "--prices", prices, "--format", "json"
    )
    assert result.exit_code == 0, result.output
    bill = json.loads(result.stdout)
    assert any("2023 and 2024 are means" in note for note in bill["tariff_notes"])
    lines = {line["key"]: line for line in bill["lines"]}
    assert (bill["complete"], bill["import_kwh"], bill["missing"]) == (True, "595.45", [])
    assert lines["energy"]["amount_excl"] == "67.05"
    assert lines["capacity"]["amount_excl"] == "22.58"
    assert bill["peaks"] == [
        {"month": "2026-03", "peak_kw": "5", "billed_kw": "5", "at": "2026-03-18T19:30:00+01:00"}
    ]
    assert all(set(line["explanation"]) == set(LANGUAGES) and line["source"] for line in bill["lines"])


def test_the_page(march: Path, prices: Path, tmp_path: Path) -> None:
    """One file without anything from elsewhere, in Dutch, with the arithmetic of the peak."""
    out = tmp_path / "bill.html"
    result = run("--from", march, "--tariff", TARIFF, "--prices", prices, "--language", "nl", "--output", out)
    assert result.exit_code == 0, result.output
    page = out.read_text(encoding="utf-8")
    assert "<title>Factuur van maart 2026</title>" in page
    assert "Het hoogste kwartier van mrt 2026: 18 mrt 2026 19:30, 4 x 1,250 kWh = 5,00 kW." in page
    assert page.count("<rect ") == 31
    assert page.count('class="peak"') == 1
    assert not any(word in page for word in ("http://", "https://", "<script", "src="))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "fr",
            (
                "<title>Facture de mars 2026</title>",
                "Le quart d'heure le plus haut, mars 2026 : 18 mars 2026 19:30, 4 x 1,250 kWh = 5,00 kW.",
                "Tarif capacitaire (pointe mensuelle moyenne)",
                "Pointes mensuelles",
                "TVA 6 %",
            ),
        ),
        (
            "de",
            (
                "<title>Rechnung für März 2026</title>",
                "Die höchste Viertelstunde, März 2026: 18. März 2026 19:30, 4 x 1,250 kWh = 5,00 kW.",
                "Leistungstarif (mittlere Monatsspitze)",
                "Monatsspitzen",
                "MwSt. 6 %",
            ),
        ),
    ],
)
def test_the_page_in_french_and_german(
    march: Path, prices: Path, language: str, words: tuple[str, ...]
) -> None:
    """The same bill in the other languages: names, sentences and figures as people there write them."""
    result = run("--from", march, "--tariff", TARIFF, "--prices", prices, "--language", language)
    assert result.exit_code == 0, result.output
    page = unescape(result.stdout)
    assert f'<html lang="{language}"' in page
    for told in words:
        assert told in page
    assert not any(word in page for word in ("highest quarter-hour", "kwartier van", "maandpiek", "Capacity"))


def test_a_table_for_a_spreadsheet(march: Path, prices: Path) -> None:
    """English with points and commas, Dutch with commas and semicolons; the totals are the last row."""
    english = run("--from", march, "--tariff", TARIFF, "--prices", prices, "--format", "csv").stdout
    dutch = run(
        "--from", march, "--tariff", TARIFF, "--prices", prices, "--format", "csv", "--language", "nl"
    ).stdout
    last = english.strip().splitlines()[-1].split(",")
    assert last[0] == "total"
    assert dutch.strip().splitlines()[-1].split(";")[8] == last[8].replace(".", ",")
    free = run("--from", march, "--tariff", TARIFF, "--prices", prices, "--format", "csv", "--no-vat").stdout
    assert free.strip().splitlines()[-1].split(",")[10] == last[8]


def test_peaks_of_months_that_the_file_does_not_have(march: Path) -> None:
    """(3 + 2.5 for 1 + 5) / 3 = 3.5 kW."""
    told = ("--peak", "2026-01=3", "--peak", "2026-02=1,0")
    bill = json.loads(run("--from", march, "--tariff", "fluvius-imewo", *told, "--format", "json").stdout)
    assert bill["lines"][0]["quantity"] == "3.500000"
    assert [p["billed_kw"] for p in bill["peaks"]] == ["3", "2.5", "5"]


def test_without_prices_the_bill_says_what_is_missing(march: Path) -> None:
    """The month is billed all the same; nothing is invented."""
    result = run("--from", march, "--tariff", TARIFF, "--format", "json")
    assert result.exit_code == 0
    assert "give --prices" in result.stderr
    bill = json.loads(result.stdout)
    assert (bill["complete"], bill["unpriced_kwh"]) == (False, "595.45")


def test_a_month_that_is_not_in_the_file(march: Path) -> None:
    """The answer is negative, and names the gap."""
    result = run("--from", march, "--tariff", TARIFF, "--month", "2026-04", "--format", "json")
    assert result.exit_code == 1
    assert len(json.loads(result.stdout)["missing"]) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give a site file, or --from"),
        (("--from", "{march}"), "no tariff is known"),
        (("--from", "{march}", "--tariff", "fluvius-imwo"), "did you mean 'fluvius-imewo'"),
        (("--from", "{march}", "--tariff", TARIFF, "--format", "pdf"), "writes no PDF"),
        (("--from", "{march}", "--tariff", TARIFF, "--format", "doc"), "none of html, csv, json"),
        (("--from", "{march}", "--tariff", TARIFF, "--language", "xx"), "none of en, nl, fr, de"),
        (("--from", "{march}", "--tariff", TARIFF, "--month", "March"), "is no month"),
        (("--from", "{march}", "--tariff", TARIFF, "--month", "2026-3x"), "is no month"),
        (("--from", "{march}", "--tariff", TARIFF, "--peak", "2026-01:4"), "is no month with its peak"),
        (("--from", "{march}", "--tariff", TARIFF, "--peak", "2026-01=-4"), "is no month with its peak"),
        (("--from", "{march}", "--tariff", TARIFF, "--prices", "{march}"), "a price file needs a column"),
        (
            ("--from", "{march}", "--tariff", TARIFF, "--time-zone", "Europe/Brussel"),
            "did you mean Europe/Brussels",
        ),
        (("--from", "/nowhere.csv", "--tariff", TARIFF), "cannot be read"),
        (("--from", "{march}", "--tariff", "fluvius-mv-imewo-grid"), "contracted_kw"),
    ],
)
def test_misuse_is_told_in_a_sentence(march: Path, arguments: tuple[str, ...], words: str) -> None:
    """Exit code 2, no traceback."""
    result = run(*(a.replace("{march}", str(march)) for a in arguments))
    assert result.exit_code == 2, result.output
    assert words in result.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "start,eur_per_mwh\n2026-03-01T00:00:00,10\n",
            ":2: '2026-03-01T00:00:00' is no time with an offset",
        ),
        ("start,eur_per_mwh\n2026-03-01T00:00:00Z,abc\n", ":2: 'abc' is no price"),
        ("start,eur_per_mwh\n2026-03-01T00:07:00Z,1\n", "no beginning of a quarter-hour"),
        ("start,eur_per_mwh\n2026-03-01T00:00:00Z\n", ":2: the row is cut off"),
        ("start,eur_per_mwh\n2026-03-01T00:00:00Z,\n", "no price in this file"),
    ],
)
def test_price_files_that_are_wrong(march: Path, tmp_path: Path, text: str, words: str) -> None:
    """By line."""
    path = tmp_path / "prices.csv"
    path.write_text(text, encoding="utf-8")
    result = run("--from", march, "--tariff", TARIFF, "--prices", path)
    assert result.exit_code == 2
    assert words in result.stderr


def test_the_list_of_parts() -> None:
    """Every part with what it is."""
    result = run("--list-tariffs")
    assert result.exit_code == 0
    assert "fluvius-imewo " in result.stdout
    assert "Fluvius Imewo" in result.stdout


SITE = """\
site: {name: Home}
circuits: [{id: grid, limit_a: 40, meter: main, safe_current_a: 10}]
meters: [{id: main, type: p1, url: serial:///dev/ttyUSB0}]
tariffs: {parts: [fluvius-imewo, be-household]}
historian: {path: history.sqlite}
"""


class StoppedClock:
    """Recording does not wait for it."""

    def monotonic_s(self) -> float:
        """Monotonic seconds."""
        return 0.0

    def utc_s(self) -> float:
        """UTC seconds."""
        return 1_774_000_000.0

    async def sleep(self, duration_s: float) -> None:
        """Nobody waits."""
        raise AssertionError(duration_s)


def quarter(
    local: datetime, import_kwh: float, export_kwh: float = 0.0, quality: Quality = "measured"
) -> ClosedQuarter:
    return ClosedQuarter(
        meter_id="main",
        start_s=int(local.timestamp()),
        import_kwh=import_kwh,
        export_kwh=export_kwh,
        register_import_kwh=0.0,
        register_export_kwh=0.0,
        demand_w=4000 * import_kwh,
        meter_demand_w=None,
        agrees=None,
        quality=quality,
    )


def test_from_the_history_of_a_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three quarter-hours of the grid's meter, one of them in the month before: a mean of (4 + 8) / 2 = 6 kW, so
    6 x 54.2009816 / 12 = 27.1005. The rest of March is named as not known; so is a quarter that began late."""
    monkeypatch.chdir(tmp_path)
    site = tmp_path / "site.yaml"
    site.write_text(SITE, encoding="utf-8")
    missing = run(site, "--month", "2026-03")
    assert missing.exit_code == 2
    assert "there is no history" in missing.stderr
    historian = Historian.open(tmp_path / "history.sqlite", StoppedClock())
    historian.start()
    historian.quarter(quarter(datetime(2026, 2, 10, 18, tzinfo=ZONE), 1.0))
    historian.quarter(quarter(datetime(2026, 3, 10, 18, tzinfo=ZONE), 2.0))
    historian.quarter(
        quarter(datetime(2026, 3, 10, 18, 15, tzinfo=ZONE), 0.5, export_kwh=0.25, quality="partial")
    )
    historian.close()
    result = run(site, "--month", "2026-03", "--format", "json")
    assert result.exit_code == 0, result.output
    bill = json.loads(result.stdout)
    lines = {line["key"]: line for line in bill["lines"]}
    assert (bill["site"], bill["import_kwh"], bill["export_kwh"]) == ("Home", "2.5", "0.25")
    assert lines["capacity"]["amount_excl"] == "27.10"
    assert [p["peak_kw"] for p in bill["peaks"]] == ["4", "8"]
    assert len(bill["missing"]) == 2
    assert any("not measured whole" in note for note in bill["notes"]["en"])
    assert run(site).exit_code == 2


def test_a_site_without_a_tariff_takes_one_by_name(tmp_path: Path, march: Path) -> None:
    """The site's name stands on the bill; without a tariff the way out is told."""
    site = tmp_path / "site.yaml"
    site.write_text(SITE.replace("tariffs: {parts: [fluvius-imewo, be-household]}\n", ""), encoding="utf-8")
    assert "add tariffs: to the site file" in run(site, "--from", march).stderr
    result = run(
        site, "--from", march, "--tariff", "fluvius-imewo", "--tariff", "be-household", "--format", "json"
    )
    assert json.loads(result.stdout)["site"] == "Home"


def test_the_recorded_export_of_a_real_customer() -> None:
    """Both languages of the export: every line has its sentence, and what the file does not have is named."""
    for name in ("fluvius_export_kwartier_sample.csv", "fluvius_export_kwartier_sample_nl.csv"):
        path = SHARED / name
        if not path.is_file():
            pytest.skip(f"the shared recordings are not here ({name})")
        result = run(
            "--from", path, "--tariff", "engie-easy-day-night+fluvius-imewo+be-household", "--format", "json"
        )
        assert result.exit_code == 0, result.output
        bill = json.loads(result.stdout)
        assert bill["lines"]
        assert all(line["explanation"][language] for line in bill["lines"] for language in LANGUAGES)
        assert len({tuple(bill["notes"][language]) for language in LANGUAGES}) == len(LANGUAGES)
        assert not bill["complete"]
