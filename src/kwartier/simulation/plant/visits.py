"""Who parks where and when: cars that come and go, drawn per socket and day."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from random import Random
from zoneinfo import ZoneInfo

from kwartier.simulation.plant.car import Car
from kwartier.simulation.plant.local_time import is_weekend, midnight_after, midnight_before
from kwartier.simulation.plant.station import Socket

Visit = tuple[float, float, Car]
"""(arrives UTC s, leaves UTC s, the car)."""

VisitPlan = Callable[[Random, float, bool], Sequence[Visit]]
"""(dice, UTC of local midnight, weekend) -> the visits of that day to one socket."""
CHANGE_S = 60.0
"""Between a cable that is pulled and the next car's in the same socket. Cars that change within a second nobody could tell apart."""


class Visits:
    """The traffic at one socket. Nobody arrives while somebody else still stands there, nor before he has driven off."""

    def __init__(self, socket: Socket, plan: VisitPlan, dice: Random, zone: ZoneInfo) -> None:
        self._socket = socket
        self._plan = plan
        self._dice = dice
        self._zone = zone
        self._visits: list[Visit] = []
        self._leaves_s = float("inf")
        self._free_s = float("-inf")
        """From when on the next one may stand there, UTC."""
        self._planned_until_s = float("-inf")
        self._next_s = float("-inf")

    @property
    def next_s(self) -> float:
        """When somebody arrives or leaves at the earliest, UTC."""
        return self._next_s

    def tick(self, now_s: float) -> None:
        """Let cars leave and arrive up to `now_s` (UTC)."""
        if now_s < self._next_s:
            return
        if now_s >= self._planned_until_s:
            midnight_s = midnight_before(now_s, self._zone)
            self._visits += self._plan(self._dice, midnight_s, is_weekend(now_s, self._zone))
            self._visits.sort(key=itemgetter(0))
            self._planned_until_s = midnight_after(now_s, self._zone)
        if self._socket.car is not None and now_s >= self._leaves_s:
            self._socket.disconnect()
            self._free_s = now_s + CHANGE_S
        while self._visits and self._comes_s() <= now_s and self._socket.car is None:
            _, self._leaves_s, car = self._visits.pop(0)
            if self._leaves_s > now_s:
                self._socket.connect(car)
        self._next_s = self._planned_until_s
        if self._socket.car is not None:
            self._next_s = min(self._next_s, self._leaves_s)
        elif self._visits:
            self._next_s = min(self._next_s, self._comes_s())

    def _comes_s(self) -> float:
        return max(self._visits[0][0], self._free_s)
