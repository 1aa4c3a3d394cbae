"""A SunSpec inverter with a battery: models 1, 103, 160 and 124 one after the other, unit 1, its own timer."""

import asyncio
from collections.abc import Mapping, Sequence

from kwartier.simulation.emulators.mbap import ILLEGAL_ADDRESS, NO_SUCH_UNIT, ModbusEmulator, ModbusException
from kwartier.simulation.emulators.words import put, text
from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.plant.storage import Storage

UNIT = 1
BASE = 40000
COMMON, INVERTER, TRACKERS, STORAGE = BASE + 2, BASE + 70, BASE + 122, BASE + 212
"""Where each model's number stands: 66, 50, 88 and 24 registers with a head of 2."""
STOR_CTL_MOD, OUT_RATE, IN_RATE, REVERT, GRID_CHARGE = (STORAGE + n for n in (5, 12, 13, 15, 17))
WRITABLE = frozenset({STOR_CTL_MOD, OUT_RATE, IN_RATE, STORAGE + 14, REVERT, STORAGE + 16, GRID_CHARGE})
NONE_U16, NONE_S16 = 0xFFFF, 0x8000


class SunSpecStorageEmulator(ModbusEmulator):
    """One battery of the plant. Rates are in hundredths of a per cent of WChaMax, powers in W."""

    max_clients = 4
    unit_in_url = UNIT

    def __init__(self, plant: Plant, battery_id: str, port: int = 0) -> None:
        super().__init__(port)
        self._plant = plant
        self._cells: Storage = plant.storage[battery_id]
        self._table: dict[int, int] = {}
        self._most_w = round(max(self._cells.charge_w, self._cells.discharge_w))
        self._build()
        self._renew()

    def registers(self, unit: int) -> Mapping[int, int]:
        """Its only unit is 1."""
        if unit != UNIT:
            raise ModbusException(NO_SUCH_UNIT)
        return self._table

    def write(self, unit: int, address: int, words: Sequence[int]) -> None:
        """The controls of model 124; a set-point holds for RvrtTms seconds."""
        if unit != UNIT:
            raise ModbusException(NO_SUCH_UNIT)
        places = range(address, address + len(words))
        if not set(places) <= WRITABLE:
            raise ModbusException(ILLEGAL_ADDRESS)
        for place, word in zip(places, words, strict=True):
            self._table[place] = word
        self._follow()

    async def tick(self) -> None:
        """Renew the values."""
        self._renew()
        await asyncio.sleep(0)

    def _follow(self) -> None:
        table, cells = self._table, self._cells
        if table[STOR_CTL_MOD] != 3:
            return
        most = _signed(table[IN_RATE]) / 10_000 * self._most_w
        least = -_signed(table[OUT_RATE]) / 10_000 * self._most_w
        power_w = min(most, max(least, 0.0)) if least <= most else most
        if power_w > 0 and not table[GRID_CHARGE]:
            power_w = 0.0
        cells.timer_s = float(table[REVERT]) or float("inf")
        cells.write(power_w, self._plant.now_s)

    def _build(self) -> None:
        table = self._table
        put(table, BASE, (0x5375, 0x6E53))
        put(table, COMMON, (1, 66, *text("Kwartier", 16), *text("Cellar", 16), *(0,) * 34))
        put(table, INVERTER, (103, 50, *(NONE_U16,) * 50))
        put(table, TRACKERS, (160, 88, *(NONE_U16,) * 88))
        put(table, TRACKERS + 2, (0, 0, 0, 0))
        put(table, TRACKERS + 8, (4,))
        put(table, STORAGE, (124, 24, *(NONE_U16,) * 24))
        put(table, STORAGE + 2, (self._most_w,))
        put(table, STOR_CTL_MOD, (0,))
        put(table, OUT_RATE, (10_000, 10_000, 0, 0, 0, 0))
        put(table, STORAGE + 18, (0, 0, 0, 0, 0xFFFE, 0, 0, 0xFFFE))
        put(table, STORAGE + 26, (NONE_U16, 0))

    def _renew(self) -> None:
        table, cells = self._table, self._cells
        for module in range(4):
            watts = (0.0, 0.0, max(0.0, cells.total_w), max(0.0, -cells.total_w))[module]
            put(table, TRACKERS + 10 + 20 * module + 11, (round(watts) & 0xFFFF,))
        put(table, INVERTER + 14, (round(-sum(cells.power_w)) & 0xFFFF, 0))
        put(table, STORAGE + 8, (round(10_000 * cells.soc),))
        status = 4 if cells.total_w > 0 else 3 if cells.total_w < 0 else 6
        put(table, STORAGE + 11, (status,))


def _signed(word: int) -> int:
    return word - 0x10000 if word & 0x8000 else word
