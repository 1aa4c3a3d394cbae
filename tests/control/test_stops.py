"""Charge points that are stopped (fire, emergency) get nothing, whatever else holds."""

from dataclasses import replace

import pytest

from kwartier.control.decision import Decision
from kwartier.control.memory import initial
from kwartier.control.step import step
from kwartier.site.phases import ZERO
from kwartier.site.readings import ChargePointReading, MeterReading
from kwartier.site.reasons import reason
from kwartier.site.setpoints import Limit, Picture
from kwartier.site.topology import ChargePoint, Circuit, Meter, Site

SITE = Site(
    name="Yard",
    circuits=(
        Circuit(id="grid", name="Grid", parent=None, limit_a=(40.0,) * 3, meter="main", safe_current_a=20.0),
    ),
    meters=(Meter(id="main", name="Main", role="grid", address="here"),),
    charge_points=tuple(
        ChargePoint(id=i, name=i, circuit="grid", conductors=(1, 2, 3), fallback_a=6.0) for i in ("a", "b")
    ),
)
WHY = reason("stopped_fire", input="Panel")


def run(
    seconds: int,
    *,
    stops: tuple[str, ...],
    load_a: float = 5.0,
    heard: tuple[str, ...] = ("a", "b"),
    draw_a: float | None = None,
    limits: tuple[Limit, ...] = (),
    stop_at_s: int = 0,
    silent_from_s: int | None = None,
) -> Decision:
    """A step a second with cars that draw what they are granted (or `draw_a`); from `silent_from_s` on the charge
    points say nothing more."""
    memory = initial(SITE, 0.0)
    decision = None
    readings: dict[str, ChargePointReading] = {}
    for t in range(1, seconds + 1):
        drawn = {i: memory.points[i].granted_a if draw_a is None else draw_a for i in ("a", "b")}
        total_a = load_a + sum(drawn.values())
        if silent_from_s is None or t < silent_from_s:
            readings = {
                i: ChargePointReading(
                    charge_point_id=i,
                    at_s=float(t),
                    state="C2",
                    current_a=(drawn[i],) * 3,
                    setpoint_a=memory.points[i].granted_a,
                )
                for i in heard
            }
        picture = Picture(
            now_s=float(t),
            utc_s=float(t),
            meters={"main": MeterReading(meter_id="main", at_s=float(t), current_a=(total_a,) * 3)},
            charge_points=readings,
            wishes={},
            limits=limits if t >= stop_at_s else (),
            stops=dict.fromkeys(stops, WHY) if t >= stop_at_s else {},
        )
        decision = step(SITE, memory, picture)
        memory = decision.memory
    assert decision is not None
    return decision


def granted(decision: Decision) -> dict[str, float]:
    return {s.charge_point_id: s.current_a for s in decision.setpoints}


def test_a_stop_takes_effect_in_the_same_step() -> None:
    """Two charging cars are at 0 A in the step that learns of the alarm, with the reason in words."""
    assert min(granted(run(59, stops=())).values()) >= 6
    decision = run(60, stops=("a", "b"), stop_at_s=60)
    assert granted(decision) == {"a": 0.0, "b": 0.0}
    assert {s.reason for s in decision.setpoints} == {WHY}


def test_sun_does_not_feed_a_stopped_car() -> None:
    """A circuit limited to 0 A with 30 A of sun behind it has room by its arithmetic; the stop has the last word."""
    nothing = (Limit(circuit_id="grid", value_a=ZERO, source="fire"),)
    decision = run(60, stops=("a", "b"), load_a=-30.0, limits=nothing)
    assert granted(decision) == {"a": 0.0, "b": 0.0}


@pytest.mark.parametrize("heard", [(), ("b",)])
def test_a_charge_point_that_is_not_heard_is_told_to_stop(heard: tuple[str, ...]) -> None:
    """Nothing waits for a reading: also a silent device is told 0 A, and why."""
    decision = run(30, stops=("a",), heard=heard)
    told = next(s for s in decision.setpoints if s.charge_point_id == "a")
    assert (told.current_a, told.reason) == (0.0, WHY)


def test_one_that_fell_silent_while_it_charged_is_told_to_stop() -> None:
    """A silent charge point keeps what it was told, which is booked for it; an alarm takes that away as well."""
    kept = granted(run(120, stops=(), silent_from_s=60))
    assert min(kept.values()) >= 6
    decision = run(120, stops=("a",), stop_at_s=100, silent_from_s=60)
    assert granted(decision) == {"a": 0.0, "b": kept["b"]}
    assert next(s.reason for s in decision.setpoints if s.charge_point_id == "a") == WHY


def test_one_that_ignores_its_limit_is_told_to_stop() -> None:
    """It would get its minimum otherwise."""
    assert granted(run(90, stops=("a", "b"), draw_a=16.0, stop_at_s=60)) == {"a": 0.0, "b": 0.0}


def test_the_others_share_what_a_stopped_one_leaves() -> None:
    """An alarm in one zone does not hold back the cars of another."""
    alone = granted(run(120, stops=("a",)))
    assert alone["a"] == 0.0
    assert alone["b"] > max(granted(run(120, stops=())).values())


def test_a_stopped_car_starts_again_by_itself() -> None:
    """When the stop is gone its car is served like any other."""
    memory = run(60, stops=("a", "b")).memory
    readings = {
        i: ChargePointReading(charge_point_id=i, at_s=61.0, state="C2", setpoint_a=0.0) for i in ("a", "b")
    }
    grants = []
    for t in range(61, 75):
        picture = Picture(
            now_s=float(t),
            utc_s=float(t),
            meters={"main": MeterReading(meter_id="main", at_s=float(t), current_a=(5.0,) * 3)},
            charge_points={i: replace(r, at_s=float(t)) for i, r in readings.items()},
            wishes={},
        )
        decision = step(SITE, memory, picture)
        memory = decision.memory
        grants.append(min(granted(decision).values()))
    assert grants[-1] >= 6
