"""Telegrams as Flemish meters send them: e-MUCS-P1 1.7.1 (50217) and 2.1.1 (50221), facts 4.1."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from kwartier.simulation.plant.local_time import local
from kwartier.simulation.plant.plant import Plant

GAS_INTERVAL_S = 300.0
CRC_POLYNOMIAL = 0xA001


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (CRC_POLYNOMIAL if byte & 1 else 0)  # noqa: PLW2901 - shift register
        table.append(byte)
    return tuple(table)


_CRC = _crc_table()


def crc16(data: bytes) -> int:
    """CRC-16/ARC over everything from `/` to `!` inclusive."""
    crc = 0
    for byte in data:
        crc = (crc >> 8) ^ _CRC[(crc ^ byte) & 0xFF]
    return crc


@dataclass(slots=True, kw_only=True)
class MeterFace:
    """What a meter says that is not measured. Changing a field changes the next telegram."""

    version: Literal["50217", "50221"] = "50217"
    identification: str = r"FLU5\253769484_A"
    equipment: str = "1SAG3100000001"
    ean: str = "541448800000000001"
    breaker: int = 1
    relays: tuple[int, int, int, int] = (0, 0, 0, 0)
    limiter_kw: float | None = None
    fuse_a: float | None = None
    message: str = ""
    gas: str | None = "7FLO2119000001"
    """Equipment id of a gas meter on M-Bus channel 1; None: none linked."""


class Gas:
    """The gas meter on M-Bus: a new value each five minutes."""

    def __init__(self, start_m3: float = 2873.412, flow_m3_h: float = 0.25) -> None:
        self._flow_m3_h = flow_m3_h
        self.volume_m3 = start_m3
        self.at_s = 0.0

    def tick(self, now_s: float) -> None:
        """Renew value and time on each full five minutes."""
        at_s = now_s // GAS_INTERVAL_S * GAS_INTERVAL_S
        if self.at_s:
            self.volume_m3 += self._flow_m3_h * (at_s - self.at_s) / 3600.0
        self.at_s = at_s


def telegram(plant: Plant, face: MeterFace, gas: Gas) -> bytes:
    """One telegram of the plant's main meter, checksum included."""
    zone = ZoneInfo(plant.site.time_zone)
    lines = [f"/{face.identification}", "", *_head(plant, face, zone), *_energy(plant)]
    lines += [*_peaks(plant, zone), *_instant(plant), *_switches(face)]
    if face.gas is not None:
        lines += _gas(face, face.gas, gas, zone)
    body = "\r\n".join(lines).encode("ascii") + b"\r\n!"
    return body + b"%04X\r\n" % crc16(body)


def _hex(value: str) -> str:
    return value.encode("ascii").hex().upper()


def _time(utc_s: float, zone: ZoneInfo) -> str:
    t = local(utc_s, zone)
    return t.strftime("%y%m%d%H%M%S") + ("S" if t.dst() else "W")


def _head(plant: Plant, face: MeterFace, zone: ZoneInfo) -> Iterator[str]:
    yield f"0-0:96.1.4({face.version})"
    if face.version == "50221":
        yield "1-0:94.32.1(400)"
    yield f"0-0:96.1.1({_hex(face.equipment)})"
    if face.version == "50221":
        yield f"0-0:96.1.2({_hex(face.ean)})"
    yield f"0-0:1.0.0({_time(plant.now_s, zone)})"


def _energy(plant: Plant) -> Iterator[str]:
    r = plant.registers
    for obis, energy_wh in (
        ("1.8.1", r.import_wh[0]),
        ("1.8.2", r.import_wh[1]),
        ("2.8.1", r.export_wh[0]),
        ("2.8.2", r.export_wh[1]),
    ):
        yield f"1-0:{obis}({int(energy_wh) / 1000:010.3f}*kWh)"
    yield f"0-0:96.14.0({r.tariff:04d})"


def _peaks(plant: Plant, zone: ZoneInfo) -> Iterator[str]:
    r = plant.registers
    yield f"1-0:1.4.0({_kw(r.quarter_demand_w)})"
    yield f"1-0:1.6.0({_time(r.month_peak_at_s, zone)})({_kw(r.month_peak_w)})"
    months = "".join(
        f"({_time(m.closed_at_s, zone)})({_time(m.at_s, zone)})({_kw(m.peak_w)})" for m in r.history
    )
    yield f"0-0:98.1.0({len(r.history)})(1-0:1.6.0)(1-0:1.6.0){months or '()'}"


def _kw(power_w: float) -> str:
    return f"{max(0, round(power_w)) / 1000:06.3f}*kW"


def _instant(plant: Plant) -> Iterator[str]:
    root = plant.site.root.id
    powers, amps = plant.power_w(root), plant.current_a(root)
    yield f"1-0:1.7.0({_kw(sum(powers))})"
    yield f"1-0:2.7.0({_kw(-sum(powers))})"
    for obis, sign in (("1", 1.0), ("2", -1.0)):
        for i in range(3):
            yield f"1-0:{2 * (i + 1)}{obis}.7.0({_kw(sign * powers[i])})"
    for i, volts in enumerate(plant.voltage_v):
        yield f"1-0:{32 + 20 * i}.7.0({volts:05.1f}*V)"
    for i in range(3):
        yield f"1-0:{31 + 20 * i}.7.0({abs(amps[i]):06.2f}*A)"


def _switches(face: MeterFace) -> Iterator[str]:
    yield f"0-0:96.3.10({face.breaker})"
    if face.version == "50221":
        yield f"0-0:17.0.0({99.999 if face.limiter_kw is None else face.limiter_kw:06.3f}*kW)"
        yield f"1-0:31.4.0({999.99 if face.fuse_a is None else face.fuse_a:06.2f}*A)"
        for channel, state in enumerate(face.relays, start=1):
            yield f"0-{channel}:96.3.10({state})"
    else:
        yield f"0-0:17.0.0({999.9 if face.limiter_kw is None else face.limiter_kw:05.1f}*kW)"
        yield f"1-0:31.4.0({999 if face.fuse_a is None else face.fuse_a:03.0f}*A)"
    yield f"0-0:96.13.0({_hex(face.message)})"


def _gas(face: MeterFace, equipment: str, gas: Gas, zone: ZoneInfo) -> Iterator[str]:
    yield "0-1:24.1.0(003)"
    yield f"0-1:96.1.1({_hex(equipment)})"
    if face.version == "50221":
        yield f"0-1:96.1.2({_hex(face.ean[:-1] + '8')})"
    yield "0-1:24.4.0(1)"
    yield f"0-1:24.2.3({_time(gas.at_s, zone)})({gas.volume_m3:09.3f}*m3)"
