"""Register tables of an Alfen NG9xx, Modbus slave v2.3 (facts 3.2), filled from the plant."""

from datetime import UTC, datetime
from math import sqrt
from zoneinfo import ZoneInfo

from kwartier.simulation.emulators.words import f32, f64, put, text, u16, u32, u64, unavailable
from kwartier.simulation.plant.plant import Plant
from kwartier.simulation.plant.station import POWER_FACTOR, Scn, Socket, Station

METER = range(300, 426)
FREQUENCY_HZ = 50.0
SQRT3 = sqrt(3.0)


def station_table(station: Station, plant: Plant) -> dict[int, int]:
    """Unit 200: identity 100 to 178, station 1100 to 1105, smart charging network 1400 to 1431."""
    now_s = plant.now_s
    table: dict[int, int] = {}
    put(table, 100, text(f"ALF_{station.id}", 17))
    put(table, 117, text("Alfen NV", 5))
    put(table, 122, u16(1))
    put(table, 123, text("6.6.1-4254", 17))
    put(table, 140, text("NG920", 17))
    put(table, 157, text(f"ACE{station.id}", 11))
    t = datetime.fromtimestamp(now_s, UTC)
    for i, value in enumerate((t.year, t.month, t.day, t.hour, t.minute, t.second)):
        put(table, 168 + i, u16(value))
    booted_s = now_s if station.booted_s is None else station.booted_s
    put(table, 174, u64(1000.0 * (now_s - booted_s)))
    offset = t.astimezone(ZoneInfo(plant.site.time_zone)).utcoffset()
    put(table, 178, u16(offset.total_seconds() / 60 if offset else 0))
    put(table, 1100, f32(sum(s.max_a for s in station.sockets)))
    put(table, 1102, f32(24.5))
    put(table, 1104, u16(0))
    put(table, 1105, u16(len(station.sockets)))
    _scn(table, station.scn, now_s)
    return table


def _scn(table: dict[int, int], scn: Scn, now_s: float) -> None:
    put(table, 1400, text(scn.name[:8], 4))
    put(table, 1404, u16(len(scn.sockets)))
    for i, total_a in enumerate(scn.consumption_a()):
        written = scn.max_a[i]
        put(table, 1405 + 2 * i, f32(total_a))
        put(table, 1411 + 2 * i, f32(scn.actual_max_a(i + 1, now_s)))
        put(table, 1417 + 2 * i, f32(scn.safe_a if written is None else written))
        put(table, 1423 + 2 * i, u32(max(0.0, scn.valid_until_s[i] - now_s)))
    put(table, 1429, f32(scn.safe_a))
    put(table, 1431, u16(scn.enabled))


def socket_table(socket: Socket, plant: Plant) -> dict[int, int]:
    """Unit 1 or 2: meter 300 to 425, state and set-points 1200 to 1215."""
    table = meter_table(socket, plant)
    _control(table, socket, plant.now_s)
    return table


def meter_table(socket: Socket, plant: Plant) -> dict[int, int]:
    """The meter's part, 300 to 425; all ones where it has nothing to say."""
    table = dict.fromkeys(METER, 0xFFFF)
    _meter(table, socket, plant)
    _energies(table, socket)
    return table


def _meter(table: dict[int, int], socket: Socket, plant: Plant) -> None:
    wired = len(socket.conductors)
    volts = [plant.voltage_v[p - 1] for p in socket.conductors]
    put(table, 300, u16(3))
    put(table, 301, u64(1000.0 * (plant.now_s - socket.measured_s)))
    put(table, 305, u16(0))
    for i in range(wired):
        put(table, 306 + 2 * i, f32(volts[i]))
        if wired == 3:
            put(table, 312 + 2 * i, f32(SQRT3 * (volts[i] + volts[(i + 1) % 3]) / 2))
        put(table, 328 + 2 * i, f32(POWER_FACTOR if socket.current_a[i] > 0 else 1.0))
        put(table, 346 + 2 * i, f32(socket.power_w[i] / POWER_FACTOR))
        put(table, 338 + 2 * i, f32(socket.power_w[i]))
    for i in range(3):
        put(table, 320 + 2 * i, f32(socket.current_a[i]))
    put(table, 326, f32(sum(socket.current_a)))
    put(table, 334, f32(POWER_FACTOR if socket.closed else 1.0))
    put(table, 336, f32(FREQUENCY_HZ))
    put(table, 344, f32(sum(socket.power_w)))
    put(table, 352, f32(sum(socket.power_w) / POWER_FACTOR))


def _energies(table: dict[int, int], socket: Socket) -> None:
    for i, energy_wh in enumerate((*socket.energy_wh, sum(socket.energy_wh))):
        put(table, 362 + 4 * i, f64(energy_wh))
        put(table, 378 + 4 * i, f64(0.0))
        put(table, 394 + 4 * i, f64(energy_wh / POWER_FACTOR))
        put(table, 410 + 4 * i, unavailable(4))


def _control(table: dict[int, int], socket: Socket, now_s: float) -> None:
    put(table, 1200, u16(socket.operative))
    # the table of the maker knows a plain "A" only
    put(table, 1201, text("A" if socket.state == "A1" else socket.state, 5))
    put(table, 1206, f32(socket.applied_a))
    put(table, 1208, u32(max(0.0, socket.valid_until_s - now_s)))
    put(table, 1210, f32(socket.safe_a if socket.setpoint_a is None else socket.setpoint_a))
    put(table, 1212, f32(socket.safe_a))
    put(table, 1214, u16(socket.setpoint_holds(now_s)))
    put(table, 1215, u16(socket.phases))
