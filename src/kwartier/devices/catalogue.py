"""The catalogue: what is known of each device, as data.

One YAML file per device in `devices/catalog/`, one capture in `tests/captures/`; a device that behaves like
its kind needs nothing else. Entries are checked by the models here; `schema()` is the JSON schema for editors.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from kwartier.devices.blocks import LONGEST, Block, plan_reads
from kwartier.devices.quantities import QUANTITIES, Kind
from kwartier.devices.registers import Register, RegisterType, WordOrder
from kwartier.site.errors import ConfigError

FOLDER = Path(__file__).parent / "catalog"

Address = Annotated[int, Field(ge=0, le=0xFFFF)]
Unit = Annotated[int, Field(ge=0, le=255)]
Driver = Literal["modbus-meter", "alfen", "alfen-scn", "sunspec-storage"]
_KIND_OF: dict[Driver, Kind] = {
    "modbus-meter": "meter",
    "alfen": "charger",
    "alfen-scn": "charger-group",
    "sunspec-storage": "battery",
}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class RegisterEntry(_Strict):
    """Where and how one quantity is read (and written)."""

    address: Address = Field(description="Protocol address, 0-based as sent.")
    type: RegisterType
    scale: float = Field(1.0, gt=0, description="Value = sign x (raw x scale + offset).")
    offset: float = 0.0
    sign: Literal[1, -1] = Field(1, description="-1 where the device counts the other way.")
    sign_from: str | None = Field(
        None,
        description="For unsigned currents: the phase power that tells their sign (0 W counts as import).",
    )
    invalid: tuple[int, ...] = Field((), description="Raw patterns that mean: not available.")
    optional: bool = Field(
        False, description="Not available is normal; otherwise it makes the reading nonsense."
    )
    writable: bool = False
    word_order: WordOrder | None = Field(None, description="Where it differs from the protocol's.")
    length: int = Field(0, ge=0, le=LONGEST, description="Registers of a string.")
    chars_per_register: Literal[1, 2] = 2

    def register_of(self, word_order: WordOrder) -> Register:
        """The codec's view of it."""
        return Register(
            address=self.address,
            type=self.type,
            word_order=self.word_order or word_order,
            scale=self.scale,
            offset=self.offset,
            sign=self.sign,
            invalid=self.invalid,
            length=self.length,
            chars_per_register=self.chars_per_register,
        )


class Span(_Strict):
    """Registers that must not be read."""

    address: Address
    count: int = Field(ge=1)


class Protocol(_Strict):
    """How the device is spoken to; the site file may override port, unit, baud and parity."""

    transports: tuple[Literal["modbus-tcp", "modbus-rtu"], ...]
    port: int = Field(502, ge=1, le=65535)
    unit: Unit = 1
    baud: int = Field(9600, ge=300)
    parity: Literal["N", "E", "O"] = "N"
    function: Literal[3, 4] = Field(3, description="3 holding, 4 input registers.")
    word_order: WordOrder = "big"
    max_count: int = Field(LONGEST, ge=1, le=LONGEST, description="Registers per request.")
    max_gap: int = Field(16, ge=0, description="Unwanted registers that may be read along.")
    join: bool = Field(True, description="False: one quantity per request.")
    forbidden: tuple[Span, ...] = ()
    timeout_s: float = Field(1.0, gt=0, le=30)
    retries: int = Field(1, ge=0, le=5)
    gap_s: float = Field(0.0, ge=0, le=5, description="Least pause after a request.")


class Identify(RegisterEntry):
    """A register that tells whether it is this device at all."""

    expect: tuple[str, ...] = Field(min_length=1, description="The text starts with one of these.")


class Station(_Strict):
    """Registers of the whole station, read from a unit of their own."""

    unit: Unit
    registers: dict[str, RegisterEntry]


class Safety(_Strict):
    """What the device does when nobody writes any more."""

    watchdog_s: float | None = Field(
        None, description="How long a set-point holds; null: read from the device."
    )
    fallback: str | None = Field(None, description="The quantity that tells what it falls to.")


class Quirk(_Strict):
    """Something that a table cannot say."""

    note: str
    source: str = ""


class Device(_Strict):
    """One entry of the catalogue."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    brand: str
    models: tuple[str, ...] = Field(min_length=1)
    kind: Kind
    driver: Driver
    verified: bool = Field(description="True where the capture was read from a device.")
    protocol: Protocol
    identify: Identify | None = None
    registers: dict[str, RegisterEntry]
    frozen_after_s: float | None = Field(
        None,
        gt=0,
        description="Meters whose voltages are too fine to repeat: the same registers for so long mean frozen.",
    )
    station: Station | None = None
    safety: Safety | None = None
    quirks: tuple[Quirk, ...] = ()
    source: str

    @model_validator(mode="after")
    def _consistent(self) -> "Device":
        if _KIND_OF[self.driver] != self.kind:
            raise ValueError(
                f"driver {self.driver!r} is for kind {_KIND_OF[self.driver]!r}, not {self.kind!r}"
            )
        station = self.station.registers if self.station else {}
        for name in (*self.registers, *station):
            if name not in QUANTITIES[self.kind]:
                raise ValueError(f"unknown quantity {name!r}{_nearest(name, QUANTITIES[self.kind])}")
        for name, entry in self.registers.items():
            if entry.sign_from is not None and entry.sign_from not in self.registers:
                raise ValueError(f"{name}: sign_from {entry.sign_from!r} is no quantity of this device")
        for group in (self.registers, station):
            self.blocks(group)
        return self

    def register_map(self, entries: Mapping[str, RegisterEntry]) -> dict[str, Register]:
        """The codec's view of these entries."""
        return {name: entry.register_of(self.protocol.word_order) for name, entry in entries.items()}

    def blocks(self, entries: Mapping[str, RegisterEntry]) -> tuple[Block, ...]:
        """The requests that read these entries."""
        registers = self.register_map(entries).values()
        return plan_reads(
            (Block(register.address, register.count) for register in registers),
            max_gap=self.protocol.max_gap,
            max_count=self.protocol.max_count,
            forbidden=(Block(span.address, span.count) for span in self.protocol.forbidden),
            join=self.protocol.join,
        )


def ids() -> tuple[str, ...]:
    """All devices, in order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def load(device_id: str) -> Device:
    """The entry of this device. Raises ConfigError with the nearest id where there is none."""
    known = ids()
    if device_id not in known:
        raise ConfigError(
            f"device type {device_id!r} is not in the catalogue{_nearest(device_id, known)} "
            "(`kwartier catalog` lists all)"
        )
    path = FOLDER / f"{device_id}.yaml"
    device = parse(path.read_text(encoding="utf-8"), str(path.name))
    if device.id != device_id:
        raise ConfigError(f"{path.name}: its id is {device.id!r}; file name and id must be the same")
    return device


def everything() -> Iterator[Device]:
    """Every entry."""
    return map(load, ids())


def parse(text: str, where: str) -> Device:
    """Check one entry. Raises ConfigError with all that is wrong, and the nearest known key."""
    try:
        data = YAML(typ="safe", pure=True).load(text)
        return Device.model_validate(data)
    except YAMLError as error:
        raise ConfigError(f"{where}: this is no YAML: {error}") from None
    except ValidationError as error:
        lines = (_explain(problem) for problem in error.errors(include_url=False))
        raise ConfigError(f"{where}: " + "; ".join(lines)) from None


def schema() -> dict[str, Any]:
    """JSON schema of an entry."""
    return Device.model_json_schema()


_MODELS: dict[str, type[BaseModel]] = {
    "protocol": Protocol,
    "identify": Identify,
    "station": Station,
    "safety": Safety,
    "quirks": Quirk,
    "registers": RegisterEntry,
    "forbidden": Span,
}


def _explain(problem: Any) -> str:
    place = [str(part) for part in problem["loc"]]
    where = ".".join(place) or "entry"
    if problem["type"] != "extra_forbidden":
        return f"{where}: {problem['msg']}"
    parents = [_MODELS[part] for part in place[:-1] if part in _MODELS]
    known = tuple((parents[-1] if parents else Device).model_fields)
    return f"{where}: unknown key{_nearest(place[-1], known)}"


def _nearest(name: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(name, known, 1, 0.5)
    return f", did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"


assert set(get_args(Driver)) == set(_KIND_OF)
