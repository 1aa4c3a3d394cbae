"""Checks of a charge point's own figures: currents in their order, and whether its device can switch phases."""

from collections.abc import Iterator

from kwartier.config.layout import Layout
from kwartier.config.models import ChargePointConfig
from kwartier.config.problems import Finding, KeyPath, error, warning
from kwartier.devices import catalogue
from kwartier.site.errors import ConfigError


def charge_points(layout: Layout) -> Iterator[Finding]:
    """All findings about charge points alone."""
    for i, point in enumerate(layout.config.charge_points):
        yield from _currents(i, point)
        yield from _start(i, point, layout)
        if point.phase_switching:
            yield from _switching(i, point, layout)


def _currents(i: int, point: ChargePointConfig) -> Iterator[Finding]:
    if point.max_a < point.min_a:
        what = f"max_a {point.max_a:g} A is below min_a {point.min_a:g} A"
        yield error(("charge_points", i, "max_a"), what, "write max_a above min_a, which is 6 or more")
    elif point.fallback_a > point.max_a:
        what = f"{point.fallback_a:g} A is more than its max_a of {point.max_a:g} A"
        cure = "set the charger's own safe current to at most max_a, and write that figure"
        yield error(("charge_points", i, "fallback_a"), what, cure)


def _start(i: int, point: ChargePointConfig, layout: Layout) -> Iterator[Finding]:
    at: KeyPath = ("charge_points", i, "start_a")
    start = point.start_a
    if start is None:
        return
    if start > point.max_a:
        what = f"{start:g} A is more than its max_a of {point.max_a:g} A, so no car would ever begin"
        yield error(at, what, f"write at most {point.max_a:g}")
        return
    if start <= point.min_a:
        what = f"{start:g} A is offered anyhow: min_a is {point.min_a:g} A"
        yield warning(at, what, "remove start_a, or write what the cars need, for example 14")
    for circuit in layout.path.get(point.circuit, ()):
        limit, base = layout.limit_a[circuit.id], layout.base_a[circuit.id]
        if limit is None:
            continue
        left, phase = min((limit[p - 1] - base[p - 1], p) for p in layout.wires.point(point))
        if point.min_a <= left < start:
            where = layout.phase(circuit.id, phase)
            what = f"{circuit.id!r} has {left:g} A on {where}, less than these {start:g} A, so no car would begin"
            yield error(at, what, f"write at most {left:g}, or raise limit_a")
            return


def _switching(i: int, point: ChargePointConfig, layout: Layout) -> Iterator[Finding]:
    at: KeyPath = ("charge_points", i, "phase_switching")
    count = len(layout.wires.point(point))
    if count < 3:
        what = f"it has {'one phase' if count == 1 else 'two phases'}: there is nothing to switch"
        yield error(at, what, "remove phase_switching, or correct phases")
    try:
        device = catalogue.load(point.type)
    except ConfigError:
        return  # said where types are checked
    register = device.registers.get("phases")
    if register is None or not register.writable:
        what = f"a device of type {point.type!r} cannot be told how many phases to use"
        yield error(at, what, "remove phase_switching")
