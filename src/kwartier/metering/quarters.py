"""The quarter-hour account of one meter, on the meter's own clock.

Belgian grid tariffs bill energy per clock quarter, and the meter's clock decides where a quarter ends
(facts p1.md, section 11). The energy of a quarter is the difference of the registers at its two
boundaries, so nothing is lost while we or the link were down: the missing time is closed from the
registers, spread evenly and marked. Where the meter also sends its own demand (OBIS 1-0:1.4.0: energy
in this quarter so far, times four) the two are compared at the quarter's end.

A clock that is set back (an hour, months) never yields a quarter twice: the open quarter waits, goes on
collecting energy and is marked `clock`. Where the meter has no clock, ours dates it, and our monotonic time is
the witness: a quarter in which the two do not agree is longer or shorter than a quarter, and is marked too. Energies are whole milliwatt-hours, so that the sum of quarters
equals the difference of the registers exactly.

A meter without import register has no account here: `step` leaves its memory alone.
"""

from dataclasses import replace
from typing import Literal

from kwartier.metering.quarter_types import (
    WORST_LAST,
    ClosedQuarter,
    OpenQuarter,
    Point,
    Quality,
    QuarterMemory,
)
from kwartier.metering.ranges import add_range, in_ranges
from kwartier.site.intervals import QUARTER_S, quarter_of
from kwartier.site.quarters import RunningQuarter
from kwartier.site.readings import MeterReading

__all__ = ["ClosedQuarter", "Quality", "QuarterMemory", "resume", "running", "step"]

SMOOTH_S = 60.0
"""Longest gap over a boundary that still counts as measured (DSMR 4 speaks every 10 s; six in a row)."""
CLOCK_STEP_S = 120.0
"""How far the meter's clock may move against ours between two readings before it counts as set."""
OURS_STEP_S = 2.0
"""The same where our own clock of day dates the meter, against our monotonic time: both are read at once."""
LONGEST_GAP_S = 62 * 86400
"""Gaps beyond two months are not spread: one odd quarter says so better than 6000 invented ones."""
LOST_S = 86400
"""A saved memory is minutes old. What lies further apart is a clock that was set, with nothing recorded between."""
OLD_FOR_S = 600.0
"""What is older than the newest for longer than this is no repetition: another meter, or a clock that was set."""
OLD_KWH = 5.0
"""No other meter's registers are so little behind; half a minute at 500 kW is."""
LEAP_KWH = 10.0
LEAP_KW = 20_000.0
"""A register that grows by more than both, against the elapsed time, is another meter's register: 500
charge points of 22 kW stay below. Who knows what the meter can see gives less (`books.most_kw`)."""
LAG_S = 60.0
"""So much of the largest power may come at once: a line that lagged and catches up."""


def step(
    memory: QuarterMemory,
    reading: MeterReading,
    now_utc_s: float,
    resolution_kwh: float = 0.001,
    most_kw: float = LEAP_KW,
) -> tuple[QuarterMemory, tuple[ClosedQuarter, ...]]:
    """Fold one reading into the account.

    `now_utc_s`: our UTC when the reading was true; it dates meters that give no time. `resolution_kwh`: step
    of the registers; `most_kw`: more never flows there. Returns the new memory and the quarters that this reading closed, oldest first.
    """
    point = _point(memory, reading, now_utc_s)
    if point is None:
        return memory, ()
    if memory.opened is None or memory.last is None:
        return _begin(memory, reading, point), ()
    last = memory.last
    if _is_old(last, point):
        return memory, ()
    if _is_reset(last, point, most_kw):
        memory = _after_reset(memory, memory.opened, last, point)
    fine_kwh, opened = _fine(memory.fine_kwh, last, reading, point, resolution_kwh), memory.opened
    moved = _is_moved(last, point, own_clock=reading.meter_time_s is not None)
    if moved:
        memory = _unsure(memory)
        opened = memory.opened
    if opened is not None and opened.start_s <= point.meter_s < opened.start_s + QUARTER_S:
        # Still the same quarter, as nearly always: what the way below gives, without its copies.
        return QuarterMemory(
            meter_id=memory.meter_id,
            opened=_with_demand(opened, reading, point),
            last=point,
            fine_kwh=fine_kwh,
            closed=memory.closed,
        ), ()
    memory, closed = _advance(replace(memory, fine_kwh=fine_kwh), point, resolution_kwh, moved=moved)
    return replace(_note_demand(memory, reading, point), last=point), closed


def resume(memory: QuarterMemory, newest: ClosedQuarter | None) -> QuarterMemory:
    """The memory to go on with after a restart, given the quarter recorded last.

    Quarters are committed at once, the memory now and then: a quarter recorded after the memory was saved
    takes its place, so that the next one begins exactly where the recorded one ended.
    """
    if newest is None or (memory.opened is not None and newest.start_s < memory.opened.start_s):
        return memory
    at_end = Point(
        meter_s=float(newest.end_s),
        host_s=None,
        utc_s=float(newest.end_s),
        import_kwh=newest.register_import_kwh,
        export_kwh=newest.register_export_kwh,
    )
    since_s = newest.start_s
    if memory.opened is not None and newest.end_s - memory.opened.start_s <= LOST_S:
        since_s = memory.opened.start_s  # those between were recorded too, one after the other
    closed = add_range(memory.closed, since_s, newest.end_s)
    memory = replace(memory, last=at_end, fine_kwh=0.0, closed=closed)
    return _open(memory, newest.end_s, at_end.import_kwh, at_end.export_kwh, "measured")


def running(memory: QuarterMemory, reading: MeterReading) -> RunningQuarter | None:
    """The running quarter after `reading` was folded in; None before the first reading with registers."""
    opened, last = memory.opened, memory.last
    if opened is None or last is None:
        return None
    elapsed_s = min(max(last.meter_s - opened.start_s, 0.0), float(QUARTER_S))
    source: Literal["meter", "registers", "partial"]
    if reading.quarter_demand_w is not None:
        energy_kwh, source = reading.quarter_demand_w / 4000, "meter"
    else:
        energy_kwh = opened.carried_import_kwh + last.import_kwh - opened.import_kwh + memory.fine_kwh
        source = "partial" if opened.quality == "partial" else "registers"
    power_w = reading.power_w if reading.power_w is not None else energy_kwh * 3.6e6 / max(elapsed_s, 1.0)
    rest_kwh = max(power_w, 0.0) * (QUARTER_S - elapsed_s) / 3.6e6
    return RunningQuarter(
        meter_id=memory.meter_id,
        start_s=opened.start_s,
        elapsed_s=elapsed_s,
        energy_kwh=energy_kwh,
        demand_w=energy_kwh * 4000,
        projected_w=(energy_kwh + rest_kwh) * 4000,
        source=source,
    )


def _point(memory: QuarterMemory, reading: MeterReading, now_utc_s: float) -> Point | None:
    known = memory.last
    imported = _total(
        reading.energy_import_kwh,
        reading.energy_import_t1_kwh,
        reading.energy_import_t2_kwh,
        None if known is None else known.import_kwh,
    )
    if imported is None:
        return None
    meter_s = reading.meter_time_s
    if meter_s is None:
        # A telegram without time from a meter that else gives it must not look like a clock step.
        meter_s = now_utc_s + (known.meter_s - known.utc_s if known is not None else 0.0)
    return Point(
        meter_s=meter_s,
        host_s=reading.at_s,
        utc_s=now_utc_s,
        import_kwh=imported,
        export_kwh=_total(
            reading.energy_export_kwh,
            reading.energy_export_t1_kwh,
            reading.energy_export_t2_kwh,
            None if known is None else known.export_kwh,
        ),
    )


def _total(total: float | None, t1: float | None, t2: float | None, known_kwh: float | None) -> float | None:
    if total is None and t1 is not None:
        total = t1 + (t2 or 0.0)
    if total is None or total == known_kwh:
        return total  # as in most seconds: no watt-hour more
    return round(total, 6)


def _begin(memory: QuarterMemory, reading: MeterReading, point: Point) -> QuarterMemory:
    start_s = quarter_of(point.meter_s).start_s
    quality: Quality = "measured" if point.meter_s == start_s else "partial"
    memory = _open(replace(memory, last=point), start_s, point.import_kwh, point.export_kwh, quality)
    return _note_demand(memory, reading, point)


def _open(
    memory: QuarterMemory, start_s: int, import_kwh: float, export_kwh: float | None, quality: Quality
) -> QuarterMemory:
    """Open the first quarter from `start_s` on that was never closed before."""
    while in_ranges(memory.closed, start_s):
        start_s, quality = start_s + QUARTER_S, _worst(quality, "clock")
    opened = OpenQuarter(start_s=start_s, import_kwh=import_kwh, export_kwh=export_kwh, quality=quality)
    return replace(memory, opened=opened)


def _is_old(last: Point, point: Point) -> bool:
    """Whether a telegram of before comes once more (a gateway that repeats, a line that lags): with registers that are a
    little behind, or that are no further at an earlier time by the meter's own clock. Taken for a reset it would
    count its energy twice; another meter's registers are not just a little behind within minutes."""
    after_s = abs(
        point.utc_s - last.utc_s
    )  # all there is where the last we know is the end of a recorded quarter
    if last.host_s is not None and point.host_s is not None:
        host_s = point.host_s - last.host_s
        # Back by a little: out of order, whatever our clock of day was set to meanwhile; by much: we rebooted.
        after_s = host_s if host_s >= 0 else min(-host_s, after_s)
    if after_s >= OLD_FOR_S:
        return False
    behind_kwh = last.import_kwh - point.import_kwh
    exported_kwh = _minus(last.export_kwh, point.export_kwh) or 0.0
    if behind_kwh < 0 or exported_kwh < 0:
        return False
    if 0 < behind_kwh + exported_kwh <= OLD_KWH:
        return True  # whatever its clock says: it may have been set in between
    return point.meter_s < last.meter_s


def _is_reset(last: Point, point: Point, most_kw: float) -> bool:
    grown_kwh = point.import_kwh - last.import_kwh
    if grown_kwh < 0 or (_minus(point.export_kwh, last.export_kwh) or 0.0) < 0:
        return True
    if not grown_kwh > LEAP_KWH:
        return False
    elapsed_s = max(point.meter_s - last.meter_s, (point.host_s or 0.0) - (last.host_s or 0.0), 1.0)
    return grown_kwh * 3600 > most_kw * (elapsed_s + LAG_S)


def _after_reset(memory: QuarterMemory, opened: OpenQuarter, last: Point, point: Point) -> QuarterMemory:
    carried_export_kwh = _minus(last.export_kwh, opened.export_kwh) or 0.0
    opened = replace(
        opened,
        carried_import_kwh=round(opened.carried_import_kwh + last.import_kwh - opened.import_kwh, 6),
        carried_export_kwh=round(opened.carried_export_kwh + carried_export_kwh, 6),
        import_kwh=point.import_kwh,
        export_kwh=point.export_kwh,
        quality=_worst(opened.quality, "reset"),
        demand_w=None,
    )
    last = replace(last, import_kwh=point.import_kwh, export_kwh=point.export_kwh)
    return replace(memory, opened=opened, last=last)


def _fine(fine_kwh: float, last: Point, reading: MeterReading, point: Point, resolution_kwh: float) -> float:
    if point.import_kwh != last.import_kwh or reading.power_w is None or last.host_s is None:
        return 0.0
    seconds = max(reading.at_s - last.host_s, 0.0)
    return min(fine_kwh + max(reading.power_w, 0.0) * seconds / 3.6e6, resolution_kwh)


def _is_moved(last: Point, point: Point, *, own_clock: bool) -> bool:
    """Whether the clock that dates the meter was set between two readings, so that the energy of a quarter may be that
    of more or less time than a quarter."""
    if own_clock:
        back_s = last.meter_s - point.meter_s
        return back_s > SMOOTH_S or _clock_was_set(last, point)
    moved_s = point.meter_s - last.meter_s
    if last.host_s is None or point.host_s is None:
        return moved_s < -OURS_STEP_S
    passed_s = point.host_s - last.host_s
    # After a reboot nothing tells how long it was dark: a box without a battery clock goes on where it stopped.
    return passed_s < 0 or abs(moved_s - passed_s) > OURS_STEP_S + 0.001 * passed_s


def _unsure(memory: QuarterMemory) -> QuarterMemory:
    """The open quarter is marked, and what the meter said of it before the step is of another time."""
    opened = memory.opened
    assert opened is not None
    return replace(memory, opened=replace(opened, quality=_worst(opened.quality, "clock"), demand_w=None))


def _advance(
    memory: QuarterMemory, point: Point, resolution_kwh: float, *, moved: bool
) -> tuple[QuarterMemory, tuple[ClosedQuarter, ...]]:
    """Move the account's time to `point`: stay, cross boundaries, wait, or follow a set clock."""
    opened, last = memory.opened, memory.last
    assert opened is not None
    assert last is not None
    if opened.start_s <= point.meter_s < opened.end_s:
        return memory, ()
    if point.meter_s < opened.start_s:
        waits = in_ranges(memory.closed, quarter_of(point.meter_s).start_s)
        if opened.start_s - point.meter_s <= SMOOTH_S:
            return memory, ()
        if waits:
            return _unsure(memory), ()
        return _jump(memory, opened, last, point, resolution_kwh)
    if _clock_was_set(last, point):
        return _jump(memory, opened, last, point, resolution_kwh)
    return _cross(memory, last, point, resolution_kwh, moved=moved)


def _clock_was_set(last: Point, point: Point) -> bool:
    """Whether a forward move of the meter's clock has no witness among our own clocks."""
    moved_s = point.meter_s - last.meter_s
    if moved_s > LONGEST_GAP_S:
        return True
    if last.host_s is None or point.host_s is None or point.host_s < last.host_s:
        return False  # we rebooted: our clocks may be the wrong ones, the meter's is all we have
    tolerance_s = CLOCK_STEP_S + 0.001 * moved_s
    witnesses_s = (point.host_s - last.host_s, point.utc_s - last.utc_s)
    return all(abs(moved_s - w) > tolerance_s for w in witnesses_s)


def _jump(
    memory: QuarterMemory, opened: OpenQuarter, last: Point, point: Point, resolution_kwh: float
) -> tuple[QuarterMemory, tuple[ClosedQuarter, ...]]:
    """The clock was set: end the open quarter where it stands, go on where the meter now is."""
    opened = replace(opened, quality=_worst(opened.quality, "clock"))
    ended = _close(
        memory,
        opened,
        import_kwh=last.import_kwh,
        export_kwh=last.export_kwh,
        seen_s=last.meter_s,
        resolution_kwh=resolution_kwh,
    )
    closed = add_range(memory.closed, opened.start_s, opened.end_s)
    memory = replace(memory, closed=closed)
    start_s = quarter_of(point.meter_s).start_s
    return _open(memory, start_s, last.import_kwh, last.export_kwh, "clock"), (ended,)


def _cross(
    memory: QuarterMemory, last: Point, point: Point, resolution_kwh: float, *, moved: bool
) -> tuple[QuarterMemory, tuple[ClosedQuarter, ...]]:
    out: list[ClosedQuarter] = []
    at_boundary: Quality = "measured" if point.meter_s - last.meter_s <= SMOOTH_S else "interpolated"
    if moved:
        at_boundary = "clock"  # there was less of the time than the boundaries that our clock leapt over say
    while (opened := memory.opened) is not None and opened.end_s <= point.meter_s:
        end_s = opened.end_s
        share = (end_s - last.meter_s) / (point.meter_s - last.meter_s)
        import_kwh = _between(last.import_kwh, point.import_kwh, share)
        export_kwh = None
        if last.export_kwh is not None and point.export_kwh is not None:
            export_kwh = _between(last.export_kwh, point.export_kwh, share)
        if at_boundary != "measured":
            opened = replace(opened, quality=_worst(opened.quality, at_boundary))
        out.append(
            _close(
                memory,
                opened,
                import_kwh=import_kwh,
                export_kwh=export_kwh,
                seen_s=last.meter_s,
                resolution_kwh=resolution_kwh,
            )
        )
        memory = replace(memory, closed=add_range(memory.closed, opened.start_s, end_s))
        memory = _open(memory, end_s, import_kwh, export_kwh, at_boundary)
    return memory, tuple(out)


def _close(
    memory: QuarterMemory,
    opened: OpenQuarter,
    *,
    import_kwh: float,
    export_kwh: float | None,
    seen_s: float,
    resolution_kwh: float,
) -> ClosedQuarter:
    """Close a quarter with the registers at its end; `seen_s`: when the meter last spoke before."""
    imported_kwh = round(opened.carried_import_kwh + import_kwh - opened.import_kwh, 6)
    exported_kwh = _minus(export_kwh, opened.export_kwh)
    if exported_kwh is not None:
        exported_kwh = round(opened.carried_export_kwh + exported_kwh, 6)
    own_w = None
    if opened.demand_w is not None and opened.end_s - seen_s <= SMOOTH_S:
        own_w = round(opened.demand_w + (import_kwh - opened.demand_import_kwh) * 4000, 3)
    agrees = None
    if own_w is not None and opened.quality == "measured":
        # Two tariff registers, each cut off at both ends, and 1.4.0 itself is given in whole watts.
        tolerance_w = 4 * 4000 * resolution_kwh + 4 + 0.01 * own_w
        agrees = abs(own_w - imported_kwh * 4000) <= tolerance_w
    demand_w = None if opened.quality == "clock" else round(imported_kwh * 4000, 3)
    if own_w is not None and agrees is not False:
        demand_w = own_w
    return ClosedQuarter(
        meter_id=memory.meter_id,
        start_s=opened.start_s,
        import_kwh=imported_kwh,
        export_kwh=exported_kwh,
        register_import_kwh=import_kwh,
        register_export_kwh=export_kwh,
        demand_w=demand_w,
        meter_demand_w=own_w,
        agrees=agrees,
        quality=opened.quality,
    )


def _note_demand(memory: QuarterMemory, reading: MeterReading, point: Point) -> QuarterMemory:
    opened = memory.opened
    if opened is None or not opened.start_s <= point.meter_s < opened.end_s:
        return memory
    return replace(memory, opened=_with_demand(opened, reading, point))


def _with_demand(opened: OpenQuarter, reading: MeterReading, point: Point) -> OpenQuarter:
    if reading.quarter_demand_w is None:
        return opened
    return OpenQuarter(
        start_s=opened.start_s,
        import_kwh=opened.import_kwh,
        export_kwh=opened.export_kwh,
        carried_import_kwh=opened.carried_import_kwh,
        carried_export_kwh=opened.carried_export_kwh,
        quality=opened.quality,
        demand_w=reading.quarter_demand_w,
        demand_import_kwh=point.import_kwh,
    )


def _between(a: float, b: float, share: float) -> float:
    return b if share == 1.0 else round(a + (b - a) * share, 6)


def _minus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b


def _worst(a: Quality, b: Quality) -> Quality:
    return max(a, b, key=WORST_LAST.index)
