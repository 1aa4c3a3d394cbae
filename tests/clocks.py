"""Clocks for tests."""


class StillClock:
    """Time moves when told, and nobody may sleep."""

    now_s = 100.0

    def monotonic_s(self) -> float:
        return self.now_s

    def utc_s(self) -> float:
        return 1_790_000_000.0 + self.now_s

    async def sleep(self, duration_s: float) -> None:
        raise AssertionError(duration_s)
