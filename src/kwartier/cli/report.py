"""`kwartier report`: what a month costs, line by line, each of them explained."""

import sys
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from kwartier.cli.report_inputs import Measured
    from kwartier.config import SiteConfig
    from kwartier.planning.billing import Bill
    from kwartier.site.tariffs import Tariff

FORMATS = ("html", "csv", "json", "pdf")
BELGIUM = "Europe/Brussels"


def report(
    file: Annotated[Path | None, typer.Argument(metavar="[SITE.yaml]", help="The site file.")] = None,
    month: Annotated[
        str, typer.Option("--month", help="YYYY-MM; left out: the newest month of --from.")
    ] = "",
    form: Annotated[str, typer.Option("--format", help="html, csv or json.")] = "html",
    source: Annotated[
        Path | None,
        typer.Option("--from", help="A quarter-hour export of Mijn Fluvius, in the place of the history."),
    ] = None,
    tariff: Annotated[
        list[str] | None,
        typer.Option(
            "--tariff",
            help="Parts of a tariff (several, or joined by +), in the place of the site file's: engie-dynamic+fluvius-imewo+be-household.",
        ),
    ] = None,
    prices: Annotated[
        Path | None, typer.Option("--prices", help="CSV of market prices: start, eur_per_mwh.")
    ] = None,
    contracted_kw: Annotated[
        float | None, typer.Option("--contracted-kw", min=0.1, help="Contracted power, where it is billed.")
    ] = None,
    peak: Annotated[
        list[str] | None,
        typer.Option(
            "--peak",
            help="A month peak that the meter or an earlier bill tells: 2026-01=4.12 (kW). Several times.",
        ),
    ] = None,
    time_zone: Annotated[
        str, typer.Option("--time-zone", help="Without a site file: the zone that months are billed in.")
    ] = BELGIUM,
    language: Annotated[str, typer.Option("--language", help="en, nl, fr or de.")] = "en",
    no_vat: Annotated[bool, typer.Option("--no-vat", help="Amounts without VAT (firms).")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file.")] = None,
    list_tariffs: Annotated[
        bool, typer.Option("--list-tariffs", help="Show the parts that there are.")
    ] = False,
) -> None:
    """The bill of a month from measured quarter-hours, each line explained. Quarter-hours come from the site's
    history, or from the file a customer of Fluvius downloads. Exit code 1 when no quarter-hour of the month is
    known; what is missing is named on the bill."""
    from kwartier.site.reasons import LANGUAGES

    if list_tariffs:
        _list()
        return
    form, language = form.lower(), language.lower()
    if form not in FORMATS:
        _misuse(f"--format {form!r} is none of html, csv, json")
    if form == "pdf":
        _misuse("this version writes no PDF; take --format html and print the page to a PDF from the browser")
    if language not in LANGUAGES:
        _misuse(f"--language {language!r} is none of {', '.join(LANGUAGES)}")
    if file is None and source is None:
        _misuse("give a site file, or --from with a Fluvius export")
    from kwartier.site.errors import ConfigError

    try:
        text, bill = _run(
            file,
            month,
            form,
            source,
            tariff or [],
            prices,
            contracted_kw,
            peak or [],
            time_zone,
            language,
            no_vat,
        )
    except (ConfigError, ValueError) as error:
        _misuse(str(error))
    for told in bill.notes.get("en", ()):
        print(f"note: {told}", file=sys.stderr)
    if output is not None:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            _misuse(f"{output} cannot be written: {error.strerror}")
    else:
        sys.stdout.write(text)
    days_known = bill.import_kwh or bill.export_kwh or not bill.missing
    raise typer.Exit(0 if days_known else 1)


def _misuse(what: str) -> NoReturn:
    print(f"kwartier: {what}", file=sys.stderr)
    raise typer.Exit(2)


def _run(
    file: Path | None,
    month: str,
    form: str,
    source: Path | None,
    parts: list[str],
    prices: Path | None,
    contracted_kw: float | None,
    peaks: list[str],
    time_zone: str,
    language: str,
    no_vat: bool,
) -> tuple[str, "Bill"]:
    from kwartier.cli import report_inputs
    from kwartier.config import load
    from kwartier.config.fields import zone_of
    from kwartier.planning.billing import NO_SPOT, bill
    from kwartier.planning.billing.calendar import month_after, month_start
    from kwartier.web import report as pages

    config = None if file is None else load(file)
    zone = zone_of(time_zone if config is None else config.site.time_zone)
    made, show_vat = _tariff(config, parts, contracted_kw)
    if source is not None:
        measured = report_inputs.from_fluvius(source, zone)
        wanted = _month(month) if month else _newest(measured, zone)
    else:
        if not month:
            _misuse("give --month YYYY-MM")
        wanted = _month(month)
        assert config is not None
        measured = _recorded(config, wanted, zone)
    spot = NO_SPOT if prices is None else report_inputs.spot_from(prices)
    if made.dynamic and prices is None:
        print("note: this tariff follows the market; give --prices with a file of them", file=sys.stderr)
    found = bill(
        made,
        measured.flows,
        spot,
        zone,
        month_start(wanted),
        month_start(month_after(wanted)),
        known_peaks_kw=dict(_peak(told) for told in peaks),
        with_vat=show_vat and not no_vat,
    )
    name = config.site.name if config is not None else ""
    page = pages.Page(
        bill=found,
        site=name,
        origin=measured.origin,
        remarks=measured.remarks,
        zone=zone,
        flows=measured.flows,
        tariff_notes=made.notes,
    )
    if form == "json":
        return pages.as_json(page), found
    return (pages.as_csv(page, language) if form == "csv" else pages.as_html(page, language)), found


def _tariff(
    config: "SiteConfig | None", parts: list[str], contracted_kw: float | None
) -> tuple["Tariff", bool]:
    """The tariff, and whether VAT is shown."""
    from kwartier.config.tariff_section import TariffsSection
    from kwartier.site.errors import ConfigError

    named = [name.strip() for joined in parts for name in joined.split("+") if name.strip()]
    section = config.tariffs if config is not None else None
    if named:
        kw = None if contracted_kw is None else Decimal(str(contracted_kw))
        section = TariffsSection(parts=named, contracted_kw=kw)
    if section is None:
        raise ConfigError(
            "no tariff is known: add tariffs: to the site file, or give --tariff (--list-tariffs shows what there is)"
        )
    return section.tariff(), section.show_vat


def _recorded(config: "SiteConfig", month: tuple[int, int], zone: ZoneInfo) -> "Measured":
    """The history of the grid's meter, with the twelve months before for their peaks."""
    from kwartier.cli import report_inputs
    from kwartier.planning.billing.calendar import month_after, month_start
    from kwartier.planning.billing.series import midnight
    from kwartier.site.errors import ConfigError

    root = next(c for c in config.circuits if c.parent is None)
    if root.meter is None:
        raise ConfigError(
            f"circuit {root.id!r} has no meter, so there are no quarter-hours of the grid. Give --from"
        )
    earliest = min(month_start(month_after(month, -11)), date(month[0], 1, 1))
    return report_inputs.from_historian(
        Path(config.historian.path),
        root.meter,
        midnight(earliest, zone),
        midnight(month_start(month_after(month)), zone),
    )


def _newest(measured: "Measured", zone: ZoneInfo) -> tuple[int, int]:
    from kwartier.planning.billing.series import moment

    day = moment(max(measured.flows.import_ukwh), zone).day
    print(f"note: --month is left out; this is {day:%Y-%m}, the newest of the file", file=sys.stderr)
    return day.year, day.month


def _month(text: str) -> tuple[int, int]:
    year, dash, month = text.partition("-")
    good = (
        dash and len(year) == 4 and year.isascii() and year.isdigit() and month.isascii() and month.isdigit()
    )
    if not good or not 1 <= int(month) <= 12 or int(year) < 1970:
        _misuse(f"{text!r} is no month; write for example 2026-11")
    return int(year), int(month)


def _peak(text: str) -> tuple[tuple[int, int], Decimal]:
    month, _, kw = text.partition("=")
    try:
        told = Decimal(kw.strip().replace(",", "."))
    except InvalidOperation:
        told = Decimal("NaN")
    if not told.is_finite() or told < 0:
        _misuse(f"--peak {text!r} is no month with its peak; write for example 2026-01=4.12")
    return _month(month.strip()), told


def _list() -> None:
    from kwartier.config import tariff_catalogue

    for file in tariff_catalogue.files():
        for variant, name in (file.variants or {"": ""}).items():
            part = f"{file.id}-{variant}" if variant else file.id
            print(f"{part:36} {file.part:9} {file.country}  {name or file.names.get('en', '')}")
