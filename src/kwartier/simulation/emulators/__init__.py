"""Devices that speak bytes on the loopback: peers for the drivers, written without their code.

Each follows the plant, has `start()`, `stop()`, `url`, `tick()` (after each step of the plant) and
`fail(name)` / `heal()` for the faults it lists in `faults`.
"""

from kwartier.simulation.emulators.alfen import AlfenEmulator
from kwartier.simulation.emulators.countis_e27 import CountisE27Emulator
from kwartier.simulation.emulators.digital_input import DigitalInputEmulator
from kwartier.simulation.emulators.p1_meter import P1MeterEmulator
from kwartier.simulation.emulators.server import Emulator
from kwartier.simulation.emulators.sunspec_storage import SunSpecStorageEmulator

__all__ = [
    "AlfenEmulator",
    "CountisE27Emulator",
    "DigitalInputEmulator",
    "Emulator",
    "P1MeterEmulator",
    "SunSpecStorageEmulator",
]
