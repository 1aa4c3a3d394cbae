"""Who decides in a replay: ours, what it is compared with, and ours with questions answered that it cannot know."""

from collections.abc import Mapping

import numpy as np

from kwartier.planning.horizon.park_learner import ParkLearner
from kwartier.planning.horizon.park_share import equal_share
from kwartier.planning.horizon.park_target import TargetRule
from kwartier.planning.horizon.park_visits import Floats
from kwartier.simulation.backtest.park_case import Case, days_left
from kwartier.simulation.backtest.park_replay import Log, View


def _share(case: Case, view: View, room_w: float) -> Floats:
    """An equal share for those that still draw; where the minimums do not all fit, those go first that have least."""
    power = np.zeros(len(view.car))
    draws = np.flatnonzero(~view.filled)
    draws = draws[np.argsort(view.taken_kwh[draws], kind="stable")]
    power[draws] = equal_share(room_w, np.full(len(draws), case.min_w), np.full(len(draws), case.max_w))
    return power


class Uncontrolled:
    """Every car at full power from the moment it comes."""

    def __init__(self, case: Case) -> None:
        self._case = case

    def target_w(self, view: View, log: Log) -> float | None:
        """No target."""
        del view, log
        return None

    def powers_w(self, view: View, room_w: float) -> Floats:
        """All they can take."""
        del room_w
        return np.where(view.filled, 0.0, self._case.max_w)


class ConstantPower:
    """Each car evenly over its true stay: it knows when they leave and what they want."""

    def __init__(self, case: Case) -> None:
        self._power_w = np.minimum(
            case.max_w, case.wanted_kwh * 3.6e6 / np.maximum(1, case.depart_s - case.arrive_s)
        )

    def target_w(self, view: View, log: Log) -> float | None:
        """No target."""
        del view, log
        return None

    def powers_w(self, view: View, room_w: float) -> Floats:
        """The mean power of each."""
        del room_w
        return np.asarray(self._power_w[view.car], dtype=np.float64)


class FixedTarget:
    """An equal share under one target per month, given from outside: the rule of a manager who sets a limit once."""

    def __init__(self, case: Case, target_w: Mapping[int, float]) -> None:
        self._case, self._target_w = case, target_w

    def target_w(self, view: View, log: Log) -> float | None:
        """That of the month."""
        del log
        return self._target_w[int(self._case.month[view.quarter])]

    def powers_w(self, view: View, room_w: float) -> Floats:
        """Equal."""
        return _share(self._case, view, room_w)


class LeastLaxity(FixedTarget):
    """Under the same target, whoever has least time to spare first: it knows when cars leave and what they want."""

    def powers_w(self, view: View, room_w: float) -> Floats:
        """Full power in the order of what each could still wait."""
        case, car = self._case, view.car
        rest_s = (case.wanted_kwh[car] - view.taken_kwh) * 3.6e6 / case.max_w
        power = np.zeros(len(car))
        for at in np.argsort(case.depart_s[car] - view.now_s - rest_s, kind="stable"):
            if view.filled[at]:
                continue
            power[at] = min(case.max_w, room_w)
            if power[at] < case.min_w:
                power[at] = 0.0
                break
            room_w -= power[at]
        return power


class Learnt:
    """Ours: the target learnt from the days before, an equal share under it."""

    def __init__(self, case: Case, rule: TargetRule | None = None) -> None:
        self._case = case
        self._learner = ParkLearner(
            points=case.points, min_w=case.min_w, max_w=case.max_w, rule=rule or TargetRule()
        )
        self._day = -1

    def target_w(self, view: View, log: Log) -> float | None:
        """Learnt anew at the start of each day."""
        case, quarter = self._case, view.quarter
        day = int(case.local_day[quarter])
        if day != self._day:
            self._day = day
            self._learner.new_day(
                day=day,
                month=int(case.month[quarter]),
                days_left=days_left(day, int(case.month[quarter])),
                now_s=view.now_s,
                visits=log.visits(),
                net_w=log.net_w(),
                grid_w=log.grid_w[:quarter],
                start_s=case.start_s,
            )
        return self._learner.target_w

    def powers_w(self, view: View, room_w: float) -> Floats:
        """Equal."""
        return _share(self._case, view, room_w)
