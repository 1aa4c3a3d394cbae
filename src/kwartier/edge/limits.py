"""Limits that are formulas, calculated for each picture; when one has no answer people are told why."""

from collections.abc import Callable, Mapping

from kwartier.config.building import limit_formulas
from kwartier.config.limits import LimitFormula
from kwartier.config.measurements import formula_values
from kwartier.config.models import SiteConfig
from kwartier.protocols.formula import FormulaError
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Level, Limit, Message, Picture
from kwartier.site.topology import Site

PATIENCE_S = 5.0
"""A formula without an answer for a shorter time is not worth a message: at each start no meter has spoken."""


class FormulaLimits:
    """The limits of one picture. `tell` gets a message when a formula has lost its answer, and when it has
    found it again."""

    def __init__(self, config: SiteConfig, site: Site, tell: Callable[[Message], None]) -> None:
        self._formulas = limit_formulas(config)
        self._variables = config.variables
        self._site = site
        self._intervals_s = {m.id: m.interval_s for m in site.meters}
        self._tell = tell
        self._stuck_s: dict[str, float] = {}
        """Circuit -> since when its formula has no answer."""
        self._told: set[str] = set()

    def __call__(self, picture: Picture) -> tuple[Limit, ...]:
        """The limit of each circuit that has a formula."""
        if not self._formulas:
            return ()
        values = formula_values(self._variables, picture, self._intervals_s)
        return tuple(self._limit(formula, values, picture.now_s) for formula in self._formulas.values())

    def _limit(self, formula: LimitFormula, values: Mapping[str, float], now_s: float) -> Limit:
        value_a, error = formula.value_a(values)
        self._note(formula, error, now_s)
        return Limit(circuit_id=formula.circuit_id, value_a=value_a, source="formula")

    def _note(self, formula: LimitFormula, error: FormulaError | None, now_s: float) -> None:
        circuit_id = formula.circuit_id
        name = self._site.circuit[circuit_id].name
        if error is None:
            self._stuck_s.pop(circuit_id, None)
            if circuit_id in self._told:
                self._told.remove(circuit_id)
                self._say("info", circuit_id, reason("limit_formula_answers", circuit=name), now_s)
            return
        stuck_s = now_s - self._stuck_s.setdefault(circuit_id, now_s)
        if stuck_s >= PATIENCE_S and circuit_id not in self._told:
            self._told.add(circuit_id)
            why = reason("limit_formula_stuck", circuit=name, why=error.what, else_a=formula.else_a)
            self._say("warning", circuit_id, why, now_s)

    def _say(self, level: Level, circuit_id: str, why: Reason, now_s: float) -> None:
        self._tell(Message(at_s=now_s, level=level, device_id=circuit_id, reason=why))
