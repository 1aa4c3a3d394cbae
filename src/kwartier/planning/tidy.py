"""Makes a problem plannable: what cannot be is replaced by what is safe, and said.

What is no problem at all (series of different lengths, no steps, two devices of one name) raises `ConfigError`.
Everything else leads to a plan: each figure that was replaced is a violation `input` with its place.
"""

import math
from dataclasses import replace

from kwartier.planning.tidy_devices import TidyDevices
from kwartier.planning.tidy_figures import MOST_EUR, MOST_PRICE, MOST_W, Tidy
from kwartier.site.errors import ConfigError
from kwartier.site.plans import Peak, Problem, Series, Violation

__all__ = ["check_shape", "tidy"]


def check_shape(problem: Problem) -> None:
    """Raises ConfigError with the field's name where lengths, steps or names make no problem."""
    steps = len(problem.import_price)
    if not steps:
        raise ConfigError("import_price: there is no step to plan; give at least one price")
    if not problem.step_s > 0:
        raise ConfigError(f"step_s: a step lasts more than nothing, not {problem.step_s} s")
    for circuit in problem.circuits:
        if len(circuit.limit_w) not in (1, 3):
            raise ConfigError(f"circuits.{circuit.id}.limit_w: give one figure, or three, one per phase")
        if circuit.base_load_w and len(circuit.base_load_w) not in (1, 3):
            raise ConfigError(f"circuits.{circuit.id}.base_load_w: give one series, or three, one per phase")
    for path, values in _all_series(problem):
        if isinstance(values, tuple) and len(values) != steps:
            raise ConfigError(
                f"{path}: {len(values)} entries for {steps} steps (as many as import_price has); give one per step"
            )
    ids = [battery.id for battery in problem.batteries] + [car.id for car in problem.cars]
    ids += [run.id for run in problem.runs] + [buffer.id for buffer in problem.buffers]
    _unique("devices", ids)
    _unique("circuits", [circuit.id for circuit in problem.circuits])


def _all_series(problem: Problem) -> list[tuple[str, Series | float | tuple[bool, ...] | None]]:
    """Whatever must have an entry per step, with its place. What may be left out and is, is none."""
    named: list[tuple[str, Series | float | tuple[bool, ...] | None]] = [
        ("export_price", problem.export_price),
        ("load_w", problem.load_w),
        ("pv_w", problem.pv_w or None),
        ("import_limit_w", problem.import_limit_w),
        ("export_limit_w", problem.export_limit_w),
        ("peak.counts", problem.peak.counts),
    ]
    named += [(f"batteries.{b.id}.reserve_kwh", b.reserve_kwh or None) for b in problem.batteries]
    for buffer in problem.buffers:
        named += [(f"buffers.{buffer.id}.{name}", getattr(buffer, name)) for name in _BUFFER_SERIES]
        named.append((f"buffers.{buffer.id}.demand_w", buffer.demand_w or None))
    for circuit in problem.circuits:
        named += [(f"circuits.{circuit.id}.base_load_w", base) for base in circuit.base_load_w]
    return named


_BUFFER_SERIES = ("low_c", "high_c", "ambient_c", "cop")


def _unique(path: str, ids: list[str]) -> None:
    for name in ids:
        if ids.count(name) > 1:
            raise ConfigError(f"{path}: {name!r} is the id of two of them; use another")


def tidy(problem: Problem) -> tuple[Problem, list[Violation]]:
    """A problem whose figures are all finite and possible, and what had to be replaced.

    Raises ConfigError (see `check_shape`).
    """
    check_shape(problem)
    fix = Tidy()
    devices = TidyDevices(fix, problem)
    steps = len(problem.import_price)
    prices = {
        name: fix.series("", name, getattr(problem, name), -MOST_PRICE, MOST_PRICE)
        for name in ("import_price", "export_price")
    }
    pv = fix.series("", "pv_w", problem.pv_w, 0.0, MOST_W, absent=0.0) if problem.pv_w else ()
    limits = {
        name: _limit(fix, name, getattr(problem, name)) for name in ("import_limit_w", "export_limit_w")
    }
    clean = replace(
        problem,
        start_s=problem.start_s,
        import_price=prices["import_price"],
        export_price=prices["export_price"],
        load_w=fix.series("", "load_w", problem.load_w, -MOST_W, MOST_W),
        pv_w=pv,
        import_limit_w=limits["import_limit_w"],
        export_limit_w=limits["export_limit_w"],
        peak=_peak(fix, problem.peak, steps, problem.start_s),
        batteries=tuple(devices.battery(battery) for battery in problem.batteries),
        cars=tuple(devices.car(car) for car in problem.cars),
        runs=tuple(devices.run(run) for run in problem.runs),
        buffers=tuple(devices.buffer(buffer) for buffer in problem.buffers),
        circuits=tuple(devices.circuit(circuit) for circuit in problem.circuits),
        smooth_eur_per_kw=fix.number("", "smooth_eur_per_kw", problem.smooth_eur_per_kw, 0.0, MOST_EUR, 0.0),
    )
    return clean, fix.found


def _limit(fix: Tidy, name: str, value: Series | float | None) -> Series | float | None:
    """A limit that is no figure counts as the tightest one that is, or as none at all where there is no other."""
    if value is None:
        return None
    if not isinstance(value, tuple):
        if math.isnan(value):
            fix.say("", name, None, "is no number; there is no limit then")
            return None
        return None if value == math.inf else fix.number("", name, value, 0.0, MOST_W, 0.0)
    finite = [each for each in value if math.isfinite(each)]
    tightest = max(0.0, min(finite)) if finite else MOST_W
    opened = tuple(MOST_W if each == math.inf else each for each in value)
    return fix.series("", name, opened, 0.0, MOST_W, absent=tightest)


def _peak(fix: Tidy, peak: Peak, steps: int, start_s: int) -> Peak:
    def number(name: str, most: float) -> float:
        return fix.number("peak", name, getattr(peak, name), 0.0, most, 0.0)

    running = number("running_kwh", MOST_W / 1000.0)
    if running > 0.0 and start_s % 900 == 0:
        fix.say("peak", "running_kwh", None, "a new quarter-hour starts with the plan; it has nothing yet")
        running = 0.0
    curve = [
        (
            fix.number("peak", "curve", w, 0.0, MOST_W, 0.0),
            fix.number("peak", "curve", eur, 0.0, MOST_EUR, 0.0),
        )
        for w, eur in peak.curve
    ]
    if curve != sorted(curve) or [eur for _, eur in curve] != sorted(eur for _, eur in curve):
        fix.say("peak", "curve", None, "powers and prices must rise together; they were put in order")
        curve = list(zip(sorted(w for w, _ in curve), sorted(eur for _, eur in curve), strict=True))
    ends = tuple(sorted({step for step in peak.month_ends if 0 < step < steps}))
    largest = tuple(
        sorted((fix.number("peak", "largest_w", w, 0.0, MOST_W, 0.0) for w in peak.largest_w), reverse=True)
    )
    ceiling = peak.ceiling_eur_per_kwh
    return replace(
        peak,
        eur_per_kw=number("eur_per_kw", MOST_EUR),
        so_far_w=max(number("so_far_w", MOST_W), largest[-1] if largest else 0.0),
        floor_w=number("floor_w", MOST_W),
        running_kwh=running,
        month_ends=ends,
        curve=tuple(curve),
        largest_w=largest,
        contracted_w=(
            None
            if peak.contracted_w is None or peak.contracted_w == math.inf
            else fix.number("peak", "contracted_w", peak.contracted_w, 0.0, MOST_W, MOST_W)
        ),
        excess_eur_per_kw=number("excess_eur_per_kw", MOST_EUR),
        ceiling_eur_per_kwh=(
            None
            if ceiling is None or not math.isfinite(ceiling)
            else fix.number("peak", "ceiling_eur_per_kwh", ceiling, 0.0, MOST_EUR, 0.0)
        ),
        imported_kwh=number("imported_kwh", MOST_W),
    )
