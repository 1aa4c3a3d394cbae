"""Measured means for the planner: out of the historian, and before a demonstration's beginning out of what it makes up."""

from typing import Protocol

from kwartier.edge.plan.inputs import Recorded
from kwartier.historian.historian import Historian
from kwartier.planning.situation import STEP_S, StayThen
from kwartier.site.topology import Site
from kwartier.site.units import NOMINAL_VOLTAGE_V

NEGLIGIBLE_KWH = 0.1
AT_ONCE_S = 90 * 86400
"""The historian answers so much at once."""
AWAY = frozenset({"no_car", "starting"})
"""Reasons while nothing is plugged in."""


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
    """The historian's charts by quarter-hours (`inputs.Recorded`)."""

    def __init__(self, historian: Historian) -> None:
        self._historian = historian

    def means(self, name: str, from_s: int, to_s: int) -> dict[int, float]:
        """See `Recorded`."""
        out: dict[int, float] = {}
        for begin_s in range(from_s, to_s, AT_ONCE_S):
            end_s = min(begin_s + AT_ONCE_S, to_s)
            try:
                out |= {s.start_s: s.mean for s in self._historian.series(name, begin_s, end_s, STEP_S)}
            except KeyError:
                return {}
        return out


class JournalStays:
    """Out of the decisions of the journal: a charge point without a car says so as its reason."""

    def __init__(self, historian: Historian) -> None:
        self._historian = historian

    def stays(self, charge_point_id: str, from_s: float, to_s: float) -> list[tuple[float, float]]:
        """See `Stays`. Raises StorageError."""
        out: list[tuple[float, float]] = []
        began: float | None = None
        for decided in reversed(self._historian.decisions(charge_point_id, 5000)):
            there = decided.reason.code not in AWAY
            if there and began is None:
                began = decided.at_s
            elif not there and began is not None:
                out.append((began, decided.at_s))
                began = None
        if began is not None:
            out.append((began, to_s))
        return [(max(a, from_s), min(b, to_s)) for a, b in out if b > from_s and a < to_s]


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


def sessions_of(recorded: Recorded, stays: Stays, site: Site, from_s: int, to_s: int) -> tuple[StayThen, ...]:
    """The cars that took something, with what they took. Raises StorageError."""
    out = []
    for point in site.charge_points:
        power = recorded.means(f"charge_point.{point.id}.power_w", from_s, to_s)
        most_w = point.max_a * NOMINAL_VOLTAGE_V * len(point.conductors)
        for plugged_s, gone_s in stays.stays(point.id, from_s, to_s):
            drawn = [w for s, w in power.items() if plugged_s - STEP_S < s < gone_s]
            energy_kwh = sum(drawn) * STEP_S / 3.6e6
            if energy_kwh > NEGLIGIBLE_KWH:
                max_w = max(*drawn, 0.5 * most_w)
                out.append(StayThen(plugged_s=plugged_s, gone_s=gone_s, energy_kwh=energy_kwh, max_w=max_w))
    return tuple(out)
