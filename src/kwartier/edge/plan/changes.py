"""What changed at the site since the last plan, so that a new one must be made."""

from collections.abc import Callable

from kwartier.control.decision import Decision
from kwartier.edge.plan.made import Made
from kwartier.planning.situation import STEP_S
from kwartier.site.prices import PriceSeries
from kwartier.site.setpoints import Picture, Wish

SURPRISE_S = 300.0
SURPRISED_S = 600.0
LEAST_SURPRISE_W = 500.0
LIMIT_CHANGE = 0.1


class Changes:
    """Looks at each cycle; calls `nudge` with the code of a cause (`site.texts`)."""

    def __init__(self, nudge: Callable[[str], None], left: Callable[[Wish | None], None]) -> None:
        """`left`: a car has gone, and this was wished for it."""
        self._nudge = nudge
        self._left = left
        self._plugged: dict[str, bool] | None = None
        self._limits: dict[str, float] = {}
        self._prices_until: float | None = None
        self._surprise_s: float | None = None
        """Since when the house has been outside its band, monotonic."""
        self._surprised_s = float("-inf")

    def of_cars(self, picture: Picture, decision: Decision) -> None:
        """Who came or went."""
        plugged = {i: p.plugged for i, p in decision.memory.points.items() if p.known}
        before, self._plugged = self._plugged, {**(self._plugged or {}), **plugged}
        if before is None:
            return
        for point_id, there in plugged.items():
            was = before.get(point_id)
            if was is None or was == there:
                continue
            if not there:
                self._left(picture.wishes.get(point_id))
            self._nudge("plan_plugged" if there else "plan_unplugged")

    def of_limits(self, picture: Picture, *, first: bool) -> None:
        """Limits from outside; those that were there before the first plan are no change."""
        now = {f"{limit.circuit_id} {limit.source}": min(limit.value_a) for limit in picture.limits}
        before = self._limits
        if now.keys() != before.keys() or any(
            abs(now[k] - before[k]) > LIMIT_CHANGE * max(abs(before[k]), 1.0) for k in now
        ):
            self._limits = now
            if before or not first:
                self._nudge("plan_limit")

    def of_prices(self, series: PriceSeries | None) -> None:
        """How far prices are known."""
        until = None if series is None else float(series.known_until_s)
        if until != self._prices_until:
            self._prices_until = until
            self._nudge("plan_prices")

    def of_house(self, picture: Picture, house_w: float | None, made: Made) -> None:
        """Whether the house has left the band of its forecast, and stays out of it."""
        step = int((picture.utc_s - made.situation.start_s) // STEP_S)
        if house_w is None or not 0 <= step < len(made.answer.house.high):
            self._surprise_s = None
            return
        low, high = made.answer.house.low[step], made.answer.house.high[step]
        now_s = picture.now_s
        if low - LEAST_SURPRISE_W <= house_w <= high + LEAST_SURPRISE_W:
            self._surprise_s = None
        elif self._surprise_s is None:
            self._surprise_s = now_s
        elif now_s - self._surprise_s > SURPRISE_S and now_s - self._surprised_s > SURPRISED_S:
            self._surprised_s, self._surprise_s = now_s, None
            self._nudge("plan_forecast")
