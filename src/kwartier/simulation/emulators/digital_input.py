"""A small digital input module: eight contacts, as discrete inputs and as coils of unit 1.

Contact 0 is the normally closed output of a fire panel: it reads 1 while all is well.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import ClassVar

from kwartier.simulation.emulators.mbap import (
    ILLEGAL_FUNCTION,
    NO_SUCH_UNIT,
    ModbusEmulator,
    ModbusException,
)

UNIT = 1
CONTACTS = 8


class DigitalInputEmulator(ModbusEmulator):
    """`alarm` and `wire` open contact 0: a panel in alarm and a cut wire look alike, which is the point of
    a normally closed contact."""

    faults: ClassVar[tuple[str, ...]] = (*ModbusEmulator.faults, "alarm", "wire")
    unit_in_url = UNIT

    @property
    def pin_url(self) -> str:
        """The connection string of the fire panel's contact."""
        return f"{self.url}&discrete=0"

    def bits(self, unit: int, function: int) -> Sequence[int]:
        """The contacts: 1 is closed."""
        if unit != UNIT:
            raise ModbusException(NO_SUCH_UNIT)
        closed = self.fault not in {"alarm", "wire"}
        return (int(closed), *([0] * (CONTACTS - 1)))

    def registers(self, unit: int) -> Mapping[int, int]:
        """It has none."""
        raise ModbusException(ILLEGAL_FUNCTION)

    async def tick(self) -> None:
        """Nothing in it follows the plant."""
        await asyncio.sleep(0)
