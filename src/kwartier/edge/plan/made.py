"""A plan with all that it rests on, and as the loop takes it."""

from dataclasses import dataclass, replace
from functools import cached_property

from kwartier.edge.plan.blocks import Block, blocks
from kwartier.edge.plan.inputs import Inputs
from kwartier.planning.situation import STEP_S, Answer, Situation
from kwartier.site.advice import Advice
from kwartier.site.reasons import Reason

VALID_S = 2700.0
"""A plan older than this is no longer gone by."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A plan with all that it rests on."""

    number: int
    made_s: float
    """UTC."""
    cause: Reason
    inputs: Inputs
    situation: Situation
    answer: Answer

    @cached_property
    def blocks(self) -> list[Block]:
        """The plan by blocks."""
        return blocks(self.situation, self.answer)

    @property
    def valid_until_s(self) -> float:
        """UTC."""
        return self.made_s + VALID_S


def advice_of(made: Made) -> Advice:
    """The plan as the loop takes it."""
    situation, answer = made.situation, made.answer
    smart = {car.id for car in situation.cars if car.mode == "smart"}
    peak = situation.peak
    return Advice(
        version=str(made.number),
        made_s=made.made_s,
        valid_until_s=made.valid_until_s,
        start_s=situation.start_s,
        step_s=STEP_S,
        points_w={i: power for i, power in answer.cars_w.items() if i in smart},
        why={i: tuple("" if w is None else w.code for w in each) for i, each in answer.whys.items()},
        batteries_w=dict(answer.batteries_w),
        batteries_kwh=dict(answer.batteries_kwh),
        loads_w={},
        grid_w=answer.grid_w,
        import_price=situation.import_price,
        export_price=situation.export_price,
        marginal_eur_per_kwh=answer.marginal_eur_per_kwh,
        values_eur_per_kwh=dict(answer.values_eur_per_kwh),
        peak_w=max(peak.so_far_w, peak.floor_w, answer.peak_w),
        peak_eur_per_kw=peak.eur_per_kw,
    )


def parked(situation: Situation, target_w: float) -> Situation:
    """A car park under its month's target: up to it a quarter-hour is decided to be paid for, above it each kW costs."""
    peak = replace(situation.peak, so_far_w=max(situation.peak.so_far_w, target_w))
    goal_w = max(peak.so_far_w, peak.floor_w)
    return replace(situation, peak=peak, park=True, goal_w=goal_w)
