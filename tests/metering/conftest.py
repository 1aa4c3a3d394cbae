"""Readings of one meter for the tests of the quarter-hour account."""

from collections.abc import Callable

import pytest

from kwartier.metering.quarters import ClosedQuarter, QuarterMemory, step
from kwartier.site.readings import MeterReading

Fold = Callable[..., list[ClosedQuarter]]


@pytest.fixture
def reading_at() -> Callable[..., MeterReading]:
    """A telegram; the monotonic time follows the host's UTC unless told otherwise."""

    def make(
        host_s: float, import_kwh: float, *, meter_s: float | None = None, **more: float | None
    ) -> MeterReading:
        more.setdefault("energy_export_kwh", 0.0)
        return MeterReading(
            meter_id="p1",
            at_s=host_s - 1_000_000_000,
            energy_import_kwh=import_kwh,
            meter_time_s=host_s if meter_s is None else meter_s,
            **more,  # type: ignore[arg-type]
        )

    return make


@pytest.fixture
def fold() -> Callable[[list[MeterReading]], tuple[QuarterMemory, list[ClosedQuarter]]]:
    """Folds telegrams into a fresh account."""

    def run(readings: list[MeterReading]) -> tuple[QuarterMemory, list[ClosedQuarter]]:
        memory = QuarterMemory(meter_id="p1")
        out: list[ClosedQuarter] = []
        for reading in readings:
            memory, closed = step(memory, reading, reading.at_s + 1_000_000_000)
            out.extend(closed)
        return memory, out

    return run
