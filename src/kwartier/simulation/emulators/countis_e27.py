"""A Socomec Countis E27: three-phase meter, unit 5, function code 3 (facts 3.1)."""

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from kwartier.simulation.emulators.mbap import NO_SUCH_UNIT, ModbusEmulator, ModbusException
from kwartier.simulation.emulators.words import put, spaced, text, u32
from kwartier.simulation.plant.plant import Plant, Tap

UNIT = 5
MEASURES = range(50520, 50574)
"""One block, holes included: the device answers 0 where it has nothing to say."""
ENERGIES = range(50946, 50954)


class CountisE27Emulator(ModbusEmulator):
    """Sees one tap of the plant. Values are renewed once a second.

    Wired like the main meter: what flows into the installation counts as import, so a photovoltaic
    system shows negative power and counts as export. Currents have no sign, power steps of 10 W.
    """

    faults: ClassVar[tuple[str, ...]] = (*ModbusEmulator.faults, "freeze")
    max_clients = 4
    unit_in_url = UNIT

    def __init__(self, plant: Plant, meter_id: str, port: int = 0) -> None:
        super().__init__(port)
        self._plant = plant
        self._tap: Tap = plant.taps[meter_id]
        self._table: dict[int, int] = {}
        put(self._table, 50000, spaced("SOCO"))
        put(self._table, 50058, text("COUNTIS E27", 8))
        for address in (*MEASURES, *ENERGIES):
            self._table[address] = 0
        self._renew()

    def registers(self, unit: int) -> Mapping[int, int]:
        """Its only unit is 5."""
        if unit != UNIT:
            raise ModbusException(NO_SUCH_UNIT)
        return self._table

    async def tick(self) -> None:
        """Renew the values; under `freeze` they stand still."""
        if self.fault != "freeze":
            self._renew()
        await asyncio.sleep(0)

    def _renew(self) -> None:
        table, tap, volts = self._table, self._tap, self._plant.voltage_v
        amps = [abs(a) for a in tap.current_a]
        for i in range(3):
            put(table, 50520 + 2 * i, u32(round(volts[i] * 100)))
            put(table, 50528 + 2 * i, u32(round(amps[i] * 1000)))
            put(table, 50544 + 2 * i, u32(round(tap.power_w[i] / 10)))
        put(table, 50526, u32(50_000))
        put(table, 50536, u32(round(sum(tap.power_w) / 10)))
        put(table, 50568, u32(round(sum(amps) * 1000 / 3)))
        put(table, 50572, u32(round(sum(volts) * 100 / 3)))
        put(table, 50946, u32(tap.import_wh / 10))
        put(table, 50952, u32(tap.export_wh / 10))
