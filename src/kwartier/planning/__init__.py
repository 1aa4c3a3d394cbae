"""The slow loop: tariffs, forecasts and the plan (problem in, plan out).

`plan` and `Solver` are loaded when first asked for: the running edge uses what is plain Python in here (bills, the price
outlook, the words of a plan) and must not load arrays and a solver with it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kwartier.planning.planner import Solver, plan

__all__ = ["Solver", "plan"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from kwartier.planning import planner  # noqa: PLC0415 - see above

        return getattr(planner, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
