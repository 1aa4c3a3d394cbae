"""The fire and emergency inputs of a site: checks across keys, and what `safety` needs of them."""

from collections.abc import Iterator

from kwartier.config.inputs import InputConfig
from kwartier.config.models import SiteConfig
from kwartier.config.problems import Finding
from kwartier.devices.drivers.digital_input import parse_pin
from kwartier.safety.fire import FireInput
from kwartier.site.errors import ConfigError
from kwartier.site.topology import Site


def fire_inputs(config: SiteConfig, site: Site) -> tuple[FireInput, ...]:
    """The inputs in the order of the file, with the charge points that each stops."""
    return tuple(_built(entry, site) for entry in config.inputs)


def _built(entry: InputConfig, site: Site) -> FireInput:
    circuits = tuple(entry.circuits) or (site.root.id,)
    behind = {point for circuit in circuits for point in site.charge_points_behind[circuit]}
    return FireInput(
        id=entry.id,
        name=entry.name or entry.id,
        kind=entry.kind,
        circuits=circuits,
        charge_points=tuple(p.id for p in site.charge_points if p.id in behind),
        silent_after_s=entry.silence_s,
        return_every_s=entry.return_every_s,
        samples=1 if entry.http else 2,
    )


def check_inputs(config: SiteConfig) -> Iterator[Finding]:
    """Where two inputs share a contact, and what cannot stop in time. Circuits are checked as references."""
    places: dict[str, str] = {}
    for i, entry in enumerate(config.inputs):
        if entry.url is not None:
            yield from _place(i, entry, entry.url, places)
        if entry.alarm_when == "closed":
            what = "a contact that closes on alarm does nothing when its wire is broken"
            cure = "use the panel's normally closed output and alarm_when: open, where there is one"
            yield Finding(severity="warning", at=("inputs", i, "alarm_when"), what=what, cure=cure)
        if not config.charge_points:
            what, cure = "there are no charge points that it could stop", "remove it, or add charge_points"
            yield Finding(severity="warning", at=("inputs", i), what=what, cure=cure)


def _place(i: int, entry: InputConfig, url: str, places: dict[str, str]) -> Iterator[Finding]:
    try:
        place = str(parse_pin(url))
    except ConfigError as error:
        yield Finding.of(("inputs", i, "url"), error)
        return
    if place in places:
        what = f"{place} is the contact of {places[place]!r} already"
        cure = "correct the address, or give one input both circuits"
        yield Finding(severity="error", at=("inputs", i, "url"), what=what, cure=cure)
    places.setdefault(place, entry.id)
