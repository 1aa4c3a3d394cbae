"""The site file as pydantic models: what may stand where. Descriptions go into the JSON schema and errors.

Only here and in the other files of this room does pydantic appear; `building` converts to frozen site objects.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, Tag

from kwartier.config.battery_section import BatteryConfig
from kwartier.config.calendar_section import CalendarConfig
from kwartier.config.fields import (
    LIMIT_FORM,
    AnyA,
    Currency,
    FilePath,
    Finite,
    FormulaText,
    Imbalance,
    LimitText,
    NotNegative,
    PhaseList,
    Positive,
    PositiveA,
    SecretReference,
    Slug,
    ThreePositive,
    TimeZone,
    VariableName,
    Weight,
)
from kwartier.config.goal_section import ModeName
from kwartier.config.inputs import InputConfig
from kwartier.config.market_section import LocationConfig, PricesConfig, WeatherConfig
from kwartier.config.quarter import QuarterConfig
from kwartier.config.strict import STRICT
from kwartier.config.tariff_section import TariffsSection
from kwartier.config.users import UserConfig

UNSUPPORTED = ("inverters", "loads", "rules", "grid", "mqtt")
"""Sections that the design knows and this version cannot do. They are refused: a site whose rules were
silently ignored would be worse than none."""


class _Model(BaseModel):
    model_config = STRICT


class SiteSection(_Model):
    """The site as a whole."""

    name: Annotated[str, Field(min_length=1)]
    """what people call the site"""
    time_zone: TimeZone = "Europe/Brussels"
    """the time zone that quarter-hours and months are billed in, for example Europe/Brussels"""
    currency: Currency = "EUR"
    """three capitals, for example EUR"""
    location: LocationConfig | None = None
    """where it is, for example {latitude: 51.05, longitude: 3.72}; for sun and weather"""
    three_wire: bool = False
    """true for a net of 3 x 230 V without neutral, where one-phase chargers hang between two lines"""


class FuseConfig(_Model):
    """What protects a circuit."""

    type: Literal["B", "C", "D", "gG"]
    """the letter on the breaker (B, C, D), or gG for a fuse"""
    rating_a: Positive
    """its rated current in A"""


class FormulaLimit(_Model):
    """A limit that is calculated again and again, and what bounds it."""

    formula: FormulaText
    """a formula over variables and measurements that gives A, for example 55 * AVAIL / 100"""
    max_a: PositiveA
    """what the circuit may carry at most, whatever the formula says: one number or three (L1, L2, L3), in A"""
    else_a: NotNegative = 0.0
    """the limit in A while the formula has no answer, for instance because its meter is lost"""


Limit = Annotated[
    Annotated[Positive, Tag("<number>")]
    | Annotated[ThreePositive, Tag("<phases>")]
    | Annotated[LimitText, Tag("<formula>")]
    | Annotated[FormulaLimit, Tag("<mapping>")],
    LIMIT_FORM,
]


class CircuitConfig(_Model):
    """A circuit: a cable with a fuse, behind the grid connection or behind another circuit."""

    id: Slug
    """a short name without spaces, for example garage"""
    name: str = ""
    """what people call it; the id when it is left out"""
    parent: Slug | None = None
    """the id of the circuit that feeds it; left out for the grid connection"""
    phases: PhaseList | None = None
    """the phase above on which its L1, L2, L3 hang: [2, 3, 1]; [2] for a board on one phase; [1] for a house with one"""
    limit_a: Limit
    """what it may carry per phase, in A: a number above 0, three numbers (its L1, L2, L3), or a formula"""
    contract_kw: Positive | None = None
    """contracted power in kW"""
    export_limit_kw: NotNegative | None = None
    """what it may feed back at most, in kW, over its phases together; 0 for nothing"""
    imbalance_a: Imbalance | None = None
    """how far its phases may lie apart, in A, house and solar panels included; true for the 20 A that grid operators ask for"""
    quarter: QuarterConfig | None = None
    """what its quarter-hours are to stay under, for example {follow: month_peak}; needs its meter"""
    fuse: FuseConfig | None = None
    """what protects it, for example {type: C, rating_a: 40}"""
    meter: Slug | None = None
    """the id of the meter that sees everything that flows through it"""
    backup_meter: Slug | None = None
    """the id of a second meter that sees the same; it stands in while the first one is late or lost"""
    safe_current_a: NotNegative | None = None
    """what all chargers behind it may draw together, per phase, in A, while its meter is lost"""
    base_load_a: AnyA = 0.0
    """the largest load beside chargers and child circuits, in A, of a circuit that has no meter"""


class OptionsConfig(_Model):
    """What a device needs besides its address."""

    key: SecretReference | None = None
    """the environment variable with the decryption key of an encrypted P1 port, for example ${P1_KEY}"""
    key_file: FilePath | None = None
    """the file that holds the decryption key of an encrypted P1 port, 32 hexadecimal digits"""
    authentication_key: SecretReference | None = None
    """as key, where the grid operator gives a second one (Austria: GAK)"""
    authentication_key_file: FilePath | None = None
    """as key_file, for the second key"""
    checksum: Literal["auto", "required", "strict"] | None = None
    """which telegrams of a P1 port count; auto: without a checksum only where the meter never sent one"""
    conductors: PhaseList | None = None
    """the phase of its circuit on which a Modbus meter's L1, L2, L3 sit, for example [2, 3, 1]"""
    invert: bool | None = None
    """true for a Modbus meter that is built in backwards"""
    frozen_after_s: Annotated[float, Field(ge=0, le=3600)] | None = None
    """how long unchanged registers of a Modbus meter are believed, in s; 0: for ever (a test bench)"""


P1_OPTIONS = frozenset({"key", "key_file", "authentication_key", "authentication_key_file", "checksum"})
"""Options of a meter of type p1; the others are for Modbus meters."""


class MeterConfig(_Model):
    """A meter and how to reach it."""

    id: Slug
    """a short name without spaces, for example main"""
    name: str = ""
    """what people call it; the id when it is left out"""
    type: str
    """p1 for a digital meter, or a device of `kwartier catalog`"""
    url: str
    """where it is, for example serial:///dev/ttyUSB0 or modbus-tcp://192.168.0.4:502?unit=5"""
    role: Literal["grid", "circuit", "production", "battery", "consumption"] | None = None
    """what it measures; left out: grid or circuit for the meter of a circuit, else consumption"""
    interval_s: Positive = 1.0
    """how often it has a new value, in s (1 for DSMR 5, 10 for older ones)"""
    circuit: Slug | None = None
    """the id of the circuit in which it sits, where it is not the meter of a circuit; left out: the grid connection"""
    phases: Annotated[int, Field(ge=1, le=3)] | None = None
    """how many phases it measures; left out: those of its circuit"""
    options: OptionsConfig = OptionsConfig()
    """what it needs besides its address"""


class ChargePointConfig(_Model):
    """One socket or cable that charges one car at a time."""

    id: Slug
    """a short name without spaces, for example left"""
    name: str = ""
    """what people call it; the id when it is left out"""
    type: str
    """a device of `kwartier catalog`, for example alfen-ng9xx"""
    url: str
    """where its station is, for example modbus-tcp://192.168.0.10:502"""
    socket: Annotated[int, Field(ge=1, le=64)] = 1
    """which socket of the station it is, from 1"""
    interval_s: Annotated[float, Field(ge=0.5, le=5)] = 1.0
    """how often its station is read, in s; more where a slow network or a serial bus cannot keep up"""
    circuit: Slug
    """the id of the circuit that feeds it"""
    phases: PhaseList | None = None
    """the phase of its circuit on which its L1, L2, L3 hang: [2, 3, 1]; [3] for one phase; left out: straight through"""
    min_a: Annotated[float, Field(ge=6, allow_inf_nan=False)] = 6.0
    """below this it pauses, in A; a car cannot charge below 6 A (IEC 61851-1)"""
    max_a: Positive = 32.0
    """what it may draw per phase, in A"""
    weight: Weight = 1.0
    """its share among equals: 2 gets twice the current of 1"""
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    """higher goes first; a lower one gets what the higher ones leave"""
    fallback_a: NotNegative
    """what the charger draws by itself when nobody speaks to it, in A (Alfen: safe current); 0 if it stops"""
    phase_switching: bool = False
    """true where it may be told to charge on one phase only, and on three again"""
    start_a: Positive | None = None
    """what its cars must be offered before they begin, in A (14 for some); left out: min_a will do"""
    mode: ModeName = "fast"
    """how it charges while nobody said otherwise: off, sun, smart or fast"""
    calendar: CalendarConfig | None = None
    """a calendar whose events say when its car leaves; that of the user whose card was read goes before it"""


class WebConfig(_Model):
    """The dashboard and the interfaces for programs."""

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    """the address it listens on; 0.0.0.0 for the whole network"""
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    """the TCP port it listens on"""
    password_file: Annotated[str, Field(min_length=1)] | None = None
    """where the password chosen in the browser is kept, hashed; left out: password.json beside the history"""


class HistorianConfig(_Model):
    """What is kept of the past."""

    path: Annotated[str, Field(min_length=1)] = "var/history.sqlite"
    """the database file, relative to the folder in which kwartier runs"""
    keep_days: Annotated[int, Field(ge=1, le=36500)] = 400
    """how many days the charts of five minutes are kept; every second is kept for 14 days, quarter-hours and decisions for ever"""


class SiteConfig(_Model):
    """A Kwartier site file."""

    site: SiteSection
    """the site as a whole: name, time_zone, currency"""
    circuits: Annotated[list[CircuitConfig], Field(json_schema_extra={"minItems": 1})]
    """the circuits, as a tree below the one grid connection"""
    meters: list[MeterConfig] = []
    """the meters"""
    charge_points: list[ChargePointConfig] = []
    """the charge points"""
    batteries: list[BatteryConfig] = []
    """the batteries that Kwartier steers"""
    inputs: list[InputConfig] = []
    """contacts that stop the chargers: fire panel, emergency button"""
    users: list[UserConfig] = []
    """who charges here: cards, priority, departure"""
    tariffs: TariffsSection | None = None
    """what the grid connection pays: parts, components, vat_pct"""
    variables: dict[VariableName, Finite] = {}
    """numbers that formulas use and that may be changed while it runs, with the values they start from"""
    prices: PricesConfig | None = None
    """where prices of the market come from"""
    weather: WeatherConfig | None = None
    """where forecasts of weather and sun come from"""
    web: WebConfig = WebConfig()
    """the dashboard: host, port, password_file"""
    historian: HistorianConfig = HistorianConfig()
    """what is kept of the past: path, keep_days"""
