"""A Fluvius meter's P1 port behind a serial-to-network bridge: one telegram a second to every client."""

import asyncio
from random import Random
from typing import ClassVar

from kwartier.simulation.emulators.server import Emulator
from kwartier.simulation.emulators.telegram import Gas, MeterFace, telegram
from kwartier.simulation.plant.plant import Plant

CLIENT_BUFFER = 65536
"""A client that does not read loses telegrams, as on a real line, instead of filling memory."""


class P1MeterEmulator(Emulator):
    """Sends after each second of the plant.

    Faults: `unplug`; `silent` (the line is open, nothing comes); `freeze` (the same telegram again and
    again); `noise` (some bytes of each are damaged); `cut` (each ends in the middle).
    """

    faults: ClassVar[tuple[str, ...]] = (*Emulator.faults, "freeze", "noise", "cut")

    def __init__(self, plant: Plant, face: MeterFace, dice: Random, port: int = 0) -> None:
        super().__init__(port)
        self._plant = plant
        self.face = face
        self._dice = dice
        self._gas = Gas()
        self._second = int(plant.now_s)
        self._frozen = b""

    @property
    def url(self) -> str:
        """`tcp://127.0.0.1:PORT`."""
        return f"tcp://127.0.0.1:{self.port}"

    async def tick(self) -> None:
        """Send the telegram of this second, unless it is sent already or a fault forbids it."""
        second = int(self._plant.now_s)
        if second == self._second:
            return
        self._second = second
        self._gas.tick(self._plant.now_s)
        data = self._bytes()
        for writer in self.clients:
            if data and writer.transport.get_write_buffer_size() < CLIENT_BUFFER:
                writer.write(data)
        await asyncio.sleep(0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A P1 port listens to nothing: wait until the client goes."""
        while await reader.read(1024):
            pass

    def _bytes(self) -> bytes:
        if self.fault in {"silent", "unplug"} or not self.clients:
            return b""
        if self.fault != "freeze" or not self._frozen:
            self._frozen = telegram(self._plant, self.face, self._gas)
        data = self._frozen
        if self.fault == "noise":
            spoiled = bytearray(data)
            for _ in range(3):
                spoiled[self._dice.randrange(len(data))] = self._dice.randrange(256)
            return bytes(spoiled)
        return data[: len(data) * 2 // 3] if self.fault == "cut" else data
