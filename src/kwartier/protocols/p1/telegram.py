"""What a P1 port says, in types: a good telegram, or a garbled piece with the reason.

Units stand in the names (W, V, A, kWh, Hz; times as ISO 8601 text and as UTC seconds). None means that
the meter did not say it; an absent value is never zero. Source: facts of DSMR 2.2 to 5.0.2, e-MUCS-P1
1.3 to 2.1.1 and the national variants, named where they are parsed.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Crc = Literal["ok", "absent", "repaired"]
"""`ok`: the checksum verifies over the bytes as received. `absent`: the telegram carries none (DSMR 2.2
and 3.0, D0). `repaired`: it verifies after one provable repair, which stands in the faults."""

GarbledError = Literal["crc_mismatch", "truncated", "no_header", "too_long", "undecodable"]
MBusKind = Literal["gas", "water", "heat", "electricity", "other"]


class Fault(NamedTuple):
    """One line that could not be read as it should, with its raw text and what is wrong with it."""

    line: str
    what: str


class Peak(NamedTuple):
    """One entry of the history of monthly maxima (0-0:98.1.0). Times are None where the meter sends an
    undefined one (a fresh meter: 632525252525W, 35255255255255255S)."""

    closed_at: str | None
    at: str | None
    peak_w: float
    closed_at_s: int | None = None
    at_s: int | None = None


class MBus(NamedTuple):
    """One device on the M-Bus behind the meter. `value` is None for a channel that was never read; `channel`
    is 0 where the meter names none (DSMR 2.2 as printed)."""

    channel: int
    kind: MBusKind
    device_type: int | None = None
    id: str | None = None
    ean: str | None = None
    value: float | None = None
    unit: str | None = None
    at: str | None = None
    at_s: int | None = None
    valve: int | None = None


class Garbled(NamedTuple):
    """A piece of the input that is no good telegram. `values` is for diagnosis and never for control."""

    offset: int
    length: int
    error: GarbledError
    detail: str
    values: Mapping[str, object]


class Telegram(NamedTuple):
    """One good telegram. `offset` and `length` are bytes of the whole input, line end included.

    A named tuple and no frozen dataclass, as all types of this package: with 64 fields it is made in 1.2
    microseconds instead of 8.4, and to load `dataclasses` is an eighth of `kwartier p1 decode`.
    """

    offset: int
    length: int
    crc: Crc
    identification: str
    """The header line without its `/`."""
    timestamp: str | None
    """The meter's own clock with the telegram's own S/W flag as offset; without offset where the meter
    sends no flag."""
    time_s: int | None
    """The same in UTC seconds; None where the offset is not known."""
    energy_import_kwh: float | None
    """The total register when the meter sends it, else the sum of the tariff registers."""
    energy_export_kwh: float | None
    energy_import_t1_kwh: float | None
    """1.8.1 as sent: normal tariff in Belgium, low tariff in the Netherlands."""
    energy_import_t2_kwh: float | None
    energy_import_t3_kwh: float | None
    energy_import_t4_kwh: float | None
    energy_import_t5_kwh: float | None
    energy_export_t1_kwh: float | None
    energy_export_t2_kwh: float | None
    energy_export_t3_kwh: float | None
    energy_export_t4_kwh: float | None
    energy_export_t5_kwh: float | None
    power_import_w: float | None
    power_export_w: float | None
    voltage_l1_v: float | None
    voltage_l2_v: float | None
    voltage_l3_v: float | None
    current_l1_a: float | None
    """Unsigned, as every P1 meter sends it."""
    current_l2_a: float | None
    current_l3_a: float | None
    power_import_l1_w: float | None
    power_import_l2_w: float | None
    power_import_l3_w: float | None
    power_export_l1_w: float | None
    power_export_l2_w: float | None
    power_export_l3_w: float | None
    frequency_hz: float | None
    version: str | None
    meter_id: str | None
    ean: str | None
    tariff: int | None
    quarter_demand_w: float | None
    """1.4.0: the energy imported in the running quarter so far, times four."""
    breaker: int | None
    """0 disconnected, 1 connected, 2 ready for reconnection."""
    limiter_w: float | None
    """Power limit; None when off. kVA count as kW here: the meter limits apparent power."""
    limiter_a: float | None
    """DSMR 2.2 gives the threshold in A."""
    fuse_a: float | None
    """Fuse supervision for import, A; None when off."""
    fuse_export_a: float | None
    grid_type: int | None
    """230: 3x230 V without neutral; 400: 3x400 V + N."""
    power_failures: int | None
    long_power_failures: int | None
    text: str | None
    message_code: str | None
    month_peak_w: float | None
    month_peak_at: str | None
    month_peak_at_s: int | None
    peak_history: tuple[Peak, ...]
    """In the order in which the meter sends it."""
    relays: Mapping[int, int]
    mbus: tuple[MBus, ...]
    unknown: Mapping[str, str]
    """Objects that have no field here, raw: `{"1-0:32.32.0": "(00004)"}`; more of a kind are joined by a
    line end."""
    faults: tuple[Fault, ...]


_NAMES = Telegram._fields
SCALARS = _NAMES[_NAMES.index("energy_import_kwh") : _NAMES.index("message_code") + 1]
"""The fields that hold just what one line says, in order."""
