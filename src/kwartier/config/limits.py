"""Limits that are formulas: calculated each cycle, bounded by the static maximum of their circuit."""

from collections.abc import Mapping
from dataclasses import dataclass

from kwartier.protocols.formula import Formula, FormulaError
from kwartier.site.phases import PHASES, PhaseVector

THIS_PHASE = ".current_a"
"""The last word of a measurement that stands for the phase which is being calculated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitFormula:
    """The limit of one circuit as a formula over variables and measurements, in A."""

    circuit_id: str
    formula: Formula
    max_a: PhaseVector
    """The static limit of the circuit; the formula can only narrow it."""
    else_a: float
    """What holds while the formula has no answer. Missing data can only tighten (DESIGN 5.1)."""

    def value_a(self, values: Mapping[str, float]) -> tuple[PhaseVector, FormulaError | None]:
        """The limit per phase for these values (see `formula_values`), in A from 0 to `max_a`, and why it
        has no answer of its own, where it has none."""
        per_phase = sorted(name for name in self.formula.names if name.endswith(THIS_PHASE))
        try:
            if not per_phase:
                everywhere = self.formula.evaluate(values)
                return self._bounded((everywhere, everywhere, everywhere)), None
            l1, l2, l3 = (self.formula.evaluate(_on_phase(values, per_phase, phase)) for phase in PHASES)
        except FormulaError as error:
            return self._bounded((self.else_a, self.else_a, self.else_a)), error
        return self._bounded((l1, l2, l3)), None

    def _bounded(self, value_a: PhaseVector) -> PhaseVector:
        l1, l2, l3 = (max(0.0, min(value, most)) for value, most in zip(value_a, self.max_a, strict=True))
        return (l1, l2, l3)


def _on_phase(values: Mapping[str, float], names: list[str], phase: int) -> dict[str, float]:
    out = dict(values)
    for name in names:
        source = values.get(f"{name.removesuffix(THIS_PHASE)}.current_l{phase}_a")
        if source is not None:
            out[name] = source
    return out
