"""`calendar` of a user or a charge point: where it is, and what of it concerns the car. Its address is a secret."""

import os
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self
from urllib.parse import SplitResult, parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, model_validator

from kwartier.config.fields import FilePath, SecretReference, refused
from kwartier.config.problems import Finding, KeyPath, warning
from kwartier.config.strict import STRICT
from kwartier.protocols.calendars import CalendarSource
from kwartier.protocols.requests import Request
from kwartier.site.errors import ConfigError

if TYPE_CHECKING:
    from kwartier.config.models import SiteConfig

PACKAGES = ("icalendar", "recurring_ical_events")


class CalendarConfig(BaseModel):
    """A calendar (iCalendar) whose events say when the car leaves."""

    model_config = STRICT

    path: FilePath | None = None
    """the file with the calendar (.ics), where a program keeps one on this machine"""
    url: SecretReference | None = None
    """the environment variable with the private address of the calendar, for example ${ANN_CALENDAR}"""
    url_file: FilePath | None = None
    """the file that holds that address on one line"""
    plain_http: bool = False
    """true: an address that begins with http:// is meant, on this machine or the local network"""
    travel_minutes: Annotated[int, Field(ge=0, le=720)] = 30
    """how long before an event the car leaves, in minutes"""
    only: list[Annotated[str, Field(min_length=1, max_length=60)]] = []
    """only events with one of these words in title, place, category or description need the car; left out: all with a time of the day"""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        given = [name for name in ("path", "url", "url_file") if getattr(self, name) is not None]
        if len(given) != 1:
            what = "a calendar is somewhere" if not given else f"{' and '.join(given)} say the same twice"
            raise refused(
                what, "write one of path, url_file and url, for example url_file: ann-calendar.secret"
            )
        if self.plain_http and self.path is not None:
            raise refused("plain_http is for addresses, and this is a file", "remove plain_http")
        return self


def calendar_sources(config: "SiteConfig", env: Mapping[str, str] = os.environ) -> tuple[CalendarSource, ...]:
    """The calendars of the site file. Raises ConfigError that names the place and never the address."""
    zone = ZoneInfo(config.site.time_zone)
    return tuple(_source(owner, entry, zone, env) for owner, _, entry in _entries(config))


def calendar_secrets(config: "SiteConfig", env: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Every address and file is looked for once, so that a missing one is found at the desk."""
    zone = ZoneInfo(config.site.time_zone)
    for owner, at, entry in _entries(config):
        try:
            _source(owner, entry, zone, env)
        except ConfigError as problem:
            yield Finding.of((*at, "calendar"), problem)
        if entry.path is not None and not Path(entry.path).exists():
            what = f"there is no file {entry.path} yet"
            yield warning((*at, "calendar", "path"), what, "goals of each week hold until it is there")


def check_calendars(config: "SiteConfig") -> Iterator[Finding]:
    """What a calendar needs besides. A warning: nobody goes without protection for want of a calendar."""
    missing = next((name for name in PACKAGES if find_spec(name) is None), None)
    if missing is None:
        return
    for _, at, _ in _entries(config):
        what = f"calendars need the package {missing.replace('_', '-')}, which is not installed"
        yield warning(
            (*at, "calendar"), what, "install kwartier with its extra: pip install 'kwartier[calendar]'"
        )


def has_calendar(config: "SiteConfig") -> bool:
    """Whether anybody has one."""
    return next(_entries(config), None) is not None


def _entries(config: "SiteConfig") -> Iterator[tuple[str, KeyPath, CalendarConfig]]:
    for i, user in enumerate(config.users):
        if user.calendar is not None:
            yield f"user:{user.id}", ("users", i), user.calendar
    for i, point in enumerate(config.charge_points):
        if point.calendar is not None:
            yield f"charge_point:{point.id}", ("charge_points", i), point.calendar


def _source(owner: str, entry: CalendarConfig, zone: ZoneInfo, env: Mapping[str, str]) -> CalendarSource:
    from kwartier.config.market_section import secret  # noqa: PLC0415 - see there

    request = None
    if entry.path is None:
        request = _request(secret(entry.url, entry.url_file, env), entry.plain_http)
    return CalendarSource(
        owner=owner,
        path=entry.path or "",
        request=request,
        travel_s=60.0 * entry.travel_minutes,
        only=tuple(entry.only),
        zone=zone,
    )


def _request(address: str, plain_http: bool) -> Request:
    """The question. All but the host is secret: who knows the address reads the calendar. Raises ConfigError."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    scheme = {"webcal": "https"}.get(parts.scheme, parts.scheme)
    if (
        scheme not in {"http", "https"}
        or not host
        or "@" in parts.netloc
        or any(c.isspace() for c in address)
    ):
        raise ConfigError(
            "what stands for the address of the calendar is no address. Copy the private address in iCal form from the "
            "settings of the calendar; it begins with https://"
        )
    if scheme == "http" and not (plain_http and _near(host)):
        raise ConfigError(
            "the address of the calendar begins with http://, so that anybody on the way could read it. Take its https "
            "address; for a calendar on this machine or the local network write plain_http: true"
        )
    return Request(
        url=f"{scheme}://{_place(parts, host, port)}",
        path_key=parts.path.lstrip("/"),
        secrets=tuple(parse_qsl(parts.query, keep_blank_values=True)),
    )


def _place(parts: SplitResult, host: str, port: int | None) -> str:
    named = f"[{host}]" if ":" in host else host
    return named if port is None or not parts.netloc else f"{named}:{port}"


def _near(host: str) -> bool:
    """Whether a host is on this machine or the local network."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith((".local", ".lan", ".home.arpa"))
