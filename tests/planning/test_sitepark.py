"""A car park's target out of what a site has recorded: the one that the backtest learns day by day."""

from dataclasses import replace

import pytest
from tests.planning.situations import STEPS, car, situation
from tests.simulation.parks import workplace

from kwartier.planning.horizon.park_target import TargetRule
from kwartier.planning.sitepark import learn_park
from kwartier.planning.siteplan import Planner
from kwartier.planning.situation import ParkPast, VisitThen
from kwartier.simulation.backtest.park_case import Case
from kwartier.simulation.backtest.park_controllers import Learnt
from kwartier.simulation.backtest.park_replay import Log, View, replay

DAYS = 24


class Watched(Learnt):
    """Ours, with its newest log."""

    log: Log

    def target_w(self, view: View, log: Log) -> float | None:
        """Keeps what the site has recorded."""
        self.log = log
        return super().target_w(view, log)


@pytest.fixture(scope="module")
def recorded() -> tuple[Case, ParkPast, float]:
    """A replayed park, what its site has recorded at the last midnight, and the target of the day after it in the backtest."""
    case = workplace(DAYS, 5)
    ours = Watched(case)
    replayed = replay(case, ours, 900)
    ours.log.quarter = (DAYS - 1) * 96
    ours.log.grid_w = replayed.grid_w
    visits = ours.log.visits()
    past = ParkPast(
        now_s=float(ours.log.now_s + 30),
        zone="Europe/Brussels",
        start_s=case.start_s,
        net_w=tuple(ours.log.net_w().tolist()),
        grid_w=tuple(replayed.grid_w[: ours.log.quarter].tolist()),
        points=case.points,
        min_w=case.min_w,
        max_w=case.max_w,
        visits=tuple(
            VisitThen(arrive_s=arrive_s, depart_s=depart_s, energy_kwh=energy_kwh, filled=filled)
            for arrive_s, depart_s, energy_kwh, filled in zip(
                visits.arrive_s.tolist(),
                visits.depart_s.tolist(),
                visits.energy_kwh.tolist(),
                visits.filled.tolist(),
                strict=True,
            )
        ),
    )
    return case, past, float(replayed.target_w[-1])


def test_a_planner_just_started_knows_what_the_backtest_has_learnt(
    recorded: tuple[Case, ParkPast, float],
) -> None:
    """Led through the recorded days it comes to the same target, below what is allowed to a park that nobody knows."""
    case, past, target_w = recorded
    learnt = learn_park(past)
    assert learnt.days == DAYS - 1
    assert learnt.target_w == pytest.approx(target_w, rel=1e-4)
    assert learnt.target_w != pytest.approx(TargetRule().first_share * case.points * case.max_w, rel=0.02)


def test_a_park_without_a_past_gets_the_first_share(recorded: tuple[Case, ParkPast, float]) -> None:
    """No day, no visit; and gaps are no reason to fail."""
    case, past, _ = recorded
    first_w = TargetRule().first_share * case.points * case.max_w
    empty = replace(past, start_s=int(past.now_s) - 900, net_w=(None,), grid_w=(None,), visits=())
    assert learn_park(empty).target_w == pytest.approx(first_w, rel=1e-4)
    blind = replace(past, visits=(), net_w=(None,) * len(past.net_w))
    assert learn_park(blind).target_w >= first_w * 0.999
    with pytest.raises(ValueError, match="charge points"):
        learn_park(replace(past, points=0))


def test_more_than_the_target_was_paid_for(recorded: tuple[Case, ParkPast, float]) -> None:
    """A quarter-hour of this month above it lifts it: what is paid is paid."""
    _, past, _ = recorded
    loud = (*past.grid_w[:-10], 44_000.0, *past.grid_w[-9:])
    assert learn_park(replace(past, grid_w=loud)).target_w == pytest.approx(44_000.0)


def test_cars_of_a_park_share_equally_below_the_goal() -> None:
    """Each as much as the others, as long as it needs it; together never above."""
    cars = tuple(
        car(id=name, mode="fast", needs_kwh=0.0, expected_kwh=kwh, due_step=STEPS)
        for name, kwh in (("a", 12.0), ("b", 12.0), ("c", 4.0))
    )
    answer = Planner.new().plan(situation(cars=cars, goal_w=9000.0, park=True, sun_w=()))
    assert answer.cars_w["a"][0] == answer.cars_w["b"][0] == pytest.approx(answer.cars_w["c"][0], abs=0.1)
    assert answer.cars_w["a"][0] > 2500.0
    assert max(answer.grid_w) <= 9001.0
    assert sum(answer.cars_w["c"]) / 4000.0 == pytest.approx(4.0, abs=0.01)
    in_turn = Planner.new().plan(situation(cars=cars, goal_w=9000.0, sun_w=()))
    assert in_turn.cars_w["a"][0] == pytest.approx(7360.0)
