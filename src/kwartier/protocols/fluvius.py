"""The quarter-hour file that a Flemish customer downloads from Mijn Fluvius (CSV): text in, energies out.

Form, as far as real files show it: semicolons, decimal comma, often a byte order mark; headers in English, Dutch
or French; one row for each register and quarter-hour (`Offtake Day`, `Afname Nacht`, `Injectie Dag`), local times of
Belgium without offset, the EAN as `="541..."`. In a given quarter-hour only the register of the running tariff is
there. Rows without a volume (`No consumption`, `Geen verbruik`) tell nothing: the quarter is not known, and not zero.
In the night in which the clock goes back the hour from two to three is there twice, in order or pairwise.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from io import StringIO

from kwartier.site.errors import ConfigError
from kwartier.site.intervals import QUARTER_S

MOST_FAULTS = 50
"""Told in full; who has more has another file in his hands."""
_YEARS = (1990, 2100)
_SURE = 3
"""So many rows of another length tell that the file is of another kind."""
MOST_KWH = Decimal(2500)
"""In a quarter-hour: 10 MW. More is no reading of a customer of Fluvius' low and medium voltage."""

_COLUMNS = {
    "from_date": ("from (date)", "van datum", "van (datum)", "de (date)", "du (date)"),
    "from_time": ("from (time)", "van tijdstip", "van (tijdstip)", "de (heure)", "du (heure)"),
    "until_date": (
        "until (date)",
        "to (date)",
        "tot datum",
        "tot (datum)",
        "à (date)",
        "jusqu'au (date)",
        "au (date)",
    ),
    "until_time": (
        "until (time)",
        "to (time)",
        "tot tijdstip",
        "tot (tijdstip)",
        "à (heure)",
        "jusqu'au (heure)",
        "au (heure)",
    ),
    "ean": ("ean code", "ean", "ean-code", "code ean"),
    "register": ("register", "registre"),
    "volume": ("volume",),
    "unit": ("unit", "eenheid", "unité"),
    "status": ("validation status", "validatiestatus", "statut de validation"),
}
_NEEDED = ("from_date", "from_time", "until_date", "until_time", "register", "volume")
_TAKEN = ("offtake", "afname", "consumption", "prélèvement", "prelevement")
_GIVEN = ("injection", "injectie")
_REACTIVE = ("reacti", "inducti", "capaciti", "réacti")
_ESTIMATED = ("estimated", "geschat", "estimé", "calculated", "berekend", "calculé")


@dataclass(frozen=True, slots=True)
class Fault:
    """A row that could not be used, or that deserves a look."""

    line: int
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What the file holds: energy per quarter-hour, by its UTC start, in kWh exactly as written."""

    import_kwh: Mapping[int, Decimal]
    export_kwh: Mapping[int, Decimal]
    eans: tuple[str, ...]
    """Only the last four digits: the rest is nobody's business."""
    empty: int
    """Quarter-hours that the file names without a volume."""
    estimated: int
    """Quarter-hours whose value the grid operator estimated."""
    faults: tuple[Fault, ...]
    """In the order of lines; rows with a fault are left out."""
    statuses: Mapping[str, int] = field(default_factory=dict)
    """How often each validation status is there."""


class NotFluvius(ConfigError):
    """The file is not a quarter-hour export; the text says what it is and which one to download."""


def looks_like(text: str) -> bool:
    """Whether the first line has the columns of such a file, quarter-hours or not."""
    first = text.lstrip("\ufeff").split("\n", 1)[0]
    found = _positions(next(csv.reader([first], delimiter=_delimiter(first)), []))
    return all(name in found for name in _NEEDED)


def read(text: str, zone: tzinfo) -> Export:
    """Read a whole file. `zone` is that of the meter. Raises NotFluvius for other files and for day totals; single
    rows that are wrong become faults."""
    text = text.lstrip("\ufeff")
    first = text.split("\n", 1)[0]
    rows = csv.reader(StringIO(text), delimiter=_delimiter(first), strict=False)
    header = next(rows, [])
    columns = _positions(header)
    lacking = [name for name in _NEEDED if name not in columns]
    if lacking:
        shown = ", ".join(h for h in header if h)[:120] or "nothing"
        raise NotFluvius(
            f"line 1: these are not the columns of a Fluvius export ({shown}); {lacking[0].replace('_', ' ')} is missing. "
            "Download the quarter-hour totals (kwartiertotalen) from Mijn Fluvius as CSV"
        )
    return _Reader(columns, zone).read(rows)


def _delimiter(line: str) -> str:
    return max(";,\t", key=line.count)


def _positions(header: Sequence[str]) -> dict[str, int]:
    names = [h.strip().strip('"').lower() for h in header]
    return {
        column: names.index(name) for column, known in _COLUMNS.items() for name in known if name in names
    }


@dataclass(slots=True)
class _Reader:
    columns: Mapping[str, int]
    zone: tzinfo
    taken: dict[int, Decimal] = field(default_factory=dict)
    given: dict[int, Decimal] = field(default_factory=dict)
    seen: dict[tuple[str, int], tuple[int, Decimal | None]] = field(default_factory=dict)
    """Register and quarter -> line and value."""
    faults: list[Fault] = field(default_factory=list)
    empty: set[int] = field(default_factory=set)
    estimated: set[int] = field(default_factory=set)
    eans: set[str] = field(default_factory=set)
    statuses: dict[str, int] = field(default_factory=dict)
    spans: dict[tuple[str, str, str, str], tuple[int, int]] = field(default_factory=dict)
    directions: dict[str, str | None] = field(default_factory=dict)
    rows: int = 0
    coarse: int = 0
    longest_s: float = 0.0
    width: int = 0

    def read(self, rows: Iterator[list[str]]) -> Export:
        self.width = 1 + max(at for name, at in self.columns.items() if name in _NEEDED or name == "ean")
        line = 1
        while True:
            line += 1
            try:
                row = next(rows)
            except StopIteration:
                break
            except csv.Error as error:
                self._fault(line, f"this is no CSV: {error}")
                continue
            if any(cell.strip() for cell in row):
                self._row(line, row)
        if self.coarse * 2 > self.rows:
            self._refuse_coarse()
        if not self.seen:
            raise NotFluvius(
                f"no row with a register of offtake or injection in kWh can be used; {self._first_fault()}. "
                "Download the quarter-hour totals (kwartiertotalen) of electricity from Mijn Fluvius"
            )
        if not self.taken:
            raise NotFluvius(
                f"no quarter-hour of offtake has a volume; {self._first_fault()}. "
                "Download the quarter-hour totals (kwartiertotalen) of electricity from Mijn Fluvius"
            )
        known = (set(self.taken) | set(self.given)) - self._half_known()
        return Export(
            import_kwh=self._whole(self.taken, known),
            export_kwh=self._whole(self.given, known) if self.given else {},
            eans=tuple(sorted(self.eans)),
            empty=len(self.empty - known),
            estimated=len(self.estimated & known),
            faults=tuple(self.faults),
            statuses=dict(self.statuses),
        )

    def _half_known(self) -> set[int]:
        """Quarters in which a direction is named without a volume: they are not known, whatever the other one says."""
        out: set[int] = set()
        for (register, start_s), (_, energy) in self.seen.items():
            into = self.taken if _direction(register) == "taken" else self.given
            if energy is None and start_s not in into:
                out.add(start_s)
        return out

    @staticmethod
    def _whole(found: dict[int, Decimal], known: set[int]) -> dict[int, Decimal]:
        """A direction that is not there in a quarter whose other one is has not flowed: registers of the other
        tariff are left out of the file."""
        return {start_s: found.get(start_s, Decimal(0)) for start_s in sorted(known)}

    def _first_fault(self) -> str:
        return str(self.faults[0]) if self.faults else "there are no rows"

    def _fault(self, line: int, what: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(line, what))
        elif len(self.faults) == MOST_FAULTS:
            self.faults.append(Fault(line, "and more; only the first faults are told"))

    def _row(self, line: int, row: list[str]) -> None:
        if len(row) < self.width:
            self._fault(line, f"the row has {len(row)} cells and is cut off")
            return
        at = self.columns
        register = row[at["register"]].strip()
        direction = self.directions.get(register, "")
        if direction == "":
            direction = self.directions[register] = _direction(register)
            if direction is None and not any(word in register.lower() for word in _REACTIVE):
                self._fault(line, f"the register {register!r} is neither offtake nor injection")
        unit = row[at["unit"]].strip().lower() if "unit" in at and at["unit"] < len(row) else ""
        if direction is None or unit not in {"kwh", ""}:
            return
        self.rows += 1
        times = (row[at["from_date"]], row[at["from_time"]], row[at["until_date"]], row[at["until_time"]])
        starts = self.spans.get(times)
        if starts is None:
            starts = self._starts(line, times)
            if starts is None:
                return
            self.spans[times] = starts
        start_s, second_s = starts
        if second_s != start_s and (register, start_s) in self.seen and (register, second_s) not in self.seen:
            start_s = second_s  # the hour that the clock went through twice: the second row of it
        status = row[at["status"]].strip() if "status" in at and at["status"] < len(row) else ""
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if "ean" in at and (ean := row[at["ean"]].strip('=" ')):
            self.eans.add(f"...{ean[-4:]}")
        self._value(line, start_s, register, direction, row[at["volume"]].strip(), status)

    def _starts(self, line: int, times: tuple[str, str, str, str]) -> tuple[int, int] | None:
        """UTC of the quarter-hour that these local times tell, early and late where the clock goes through it twice."""
        begin = self._local(line, times[0].strip(), times[1].strip())
        end = None if begin is None else self._local(line, times[2].strip(), times[3].strip())
        if begin is None or end is None or not self._is_quarter(line, begin, end):
            return None
        return self._utc(line, begin)

    def _value(
        self, line: int, start_s: int, register: str, direction: str, volume: str, status: str
    ) -> None:
        energy: Decimal | None = None
        if volume:
            try:
                energy = Decimal(volume.replace(" ", "").replace(",", "."))
            except InvalidOperation:
                self._fault(line, f"the volume {volume!r} is no number")
                return
            if not energy.is_finite() or not 0 <= energy <= MOST_KWH:
                self._fault(line, f"a volume of {volume} kWh in a quarter-hour cannot be")
                return
        before = self.seen.get((register, start_s))
        if before is not None:
            if before[1] != energy:
                self._fault(
                    line,
                    f"this quarter-hour of {register} is in line {before[0]} already, with another volume",
                )
            return
        self.seen[register, start_s] = (line, energy)
        if energy is None:
            self.empty.add(start_s)
            return
        if any(word in status.lower() for word in _ESTIMATED):
            self.estimated.add(start_s)
        into = self.taken if direction == "taken" else self.given
        into[start_s] = into.get(start_s, Decimal(0)) + energy

    def _local(self, line: int, day: str, time: str) -> datetime | None:
        """Local time as written, without a zone."""
        parsed, clock = _day(day), _clock(time)
        if parsed is None or clock is None:
            self._fault(line, f"{day} {time} is no date and time; 22/10/2023 and 00:15:00 are")
            return None
        return datetime(parsed.year, parsed.month, parsed.day) + timedelta(seconds=clock)  # noqa: DTZ001 - local as written

    def _is_quarter(self, line: int, begin: datetime, end: datetime) -> bool:
        """Whether a row is one of a quarter-hour. Around a change of the clock one seems to last longer, or to end
        before it began. Raises NotFluvius as soon as most rows are of hours or days: those cannot be billed."""
        span_s = (end - begin).total_seconds()
        if span_s == QUARTER_S or self._across_a_change(begin, end):
            return True
        self.coarse += 1
        self.longest_s = max(self.longest_s, span_s)
        self._fault(line, f"from {begin:%H:%M} to {end:%H:%M} is no quarter-hour")
        if self.coarse >= _SURE and self.coarse * 2 > self.rows:
            self._refuse_coarse()
        return False

    def _across_a_change(self, begin: datetime, end: datetime) -> bool:
        times = [
            end.replace(tzinfo=self.zone, fold=late).timestamp()
            - begin.replace(tzinfo=self.zone, fold=early).timestamp()
            for late in (0, 1)
            for early in (0, 1)
        ]
        return QUARTER_S in times

    def _refuse_coarse(self) -> None:
        kind = "day totals" if self.longest_s >= 23 * 3600 else f"rows of {self.longest_s / 60:g} minutes"
        raise NotFluvius(
            f"{self.faults[0]}: this file has {kind}, and a month peak cannot be found in them. "
            "Choose quarter-hour totals (kwartiertotalen) when you download it from Mijn Fluvius"
        )

    def _utc(self, line: int, local: datetime) -> tuple[int, int] | None:
        early = local.replace(tzinfo=self.zone)
        start_s = int(early.timestamp())
        if datetime.fromtimestamp(start_s, UTC).astimezone(self.zone).replace(tzinfo=None) != local:
            self._fault(line, f"{local:%d/%m/%Y %H:%M} did not exist: the clock went forward")
            return None
        if start_s % QUARTER_S:
            self._fault(line, f"{local:%H:%M:%S} is no beginning of a quarter-hour")
            return None
        return start_s, int(early.replace(fold=1).timestamp())


def _direction(register: str) -> str | None:
    name = register.lower()
    if any(word in name for word in _REACTIVE):
        return None
    if any(word in name for word in _GIVEN):
        return "given"
    return "taken" if any(word in name for word in _TAKEN) else None


def _day(text: str) -> date | None:
    parts = text.replace("/", "-").replace(".", "-").split("-")
    if len(parts) != 3 or not all(p.isascii() and p.isdigit() for p in parts):
        return None
    year, month, day = parts if len(parts[0]) == 4 else parts[::-1]
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if _YEARS[0] <= found.year <= _YEARS[1] else None


def _clock(text: str) -> int | None:
    parts = text.split(":")
    if len(parts) not in {2, 3} or not all(p.isascii() and p.isdigit() for p in parts):
        return None
    seconds = sum(int(p) * unit for p, unit in zip(parts, (3600, 60, 1), strict=False))
    return seconds if seconds <= 86_400 else None
