"""`plan(problem)`: the slow loop as one pure function, and `Solver`, which keeps the solver's basis between plans."""

from dataclasses import replace

from kwartier.planning import fallback
from kwartier.planning.answer import answer
from kwartier.planning.build import build
from kwartier.planning.highs import Linear
from kwartier.planning.model import MONEY, Model
from kwartier.planning.program import INFINITE
from kwartier.planning.search import Found, Search
from kwartier.planning.tidy import tidy
from kwartier.site.plans import Plan, Problem, Violation

TIME_LIMIT_S = 20.0
GAP = 1e-3
"""A plan proven to be at most this part of its cost above the best one is called optimal."""
_AIM = 0.3
"""The search ends at this part of the gap, so that the proof does not hang by a thread."""
_NODES = 20_000
"""Of the search in whole numbers. It ends there before the time limit does, on any machine of today: same input, same plan."""

_ROSE = 3
"""So many more peaks that rose than peaks that stayed, and the next plans begin with one that may rise."""
_RETRY = 8
"""But each so many plans it is tried anew."""


class Solver:
    """Plans one problem after another; where the next has the same structure the last basis is its start."""

    def __init__(self, *, quick: bool = False) -> None:
        """`quick`: for problems of many sites, one after the other (`highs.Linear`)."""
        self._quick = quick
        self._linear: Linear | None = None
        self._nodes = _NODES
        self._turn = self._rose = 0

    def plan(
        self, problem: Problem, *, time_limit_s: float = TIME_LIMIT_S, gap: float = GAP, search: bool = True
    ) -> Plan:
        """See `plan`. Without `search` the heuristics alone make the plan, in milliseconds; the gap that they leave is
        still proven, and `status` says whether it is small."""
        clean, violations = tidy(problem)
        self._nodes = _NODES if search else 0
        if clean.peak.ceiling_eur_per_kwh is None:
            return self._once(clean, violations, time_limit_s, gap)
        return self._under_ceiling(clean, violations, time_limit_s, gap)

    def _once(self, problem: Problem, violations: list[Violation], time_limit_s: float, gap: float) -> Plan:
        model, found = self._searched(problem, time_limit_s, gap)
        if found is None:
            self._linear = None
            return fallback.plan(model, violations)
        made = answer(
            model,
            found.solved.value,
            found.solved.dual,
            reduced=found.solved.reduced if model.peak_held else None,
            gap=found.solved.objective - found.bound,
            proven_gap=gap,
            seconds=found.seconds,
            violations=violations,
        )
        return made if len(problem.peak.largest_w) <= 1 else self._ranked(problem, made, time_limit_s)

    def _searched(self, problem: Problem, time_limit_s: float, gap: float) -> tuple[Model, Found | None]:
        """First with the peak held at what is paid, which on most days of a month is the answer; where it is not, or was not
        for the last few sites, with a peak that may rise."""
        self._turn += 1
        left_s = time_limit_s
        if self._rose < _ROSE or self._turn % _RETRY == 0:
            model = build(problem, hold_peak=True)
            linear = self._loaded(model)
            began = linear.seconds
            nodes = 0 if model.peak_held else self._nodes
            search = Search(model, linear, time_limit_s=left_s, gap=_AIM * gap, nodes=nodes)
            found = search.run()
            if found is not None or not model.peak_held:
                self._rose = max(0, self._rose - 1) if model.peak_held else self._rose
                return model, found
            self._rose = min(_ROSE, self._rose + 1)
            left_s -= linear.seconds - began
        model = build(problem)
        linear = self._loaded(model)
        return model, Search(model, linear, time_limit_s=left_s, gap=_AIM * gap, nodes=self._nodes).run()

    def _ranked(self, problem: Problem, made: Plan, time_limit_s: float) -> Plan:
        """Where the k-th largest quarter is billed the model's peak is not the bill's: the bound is that of a tariff
        without a peak."""
        free = replace(problem.peak, eur_per_kw=0.0, curve=(), excess_eur_per_kw=0.0)
        model = build(replace(problem, peak=free))
        solved = Linear(model.program).solve(time_limit_s)
        bound = -INFINITE if solved is None else (solved.objective - model.tie_break) / MONEY
        return replace(made, status="feasible", bound_eur=min(bound, made.objective_eur))

    def _loaded(self, model: Model) -> Linear:
        if self._linear is None:
            self._linear = Linear(model.program, quick=self._quick)
        else:
            self._linear.replace(model.program)
        return self._linear

    def _under_ceiling(
        self, problem: Problem, violations: list[Violation], time_limit_s: float, gap: float
    ) -> Plan:
        """Under a maximum tariff the month costs the peak, or so much per kWh, whichever is less. So the best plan is
        the better one of the best under each."""
        peak = problem.peak
        ceiling = peak.ceiling_eur_per_kwh
        assert ceiling is not None
        plain = replace(peak, ceiling_eur_per_kwh=None)
        per_kw = self._once(replace(problem, peak=plain), violations, time_limit_s / 2, gap)
        free = replace(plain, eur_per_kw=0.0, curve=(), excess_eur_per_kw=0.0)
        dearer = tuple(price + ceiling for price in problem.import_price)
        per_kwh = self._once(
            replace(problem, import_price=dearer, peak=free), violations, time_limit_s / 2, gap
        )
        return ceilinged(problem, per_kw, per_kwh, ceiling)


def ceilinged(problem: Problem, per_kw: Plan, per_kwh: Plan, ceiling: float) -> Plan:
    """The cheaper of two plans by the true bill: `per_kw` priced by the peak, `per_kwh` by the ceiling."""
    peak = problem.peak
    base_eur = peak.eur_per_kw * max(peak.so_far_w, peak.floor_w) / 1000.0
    sunk = min(base_eur, ceiling * peak.imported_kwh)
    first = per_kw.objective_eur + base_eur - sunk
    second = per_kwh.objective_eur + ceiling * peak.imported_kwh - sunk
    bound = min(per_kw.bound_eur + base_eur - sunk, per_kwh.bound_eur + ceiling * peak.imported_kwh - sunk)
    chosen, total = (per_kw, first) if first <= second else (per_kwh, second)
    cost = dict(chosen.cost_eur)
    hours = problem.step_s / 3600.0
    bought = sum(max(w, 0.0) for w in chosen.grid_w) / 1000.0 * hours
    if chosen is per_kwh:
        cost["energy"] -= ceiling * bought
        cost["peak"] += ceiling * (bought + peak.imported_kwh) - sunk
    else:
        cost["peak"] += base_eur - sunk
    near = chosen.status == "optimal" and total - bound <= max(GAP * abs(total), 1e-4)
    return replace(
        chosen,
        status="optimal" if near else "feasible",
        objective_eur=total,
        bound_eur=min(bound, total),
        cost_eur=cost,
        solve_seconds=per_kw.solve_seconds + per_kwh.solve_seconds,
    )


def plan(
    problem: Problem, *, time_limit_s: float = TIME_LIMIT_S, gap: float = GAP, warm: Solver | None = None
) -> Plan:
    """The cheapest plan, with a proof of how close to the cheapest it is.

    Always a plan: a wish or a limit that cannot be kept is a violation in it, and so is a figure that cannot be. After
    `time_limit_s` of the solver's work the best one so far is the answer. `warm` is a solver that made plans before.
    Raises ConfigError where the problem has no shape (series of different lengths, names used twice).
    """
    return (Solver() if warm is None else warm).plan(problem, time_limit_s=time_limit_s, gap=gap)
