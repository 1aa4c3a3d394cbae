"""The quarter-hour: half-open, aligned on the clock, in UTC.

Belgian time zones are whole hours off UTC, so a quarter of the local clock is a quarter of UTC too, in
both time changes.
"""

from dataclasses import dataclass

QUARTER_S = 900


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """`[start_s, start_s + 900)` in UTC seconds; start_s is a multiple of 900."""

    start_s: int

    def __post_init__(self) -> None:
        if self.start_s % QUARTER_S:
            raise ValueError(f"a quarter starts on a multiple of 900 s, not at {self.start_s}")

    @property
    def end_s(self) -> int:
        """First second after it."""
        return self.start_s + QUARTER_S

    def next(self) -> "Quarter":
        """The quarter that follows."""
        return Quarter(self.end_s)


def quarter_of(utc_s: float) -> Quarter:
    """The quarter in which a moment lies (a moment on a boundary opens the new one)."""
    return Quarter(int(utc_s // QUARTER_S) * QUARTER_S)
