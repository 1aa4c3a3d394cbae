"""From the linear bound to a plan that is proven good: round, solve again warm, improve by reduced costs, and where
that is not close enough hand the whole-number program to the solver with the best plan so far as its start."""

from dataclasses import dataclass

import numpy as np

from kwartier.planning import patterns
from kwartier.planning.highs import Linear, Solved, solve_mixed
from kwartier.planning.model import MONEY, Model
from kwartier.planning.patterns import Pattern
from kwartier.planning.peak_rows import peak_stays
from kwartier.planning.program import Floats

_ROUNDS = 8
"""Improvements of a pattern by reduced costs; each is a solve from the last basis."""
_DIVES = 12
_NEAR_EUR = 5e-6
_LAST_S = 1.0
_GAIN = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The best solution, with duals of the linear program under its pattern."""

    solved: Solved
    bound: float
    """In the model's money, as `solved.objective`."""
    seconds: float


class Search:
    """One problem's way from bound to plan. `gap` is relative to the money of the plan."""

    def __init__(self, model: Model, linear: Linear, *, time_limit_s: float, gap: float, nodes: int) -> None:
        """`nodes` 0: no search in whole numbers, whatever the gap."""
        self._model, self._linear = model, linear
        self._began = linear.seconds
        self._mixed_seconds = 0.0
        self._limit_s, self._gap, self._nodes = time_limit_s, gap, nodes
        self._lower, self._upper = model.program.lower.copy(), model.program.upper.copy()

    def run(self) -> Found | None:
        """None: the solver found nothing at all; or, where the peak is held, nothing that is near and needs no higher one."""
        relaxed = self._linear.solve(self._left_s())
        if relaxed is None or not self._holds(relaxed):
            return None
        self._linear.keep()
        bound = relaxed.objective - self._model.tie_break
        if patterns.fits(self._model, relaxed.value):
            return self._found(relaxed, bound)
        pattern = patterns.rounded(self._model, relaxed.value, cautious=False)
        best = self._try(pattern)
        if best is None:
            pattern = patterns.rounded(self._model, relaxed.value, cautious=True)
            best = self._try(pattern)
        if best is not None and not self._close(best, bound):
            pattern, best = self._improve(pattern, best)
        if (best is None or not self._close(best, bound)) and not self._model.peak_held:
            pattern, best = self._dived(pattern, best, relaxed, bound)
        if best is not None and self._close(best, bound):
            return self._found(best, bound) if self._holds(best) else None
        return None if self._model.peak_held else self._mixed(pattern, best, bound)

    def _holds(self, solved: Solved) -> bool:
        """Whether this is a solution of the program in which the peak may rise, too."""
        model = self._model
        if model.peak is None or not model.peak_held:
            return True
        return peak_stays(model.peak, solved.dual, solved.reduced, model.peak_cuts)

    def _dived(
        self, pattern: Pattern, best: Solved | None, relaxed: Solved, bound: float
    ) -> tuple[Pattern, Solved | None]:
        """The better one of the best so far and what a dive finds. A dive takes more solves than switching a few steps does,
        so it comes after it."""
        other = self._dive(relaxed)
        if other is None:
            return pattern, best
        if not self._close(other[1], bound):
            other = self._improve(*other)
        return other if best is None or other[1].objective < best.objective else (pattern, best)

    def _dive(self, relaxed: Solved) -> tuple[Pattern, Solved] | None:
        """Decides a few steps at a time and lets the rest settle anew, until nothing is left open."""
        model, value = self._model, relaxed.value
        lower, upper = model.program.lower.copy(), model.program.upper.copy()
        for _ in range(_DIVES):
            if patterns.fits(model, value):
                break
            patterns.decide_some(model, value, lower, upper)
            solved = self._bounded(lower, upper)
            if solved is None:
                return None
            value = solved.value
        pattern = patterns.rounded(model, value, cautious=False)
        solved = self._try(pattern)
        return None if solved is None else (pattern, solved)

    def _left_s(self) -> float:
        return self._limit_s - (self._linear.seconds - self._began) - self._mixed_seconds

    def _found(self, solved: Solved, bound: float) -> Found:
        return Found(solved=solved, bound=bound, seconds=self._limit_s - self._left_s())

    def _try(self, pattern: Pattern, *, ending: bool = False) -> Solved | None:
        return self._bounded(*patterns.limits(self._model, pattern), ending=ending)

    def _bounded(self, lower: Floats, upper: Floats, *, ending: bool = False) -> Solved | None:
        """`ending`: what makes the answer gets a second more, or the search was for nothing."""
        changed = np.flatnonzero((lower != self._lower) | (upper != self._upper)).astype(np.int32)
        self._linear.bounds(changed, lower[changed], upper[changed])
        self._lower[changed], self._upper[changed] = lower[changed], upper[changed]
        return self._linear.solve(self._left_s() + (_LAST_S if ending else 0.0))

    def _allowed(self, solved: Solved) -> float:
        """How far from the bound is near enough, in the model's money: a part of what the plan costs without penalties."""
        cost = self._model.program.cost
        money = float(np.abs(solved.value[self._model.imports] * cost[self._model.imports]).sum())
        scale = min(abs(solved.objective), money) if money > 0.0 else abs(solved.objective)
        return max(self._gap * scale, self._model.tie_break + _NEAR_EUR * MONEY)

    def _close(self, solved: Solved, bound: float) -> bool:
        return solved.objective - bound <= self._allowed(solved)

    # -- better by reduced costs

    def _improve(self, pattern: Pattern, best: Solved) -> tuple[Pattern, Solved]:
        """Switches steps on or off that the duals say would pay, as long as it does pay."""
        most = 3
        for _ in range(_ROUNDS):
            if self._left_s() <= 0.0:
                break
            other = self._switched(pattern, best, most)
            if other is None:
                break
            solved = self._try(other)
            if solved is not None and solved.objective < best.objective - _GAIN * MONEY:
                pattern, best = other, solved
            elif most > 1:
                most = 1
            else:
                break
        return pattern, best

    def _switched(self, pattern: Pattern, solved: Solved, most: int) -> Pattern | None:
        """At most so many switches per device, the most promising."""
        on = [chosen.copy() for chosen in pattern.on]
        changed = False
        for chosen, switched in zip(on, self._model.switched, strict=True):
            reduced = solved.reduced[switched.columns]
            gain: Floats = np.where(chosen, reduced, -reduced) * switched.min_kw
            order = np.argsort(-gain, kind="stable")[:most]
            flips = order[gain[order] > _GAIN * MONEY]
            chosen[flips] = ~chosen[flips]
            changed = changed or bool(len(flips))
        if not changed:
            return None
        return Pattern(
            on=tuple(on), charging=pattern.charging, importing=pattern.importing, starts=pattern.starts
        )

    # -- whole numbers

    def _mixed(self, pattern: Pattern, best: Solved | None, bound: float) -> Found | None:
        """First with the devices' decisions alone; with all directions besides where that leaves any of them open."""
        tie_break = self._model.tie_break
        for directions in (False, True) if self._nodes or best is None else ():
            left = self._left_s()
            if left <= 0.0:
                break
            whole = patterns.mixed(self._model, directions=directions)
            if not len(whole.whole):
                continue
            solved, seconds = solve_mixed(
                whole.program,
                whole.whole,
                start=None if best is None else whole.start(best.value, pattern),
                time_limit_s=left,
                gap=_NEAR_EUR * MONEY if best is None else self._allowed(best),
                nodes=self._nodes,
            )
            self._mixed_seconds += seconds
            if solved is None:
                continue
            bound = max(bound, solved.bound - tie_break)
            if best is not None and solved.objective >= best.objective:
                if self._close(best, bound):
                    break
                continue
            near = patterns.read(self._model, solved.value)
            tried = self._try(near, ending=True)
            if tried is not None and (best is None or tried.objective < best.objective):
                pattern, best = near, tried
            if best is not None and self._close(best, bound):
                break
        return None if best is None else self._found(best, bound)
