"""A stranger's program agrees with the emulators: mbpoll, as Debian ships it."""

import asyncio
import re
import shutil

import pytest

from kwartier.simulation.bench import Bench, car
from kwartier.simulation.emulators import AlfenEmulator, CountisE27Emulator, DigitalInputEmulator
from kwartier.simulation.emulators.mbap import ModbusEmulator

needs_mbpoll = pytest.mark.skipif(
    shutil.which("mbpoll") is None,
    reason="mbpoll is not installed: apt install mbpoll (this test was NOT run)",
)


async def mbpoll(device: ModbusEmulator, unit: int, address: int, *options: str) -> dict[int, str]:
    """One poll; address -> value as printed. Words high first, addresses as on the wire."""
    head = [
        "mbpoll",
        "-m",
        "tcp",
        "-1",
        "-0",
        "-B",
        "-p",
        str(device.port),
        "-a",
        str(unit),
        "-r",
        str(address),
    ]
    separator = options.index("--") if "--" in options else len(options)
    process = await asyncio.create_subprocess_exec(
        *head,
        *options[:separator],
        "127.0.0.1",
        *options[separator + 1 :],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out = (await process.communicate())[0].decode()
    assert process.returncode == 0, out
    return {int(a): v for a, v in re.findall(r"^\[(\d+)\]:\s+(.+?)\s*$", out, re.MULTILINE)}


@needs_mbpoll
async def test_mbpoll_reads_the_meter(bench: Bench) -> None:
    """Identity, voltages in 0.01 V, currents in mA, powers in 10 W at the addresses of the map."""
    bench.right.connect(car(phases=2))
    bench.run(30)
    meter = CountisE27Emulator(bench.plant, "main")
    await meter.start()
    soco = await mbpoll(meter, 5, 50000, "-t", "4", "-c", "4")
    assert [v.split()[0] for v in soco.values()] == ["83", "79", "67", "79"]
    told = await mbpoll(meter, 5, 50520, "-t", "4:int", "-c", "27")
    assert int(told[50520]) == round(100 * bench.plant.voltage_v[0])
    assert [int(told[a]) for a in (50528, 50530, 50532)] == [0, 6000, 6000]
    assert int(told[50536]) == round(sum(bench.plant.power_w("grid")) / 10)
    await meter.stop()


@needs_mbpoll
async def test_mbpoll_reads_and_sets_the_station(bench: Bench) -> None:
    """It writes 13 A to 1210, reads it back, and the car follows."""
    bench.left.connect(car(phases=1))
    station = AlfenEmulator(bench.plant, bench.station)
    await station.start()
    await mbpoll(station, 1, 1210, "-t", "4:float", "--", "13.0")
    bench.run(20)
    told = await mbpoll(station, 1, 1206, "-t", "4:float", "-c", "1")
    assert float(told[1206]) == 13.0
    told = await mbpoll(station, 1, 320, "-t", "4:float", "-c", "3")
    assert [float(v) for v in told.values()] == [13.0, 0.0, 0.0]
    told = await mbpoll(station, 1, 1208, "-t", "4:int", "-c", "1")
    assert int(told[1208]) == 40
    sockets = await mbpoll(station, 200, 1105, "-t", "4", "-c", "1")
    assert sockets[1105] == "2"
    await station.stop()


@needs_mbpoll
@pytest.mark.parametrize("kind", ["0", "1"])
async def test_mbpoll_reads_the_contact_of_the_fire_panel(kind: str) -> None:
    """As a coil and as a discrete input: closed while all is well, open in alarm."""
    module = DigitalInputEmulator()
    await module.start()
    try:
        assert (await mbpoll(module, 1, 0, "-t", kind, "-c", "8")) == {0: "1"} | dict.fromkeys(
            range(1, 8), "0"
        )
        await module.fail("alarm")
        assert (await mbpoll(module, 1, 0, "-t", kind))[0] == "0"
    finally:
        await module.stop()
