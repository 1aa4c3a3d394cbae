"""Where `kwartier report` gets its quarter-hours and prices: the historian, a Fluvius file, a price file."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from io import StringIO
from math import isfinite
from pathlib import Path

from kwartier.planning.billing import Flows, Spot
from kwartier.planning.billing.series import UKWH_PER_KWH, ukwh
from kwartier.protocols import fluvius
from kwartier.site.errors import ConfigError
from kwartier.site.intervals import QUARTER_S
from kwartier.site.reasons import LANGUAGES

_TIMES = ("start", "time", "timestamp", "utc", "datetime", "start_s")
_PRICES = {"eur_per_mwh": 1000.0, "price_eur_mwh": 1000.0, "eur_per_kwh": 1.0, "price_eur_kwh": 1.0}
MOST_BYTES = 100_000_000
_ESTIMATED = {
    "en": "Quarter-hours that the grid operator estimated: {}.",
    "nl": "Kwartieren die de netbeheerder geschat heeft: {}.",
    "fr": "Quarts d'heure estimés par le gestionnaire de réseau : {}.",
    "de": "Viertelstunden, die der Netzbetreiber geschätzt hat: {}.",
}
_EMPTY = {
    "en": "Quarter-hours that the file names without a volume, and that are not known: {}.",
    "nl": "Kwartieren die het bestand zonder volume noemt, en die niet gekend zijn: {}.",
    "fr": "Quarts d'heure que le fichier cite sans volume, et qui sont inconnus : {}.",
    "de": "Viertelstunden, die die Datei ohne Menge nennt und die nicht bekannt sind: {}.",
}
_DOUBTFUL = {
    "en": "Quarter-hours that were not measured whole (start, clock, change of meter): {}.",
    "nl": "Kwartieren die niet volledig gemeten zijn (start, klok, meterwissel): {}.",
    "fr": "Quarts d'heure qui n'ont pas été mesurés en entier (démarrage, horloge, changement de compteur) : {}.",
    "de": "Viertelstunden, die nicht ganz gemessen wurden (Start, Uhr, Zählerwechsel): {}.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Quarter-hours and what is to be said of them."""

    flows: Flows
    origin: str
    remarks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Per language."""


def text_of(path: Path) -> str:
    """A file as text, in UTF-8 or, as old spreadsheets write it, in Windows' western code. Raises ConfigError."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}. Give the path of a file") from None
    if len(raw) > MOST_BYTES:
        raise ConfigError(f"{path} is larger than {MOST_BYTES} bytes. Give the export of two years at most")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def from_fluvius(path: Path, zone: tzinfo) -> Measured:
    """Quarter-hours of a customer's export. Raises ConfigError that names file and line."""
    try:
        found = fluvius.read(text_of(path), zone)
    except fluvius.NotFluvius as error:
        raise ConfigError(f"{path}: {error}") from None
    flows = Flows(_ukwh(found.import_kwh), _ukwh(found.export_kwh))
    remarks: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for language, told in remarks.items():
        if found.estimated:
            told.append(_ESTIMATED[language].format(found.estimated))
        if found.empty:
            told.append(_EMPTY[language].format(found.empty))
        told.extend(f"{path.name}, {fault}." for fault in found.faults)
    if len(found.eans) > 1:
        raise ConfigError(
            f"{path}: this file holds {len(found.eans)} connections (EAN {', '.join(found.eans)}). Export one at a time"
        )
    return Measured(
        flows=flows, origin=path.name, remarks={lang: tuple(told) for lang, told in remarks.items()}
    )


def _ukwh(energies: Mapping[int, Decimal]) -> dict[int, int]:
    return {start_s: int(energy * UKWH_PER_KWH) for start_s, energy in energies.items()}


def from_historian(path: Path, meter_id: str, from_s: int, to_s: int) -> Measured:
    """Quarter-hours that Kwartier recorded of a meter. Raises ConfigError where there are none to read."""
    from kwartier.historian import queries
    from kwartier.site.errors import StorageError

    if not path.is_file():
        raise ConfigError(
            f"there is no history in {path}. Give --from with a Fluvius export, or run the site first"
        )
    try:
        found = queries.quarters(path, meter_id, from_s, to_s)
    except StorageError as error:
        raise ConfigError(f"{path}: {error}") from None
    taken: dict[int, int] = {}
    given: dict[int, int] = {}
    doubtful = 0
    for quarter in found:
        taken[quarter.start_s] = ukwh(max(0.0, quarter.import_kwh))
        if quarter.export_kwh is not None:
            given[quarter.start_s] = ukwh(max(0.0, quarter.export_kwh))
        doubtful += quarter.quality in {"partial", "clock", "reset"}
    remarks: dict[str, tuple[str, ...]] = {}
    if doubtful:
        remarks = {language: (_DOUBTFUL[language].format(doubtful),) for language in LANGUAGES}
    return Measured(flows=Flows(taken, given), origin=f"{path.name}, {meter_id}", remarks=remarks)


def spot_from(path: Path) -> Spot:
    """Market prices of a CSV file: a column with the start of each step (ISO 8601 with an offset, or seconds since
    1970) named `start` or `time`, and one named `eur_per_mwh` or `eur_per_kwh`. Raises ConfigError by line."""
    text = text_of(path).lstrip("\ufeff")
    first = text.split("\n", 1)[0]
    rows = csv.reader(StringIO(text), delimiter=max(",;\t", key=first.count))
    header = [h.strip().lower() for h in next(rows, [])]
    times = [i for i, h in enumerate(header) if h in _TIMES]
    prices = [(i, _PRICES[h]) for i, h in enumerate(header) if h in _PRICES]
    if not times or not prices:
        raise ConfigError(
            f"{path}:1: a price file needs a column {' or '.join(_TIMES[:2])} and one named eur_per_mwh or eur_per_kwh, "
            f"and it has {', '.join(header) or 'none'}"
        )
    found = dict(_prices(path, rows, times[0], *prices[0]))
    starts = sorted(found)
    if not starts:
        raise ConfigError(f"{path}: there is no price in this file")
    out: dict[int, float] = {}
    for i, start_s in enumerate(starts):
        # a price holds until the next one, for an hour at most
        until = min(starts[i + 1] if i + 1 < len(starts) else start_s + _usual(starts), start_s + 3600)
        for at_s in range(start_s, until, QUARTER_S):
            out[at_s] = found[start_s]
    return Spot.of(out, out.values())


def _usual(starts: list[int]) -> int:
    return min((b - a for a, b in zip(starts[-3:], starts[-2:], strict=False)), default=3600)


def _prices(
    path: Path, rows: Iterator[list[str]], time_at: int, price_at: int, per_kwh: float
) -> Iterator[tuple[int, float]]:
    for line, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) <= max(time_at, price_at):
            raise ConfigError(f"{path}:{line}: the row is cut off")
        start_s, price = _utc(row[time_at].strip()), row[price_at].strip().replace(",", ".")
        if start_s is None:
            raise ConfigError(
                f"{path}:{line}: {row[time_at]!r} is no time with an offset; write 2026-01-15T00:00:00+01:00"
            )
        if not price:
            continue
        try:
            value = float(price)
        except ValueError:
            value = float("nan")
        if not isfinite(value):
            raise ConfigError(f"{path}:{line}: {row[price_at]!r} is no price")
        if start_s % QUARTER_S:
            raise ConfigError(f"{path}:{line}: {row[time_at]} is no beginning of a quarter-hour")
        yield start_s, value / per_kwh


def _utc(text: str) -> int | None:
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else int(moment.astimezone(UTC).timestamp())
