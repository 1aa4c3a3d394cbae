"""Measured means for the planner: out of the historian, and before a demonstration's beginning out of what it makes up."""

from typing import Protocol

from kwartier.edge.plan_inputs import Recorded
from kwartier.historian.historian import Historian
from kwartier.planning.situation import STEP_S


class Stays(Protocol):
    """When cars were there."""

    def stays(self, charge_point_id: str, from_s: float, to_s: float) -> list[tuple[float, float]]:
        """Plugged in and unplugged, UTC, oldest first; what had not ended by `to_s` ends there. Raises StorageError."""
        ...


class Before(Recorded, Stays, Protocol):
    """A past that nobody recorded."""

    @property
    def until_s(self) -> float:
        """UTC; from here on things are recorded."""
        ...


class HistorianMeans:
    """The historian's charts by quarter-hours (`plan_inputs.Recorded`)."""

    def __init__(self, historian: Historian) -> None:
        self._historian = historian

    def means(self, name: str, from_s: int, to_s: int) -> dict[int, float]:
        """See `Recorded`."""
        try:
            found = self._historian.series(name, from_s, to_s, STEP_S)
        except KeyError:
            return {}
        return {s.start_s: s.mean for s in found}


class Joined:
    """One past after the other."""

    def __init__(self, before: Before, after: Recorded) -> None:
        self._before = before
        self._after = after

    def means(self, name: str, from_s: int, to_s: int) -> dict[int, float]:
        """See `Recorded`."""
        border = int(self._before.until_s)
        found = self._before.means(name, from_s, min(to_s, border)) if from_s < border else {}
        return found | self._after.means(name, from_s, to_s)


class JoinedStays:
    """Stays of both."""

    def __init__(self, before: Before, after: Stays) -> None:
        self._before = before
        self._after = after

    def stays(self, charge_point_id: str, from_s: float, to_s: float) -> list[tuple[float, float]]:
        """See `Stays`."""
        return [
            *self._before.stays(charge_point_id, from_s, min(to_s, self._before.until_s)),
            *self._after.stays(charge_point_id, from_s, to_s),
        ]
