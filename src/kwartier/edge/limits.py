"""Limits that are formulas, calculated for each picture; when one has no answer people are told why."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from kwartier.config.building import limit_formulas
from kwartier.config.limits import LimitFormula
from kwartier.config.measurements import formula_values
from kwartier.config.models import SiteConfig
from kwartier.protocols.formula import FormulaError
from kwartier.site.phases import PhaseVector, minimum
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
        self._moved: dict[str, tuple[float | None, float]] = {}
        """Meter -> its own time in its newest reading, and when that was heard first."""
        self._answers: dict[str, PhaseVector] = {}
        """Circuit -> what its formula last said: without an answer no more than that (missing data can only tighten)."""

    def __call__(self, picture: Picture) -> tuple[Limit, ...]:
        """The limit of each circuit that has a formula."""
        if not self._formulas:
            return ()
        values = formula_values(self._variables, self._aged(picture), self._intervals_s)
        return tuple(self._limit(formula, values, picture.now_s) for formula in self._formulas.values())

    def _aged(self, picture: Picture) -> Picture:
        """With readings of a meter whose own clock stands still as old as their first copy: a frozen meter is a lost one."""
        meters = {}
        for meter_id, reading in picture.meters.items():
            moved = self._moved.get(meter_id)
            if moved is None or reading.meter_time_s is None or reading.meter_time_s != moved[0]:
                moved = self._moved[meter_id] = reading.meter_time_s, reading.at_s
            meters[meter_id] = reading if moved[1] >= reading.at_s else replace(reading, at_s=moved[1])
        return replace(picture, meters=meters)

    def _limit(self, formula: LimitFormula, values: Mapping[str, float], now_s: float) -> Limit:
        value_a, error = formula.value_a(values)
        if error is None:
            self._answers[formula.circuit_id] = value_a
        else:
            value_a = minimum(value_a, self._answers.get(formula.circuit_id, value_a))
        self._note(formula, error, value_a, now_s)
        return Limit(circuit_id=formula.circuit_id, value_a=value_a, source="formula")

    def _note(
        self, formula: LimitFormula, error: FormulaError | None, value_a: PhaseVector, now_s: float
    ) -> None:
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
            why = reason("limit_formula_stuck", circuit=name, why=error.what, else_a=max(value_a))
            self._say("warning", circuit_id, why, now_s)

    def _say(self, level: Level, circuit_id: str, why: Reason, now_s: float) -> None:
        self._tell(Message(at_s=now_s, level=level, device_id=circuit_id, reason=why))
