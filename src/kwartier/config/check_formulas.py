"""Checks of limits that are formulas: known names, and a result that can be A."""

from collections.abc import Iterator
from difflib import get_close_matches

from kwartier.config.building import formula_of
from kwartier.config.measurements import charge_point_names, meter_names
from kwartier.config.models import CircuitConfig, FormulaLimit, SiteConfig
from kwartier.config.problems import Finding, KeyPath
from kwartier.config.wiring import Wiring, wiring
from kwartier.protocols.formula import Formula, FormulaError

MILLI = 20
"""A formula that gives this many times the static maximum is taken for one in mA, as cFos counts."""


def formulas(config: SiteConfig) -> Iterator[Finding]:
    """All findings about the formulas of a site."""
    variables = {name.lower(): value for name, value in config.variables.items()}
    measured = set().union(
        *(meter_names(m.id) for m in config.meters), *(charge_point_names(p.id) for p in config.charge_points)
    )
    yield from _same_variables(config)
    wires = wiring(config)
    for i, circuit in enumerate(config.circuits):
        formula = formula_of(circuit)
        if formula is None:
            continue
        at: KeyPath = ("circuits", i, "limit_a")
        if isinstance(circuit.limit_a, FormulaLimit):
            at = (*at, "formula")
        unknown = list(_unknown_names(at, formula, set(variables), measured))
        yield from unknown
        if not unknown:
            yield from _result(at, circuit, formula, variables, wires)
            yield from _missing_data(at, circuit, formula, measured)


def _same_variables(config: SiteConfig) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name in config.variables:
        if name.lower() in seen:
            what = f"{name!r} and {seen[name.lower()]!r} are one name: capitals do not count"
            yield Finding(severity="error", at=("variables", name), what=what, cure="rename one of the two")
        seen.setdefault(name.lower(), name)


def _unknown_names(
    at: KeyPath, formula: Formula, variables: set[str], measured: set[str]
) -> Iterator[Finding]:
    for name in sorted(formula.names - formula.asked - variables - measured):
        near = get_close_matches(name, sorted(variables | measured), n=1)
        cure = f"did you mean {near[0]}?" if near else f"add it under variables, with its value: {name}: 0"
        what = f"the formula reads {name!r}, which is neither a variable nor a measurement of this site"
        yield Finding(severity="error", at=at, what=what, cure=cure)


def _result(
    at: KeyPath, circuit: CircuitConfig, formula: Formula, variables: dict[str, float], wires: Wiring
) -> Iterator[Finding]:
    """Calculate once with the variables as they stand. Measurements are not known yet: then nothing is said."""
    limit = wires.limit_a(circuit)
    if limit is None or not formula.names <= set(variables):
        return
    try:
        value = formula.evaluate(variables)
    except FormulaError as error:
        what = f"with the variables as they stand the formula has no answer: {error.what}"
        yield Finding(severity="error", at=at, what=what, cure=error.cure, pointed=error.pointed())
        return
    if value > MILLI * max(limit):
        what = (
            f"the formula gives {value:g} A where at most {max(limit):g} A may flow; it seems to count in mA"
        )
        cure = "limits are in A here (cFos writes mA): divide by 1000"
        yield Finding(severity="error", at=at, what=what, cure=cure)
    elif value > max(limit):
        what = f"the formula gives {value:g} A, so the maximum of {max(limit):g} A holds"
        yield Finding(
            severity="warning", at=at, what=what, cure="check both, or use min() when that is meant"
        )
    elif value <= 0:
        what = f"with the variables as they stand the limit is {value:g} A, so nothing may charge"
        yield Finding(severity="warning", at=at, what=what, cure="check the values under variables")


def _missing_data(
    at: KeyPath, circuit: CircuitConfig, formula: Formula, measured: set[str]
) -> Iterator[Finding]:
    read = sorted((formula.names - formula.asked) & measured)
    limit = circuit.limit_a
    if read and not (isinstance(limit, FormulaLimit) and "else_a" in limit.model_fields_set):
        what = f"charging stops while {read[0]} is missing, because the formula has no answer then"
        cure = 'write limit_a: {formula: "...", max_a: 63, else_a: 20} with the limit that holds then'
        yield Finding(severity="warning", at=at, what=what, cure=cure)
