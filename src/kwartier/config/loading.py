"""Read a site file: everything that is wrong with it at once, or a checked configuration."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kwartier.config.building import device_options
from kwartier.config.calendar_section import calendar_secrets
from kwartier.config.check_drivers import drivers
from kwartier.config.check_tree import Broken
from kwartier.config.checks import check
from kwartier.config.document import MAX_BYTES, Document, parse
from kwartier.config.explain import findings, key_path
from kwartier.config.market_section import market_secrets
from kwartier.config.models import SiteConfig
from kwartier.config.problems import Finding, KeyPath, Problem, SiteFileError
from kwartier.site.errors import ConfigError

MAX_FINDINGS = 500
"""Who has more to mend than this has taken the wrong file."""
WHOLE = frozenset({"prices", "weather"})
"""Sections that are nothing without the key that was refused."""

__all__ = ["Inspection", "SiteFileError", "inspect", "load"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a site file holds and what is wrong with it, sorted by line."""

    config: SiteConfig | None
    """None when there are errors; warnings leave it usable."""
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that make the file unusable."""
        return tuple(p for p in self.problems if p.severity == "error")


def load(path: str | Path) -> SiteConfig:
    """A checked configuration. Raises SiteFileError, a ConfigError, with every error of the file."""
    inspection = inspect(path)
    if inspection.config is None:
        raise SiteFileError(inspection.errors)
    return inspection.config


def inspect(path: str | Path) -> Inspection:
    """Everything that is wrong with a site file. Raises ConfigError only when it cannot be read at all."""
    try:
        document = parse(str(path), _text(Path(path)))
    except SiteFileError as error:
        return Inspection(config=None, problems=error.problems)
    return inspect_document(document, Path(path).parent)


def inspect_document(document: Document, folder: Path) -> Inspection:
    """As `inspect`, for a document in memory whose files are relative to `folder`."""
    found: list[Finding] = []
    config: SiteConfig | None
    try:
        config = _validate(document.plain, folder)
    except ValidationError as error:
        found.extend(islice(findings(error), MAX_FINDINGS))
        found.extend(islice(_findings_of_the_rest(document.plain, error, folder), MAX_FINDINGS))
        config = None
    else:
        found.extend(check(config, Broken()))
        found.extend(_secrets(config))
        if all(finding.severity == "warning" for finding in found):
            found.extend(drivers(config))
    problems = sorted((document.locate(f) for f in found), key=lambda p: (p.line, p.column, p.what))
    usable = all(p.severity == "warning" for p in problems)
    return Inspection(config=config if usable else None, problems=tuple(problems))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}. Give the path of a site file") from None
    if len(raw) > MAX_BYTES:
        raise ConfigError(
            f"{path} is larger than {MAX_BYTES} bytes, so it is no site file. Give the path of one"
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: this is no text in UTF-8. Save the file as UTF-8") from None


def _validate(plain: Any, folder: Path) -> SiteConfig:
    return SiteConfig.model_validate(plain, context={"folder": folder.absolute()})


def _findings_of_the_rest(plain: Any, error: ValidationError, folder: Path) -> Iterator[Finding]:
    """Leave out every entry that was refused and check the others, so that one round finds everything."""
    refused = {key_path(details["loc"])[:2] for details in error.errors(include_url=False)}
    rest = {section: _without(section, value, refused) for section, value in plain.items()}
    rest = {section: value for section, value in rest.items() if value is not None}
    rest.setdefault("circuits", [])
    for section in WHOLE & {at[0] for at in refused}:
        rest.pop(section, None)
    if any(at[0] == "site" for at in refused):
        rest.pop("weather", None)  # it needs a place, which may be what is wrong with the site
        rest["site"] = {"name": "a site whose own section is wrong"}
    if any(at[0] == "tariffs" for at in refused):
        rest.pop("tariffs", None)  # half a tariff would lack what is in the refused half
    config = _validate(rest, folder)
    broken = Broken(
        {section: frozenset(_ids(plain, section, refused)) for section in ("circuits", "meters")},
        any(at[0] == "circuits" for at in refused),
    )
    for finding in (*check(config, broken), *_secrets(config)):
        yield replace(finding, at=_in_the_file(finding.at, refused))


def _in_the_file(at: KeyPath, refused: set[KeyPath]) -> KeyPath:
    """A path among what is left as it is in the whole file: entries before it may have been left out."""
    if len(at) < 2 or not isinstance(at[1], int):
        return at
    index = at[1]
    left_out = (path[1] for path in refused if len(path) > 1 and path[0] == at[0])
    for other in sorted(i for i in left_out if isinstance(i, int)):
        index += other <= index
    return (at[0], index, *at[2:])


def _without(section: str, value: Any, refused: set[KeyPath]) -> Any:
    """A section without its refused entries; None when nothing of it can be used."""
    if (section,) in refused:
        return None
    if isinstance(value, list):
        return [entry for i, entry in enumerate(value) if (section, i) not in refused]
    if isinstance(value, dict):
        return {key: entry for key, entry in value.items() if (section, key) not in refused}
    return value


def _ids(plain: Any, section: str, refused: set[KeyPath]) -> Iterator[str]:
    entries = plain.get(section)
    for i, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, Mapping) and (section, i) in refused and isinstance(entry.get("id"), str):
            yield entry["id"]


def _secrets(config: SiteConfig) -> Iterator[Finding]:
    """Secrets are read once here, so that a missing file is found at the desk and not at night."""
    for i, meter in enumerate(config.meters):
        try:
            device_options(meter, config)
        except ConfigError as error:
            yield Finding.of(("meters", i, "options"), error)
    yield from market_secrets(config)
    yield from calendar_secrets(config)
