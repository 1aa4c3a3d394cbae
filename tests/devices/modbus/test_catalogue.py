"""Every catalogue entry proves itself against its capture; a new device needs no test of its own."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from kwartier.devices import catalogue
from kwartier.devices.blocks import Block
from kwartier.devices.catalogue import Device, RegisterEntry
from kwartier.devices.drivers import sunspec_models
from kwartier.devices.drivers.alfen import socket_reading
from kwartier.devices.drivers.alfen_scn import network_reading
from kwartier.devices.drivers.modbus_meter import meter_reading
from kwartier.devices.drivers.polling import Picture
from kwartier.devices.readout import Readout
from kwartier.site.batteries import Battery, BatteryReading
from kwartier.site.errors import ConfigError

CAPTURES = Path(__file__).parents[2] / "captures"
SCHEMA = Path(catalogue.__file__).parent / "catalog" / "schema.json"


def capture_of(device_id: str) -> dict[str, Any]:
    data = YAML(typ="safe", pure=True).load((CAPTURES / f"{device_id}.yaml").read_text(encoding="utf-8"))
    assert data["device"] == device_id
    return dict(data)


def words_of(registers: dict[int, list[int]], blocks: tuple[Block, ...]) -> dict[Block, list[int]]:
    """What the device would answer: registers that the capture does not mention read 0x5A5A, so that a
    wrong address cannot pass for a zero."""
    flat = {start + i: word for start, words in registers.items() for i, word in enumerate(words)}
    return {block: [flat.get(block.address + i, 0x5A5A) for i in range(block.count)] for block in blocks}


def picture_of(device: Device, entries: dict[str, RegisterEntry], registers: dict[int, list[int]]) -> Picture:
    readout = Readout.of(device, entries)
    words = words_of(registers, readout.blocks)
    return Picture(readout.decode(words), words, 100.0)


@pytest.mark.parametrize("device_id", catalogue.ids())
def test_entry_against_its_capture(device_id: str) -> None:
    """Each device's capture decodes to exactly the reading that the capture states."""
    device, capture = catalogue.load(device_id), capture_of(device_id)
    assert capture["expected"], "a capture states what it must read as"
    for unit, expected in capture["expected"].items():
        if device.driver == "sunspec-storage":
            _compare(asdict(_storage_reading(capture["units"][unit])), expected)
            continue
        picture = picture_of(device, device.registers, capture["units"][unit])
        reading: Any
        match device.driver:
            case "modbus-meter":
                reading = meter_reading(picture.values, meter_id="m", at_s=picture.at_s)
            case "alfen":
                reading = socket_reading(picture, "c", "here")
            case "alfen-scn":
                reading = network_reading(picture, "c")
        _compare(asdict(reading), expected)
        silent = set(asdict(reading)) - set(expected) - {"meter_id", "charge_point_id", "at_s"}
        stated = {
            name for name in silent if getattr(reading, name) not in (None, (None,) * 3, (0.0,) * 3, False)
        }
        assert stated <= {"operative"}, f"the capture says nothing of {stated}"


def _storage_reading(registers: dict[int, list[int]]) -> BatteryReading:
    """Of a device whose models stand in a list of its own: 124 and 160, each by the address of its number."""
    by_number = {words[0]: words for words in registers.values()}
    battery = Battery(id="b", name="B", circuit="c", capacity_kwh=10.0, charge_w=5000.0, discharge_w=5000.0)
    power_w = sunspec_models.mppt_power_w(by_number[160])
    return sunspec_models.reading(battery, by_number[124], power_w, 100.0, "here")


def _compare(got: dict[str, Any], wanted: dict[str, Any]) -> None:
    for key, value in wanted.items():
        pairs = zip(got[key], value, strict=True) if isinstance(value, list) else ((got[key], value),)
        for one, other in pairs:
            assert one == (pytest.approx(other, rel=1e-6) if isinstance(other, float) else other), key


@pytest.mark.parametrize("device_id", catalogue.ids())
def test_identity_and_station(device_id: str) -> None:
    """Registers that identify a device, and those of its station, decode from the capture too."""
    device, capture = catalogue.load(device_id), capture_of(device_id)
    if device.identify is not None:
        picture = picture_of(device, {"identity": device.identify}, capture["units"][device.protocol.unit])
        assert str(picture.values["identity"]).startswith(device.identify.expect)
    if device.station is not None:
        picture = picture_of(device, device.station.registers, capture["units"][device.station.unit])
        assert None not in picture.values.values()


def test_every_capture_has_an_entry() -> None:
    """A capture whose device is gone is dead weight."""
    assert {path.stem for path in CAPTURES.glob("*.yaml")} == set(catalogue.ids())


def test_unverified_says_so() -> None:
    """An entry counts as verified only with a capture that was read from a device."""
    for device in catalogue.everything():
        assert device.verified == ("read from a device" in capture_of(device.id)["origin"])


def test_schema_is_committed() -> None:
    """The published JSON schema is the one of the models (`kwartier catalog schema`)."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == catalogue.schema()


GOOD = (catalogue.FOLDER / "eastron-sdm630.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("brand: Eastron", "brnad: Eastron", "did you mean 'brand'"),
        (
            "power_w: {address",
            "power_w: {adress",
            "registers.power_w.adress: unknown key, did you mean 'address'",
        ),
        ("  power_w:", "  powr_w:", "unknown quantity 'powr_w', did you mean 'power_w'"),
        ("function: 4", "function: 5", "protocol.function"),
        ("driver: modbus-meter", "driver: alfen", "driver 'alfen' is for kind 'charger'"),
        ("sign_from: power_l1_w", "sign_from: power_l4_w", "'power_l4_w' is no quantity"),
        ("max_count: 80", "max_count: 1", "a request reads 1 to 1 registers"),
        ("id: eastron-sdm630", "id: [", "this is no YAML"),
    ],
)
def test_wrong_entries_are_explained(old: str, new: str, said: str) -> None:
    """A mistake in an entry is named with its place and the nearest right word."""
    assert old in GOOD
    with pytest.raises(ConfigError, match=r"new\.yaml") as caught:
        catalogue.parse(GOOD.replace(old, new, 1), "new.yaml")
    assert said in str(caught.value)


def test_unknown_device_names_the_nearest() -> None:
    """A mistyped device type leads to the right one."""
    with pytest.raises(ConfigError, match="did you mean 'alfen-ng9xx'"):
        catalogue.load("alfen-ng9x")
