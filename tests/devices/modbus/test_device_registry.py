"""From the site file's words to drivers, or to an error that says what to write instead."""

import asyncio
from collections.abc import Mapping

import pytest
from tests.devices.modbus.conftest import Bench, FastClock, running

from kwartier.devices.drivers.alfen import AlfenStation
from kwartier.devices.drivers.alfen_scn import AlfenScn
from kwartier.devices.drivers.modbus_meter import ModbusMeter
from kwartier.devices.registry import Registry
from kwartier.devices.transports.bus import Place, RtuBus, TcpBus, parse_place
from kwartier.site.errors import ConfigError
from kwartier.site.readings import MeterReading
from kwartier.site.topology import ChargePoint, Meter

E27 = "socomec-countis-e27"
METER = Meter(id="garage", name="Garage", role="circuit", address="here")
LEFT, RIGHT, THIRD = (
    ChargePoint(id=name, name=name, circuit="grid", conductors=(1, 2, 3))
    for name in ("left", "right", "third")
)


@pytest.fixture
def registry(clock: FastClock) -> Registry:
    return Registry(clock)


@pytest.mark.parametrize(
    ("url", "place", "shown"),
    [
        (
            "modbus-tcp://192.168.0.4:502?unit=5",
            Place(TcpBus("192.168.0.4", 502), 5),
            "192.168.0.4:502 unit 5",
        ),
        ("modbus-tcp://meter.local", Place(TcpBus("meter.local", 502), None), "meter.local:502"),
        ("modbus-tcp://[fe80::1]:1502/?unit=1", Place(TcpBus("fe80::1", 1502), 1), "[fe80::1]:1502 unit 1"),
        (
            "modbus-rtu:///dev/ttyUSB1?baud=19200&parity=e&stopbits=2&unit=7",
            Place(RtuBus("/dev/ttyUSB1", 19200, "E", 2), 7),
            "/dev/ttyUSB1 unit 7",
        ),
        ("modbus-rtu:///dev/ttyUSB1", Place(RtuBus("/dev/ttyUSB1", 9600, "N"), None), "/dev/ttyUSB1"),
    ],
)
def test_connections(url: str, place: Place, shown: str) -> None:
    """Connection strings mean what they say, and show as people know them."""
    assert parse_place(url) == place
    assert str(place) == shown


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("192.168.0.4:502", "needs modbus-tcp:// or modbus-rtu://"),
        ("meter.local", "it has no scheme"),
        ("modbus://192.168.0.4", "it starts with 'modbus://'"),
        ("modbus-tcp://", "the host is missing"),
        ("modbus-tcp://192.168.0.4:502/5", r"only host, port and \?unit= belong in it"),
        ("modbus-tcp://me@192.168.0.4", "only host, port"),
        ("modbus-tcp://192.168.0.4:99999", "Port out of range"),
        ("modbus-tcp://192.168.0.4:0", "port 0 cannot be reached"),
        ("modbus-tcp://192.168.0.4?units=5", "'units' is not known, did you mean 'unit'"),
        ("modbus-tcp://192.168.0.4?unit=256", "unit is a whole number from 0 to 255, not '256'"),
        ("modbus-tcp://192.168.0.4?unit=", "unit is a whole number"),
        ("modbus-tcp://192.168.0.4?unit=1&unit=2", "says one thing twice"),
        ("modbus-rtu://dev/ttyUSB0", "three slashes"),
        ("modbus-rtu:///", "the serial port is missing"),
        ("modbus-rtu:///dev/ttyUSB0?parity=X", "parity is N"),
        ("modbus-rtu:///dev/ttyUSB0?baud=fast", "baud is a whole number from 300"),
        ("modbus-rtu:///dev/ttyUSB0?speed=9600", "known are baud, parity"),
    ],
)
def test_wrong_connections_are_explained(url: str, said: str) -> None:
    """A wrong connection string is quoted, with what is wrong and an example of the right form."""
    with pytest.raises(ConfigError, match=said) as caught:
        parse_place(url)
    assert repr(url) in str(caught.value)
    assert "Example: modbus-" in str(caught.value)


def test_defaults_come_from_the_catalogue(registry: Registry) -> None:
    """Port and unit that the site file leaves out are those of the device."""
    assert registry.meter(METER, E27, "modbus-tcp://10.0.0.1", {}).address == "10.0.0.1:502 unit 5"
    rtu = registry.meter(METER, "schneider-iem3155", "modbus-rtu:///dev/ttyUSB0", {})
    assert isinstance(rtu, ModbusMeter)
    assert rtu.address == "/dev/ttyUSB0 unit 1"


def test_p1_meters_have_their_own_driver(registry: Registry) -> None:
    """Type `p1` gives the P1 driver for the connection."""
    assert registry.meter(METER, "p1", "tcp://127.0.0.1:2001", {}).meter_id == "garage"


def test_stations_and_networks(registry: Registry) -> None:
    """All charge points of a station share one driver; a network is one charge point."""
    url = "modbus-tcp://10.0.0.2"
    station = registry.charge_points((LEFT, RIGHT), "alfen-ng9xx", url, {"left": 1, "right": 2}, {})
    assert isinstance(station, AlfenStation)
    assert station.charge_point_ids == ("left", "right")
    assert station.address == "10.0.0.2:502"
    assert isinstance(registry.charge_points((LEFT,), "alfen-ng9xx", url, {}, {}), AlfenStation)
    network = registry.charge_points((LEFT,), "alfen-scn", url, {}, {"interval_s": 2})
    assert isinstance(network, AlfenScn)
    assert network.charge_point_ids == ("left",)


@pytest.mark.parametrize(
    ("type_", "url", "options", "said"),
    [
        ("socomec-countis-e72", "modbus-tcp://h", {}, "did you mean 'socomec-countis-e27'"),
        ("alfen-ng9xx", "modbus-tcp://h", {}, "is a charger: it belongs under `charge_points`"),
        (E27, "tcp://h", {}, "needs modbus-tcp"),
        (E27, "modbus-tcp://h", {"invrt": True}, "unknown option 'invrt', did you mean 'invert'"),
        (E27, "modbus-tcp://h", {"invert": "yes"}, "invert is true or false, not 'yes'"),
        (E27, "modbus-tcp://h", {"conductors": [1, 1]}, r"for example \[2, 3, 1\]"),
        (E27, "modbus-tcp://h", {"conductors": []}, r"for example \[2, 3, 1\]"),
        (E27, "modbus-tcp://h", {"conductors": "123"}, r"for example \[2, 3, 1\]"),
        (E27, "modbus-tcp://h", {"conductors": [[1]]}, r"for example \[2, 3, 1\]"),
        (E27, "modbus-tcp://h", {"frozen_after_s": -1}, "from 0 to 3600, not -1"),
    ],
)
def test_wrong_meters_are_explained(
    registry: Registry, type_: str, url: str, options: Mapping[str, object], said: str
) -> None:
    """Whatever is wrong with a meter is told with its id and the cure."""
    with pytest.raises(ConfigError, match=said) as caught:
        registry.meter(METER, type_, url, options)
    assert str(caught.value).startswith("meter 'garage': ")


@pytest.mark.parametrize(
    ("points", "type_", "url", "sockets", "said"),
    [
        ((LEFT,), E27, "modbus-tcp://h", {}, "is a meter: it belongs under `meters`"),
        ((LEFT, RIGHT), "alfen-ng9xx", "modbus-tcp://h", {"left": 1}, "say which socket 'right' is"),
        ((LEFT, RIGHT), "alfen-ng9xx", "modbus-tcp://h", {"left": 1, "right": 1}, "both are socket 1"),
        ((LEFT,), "alfen-ng9xx", "modbus-tcp://h", {"left": 3}, "sockets 1 and 2; 'left' says 3"),
        ((LEFT,), "alfen-ng9xx", "modbus-tcp://h?unit=1", {}, "leave `unit` out"),
        ((LEFT,), "alfen-ng9xx", "modbus-rtu:///dev/ttyUSB0", {}, "speaks modbus-tcp, not modbus-rtu"),
        ((LEFT, RIGHT), "alfen-scn", "modbus-tcp://h", {}, "exactly one charge point"),
        ((LEFT,), "alfen-scn", "modbus-tcp://h?unit=1", {}, "always answers as unit 200"),
    ],
)
def test_wrong_chargers_are_explained(
    registry: Registry,
    points: tuple[ChargePoint, ...],
    type_: str,
    url: str,
    sockets: Mapping[str, int],
    said: str,
) -> None:
    """Whatever is wrong with a station is told with the ids of its charge points and the cure."""
    with pytest.raises(ConfigError, match=said) as caught:
        registry.charge_points(points, type_, url, sockets, {})
    assert str(caught.value).startswith("charge point 'left'")


def test_interval_is_checked(registry: Registry) -> None:
    """A station is read every 0.1 to 60 s."""
    with pytest.raises(ConfigError, match="interval_s is a number of seconds"):
        registry.charge_points((LEFT,), "alfen-ng9xx", "modbus-tcp://h", {}, {"interval_s": True})


def test_one_serial_port_has_one_setting(registry: Registry) -> None:
    """Two devices on one port that want different settings cannot work, so the site file is refused."""
    registry.meter(METER, "eastron-sdm630", "modbus-rtu:///dev/ttyUSB0?unit=1", {})
    registry.meter(METER, "eastron-sdm630", "modbus-rtu:///dev/ttyUSB0?unit=2", {})
    with pytest.raises(ConfigError, match="9600 baud 8N1 and 19200 baud 8N1") as caught:
        registry.meter(METER, "eastron-sdm630", "modbus-rtu:///dev/ttyUSB0?unit=3&baud=19200", {})
    assert "/dev/ttyUSB0" in str(caught.value)


async def test_made_drivers_work(registry: Registry, countis: Bench) -> None:
    """What the registry makes from words reads the device."""
    driver = registry.meter(METER, E27, f"{countis.url}?unit=5", {"invert": True})
    async with running(driver) as inbox:
        reading = await inbox.reading()
    assert isinstance(reading, MeterReading)
    assert (reading.meter_id, reading.power_w) == ("garage", -1450)
    await asyncio.sleep(0)
