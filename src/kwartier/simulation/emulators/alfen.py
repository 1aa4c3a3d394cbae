"""An Alfen NG9xx station with one or two sockets: unit 200 and units 1, 2 (facts 3.2)."""

import asyncio
import math
import struct
from collections.abc import Mapping, Sequence
from typing import ClassVar

from kwartier.simulation.emulators.alfen_map import meter_table, socket_table, station_table
from kwartier.simulation.emulators.mbap import (
    ILLEGAL_ADDRESS,
    ILLEGAL_VALUE,
    NO_SUCH_UNIT,
    ModbusEmulator,
    ModbusException,
)
from kwartier.simulation.emulators.words import put, u64
from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.plant.station import Socket, Station

STATION_UNIT = 200
SILENCE_S = 60.0
SCN_MAX = {1417: 1, 1419: 2, 1421: 3}


class AlfenEmulator(ModbusEmulator):
    """Speaks for one station of the plant.

    At most two clients; who is silent for 60 s is dropped; a value of two registers must come in one
    request; set-points hold for the validity time, counted on the plant's clock, then the safe current
    applies. Faults: `unplug`, `silent`, `slow`, `garbage`, `freeze` (the meters inside stop speaking: their
    values stand still and register 301 grows), and `reboot` (30 s without answers, then all set-points are
    gone; it ends by itself).
    """

    faults: ClassVar[tuple[str, ...]] = (*ModbusEmulator.faults, "freeze", "reboot")
    max_clients = 2

    def __init__(self, plant: Plant, station: Station, port: int = 0) -> None:
        super().__init__(port)
        self._plant = plant
        self.station = station
        self._heard_s: dict[asyncio.StreamWriter, float] = {}
        self._frozen: dict[str, dict[int, int]] = {}
        self._frozen_s = 0.0

    def heard(self, writer: asyncio.StreamWriter) -> None:
        """Its silence starts again."""
        self._heard_s[writer] = self._plant.now_s

    async def fail(self, fault: str) -> None:
        """As `Emulator.fail`; `reboot` also takes the station of the plant down."""
        await super().fail(fault)
        if fault == "freeze":
            self._frozen = {s.id: meter_table(s, self._plant) for s in self.station.sockets}
            self._frozen_s = self._plant.now_s
        if fault == "reboot":
            self.station.reboot(self._plant.now_s)
            await self._hang_up()

    async def tick(self) -> None:
        """Drop silent clients; come back after a reboot."""
        now_s = self._plant.now_s
        connected = self.clients
        for writer in connected:
            if now_s - self._heard_s.setdefault(writer, now_s) > SILENCE_S:
                self.drop(writer)
        if len(self._heard_s) > len(connected):
            self._heard_s = {w: self._heard_s[w] for w in connected}
        if self.fault == "reboot" and self.station.booted_s is not None:
            await self.heal()

    def registers(self, unit: int) -> Mapping[int, int]:
        """The table of the station or of a socket as it is now."""
        if unit == STATION_UNIT:
            return station_table(self.station, self._plant)
        socket = self._socket(unit)
        table = socket_table(socket, self._plant)
        if self.fault == "freeze":
            table.update(self._frozen[socket.id])
            put(table, 301, u64(1000.0 * (self._plant.now_s - self._frozen_s)))
        return table

    def write(self, unit: int, address: int, words: Sequence[int]) -> None:
        """Set-points: 1210 and 1215 of a socket, 1417 to 1422 of the SCN."""
        if unit == STATION_UNIT:
            self._write_scn(address, words)
            return
        socket = self._socket(unit)
        if address == 1210:
            socket.write_setpoint(_current(words), self._plant.now_s)
        elif address == 1215:
            if len(words) != 1 or words[0] not in {1, 3} or not socket.phase_switching:
                raise ModbusException(ILLEGAL_VALUE)
            socket.switch_phases(words[0], self._plant.now_s)
        else:
            raise ModbusException(ILLEGAL_ADDRESS)

    def _write_scn(self, address: int, words: Sequence[int]) -> None:
        scn, now_s = self.station.scn, self._plant.now_s
        if address not in SCN_MAX:
            raise ModbusException(ILLEGAL_ADDRESS)
        if len(words) % 2 or SCN_MAX[address] + len(words) // 2 > 4:
            raise ModbusException(ILLEGAL_VALUE)
        values = [_current(words[i : i + 2]) for i in range(0, len(words), 2)]
        for i, value_a in enumerate(values):
            scn.write_max(SCN_MAX[address] + i, value_a, now_s)

    def _socket(self, unit: int) -> Socket:
        if not 1 <= unit <= len(self.station.sockets):
            raise ModbusException(NO_SUCH_UNIT)
        return self.station.sockets[unit - 1]


def _current(words: Sequence[int]) -> float:
    """A float32 in two words, sent together; a current is finite and not negative."""
    if len(words) != 2:
        raise ModbusException(ILLEGAL_VALUE)
    value: float = struct.unpack(">f", struct.pack(">2H", *words))[0]
    if not math.isfinite(value) or value < 0.0:
        raise ModbusException(ILLEGAL_VALUE)
    return value
