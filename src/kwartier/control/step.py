"""One step of the fast loop: readings in, set-points with reasons out; a pure function.

    fold readings -> meter ladder -> own loads -> room per circuit -> allocation -> follow it safely

This is the order of it on one page. What it works on is `work`, the share of each `share`, what is told of it `follow`.
Decreases are taken at once; raises as `raising` says. Where not everybody's minimum fits, `turns` says who
stands aside.
"""

from dataclasses import replace

from kwartier.control import backup, restraint
from kwartier.control import guards as fuses
from kwartier.control.battery import flow as battery_flow
from kwartier.control.battery import memory as battery_memory
from kwartier.control.battery import steering as batteries
from kwartier.control.battery.flow import Cells
from kwartier.control.chargers import phase_change
from kwartier.control.chargers.discipline import discipline
from kwartier.control.chargers.hearing import fold
from kwartier.control.chargers.obedience import OBEDIENT
from kwartier.control.decision import Decision
from kwartier.control.estimate import Loads, estimate
from kwartier.control.follow import follow
from kwartier.control.guards import Guards, guards
from kwartier.control.memory import Memory
from kwartier.control.outside import hold
from kwartier.control.room import rooms
from kwartier.control.rows import totals as total_rows
from kwartier.control.rows.evenness import evenness
from kwartier.control.rows.totals import sums
from kwartier.control.share import share_out, try_other_way
from kwartier.control.site_flow import flow
from kwartier.control.views import views
from kwartier.control.wishes import claims, modes
from kwartier.control.work import Work, prepare
from kwartier.safety import sense
from kwartier.safety.envelope import ceilings
from kwartier.safety.ladder import Ladder, climb
from kwartier.site.phases import add
from kwartier.site.setpoints import Message, Picture
from kwartier.site.topology import Site


def step(site: Site, memory: Memory, picture: Picture) -> Decision:
    """Decide. Arguments are not changed; nothing else is read. Absent readings never raise: they tighten,
    and so do those that make no sense. A clock that goes back stands still for us."""
    now_s = picture.now_s if memory.step_s is None else max(picture.now_s, memory.step_s)
    messages: list[Message] = []
    meters = _climb(site, memory, picture, now_s, messages)
    points = {}
    remembered, readings, three_wire = memory.points, picture.charge_points, site.three_wire
    for point in site.charge_points:
        draft = points[point.id] = remembered[point.id].copy()
        reading = sense.of_charge_point(readings.get(point.id), point.max_a, three_wire=three_wire)
        if told := fold(point, draft, reading, now_s):
            messages += told
        if draft.plugged:
            claims.recognise(site, draft, reading, picture)
    messages += phase_change.advance(site, points, now_s)
    before, reckoned = memory, meters
    if site.backed_up:
        messages += backup.messages(site, memory.meters, meters, now_s)
        reckoned, picture = backup.stand_in(site, meters, picture)
    cells = _batteries(site, before, reckoned, picture, now_s, messages)
    memory = Memory(
        meters=reckoned,
        circuits=before.circuits,
        points=points,
        step_s=now_s,
        peaks=before.peaks,
        sums=before.sums,
        fuses=before.fuses,
        exports=before.exports,
        batteries=None if cells is None else cells.memory,
    )
    mindful = cells is not None or modes.play_a_part(site, picture)
    if mindful:
        memory = replace(memory, flow=flow(site, before.flow, memory, picture, cells))
    loads = estimate(site, memory, now_s, cells)
    limits, outside = hold(before.outside, picture.limits, now_s)
    room = rooms(site, memory, ceilings(site, limits, now_s), loads)
    work = prepare(site, picture, points, room, now_s)
    work.cells = cells
    work.book_batteries()
    messages += _discipline(work, picture)
    guarded = _restrain(work, memory, before.step_s, picture, loads)
    foretold, work.urgent = claims.look_ahead(site, work.candidates, points, work.demands, picture, now_s)
    messages += foretold
    if mindful:
        modes.restrain(work, memory, picture)
    cell_setpoints, kept = batteries.decide(work, memory, picture, guarded, before.step_s)
    work.even = evenness(site, memory, room, points, work.phases, now_s)
    allocation = share_out(work)
    try_other_way(work, allocation, memory, picture)
    setpoints = follow(work, allocation, memory)
    work.sums = total_rows.after(work.sums, site, before.points, points, now_s)
    return Decision(
        memory=Memory(
            meters=meters,
            circuits=room.circuits,
            points=points,
            step_s=now_s,
            peaks=work.sums.peaks,
            sums=work.sums.sums,
            fuses=guarded.fuses,
            exports=guarded.exports,
            batteries=kept,
            flow=memory.flow,
            outside=outside,
        ),
        setpoints=setpoints,
        circuits=views(site, room, loads.load_a, points, work.phases, guarded, work.sums, cells),
        messages=(*messages, *guarded.messages),
        batteries=cell_setpoints,
    )


def _batteries(
    site: Site,
    before: Memory,
    meters: dict[str, Ladder],
    picture: Picture,
    now_s: float,
    messages: list[Message],
) -> Cells | None:
    """The batteries with what they said; None where there are none."""
    if not site.batteries:
        return None
    found = {}
    for battery in site.batteries:
        old = (before.batteries or {}).get(battery.id) or battery_memory.begin(now_s)
        found[battery.id], said = battery_memory.fold(battery, old, picture.batteries.get(battery.id), now_s)
        messages += said
    meter_id = site.root.meter
    trusted = meter_id is not None and meters[meter_id].trusted
    return battery_flow.cells_of(site, found, picture, now_s, trusted=trusted)


def _climb(
    site: Site, memory: Memory, picture: Picture, now_s: float, messages: list[Message]
) -> dict[str, Ladder]:
    meters = {}
    for meter in site.meters:
        reading = sense.of_meter(
            picture.meters.get(meter.id), guards=meter.id in site.guarding, three_wire=site.three_wire
        )
        meters[meter.id], events = climb(memory.meters[meter.id], meter, reading, now_s)
        messages += [Message(at_s=now_s, level=lv, device_id=meter.id, reason=r) for lv, r in events]
    return meters


def _discipline(work: Work, picture: Picture) -> tuple[Message, ...]:
    """Stop those who do not obey, and where it must be those beside them."""
    if not any(draft.disobeys or draft.obedience is not OBEDIENT for draft in work.points.values()):
        return ()
    room = work.room
    booked = {c: add(room.total_base_a[c], work.extra_a[c]) for c in work.site.circuit}
    found = discipline(work.site, work.points, picture.wishes, booked, room.limit_a, work.now_s)
    if found.stops:
        work.stops = {**found.stops, **picture.stops}
        work.candidates = [p for p in work.candidates if p.id not in work.stops]
    return found.messages


def _restrain(work: Work, memory: Memory, before_s: float | None, picture: Picture, loads: Loads) -> Guards:
    """What fuses, contracts and quarter-hours take from those who ask; sites without them pass by."""
    site, guarded = work.site, fuses.NONE
    if site.fused or site.export_limited:
        guarded = guards(site, memory, before_s, picture, loads, work.now_s)
        if guarded.urgent:
            work.candidates = restraint.by_fuses(site, guarded, work.points, work.demands, work.candidates)
    if site.summed:
        asking = {p.id: p for p in work.candidates}
        work.sums = sums(
            site, memory, picture, work.room, work.extra_a, work.phases, asking, work.now_s, work.cells
        )
        if work.sums.waits:
            work.candidates = restraint.by_quarters(work.sums, work.demands, work.candidates)
    return guarded
