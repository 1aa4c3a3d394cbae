"""The slow loop: tariffs, forecasts and the plan (problem in, plan out)."""

from kwartier.planning.planner import Solver, plan

__all__ = ["Solver", "plan"]
