"""A small site, a clock set by hand, a toy step and pictures for the historian's tests."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from kwartier.historian import Historian
from kwartier.metering.quarters import ClosedQuarter
from kwartier.site.readings import ChargePointReading, MeterReading
from kwartier.site.reasons import reason
from kwartier.site.setpoints import Message, Picture, Setpoint
from kwartier.site.topology import ChargePoint, Circuit, Meter, Site

START_S = 1_790_000_100.0


class HandClock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.start_utc_s = START_S - 1000.0

    def monotonic_s(self) -> float:
        """Monotonic seconds."""
        return self.now_s

    def utc_s(self) -> float:
        """UTC seconds."""
        return self.start_utc_s + self.now_s

    async def sleep(self, duration_s: float) -> None:
        """Nobody waits on this clock."""
        raise AssertionError(duration_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyMemory:
    """Remembers sums, so that an error in any cycle shows in all that follow."""

    steps: int = 0
    total_a: float = 0.0
    seen: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyDecision:
    """A decision of the toy."""

    memory: ToyMemory
    setpoints: tuple[Setpoint, ...]
    circuits: tuple[()] = ()
    messages: tuple[Message, ...] = ()


def toy_step(site: Site, memory: ToyMemory, picture: Picture) -> ToyDecision:
    """Shares what the meter leaves, by order of the picture, with ugly floats on purpose."""
    load_a = sum(m.current_a[0] for m in picture.meters.values() if m.current_a is not None)
    left_a = site.root.limit_a[0] - load_a
    out = []
    for point_id in picture.charge_points:
        share_a = max(left_a, 0.0) / 3
        left_a -= share_a
        out.append(
            Setpoint(
                charge_point_id=point_id,
                current_a=share_a if share_a >= 6 else 0.0,
                phases=None,
                valid_until_s=picture.now_s + 60,
                decided_at_s=picture.now_s,
                reason=reason("charger_max", max_a=share_a),
            )
        )
    messages: tuple[Message, ...] = ()
    if memory.steps % 10 == 0:
        messages = (Message(at_s=picture.now_s, level="info", device_id="site", reason=reason("started")),)
    memory = ToyMemory(
        steps=memory.steps + 1,
        total_a=memory.total_a + left_a / 7,
        seen=(*memory.seen, (left_a, "left"))[-5:],
    )
    return ToyDecision(memory=memory, setpoints=tuple(out), messages=messages)


@pytest.fixture
def clock() -> HandClock:
    """A clock set by hand."""
    return HandClock()


@pytest.fixture
def site() -> Site:
    """One circuit, one meter, three charge points."""
    return Site(
        name="test",
        circuits=(Circuit(id="grid", name="Grid", parent=None, limit_a=(63.0, 63.0, 63.0), meter="p1"),),
        meters=(Meter(id="p1", name="P1", role="grid", address="file"),),
        charge_points=tuple(
            ChargePoint(id=f"c{n}", name=f"C{n}", circuit="grid", conductors=(1, 2, 3)) for n in range(3)
        ),
    )


@pytest.fixture
def picture_at() -> Callable[[float], Picture]:
    """Makes the picture of a moment; values depend on the moment only."""

    def make(now_s: float) -> Picture:
        load_a = (now_s * 0.37) % 40 - 3
        meter = MeterReading(
            meter_id="p1", at_s=now_s - 0.3, current_a=(load_a, -0.0, 0.1 + 0.2), power_w=load_a * 230
        )
        points = {
            f"c{n}": ChargePointReading(
                charge_point_id=f"c{n}",
                at_s=now_s if n < 2 else 500.0,
                state="C2" if now_s % 50 > 7 else "B1",
                current_a=(now_s % 11 / 3, 0.0, 0.0),
            )
            for n in range(3)
        }
        return Picture(
            now_s=now_s,
            utc_s=START_S - 1000.0 + now_s,
            meters={"p1": meter},
            charge_points=points,
            wishes={},
        )

    return make


@pytest.fixture
def run(
    site: Site, picture_at: Callable[[float], Picture]
) -> Callable[[Historian, HandClock, ToyMemory, int], ToyMemory]:
    """Runs the toy step for a number of seconds and records every cycle."""

    def go(historian: Historian, clock: HandClock, memory: ToyMemory, cycles: int) -> ToyMemory:
        for _ in range(cycles):
            picture = picture_at(clock.now_s)
            decision = toy_step(site, memory, picture)
            historian.cycle(picture, decision, before=memory, values={"grid_w": clock.now_s})
            memory = decision.memory
            clock.now_s += 1.0
            if int(clock.now_s) % 200 == 0:
                assert historian.flush(10)
        return memory

    return go


@pytest.fixture
def quarter() -> Callable[[int], ClosedQuarter]:
    """Makes the n-th quarter-hour of the meter p1."""

    def make(number: int) -> ClosedQuarter:
        return ClosedQuarter(
            meter_id="p1",
            start_s=1_790_000_100 // 900 * 900 + 900 * number,
            import_kwh=0.25 + number / 1000,
            export_kwh=0.0,
            register_import_kwh=1000.0 + number,
            register_export_kwh=5.0,
            demand_w=1000.0 + 4 * number,
            meter_demand_w=None,
            agrees=None,
            quality="measured",
        )

    return make


@pytest.fixture
def toy() -> tuple[Callable[[Site, ToyMemory, Picture], ToyDecision], type[ToyMemory]]:
    """The toy step and its memory."""
    return toy_step, ToyMemory


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the history goes."""
    return tmp_path / "history.sqlite"
