"""The section `tariffs` of the site file: what the grid connection pays.

Parts by name, figures that are one's own laid over them, or everything in full.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from kwartier.config import tariff_catalogue
from kwartier.config.problems import Finding, error, warning
from kwartier.config.strict import STRICT
from kwartier.config.tariff_models import ComponentConfig, NotNegativeFigure, PositiveFigure
from kwartier.site.errors import ConfigError
from kwartier.site.tariffs import Component, ContractFee, PeakFee, Tariff

if TYPE_CHECKING:
    from kwartier.config.models import SiteConfig


class TariffsSection(BaseModel):
    """What the grid connection pays."""

    model_config = STRICT

    name: str = ""
    """what people call it; the parts when it is left out"""
    parts: list[Annotated[str, Field(min_length=1)]] = []
    """tariffs that come with the program, for example [engie-dynamic, fluvius-imewo, be-household]"""
    without: list[str] = []
    """keys of components of the parts that don't apply here"""
    components: list[ComponentConfig] = []
    """components of one's own; one with a key that a part has takes its place"""
    vat_pct: NotNegativeFigure | None = None
    """VAT in per cent; left out: what the parts say"""
    show_vat: bool = True
    """false for a firm that reckons without VAT"""
    contracted_kw: PositiveFigure | None = None
    """contracted access power of the tariff, in kW"""
    analogue_meter: bool = False
    """true where the meter tells no peaks: the capacity part is flat"""

    def tariff(self) -> Tariff:
        """In the vocabulary. Raises ConfigError for a part that does not exist."""

        base = tariff_catalogue.tariff(self.parts, self.vat_pct, self.name)
        own = [c.component("the site file") for c in self.components]
        hidden = {c.key for c in own} | set(self.without)
        components = [c for c in base.components if c.key not in hidden] + own
        name = self.name or base.name or "site file"
        return replace(base, name=name, components=tuple(map(self._here, components)))

    def _here(self, component: Component) -> Component:
        if isinstance(component, ContractFee) and component.contracted_kw is None:
            return replace(component, contracted_kw=self.contracted_kw)
        if isinstance(component, PeakFee) and self.analogue_meter and component.floor_kw:
            return replace(component, fixed_kw=component.floor_kw)
        return component


def check_tariffs(config: "SiteConfig") -> Iterator[Finding]:
    """Checks across the keys of the section: parts exist, keys are known, nothing is doubled."""

    section = config.tariffs
    if section is None:
        return
    at = ("tariffs",)
    if not section.parts and not section.components:
        yield error(
            at,
            "the tariff is empty",
            "add parts: or components:; `kwartier report --list-tariffs` lists parts",
        )
        return
    known: set[str] = set()
    for i, part in enumerate(section.parts):
        try:
            known |= {c.key for c in tariff_catalogue.components(part)}
        except ConfigError as found:
            what, _, cure = str(found).partition(", did you mean ")
            lists = "`kwartier report --list-tariffs` lists all"
            yield error(
                (*at, "parts", i), what.partition(" (`")[0], f"did you mean {cure}" if cure else lists
            )
            return
    for i, key in enumerate(section.without):
        if key not in known:
            yield error(
                (*at, "without", i), f"no part has a component {key!r}", f"known: {', '.join(sorted(known))}"
            )
    try:
        tariff = section.tariff()
    except ConfigError as found:
        yield error((*at, "parts"), str(found).partition("; ")[0], "give vat_pct")
        return
    yield from _check_keys(section, tariff)
    if tariff.currency != config.site.currency:
        yield warning(
            at, f"the tariff is in {tariff.currency}, the site in {config.site.currency}", "compare both"
        )


def _check_keys(section: TariffsSection, tariff: Tariff) -> Iterator[Finding]:
    at = ("tariffs",)
    keys = {c.key for c in tariff.components}
    for i, own in enumerate(section.components):
        for j, key in enumerate(own.covers):
            if key not in keys:
                yield error(
                    (*at, "components", i, "covers", j),
                    f"there is no component {key!r}",
                    f"known: {', '.join(sorted(keys))}",
                )
    if any(isinstance(c, ContractFee) and c.contracted_kw is None for c in tariff.components):
        what = "this tariff is billed per contracted kW, and it is not said how many"
        yield error(
            (*at, "contracted_kw"), what, "add contracted_kw, as the contract with the grid operator says"
        )
    if section.contracted_kw is not None and not any(isinstance(c, ContractFee) for c in tariff.components):
        yield error(
            (*at, "contracted_kw"),
            "no part of this tariff is billed per contracted kW",
            "remove contracted_kw",
        )
    for i, first in enumerate(tariff.components):
        for second in tariff.components[i + 1 :]:
            if first.key == second.key and _overlap(first, second):
                yield error(
                    at,
                    f"{first.key!r} is there twice for the same days ({first.source}; {second.source})",
                    "leave one out, or give them valid_from and valid_until that follow each other",
                )
                return


def _overlap(first: Component, second: Component) -> bool:
    starts_before_end = (
        first.valid_from is None or second.valid_until is None or first.valid_from < second.valid_until
    )
    ends_after_start = (
        first.valid_until is None or second.valid_from is None or second.valid_from < first.valid_until
    )
    return starts_before_end and ends_after_start
