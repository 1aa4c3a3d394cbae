"""Recording a simulated run as the edge records a real one, so that it can be replayed to the bit."""

from pathlib import Path
from types import TracebackType

from kwartier.control.decision import Decision
from kwartier.historian.historian import Historian
from kwartier.metering.quarters import QuarterMemory, step
from kwartier.simulation.runner import Run
from kwartier.site.setpoints import Picture

FLUSH_EVERY = 200
"""Cycles after which the run waits for the disk: simulated time is faster than any."""


class Recording:
    """Use it as `with Recording(path, run) as take: simulate(..., on_step=take)`."""

    def __init__(self, path: Path, run: Run) -> None:
        self._run = run
        self._cycles = 0
        self._historian = Historian.open(path, _PlantClock(run), site=run.site)
        self._quarters = {m.id: QuarterMemory(meter_id=m.id) for m in run.site.meters}
        self._seen_s: dict[str, float] = {}

    def __enter__(self) -> "Recording":
        self._historian.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._historian.flush()
        self._historian.close()

    def __call__(self, picture: Picture, decision: Decision) -> None:
        """Take one step."""
        self._historian.cycle(picture, decision, before=self._run.before)
        for meter_id, reading in picture.meters.items():
            if self._seen_s.get(meter_id) != reading.at_s:
                self._seen_s[meter_id] = reading.at_s
                self._quarters[meter_id], closed = step(self._quarters[meter_id], reading, picture.utc_s)
                for quarter in closed:
                    self._historian.quarter(quarter)
        self._cycles += 1
        if self._cycles % FLUSH_EVERY == 0:
            self._historian.flush()


class _PlantClock:
    """The run's own time, for the historian's time stamps."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def monotonic_s(self) -> float:
        return self._run.now_s

    def utc_s(self) -> float:
        return self._run.plant.now_s

    async def sleep(self, duration_s: float) -> None:
        raise NotImplementedError("simulated time passes step by step; nobody waits in it")
