"""What a clock looks like. Only `edge`, `cloud` and `cli` implement one; everybody else is given it."""

from typing import Protocol


class Clock(Protocol):
    """Two times and a way to wait. Ages and deadlines use the monotonic one, so that a clock step
    never frees a limit; people and tariffs use UTC."""

    def monotonic_s(self) -> float:
        """Seconds since an arbitrary start; never goes back."""
        ...

    def utc_s(self) -> float:
        """Seconds since 1970-01-01T00:00:00Z."""
        ...

    async def sleep(self, duration_s: float) -> None:
        """Wait for this long on this clock (a simulated clock may run faster than the wall)."""
        ...
