"""Prices in a file of one's own: CSV with a header, or JSON as a list of `{start, end, value}`.

CSV: a comma, a semicolon or a tab between; decimals with a point or, where the comma is not the separator, a comma. The
columns are found by name: `start` (or `time`, `timestamp`, `datetime`, `utc`) and `eur_per_kwh`, `price`, `value`
(with `unit:` in the site file), or `eur_per_mwh`.
"""

import csv
import io
from zoneinfo import ZoneInfo

from kwartier.protocols.answers import AnswerError, WallClock, checked, read_json
from kwartier.protocols.prices.gather import Gather, Unit, unit_of
from kwartier.protocols.prices.homeassistant import ROW
from kwartier.protocols.prices.lists import Row, put_rows
from kwartier.protocols.prices.source import NAMES
from kwartier.site.prices import PriceSeries

SOURCE = NAMES["file"]
STARTS = ("start", "time", "timestamp", "datetime", "utc", "from", "start_utc")
ENDS = ("end", "until", "to")
BY_NAME = {"eur_per_kwh": 1.0, "eur_per_mwh": 1e-3, "eur/kwh": 1.0, "eur/mwh": 1e-3}
PRICES = ("price", "value", "marketprice")
DELIMITERS = (";", "\t", ",")
MAX_ROWS = 200_000


def decode(
    raw: bytes,
    *,
    fetched_at_s: float,
    zone: ZoneInfo,
    currency: str = "EUR",
    unit: str | None = None,
    source: str = SOURCE,
) -> PriceSeries:
    """Prices of the file. Moments without a time zone are on the clock of `zone`, which is said. Raises AnswerError."""
    checked(raw, source)
    gather = Gather(source, currency=currency, fetched_at_s=fetched_at_s)
    clock = WallClock(zone)
    if raw.lstrip()[:1] in {b"[", b"{", b"<"}:
        _json(raw, gather, clock, unit, source)
    else:
        _csv(raw, gather, clock, unit, source)
    return gather.series()


def _json(raw: bytes, gather: Gather, clock: WallClock, unit: str | None, source: str) -> None:
    document = read_json(raw, source)
    entries, told = document, unit
    if isinstance(document, dict):
        entries = next((document[n] for n in ("prices", "data", "values") if n in document), None)
        told = unit or document.get("unit")
    found = _known(told, source)
    if gather.fits(found.currency or gather.currency, "unit"):
        put_rows(entries, ROW, gather, clock, found.factor, where="prices")


def _csv(raw: bytes, gather: Gather, clock: WallClock, unit: str | None, source: str) -> None:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AnswerError("undecodable", f"{source}: no text in UTF-8 at byte {error.start}") from None
    head = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))[: MAX_ROWS + 1]
    except csv.Error as error:
        raise AnswerError("unknown_form", f"{source}: no CSV ({error})") from None
    names = [name.strip().lower() for name in rows[0]]
    start = next((n for n in STARTS if n in names), None)
    price = next((n for n in (*BY_NAME, *PRICES) if n in names), None)
    if start is None or price is None:
        cure = "name the columns start and eur_per_kwh"
        raise AnswerError("unknown_form", f"{source}: no column of moments, or none of prices; {cure}")
    factor = BY_NAME.get(price)
    if factor is None:
        found = _known(unit, source)
        factor = found.factor
        if not gather.fits(found.currency or gather.currency, "unit"):
            return
    commas = delimiter != ","
    entries = [
        {n: _cell(v, decimal_comma=commas and n == price) for n, v in zip(names, row, strict=False)}
        for row in rows[1:]
        if any(cell.strip() for cell in row)
    ]
    put_rows(entries, Row(start=(start,), end=ENDS, price=(price,)), gather, clock, factor, where="row")


def _cell(text: str, *, decimal_comma: bool) -> str | int | None:
    plain = text.strip()
    if not plain:
        return None
    if decimal_comma and plain.count(",") == 1:
        return plain.replace(",", ".")
    return int(plain) if plain.isdecimal() and len(plain) in {10, 13} else plain


def _known(text: object, source: str) -> Unit:
    found = unit_of(text)
    if found is None:
        cure = "add unit: EUR/kWh (or EUR/MWh) to the source in the site file"
        raise AnswerError("unknown_form", f"{source}: the unit {text!r} is none that is known; {cure}")
    return found
