"""Plans of many sites, one after the other on one core: the basis of one household is a good start for another like it.

A process pool maps this over its part of a fleet. No search in whole numbers: what rounding, the duals and diving find is
within a few tenths of a per cent, and the proven gap stands in each plan.
"""

from collections.abc import Iterable, Iterator

from kwartier.planning.planner import Solver
from kwartier.site.errors import ConfigError
from kwartier.site.plans import Plan, Problem

GAP = 5e-3


def plan_many(
    problems: Iterable[Problem], *, gap: float = GAP, time_limit_s: float = 2.0
) -> Iterator[Plan | ConfigError]:
    """A plan for each problem, in their order; for one that has no shape the error that says why."""
    solver = Solver(quick=True)
    for problem in problems:
        try:
            yield solver.plan(problem, gap=gap, time_limit_s=time_limit_s, search=False)
        except ConfigError as error:
            yield error
