"""Checks of limits on powers and between phases: contract, quarter-hours, export, imbalance."""

from collections.abc import Iterator

from kwartier.config.layout import Layout
from kwartier.config.models import CircuitConfig
from kwartier.config.problems import Finding, KeyPath, error, warning
from kwartier.config.quarter import QuarterConfig
from kwartier.site.quarters import FLOOR_W
from kwartier.site.units import LINE_TO_MIDDLE_V, NOMINAL_VOLTAGE_V, W_PER_KW

WATTS_FROM = 10.0
"""Times what the circuit carries at its limit."""


def goals(layout: Layout) -> Iterator[Finding]:
    """All findings about them."""
    for i, circuit in enumerate(layout.config.circuits):
        yield from _watts(i, circuit, layout)
        if circuit.contract_kw is not None:
            yield from _contract(i, circuit, circuit.contract_kw, layout)
        if circuit.quarter is not None and circuit.quarter.follow != "none":
            yield from _quarter(i, circuit, circuit.quarter, layout)
        if circuit.export_limit_kw is not None and circuit.meter is None:
            what = "nothing measures what this circuit feeds back"
            yield error(("circuits", i, "export_limit_kw"), what, "add its meter, or remove export_limit_kw")
        if circuit.imbalance_a is not None:
            yield from _imbalance(i, circuit, circuit.imbalance_a, layout)


def _watts(i: int, circuit: CircuitConfig, layout: Layout) -> Iterator[Finding]:
    """A figure of many times what the circuit can carry was written in W."""
    limit_a = layout.limit_a[circuit.id]
    if limit_a is None:
        return
    most_kw = sum(limit_a[p - 1] for p in layout.phases(circuit.id)) * NOMINAL_VOLTAGE_V / W_PER_KW
    goal = circuit.quarter
    figures: list[tuple[KeyPath, float | None]] = [
        (("contract_kw",), circuit.contract_kw),
        (("export_limit_kw",), circuit.export_limit_kw),
    ]
    if goal is not None:
        figures += [(("quarter", k), getattr(goal, k)) for k in ("target_kw", "floor_kw", "reserve_kw")]
    for path, kw in figures:
        if kw is not None and kw > WATTS_FROM * most_kw > 0:
            what = f"{_number(kw)} kW is {kw / most_kw:.0f} times the {_number(most_kw)} kW that the circuit carries"
            yield error(
                ("circuits", i, *path), what, f"write it in kW; {_number(kw)} W are {kw / W_PER_KW:g}"
            )


def _volts(layout: Layout) -> float:
    return LINE_TO_MIDDLE_V if layout.config.site.three_wire else NOMINAL_VOLTAGE_V


def _base_kw(layout: Layout, circuit: CircuitConfig) -> float:
    return sum(layout.base_a[circuit.id]) * _volts(layout) / W_PER_KW


def _base_words(layout: Layout, circuit: CircuitConfig) -> str:
    """`4.14 kW base load (10 + 4 + 4 A x 230 V)`."""
    base = layout.base_a[circuit.id]
    amps = " + ".join(f"{base[p - 1]:g}" for p in layout.phases(circuit.id))
    return f"{_kw(_base_kw(layout, circuit))} base load ({amps} A x {_volts(layout):.0f} V)"


def _contract(i: int, circuit: CircuitConfig, contract_kw: float, layout: Layout) -> Iterator[Finding]:
    at: KeyPath = ("circuits", i, "contract_kw")
    points, base_kw = layout.points[circuit.id], _base_kw(layout, circuit)
    least = min(points, key=lambda p: p.min_a, default=None)
    beside = f" beside {_base_words(layout, circuit)}" if base_kw else ""
    if least is not None and least.min_a * NOMINAL_VOLTAGE_V / W_PER_KW + base_kw > contract_kw:
        what = (
            f"not even one car fits: {least.min_a:g} A x 230 V = {_kw(least.min_a * NOMINAL_VOLTAGE_V / W_PER_KW)} "
            f"on one phase{beside} is more than {_kw(contract_kw)}"
        )
        yield error(at, what, "correct contract_kw, which is in kW, or the base loads")
        return
    fallback_a = sum(p.fallback_a * len(layout.wires.point(p)) for p in points)
    fallback_kw = fallback_a * _volts(layout) / W_PER_KW
    if fallback_kw + base_kw > contract_kw:
        what = (
            f"without Kwartier the chargers fall back to {fallback_a:g} A over all phases "
            f"x {_volts(layout):.0f} V = {_kw(fallback_kw)}{beside}, more than {_kw(contract_kw)}"
        )
        yield warning(at, what, "lower the safe current that is set in the chargers, and fallback_a with it")


def _quarter(i: int, circuit: CircuitConfig, goal: QuarterConfig, layout: Layout) -> Iterator[Finding]:
    at: KeyPath = ("circuits", i, "quarter")
    if circuit.meter is None:
        what = "nothing counts the quarter-hours of this circuit"
        yield error(at, what, "add its meter, or put the goal on a circuit that has one")
    floor_kw = FLOOR_W / W_PER_KW if goal.floor_kw is None else goal.floor_kw
    least_kw = floor_kw if goal.target_kw is None else goal.target_kw
    key = "floor_kw" if goal.target_kw is None else "target_kw"
    base_kw = _base_kw(layout, circuit)
    if goal.target_kw is not None and base_kw >= goal.target_kw:
        what = (
            f"{_base_words(layout, circuit)} takes all of {_kw(goal.target_kw)}, so nobody would ever charge"
        )
        yield error((*at, "target_kw"), what, f"write more than {_number(base_kw)}, or correct base_load_a")
    if goal.reserve_kw is not None and goal.reserve_kw >= least_kw:
        what = f"{_kw(goal.reserve_kw)} leaves nothing of the {key} of {_kw(least_kw)}"
        yield error((*at, "reserve_kw"), what, "write less, or leave reserve_kw out for 15 % of the goal")
    if circuit.contract_kw is not None and least_kw > circuit.contract_kw:
        what = f"{_kw(least_kw)} is above the contract of {_kw(circuit.contract_kw)}, which holds anyhow"
        yield warning((*at, key) if key in goal.model_fields_set else at, what, "check both figures")


def _imbalance(i: int, circuit: CircuitConfig, imbalance_a: float, layout: Layout) -> Iterator[Finding]:
    at: KeyPath = ("circuits", i, "imbalance_a")
    if layout.config.site.three_wire:
        what = "without neutral (three_wire) a car between two lines cannot be weighed against one phase"
        yield error(at, what, "remove imbalance_a")
        return
    if len(layout.phases(circuit.id)) == 1:
        yield error(at, "a circuit with one phase has nothing to be compared with", "remove imbalance_a")
        return
    for point in layout.points[circuit.id]:
        if point.min_a > imbalance_a:
            one = len(layout.wires.point(point)) < 3
            what = (
                f"{point.id!r} draws at least {point.min_a:g} A"
                f"{' on some phases only' if one else ' on one phase with a one-phase car'}, "
                f"more than the {imbalance_a:g} A by which phases may lie apart"
            )
            cure = f"write at least {point.min_a:g}; grid operators ask for 20"
            yield error(at, what, cure) if one else warning(at, what, cure)
            return


def _kw(power_kw: float) -> str:
    return f"{_number(power_kw)} kW"


def _number(value: float) -> str:
    return f"{round(value, 2):g}"
