"""Measured means for the planner: out of the historian, and before its beginning out of nothing."""

from kwartier.historian.historian import Historian
from kwartier.planning.situation import STEP_S


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
