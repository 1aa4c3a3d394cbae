"""A forecast with its uncertainty."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Band:
    """Three courses on one time axis; arrays of shape (steps,), in the unit of what is forecast (W for powers)."""

    start_s: int
    """UTC; the first step is `[start_s, start_s + step_s)`."""
    step_s: int
    low: FloatArray
    """P10: one time in ten less than this."""
    mid: FloatArray
    """The expected course. Where the distribution leans it lies between the median and the mean, since a plan adds up
    energy as well as it hits single quarters."""
    high: FloatArray
    """P90: one time in ten more than this."""
    basis: str = "history"
    """What it rests on, for the screen: `history`, `little_history`, `typical` (nothing measured yet), `weather`,
    `clear_sky` or `persistence` (no weather at hand), `model` (gradient boosting)."""

    def __post_init__(self) -> None:
        """Refuse courses that cannot be a band: it is our own mistake."""
        assert self.low.shape == self.mid.shape == self.high.shape, "the three courses have one shape"
        assert self.step_s > 0, "a step takes time"
        assert bool(np.all(self.low <= self.mid)), "low lies below mid"
        assert bool(np.all(self.mid <= self.high)), "mid lies below high"

    @property
    def end_s(self) -> int:
        """UTC, the end of the last step."""
        return self.start_s + self.step_s * len(self.mid)

    def resampled(self, step_s: int) -> "Band":
        """The same forecast in other steps: repeated in finer ones, averaged in coarser ones.

        Averaging the edges of a band is careful: what errs in one quarter is partly made good in the next, so the true
        band of an hour is narrower. Raises `ValueError` where one step is no multiple of the other.
        """
        if step_s == self.step_s:
            return self
        if self.step_s % step_s == 0:
            times = self.step_s // step_s
            low, mid, high = (np.repeat(course, times) for course in (self.low, self.mid, self.high))
        elif step_s % self.step_s == 0:
            times = step_s // self.step_s
            whole = len(self.mid) // times * times
            low, mid, high = (
                course[:whole].reshape(-1, times).mean(axis=1) for course in (self.low, self.mid, self.high)
            )
        else:
            raise ValueError(
                f"steps of {self.step_s} s cannot become steps of {step_s} s: neither divides the other"
            )
        return Band(self.start_s, step_s, low, mid, high, self.basis)


def ordered(
    start_s: int, step_s: int, low: FloatArray, mid: FloatArray, high: FloatArray, basis: str
) -> Band:
    """A band whose edges are pushed out to the middle where a rough estimate let them cross it."""
    return Band(start_s, step_s, np.minimum(low, mid), mid, np.maximum(high, mid), basis)
