"""The sections `prices` and `weather`: where prices of the market and forecasts come from."""

import os
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, Field, model_validator

from kwartier.config.fields import FilePath, Positive, refused
from kwartier.config.problems import Finding, error, warning
from kwartier.config.strict import STRICT
from kwartier.protocols.prices.source import AREAS, PriceSource, SourceType
from kwartier.protocols.prices.zones import ALIASES, ZONES, zone_of
from kwartier.site.errors import ConfigError

if TYPE_CHECKING:
    from kwartier.config.models import SiteConfig
    from kwartier.protocols.weather.sources import ForecastSource

TOKENS = frozenset({"entsoe", "home-assistant"})
"""Sources that want a token."""
ONLY_OWN = frozenset({"home-assistant", "file"})
"""Sources of one's own: no zone is asked for."""


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise refused(f"{value!r} is no address", "write for example https://homeassistant.local:8123")
    if parts.username or parts.password or parts.query:
        raise refused("an address may hold no password and no question mark", "put the token into token_file")
    return value


def _token(value: str) -> str:
    if not re.fullmatch(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}", value):
        cure = "put it into a file of its own and name that (token_file or key_file), or write ${NAME} and set that variable"
        raise refused("a secret may not stand in the site file", cure)
    return value


def _area(value: str) -> str:
    if zone_of(value) is None:
        known = ", ".join(sorted({*ZONES, *ALIASES}))
        raise refused(f"{value!r} is no bidding zone that is known", f"write one of {known}")
    return value.strip().upper()


def _is_unit(text: str) -> bool:
    from kwartier.protocols.prices.gather import unit_of  # noqa: PLC0415 - hardly any site file has one

    return unit_of(text) is not None


SecretReference = Annotated[str, AfterValidator(_token)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Area = Annotated[str, AfterValidator(_area)]


class LocationConfig(BaseModel):
    """Where the site is, for sun and weather."""

    model_config = STRICT

    latitude: Annotated[float, Field(ge=-90, le=90)]
    """degrees north, for example 51.05"""
    longitude: Annotated[float, Field(ge=-180, le=180)]
    """degrees east, for example 3.72"""


class PriceSourceConfig(BaseModel):
    """One source of prices."""

    model_config = STRICT

    type: SourceType
    """entsoe, energyzero, easyenergy, nordpool, energy-charts, awattar, akkudoktor, home-assistant or file"""
    area: Area | None = None
    """the bidding zone: BE, NL, DE-LU, FR, AT ...; left out: BE, or the only one that the source knows"""
    token: SecretReference | None = None
    """the environment variable with the token, for example ${ENTSOE_TOKEN} (entsoe, home-assistant)"""
    token_file: FilePath | None = None
    """the file that holds the token"""
    url: WebAddress | None = None
    """where it is, for home-assistant; for the others only where it is not at its usual place"""
    entity: Annotated[str, Field(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")] | None = None
    """the entity of Home Assistant, for example sensor.nordpool_kwh_be_eur_3_10_0"""
    path: FilePath | None = None
    """the file with prices (CSV or JSON), for type file"""
    unit: str | None = None
    """what the prices of home-assistant or file are in where they don't say it: EUR/kWh, EUR/MWh or ct/kWh"""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.type in TOKENS and self.token is None and self.token_file is None:
            cure = "add token_file, the name of a file with the token on one line, or token: ${NAME}"
            raise refused(f"{self.type} needs a token", cure)
        if self.type not in TOKENS and (self.token or self.token_file):
            raise refused(f"{self.type} takes no token", "remove token and token_file")
        if self.token is not None and self.token_file is not None:
            raise refused("token and token_file are two ways of one thing", "keep one of them")
        needs = {"home-assistant": ("url", "entity"), "file": ("path",)}.get(self.type, ())
        for name in needs:
            if getattr(self, name) is None:
                raise refused(f"{self.type} needs {name}", f"add {name}")
        for name, where in (("entity", "home-assistant"), ("path", "file")):
            if getattr(self, name) is not None and self.type != where:
                raise refused(f"{name} is for type {where}, and this is {self.type}", f"remove {name}")
        if self.unit is not None and self.type not in ONLY_OWN:
            raise refused(f"{self.type} says itself what its prices are in", "remove unit")
        if self.unit is not None and not _is_unit(self.unit):
            raise refused(f"{self.unit!r} is no unit of prices", "write EUR/kWh, EUR/MWh or ct/kWh")
        known = AREAS.get(self.type)
        if self.area is not None and known is not None and self.area not in known:
            cure = "write one of " + ", ".join(sorted(known)) + ", or take another source"
            raise refused(f"{self.type} has no prices of {self.area}", cure)
        return self

    @property
    def zone(self) -> str:
        """The bidding zone, `BE` where nothing says otherwise."""
        known = AREAS.get(self.type, frozenset({"BE"}))
        return self.area or min(known)


class PricesConfig(BaseModel):
    """Where prices of the market come from."""

    model_config = STRICT

    sources: Annotated[list[PriceSourceConfig], Field(min_length=1, max_length=5)]
    """the sources in the order in which they count; the second is asked when the first fails or is late"""


class PlaneConfig(BaseModel):
    """Panels that face one way."""

    model_config = STRICT

    peak_kw: Positive
    """their peak power in kW"""
    tilt_deg: Annotated[float, Field(ge=0, le=90)] = 35.0
    """how steep they are: 0 flat, 90 upright"""
    azimuth_deg: Annotated[float, Field(ge=0, le=360)] = 180.0
    """where they face, clockwise from north: 90 east, 180 south, 270 west"""


class WeatherSourceConfig(BaseModel):
    """One forecast."""

    model_config = STRICT

    type: Literal["open-meteo", "forecast-solar"]
    """open-meteo: the weather; forecast-solar: what panels will give"""
    planes: list[PlaneConfig] = []
    """the panels, one entry per direction; forecast-solar needs them, for open-meteo they are found from what they gave when left out"""
    key: SecretReference | None = None
    """the environment variable with the key of forecast-solar, for those who have one"""
    key_file: FilePath | None = None
    """the file that holds that key"""
    url: WebAddress | None = None
    """where it is, only where it is not at its usual place"""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        solar = self.type == "forecast-solar"
        if solar and not self.planes:
            raise refused(
                "forecast-solar needs planes", "add planes: [{peak_kw: 5, tilt_deg: 35, azimuth_deg: 180}]"
            )
        if not solar and (self.key or self.key_file):
            raise refused(f"a key is for forecast-solar, and this is {self.type}", "remove it")
        if self.key is not None and self.key_file is not None:
            raise refused("key and key_file are two ways of one thing", "keep one of them")
        return self


class WeatherConfig(BaseModel):
    """Where forecasts of weather and sun come from."""

    model_config = STRICT

    sources: Annotated[list[WeatherSourceConfig], Field(min_length=1, max_length=5)]
    """the forecasts"""
    days: Annotated[int, Field(ge=1, le=7)] = 3
    """how many days ahead"""


def price_sources(config: "SiteConfig", env: Mapping[str, str] = os.environ) -> tuple[PriceSource, ...]:
    """The sources of the site file with their tokens. Raises ConfigError that names the place and never the secret."""
    if config.prices is None:
        return ()
    zone = ZoneInfo(config.site.time_zone)
    return tuple(
        PriceSource(
            type=s.type,
            area=s.zone,
            currency=config.site.currency,
            zone=zone,
            url=s.url,
            token=secret(s.token, s.token_file, env),
            entity=s.entity or "",
            path=s.path or "",
            unit=s.unit,
        )
        for s in config.prices.sources
    )


def forecast_sources(
    config: "SiteConfig", env: Mapping[str, str] = os.environ
) -> "tuple[ForecastSource, ...]":
    """The forecasts of the site file: one per plane of panels, and the weather. Raises ConfigError."""
    # no start of what protects waits for codecs
    from kwartier.protocols.weather import forecast_solar, openmeteo  # noqa: PLC0415
    from kwartier.protocols.weather.sources import ForecastSource  # noqa: PLC0415

    place = config.site.location
    if config.weather is None or place is None:
        return ()
    found: list[ForecastSource] = []
    zone = ZoneInfo(config.site.time_zone)
    for source in config.weather.sources:
        if source.type == "open-meteo":
            asked = openmeteo.request(
                place.latitude, place.longitude, days=config.weather.days, url=source.url
            )
            found.append(ForecastSource(type=source.type, name=openmeteo.SOURCE, request=asked, zone=zone))
            continue
        key = secret(source.key, source.key_file, env)
        for plane in source.planes:
            asked = forecast_solar.request(
                place.latitude,
                place.longitude,
                tilt_deg=plane.tilt_deg,
                azimuth_deg=plane.azimuth_deg,
                peak_kw=plane.peak_kw,
                key=key,
                url=source.url,
            )
            name = forecast_solar.SOURCE
            found.append(ForecastSource(type=source.type, name=name, request=asked, zone=zone))
    return tuple(found)


def secret(reference: str | None, file: str | None, env: Mapping[str, str]) -> str:
    """A secret out of the environment or a file; empty where there is none. Raises ConfigError."""
    from kwartier.config.building import from_environment, read_secret  # noqa: PLC0415 - building imports models, models us

    if reference is not None:
        return from_environment(reference, env)
    return read_secret(file) if file is not None else ""


def market_secrets(config: "SiteConfig", env: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Every token is read once, so that a missing file is found at the desk."""
    for i, source in enumerate(config.prices.sources if config.prices else ()):
        try:
            secret(source.token, source.token_file, env)
        except ConfigError as problem:
            yield Finding.of(("prices", "sources", i), problem)
    for i, forecast in enumerate(config.weather.sources if config.weather else ()):
        try:
            secret(forecast.key, forecast.key_file, env)
        except ConfigError as problem:
            yield Finding.of(("weather", "sources", i), problem)


def check_market(config: "SiteConfig") -> Iterator[Finding]:
    """What must fit between `prices`, `weather` and `site`."""
    if config.weather is not None and config.site.location is None:
        cure = "add location: {latitude: 51.05, longitude: 3.72} to the section site"
        yield error(("weather",), "a forecast needs to know where the site is", cure)
    if config.prices is None:
        return
    currency = config.site.currency
    areas = {s.zone for s in config.prices.sources if s.type not in ONLY_OWN}
    if len({ALIASES.get(a, a) for a in areas}) > 1:
        what = f"the sources are of different bidding zones: {', '.join(sorted(areas))}"
        yield error(
            ("prices", "sources"), what, "a site has the prices of one zone; write the same area everywhere"
        )
    for i, source in enumerate(config.prices.sources):
        if source.type in {"energyzero", "easyenergy", "awattar", "akkudoktor"} and currency != "EUR":
            what = f"{source.type} gives prices in EUR, and the site's currency is {currency}"
            yield error(("prices", "sources", i, "type"), what, "take another source, for example nordpool")
        if source.url is not None and source.url.startswith("http:") and source.type == "entsoe":
            cure = "write https, unless this is a test on your own machine"
            yield warning(("prices", "sources", i, "url"), "the token would travel in the clear", cure)
