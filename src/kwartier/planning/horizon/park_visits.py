"""What a car park has learnt from its own past: who comes when, how long they stay, how much they take.

Only visits that have ended are used, and of those only what a charge point can see: when a car came and went, what it took, and whether
it had stopped drawing by itself (`filled`). What drivers declare plays no part: it is worse than statistics.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_WIDTHS_H = (0.5, 1.0, 2.0, 4.0, 12.0)
"""How far from one's own hour of arrival others are looked at, until enough of them are found."""
_ENOUGH = 40
_ALIKE_STAY = 1.25
"""Stays are alike when one is at most so many times the other."""
_MIN_REST_KWH = 2.0
"""What a car that took more than all others before it is thought to take still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Visits as arrays of one length, in the order of arrival."""

    arrive_s: Ints
    """UTC."""
    depart_s: Ints
    hour: Floats
    """Of arrival, on the clock of the site: 7.5 is half past seven."""
    weekend: Flags
    energy_kwh: Floats
    """Taken at the charge point."""
    filled: Flags
    """The car had stopped drawing by itself before it left."""

    def __post_init__(self) -> None:
        lengths = {
            len(column)
            for column in (
                self.arrive_s,
                self.depart_s,
                self.hour,
                self.weekend,
                self.energy_kwh,
                self.filled,
            )
        }
        if len(lengths) != 1:
            raise ValueError(f"the columns of the visits have different lengths: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.arrive_s)

    def only(self, chosen: Flags | Ints) -> "Visits":
        """Some of them."""
        return Visits(
            arrive_s=self.arrive_s[chosen],
            depart_s=self.depart_s[chosen],
            hour=self.hour[chosen],
            weekend=self.weekend[chosen],
            energy_kwh=self.energy_kwh[chosen],
            filled=self.filled[chosen],
        )

    def ended(self, now_s: float) -> "Visits":
        """Those that had ended at a moment: all that may be known then."""
        return self.only(self.depart_s <= now_s)


def wanted_kwh(visits: Visits) -> Floats:
    """What each car would have taken, had it been let: `(n,)` kWh.

    A car that left while it still drew has taken too little; it is thought to have wanted as much as those did that took more than it,
    were filled, and stayed about as long: whoever stays two hours wants less than whoever stays nine.
    """
    stay = np.maximum(visits.depart_s - visits.arrive_s, 1).astype(np.float64)
    order = np.argsort(stay, kind="stable")
    order = order[visits.filled[order]]
    stays, energies = stay[order], visits.energy_kwh[order]
    wanted = visits.energy_kwh.astype(np.float64).copy()
    for at in np.flatnonzero(~visits.filled):
        first = int(np.searchsorted(stays, stay[at] / _ALIKE_STAY))
        last = int(np.searchsorted(stays, stay[at] * _ALIKE_STAY, side="right"))
        wanted[at] += mean_rest_kwh(np.sort(energies[first:last]), float(wanted[at]))
    return wanted


def mean_rest_kwh(filled_kwh: Floats, taken_kwh: float) -> float:
    """What a car still takes on average that has taken this much and still draws; `filled_kwh` rises."""
    above = filled_kwh[np.searchsorted(filled_kwh, taken_kwh, side="right") :]
    return float(above.mean()) - taken_kwh if len(above) else _MIN_REST_KWH


@dataclass(frozen=True, slots=True)
class Alike:
    """Past visits like one that is here: stays in hours and energies in kWh, each sorted."""

    stays_h: Floats
    energies_kwh: Floats

    def stays_on(self, elapsed_h: float, hours: Floats) -> Floats:
        """How likely a car that is here for `elapsed_h` is still here in so many hours: `(len(hours),)`."""
        begun = int(np.searchsorted(self.stays_h, elapsed_h, side="right"))
        left = len(self.stays_h) - begun
        if left < 2:
            return np.exp(-np.asarray(hours, dtype=np.float64))
        gone = np.searchsorted(self.stays_h, elapsed_h + hours, side="right") - begun
        return np.asarray(1.0 - gone / left, dtype=np.float64)

    def rest_kwh(self, taken_kwh: float) -> float:
        """What it still takes on average."""
        return mean_rest_kwh(self.energies_kwh, taken_kwh)


class Habits:
    """What is usual at this car park, as known at one moment."""

    def __init__(self, visits: Visits, now_s: float, *, days: float = 90.0) -> None:
        """From the visits of the last `days` that had ended at `now_s`; later ones are not looked at."""
        known = visits.ended(now_s)
        recent = known.only(known.depart_s > now_s - days * 86400.0)
        self._visits = recent if len(recent) >= _ENOUGH else known
        self._wanted = wanted_kwh(self._visits)
        self._stays = (self._visits.depart_s - self._visits.arrive_s) / 3600.0
        self._cells: dict[tuple[int, bool], Alike] = {}

    def __len__(self) -> int:
        return len(self._visits)

    def alike(self, hour: float, weekend: bool) -> Alike:
        """Visits that began at about this hour on the same kind of day."""
        cell = (int(hour * 2), weekend)
        if cell not in self._cells:
            self._cells[cell] = self._look(cell[0] / 2 + 0.25, weekend)
        return self._cells[cell]

    def _look(self, hour: float, weekend: bool) -> Alike:
        gap = np.abs(self._visits.hour - hour)
        gap = np.minimum(gap, 24.0 - gap)
        same = self._visits.weekend == weekend
        for width in _WIDTHS_H:
            chosen = same & (gap <= width)
            if chosen.sum() >= _ENOUGH:
                break
        else:
            chosen = np.ones(len(gap), dtype=np.bool_)
        return Alike(np.sort(self._stays[chosen]), np.sort(self._wanted[chosen]))
