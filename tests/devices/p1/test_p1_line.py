"""A P1 line without its cable: what is posted, what is held back, what is counted."""

from collections.abc import Callable, Iterator

import pytest

from kwartier.devices.drivers.p1_line import Checksum, P1Line
from kwartier.site.errors import DeviceUnreachable
from kwartier.site.readings import DeviceFault, MeterReading
from kwartier.site.topology import Meter

Compose = Callable[..., bytes]
Recorded = Callable[[str], bytes]
METER = Meter(id="grid", name="Grid", role="grid", address="/dev/p1")
POWER = ("1-0:1.7.0(00.500*kW)", "1-0:2.7.0(00.000*kW)", "1-0:32.7.0(230.0*V)", "1-0:31.7.0(002.50*A)")


def line(checksum: Checksum = "auto") -> P1Line:
    """A fresh line."""
    return P1Line(METER, "/dev/p1", checksum=checksum)


def readings(found: list[MeterReading | DeviceFault]) -> list[MeterReading]:
    """Only the readings."""
    return [f for f in found if isinstance(f, MeterReading)]


def faults(found: list[MeterReading | DeviceFault]) -> list[DeviceFault]:
    """Only the faults."""
    return [f for f in found if isinstance(f, DeviceFault)]


@pytest.fixture
def second(compose: Compose) -> Callable[[int], bytes]:
    """The telegram of second n."""
    return lambda n: compose(*POWER, at=f"2601151200{n:02}W")


def damaged(telegram: bytes) -> bytes:
    """Two wrong bytes far apart: nothing that can be repaired."""
    return telegram.replace(b"00.500*kW", b"00.731*kW").replace(b"230.0*V", b"219.4*V")


def test_a_reading_is_as_old_as_its_first_byte(second: Callable[[int], bytes]) -> None:
    """The telegram takes a while to arrive; its values were true when it began."""
    p1, data = line(), second(0)
    assert p1.receive(b"noise\r\n" + data[:40], 10.0) == []
    assert p1.receive(data[40:80], 10.05) == []
    (found,) = readings(p1.receive(data[80:], 10.1))
    assert found.at_s == 10.0
    assert p1.health.last_good_s == 10.0


def test_telegrams_read_together_after_a_stall_keep_their_distance(second: Callable[[int], bytes]) -> None:
    """Three telegrams in one piece: only the newest is new."""
    found = readings(line().receive(second(0) + second(1) + second(4), 50.0))
    assert [r.at_s for r in found] == [46.0, 47.0, 50.0]


def test_noise_around_and_in_telegrams_loses_only_the_damaged_one(second: Callable[[int], bytes]) -> None:
    """A damaged telegram is a fault with its first bytes; the line goes on."""
    p1 = line()
    found = p1.receive(second(0) + damaged(second(1)) + second(2), 5.0)
    assert len(readings(found)) == 2
    (fault,) = faults(found)
    assert (fault.device_id, fault.kind) == ("grid", "nonsense")
    assert bytes.fromhex(fault.raw).startswith(b"/FLU5")
    assert "/dev/p1" in fault.what
    assert (p1.health.telegrams, p1.health.bad) == (2, 1)


def test_faults_of_a_kind_are_told_once_a_minute_with_a_count(second: Callable[[int], bytes]) -> None:
    """A line that is damaged for ever speaks once, then each minute, and never hides how often."""
    p1 = line()
    told = [f for n in range(130) for f in faults(p1.receive(damaged(second(n % 60)), float(n)))]
    assert [f.at_s for f in told] == [0.0, 60.0, 120.0]
    assert "59 more" in told[1].what
    assert p1.health.bad == 130


def test_the_end_of_a_telegram_at_the_start_is_no_fault(second: Callable[[int], bytes]) -> None:
    """Connections open in the middle of a telegram: its rest counts as noise, not as trouble."""
    p1 = line()
    found = p1.receive(second(0)[60:] + second(1), 1.0)
    assert faults(found) == []
    assert len(readings(found)) == 1
    assert p1.health.noise_bytes == len(second(0)) - 60
    assert p1.health.bad == 0


def test_a_lost_connection_starts_the_line_anew(second: Callable[[int], bytes]) -> None:
    """Half a telegram from before the loss is never joined with what comes after it."""
    p1 = line()
    p1.receive(second(0)[:60], 1.0)
    before = p1.health
    lost = faults(p1.lost(DeviceUnreachable("gone: check the cable"), 2.0))
    assert [f.what for f in lost if f.kind == "unreachable"] == ["gone: check the cable"]
    assert (before.connected, p1.health.connected) == (True, False)
    assert p1.health.reconnects == 1
    found = p1.receive(second(1), 3.0)
    assert [r.at_s for r in readings(found)] == [3.0]


def test_a_repeated_telegram_is_no_news_and_a_frozen_meter_a_fault(second: Callable[[int], bytes]) -> None:
    """The same meter time again posts nothing; for ten seconds it is told what to do."""
    p1 = line()
    found = [item for n in range(15) for item in p1.receive(second(0), float(n))]
    assert [r.at_s for r in readings(found)] == [0.0]
    (fault,) = faults(found)
    assert fault.at_s == 10.0
    assert "stands still" in fault.what
    assert (p1.health.telegrams, p1.health.repeats) == (15, 14)


def test_meter_without_clock_always_has_news(compose: Compose) -> None:
    """DSMR 2 and 3 send no time: every telegram counts."""
    p1 = line()
    data = compose(*POWER, at="")
    assert len(readings([*p1.receive(data, 0.0), *p1.receive(data, 10.0)])) == 2


def test_meter_without_clock_that_repeats_itself_stands_still(compose: Compose) -> None:
    """At 500 W the register must move every 7 s: a telegram that stays the same for 36 s (5 Wh) is what a gateway
    heard last. One that changes is news again; one without power proves nothing."""
    p1 = line()
    data = [compose(f"1-0:1.8.1(00012.34{n}*kWh)", *POWER, at="") for n in range(2)]
    found = [item for n in range(8) for item in p1.receive(data[0], 10.0 * n)]
    assert [r.at_s for r in readings(found)] == [0.0, 10.0, 20.0, 30.0]
    (fault,) = faults(found)
    assert "no register has moved at 500 W for 40 s" in fault.what
    assert [r.at_s for r in readings(p1.receive(data[1], 80.0))] == [80.0]
    idle = compose("1-0:1.8.1(00012.345*kWh)", "1-0:1.7.0(0000.00*kW)", at="")
    assert all(readings(p1.receive(idle, 90.0 + 10 * n)) for n in range(100))


def test_missing_checksum_counts_until_the_meter_has_sent_one(
    second: Callable[[int], bytes], telegram: Recorded
) -> None:
    """Old meters have none; a meter that has one and then "loses" it was cut."""

    def stripped(n: int) -> bytes:
        return second(n)[:-6] + b"\r\n"

    p1 = line()
    assert len(readings(p1.receive(stripped(0) + stripped(1), 1.0))) == 2
    assert len(readings(p1.receive(second(2), 2.0))) == 1
    found = p1.receive(stripped(3), 3.0)
    assert readings(found) == []
    assert "checksum is missing" in faults(found)[0].what
    found = line("required").receive(telegram("nl_v22_kamstrup.txt"), 1.0)
    assert readings(found) == []
    assert "checksum: required" in faults(found)[0].what


def test_repaired_telegram_counts_unless_strict(second: Callable[[int], bytes]) -> None:
    """One byte with a wrong bit 7, provably put back: a reading, counted as repaired; refused when strict."""
    data = bytearray(second(0))
    data[data.index(b"1-0:1.7.0")] |= 0x80
    p1 = line()
    assert len(readings(p1.receive(bytes(data), 1.0))) == 1
    assert p1.health.repaired == 1
    found = line("strict").receive(bytes(data), 1.0)
    assert readings(found) == []
    assert "checksum: strict" in faults(found)[0].what


def test_implausible_telegram_is_a_fault_and_no_reading(compose: Compose) -> None:
    """The field is named."""
    found = line().receive(compose("1-0:32.7.0(999.0*V)"), 1.0)
    assert readings(found) == []
    assert "voltage_l1_v" in faults(found)[0].what


def test_endless_noise_stays_bounded() -> None:
    """A wrong speed gives bytes without end: memory stays small and the advice names the speed."""

    def pieces() -> Iterator[bytes]:
        for n in range(400):
            yield bytes((n * 7 + k * 13) % 128 + 128 for k in range(1000))

    p1 = line()
    found = [f for n, piece in enumerate(pieces()) for f in p1.receive(piece, n / 10)]
    assert readings(found) == []
    assert any("speed" in f.what for f in faults(found))
    assert sum(len(data) for _, _, data in p1._arrivals._chunks) < 100_000
