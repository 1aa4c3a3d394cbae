"""The tariffs that come with the program: one YAML file per contract, grid operator or state, in `config/tariffs/`.

A file has components, and where many areas differ in figures only, variants and tables: `fluvius` with the variant
`antwerpen` is the part `fluvius-antwerpen`. A tariff is put together of parts: a contract, a grid, the levies.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from kwartier.config.fields import Slug, refused
from kwartier.config.strict import STRICT
from kwartier.config.tariff_models import ComponentConfig, Day, Figure
from kwartier.site.errors import ConfigError
from kwartier.site.tariffs import Component, Tariff

FOLDER = Path(__file__).parent / "tariffs"


class TableRow(BaseModel):
    """Figures per variant, from a day on."""

    model_config = STRICT

    valid_from: Day
    """first day"""
    valid_until: Day
    """first day on which they no longer hold"""
    source: str = ""
    """who says so; left out: the source of the file"""
    includes_vat_pct: Figure = Decimal(0)
    """the figures contain so much VAT"""
    approximate: bool = False
    """true where they are means or guesses"""
    note: str = ""
    """what they are"""
    note_nl: str = ""
    """the same in Dutch"""
    note_fr: str = ""
    """the same in French"""
    note_de: str = ""
    """the same in German"""
    all: Figure | None = None
    """one figure for all variants"""
    values: dict[Slug, Figure] = {}
    """a figure per variant"""


class TariffFile(BaseModel):
    """One file."""

    model_config = STRICT

    id: Slug
    """the same as the name of the file"""
    part: Literal["contract", "network", "levies"]
    """what it is of a tariff"""
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    """two capitals"""
    names: dict[Literal["en", "nl", "fr", "de"], str]
    """what people call it"""
    source: Annotated[str, Field(min_length=1)]
    """who says so"""
    vat_pct: Figure | None = None
    """VAT of the whole tariff, in per cent; one part of a tariff tells it"""
    variants: dict[Slug, str] = {}
    """areas or classes that differ in figures only, and their names"""
    tables: dict[Slug, list[TableRow]] = {}
    """figures per variant and time"""
    notes: list[str] = []
    """what a reader should know"""
    components: Annotated[list[ComponentConfig], Field(min_length=1)]
    """what is billed"""

    @model_validator(mode="after")
    def _tables_are_whole(self) -> Self:
        for component in self.components:
            if component.table is not None and component.table not in self.tables:
                raise refused(
                    f"{component.key}: there is no table {component.table!r}", "add it under tables"
                )
        for name, rows in self.tables.items():
            for row in rows:
                lacking = set(self.variants) - set(row.values) if row.all is None else set()
                strange = set(row.values) - set(self.variants)
                if lacking or strange or row.valid_from >= row.valid_until:
                    what = f"table {name} from {row.valid_from}: variants {sorted(lacking | strange)}"
                    raise refused(what, "give a figure for each variant, and no other, and dates in order")
            if any(a.valid_until > b.valid_from for a, b in pairwise(rows)):
                raise refused(f"table {name}: times overlap", "order them by valid_from")
        return self


def ids() -> tuple[str, ...]:
    """All parts, in order; a file with variants has one part for each."""
    return tuple(sorted(_index()))


def files() -> Iterator[TariffFile]:
    """Every file."""
    return map(_load, sorted(path.stem for path in FOLDER.glob("*.yaml")))


def file_of(part_id: str) -> TariffFile:
    """The file that holds a part. Raises ConfigError with the nearest name where there is none."""
    return _load(_find(part_id)[0])


def components(part_id: str) -> tuple[Component, ...]:
    """The components of a part. Raises ConfigError with the nearest name where there is none."""
    name, variant = _find(part_id)
    return tuple(_expanded(_load(name), variant))


def tariff(parts: Iterable[str], vat_pct: Decimal | None = None, name: str = "") -> Tariff:
    """A tariff of parts, in the order given. Raises ConfigError."""
    parts = list(parts)
    found = [c for part in parts for c in components(part)]
    told = [file.vat_pct for file in map(file_of, parts) if file.vat_pct is not None]
    if vat_pct is None and len(set(told)) > 1:
        raise ConfigError(
            f"the parts {', '.join(parts)} tell different VAT ({', '.join(str(t) for t in told)} %); give vat_pct"
        )
    rate = vat_pct if vat_pct is not None else (told[0] if told else Decimal(0))
    notes = tuple(note for part in parts for note in file_of(part).notes)
    return Tariff(name=name or " + ".join(parts), components=tuple(found), vat_pct=rate, notes=notes)


def parse(text: str, where: str) -> TariffFile:
    """Check one file. Raises ConfigError with all that is wrong."""
    try:
        data = YAML(typ="safe", pure=True).load(text)
        return TariffFile.model_validate(_plain(data))
    except ValidationError as error:
        lines = (f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors(include_url=False))
        raise ConfigError(f"{where}: " + "; ".join(lines)) from None
    except (YAMLError, ValueError) as error:  # ValueError: a date that does not exist
        raise ConfigError(f"{where}: this is no YAML: {error}") from None


def _plain(node: object) -> object:
    """Dates as text, as the site file has them."""
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node.isoformat() if isinstance(node, date) else node


@cache
def _load(name: str) -> TariffFile:
    path = FOLDER / f"{name}.yaml"
    file = parse(path.read_text(encoding="utf-8"), path.name)
    if file.id != name:
        raise ConfigError(f"{path.name}: its id is {file.id!r}; file name and id must be the same")
    return file


@cache
def _index() -> dict[str, tuple[str, str]]:
    """Part -> file and variant."""
    found: dict[str, tuple[str, str]] = {}
    for path in FOLDER.glob("*.yaml"):
        file = _load(path.stem)
        for variant in file.variants or {"": ""}:
            found[f"{file.id}-{variant}" if variant else file.id] = (file.id, variant)
    return found


def _find(part_id: str) -> tuple[str, str]:
    index = _index()
    if part_id in index:
        return index[part_id]
    near = (
        get_close_matches(part_id, index, 3, 0.5) or [i for i in sorted(index) if i.startswith(part_id)][:8]
    )
    hint = f", did you mean {' or '.join(repr(n) for n in near)}?" if near else ""
    raise ConfigError(f"there is no tariff {part_id!r}{hint} (`kwartier report --list-tariffs` lists all)")


def _expanded(file: TariffFile, variant: str) -> Iterator[Component]:
    for component in file.components:
        if component.table is None:
            yield component.component(file.source)
            continue
        for row in file.tables[component.table]:
            figure = row.all if row.all is not None else row.values[variant]
            yield component.component(
                row.source or file.source,
                figure / (1 + row.includes_vat_pct / 100),
                valid_from=date.fromisoformat(row.valid_from),
                valid_until=date.fromisoformat(row.valid_until),
                approximate=row.approximate or component.approximate,
                note=row.note or component.note,
                note_nl=row.note_nl or component.note_nl,
                note_fr=row.note_fr or component.note_fr,
                note_de=row.note_de or component.note_de,
            )
