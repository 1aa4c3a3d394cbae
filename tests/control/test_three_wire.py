"""Nets of three lines without neutral: the loop adds magnitudes, the world here adds currents with their angles."""

from cmath import exp, pi
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.control.memory import Memory, initial
from kwartier.control.step import step
from kwartier.safety import sense
from kwartier.site.phases import PhaseVector
from kwartier.site.readings import ChargePointReading, MeterReading
from kwartier.site.setpoints import Picture
from kwartier.site.topology import ChargePoint, Circuit, Meter, Site

TURN = exp(-2j * pi / 3)
BETWEEN = {(1, 2): 1.0, (2, 3): TURN, (3, 1): TURN**2}
"""Direction of the voltage between two lines, and so of what a load between them draws."""
STAR = exp(-1j * pi / 6)
"""Direction of a line's current where a load draws from all three alike."""
WIRINGS = [(1, 2), (2, 3), (3, 1), (2, 1), (1, 3), (1, 2, 3), (3, 1, 2)]


@dataclass
class World:
    """Loads between pairs of lines, cars that draw what they are told, and a meter that tells magnitudes."""

    site: Site
    house_a: dict[tuple[int, int], float]
    """Between which lines, A; negative where it feeds."""
    told_a: dict[str, float] = field(default_factory=dict)
    now_s: float = 1000.0

    def __post_init__(self) -> None:
        self.memory: Memory = initial(self.site, self.now_s)

    def lines_a(self) -> PhaseVector:
        """What really flows in each line."""
        lines = [0j, 0j, 0j]
        for (a, b), amps in self.house_a.items():
            lines[a - 1] += amps * BETWEEN[a, b]
            lines[b - 1] -= amps * BETWEEN[a, b]
        for point in self.site.charge_points:
            amps, wires = self.told_a.get(point.id, 0.0), point.conductors
            if len(wires) == 3:
                for line in (0, 1, 2):
                    lines[line] += amps * STAR * TURN**line
                continue
            a, b = wires if wires in BETWEEN else wires[::-1]
            lines[a - 1] += amps * BETWEEN[a, b]
            lines[b - 1] -= amps * BETWEEN[a, b]
        return (abs(lines[0]), abs(lines[1]), abs(lines[2]))

    def second(self) -> None:
        self.now_s += 1.0
        points = {}
        for point in self.site.charge_points:
            amps = self.told_a.get(point.id, 0.0)
            alone = (amps, 0.0, 0.0) if len(point.conductors) == 2 else (amps, amps, amps)
            points[point.id] = ChargePointReading(
                charge_point_id=point.id, at_s=self.now_s, state="C2", current_a=alone, applied_a=amps
            )
        meter = MeterReading(
            meter_id="main", at_s=self.now_s, current_a=self.lines_a(), currents_estimated=True
        )
        picture = Picture(
            now_s=self.now_s, utc_s=self.now_s, meters={"main": meter}, charge_points=points, wishes={}
        )
        decision = step(self.site, self.memory, picture)
        self.memory = decision.memory
        self.told_a = {s.charge_point_id: s.current_a for s in decision.setpoints}


def _site(wirings: list[tuple[int, ...]], limit_a: float) -> Site:
    return Site(
        name="delta",
        three_wire=True,
        circuits=(
            Circuit(
                id="grid", name="Grid", parent=None, limit_a=(limit_a,) * 3, meter="main", safe_current_a=8.0
            ),
        ),
        meters=(Meter(id="main", name="Main", role="grid", address="tcp"),),
        charge_points=tuple(
            ChargePoint(id=f"p{i}", name=f"P{i}", circuit="grid", conductors=wires, max_a=63.0)
            for i, wires in enumerate(wirings)
        ),
    )


@settings(max_examples=40, deadline=None)
@given(
    wirings=st.lists(st.sampled_from(WIRINGS), min_size=1, max_size=4),
    house=st.lists(st.floats(-20.0, 20.0), min_size=3, max_size=3),
    jump=st.lists(st.floats(-20.0, 20.0), min_size=3, max_size=3),
)
def test_no_line_is_overloaded_whatever_the_angles(
    wirings: list[tuple[int, ...]], house: list[float], jump: list[float]
) -> None:
    """While the house stays as it is no line passes its limit, however the cars are wired and whether the house
    draws or feeds between any two lines; after a jump all are below within ten seconds."""
    limit_a = 50.0
    pairs = list(BETWEEN)
    world = World(_site(wirings, limit_a), dict(zip(pairs, house, strict=True)))
    for _ in range(60):
        world.second()
        assert max(world.lines_a()) <= limit_a + 1e-6
    world.house_a = dict(zip(pairs, jump, strict=True))
    for second in range(90):
        world.second()
        if second >= 10:
            assert max(world.lines_a()) <= limit_a + 1e-6


def test_cars_are_served_between_the_lines() -> None:
    """An idle house: three cars between the three pairs of lines share each line's limit, two cars a line."""
    world = World(_site([(1, 2), (2, 3), (3, 1)], 40.0), {})
    for _ in range(120):
        world.second()
    assert all(a >= 19.9 for a in world.told_a.values()), world.told_a
    assert max(world.lines_a()) <= 40.0


def test_what_a_car_takes_up_is_no_room_beside_the_limit() -> None:
    """Panels feed between the car's own two lines. It may take that up and the limit, but then a car between other
    lines that took over its share would overload one: so the cars of a line together stay within its limit."""
    world = World(_site([(1, 2)], 40.0), {(1, 2): -15.0, (2, 3): 0.0, (3, 1): 0.0})
    for _ in range(120):
        world.second()
    assert 39.0 <= world.told_a["p0"] <= 40.0


def test_what_is_told_of_one_conductor_counts_on_both_lines() -> None:
    """A one-phase station tells L1 only; the current comes back through its other line."""
    reading = ChargePointReading(charge_point_id="p", at_s=1.0, state="C2", current_a=(16.0, 0.0, 0.0))
    made = sense.of_charge_point(reading, 32.0, three_wire=True)
    assert made is not None
    assert made.current_a == (16.0, 16.0, 16.0)
    assert sense.of_charge_point(reading, 32.0) is reading


def test_a_sign_of_a_line_is_no_room() -> None:
    """Whatever sign a meter gives the current of a line, its magnitude counts."""
    reading = MeterReading(meter_id="m", at_s=1.0, current_a=(-8.0, 3.0, -0.5))
    made = sense.of_meter(reading, guards=True, three_wire=True)
    assert made is not None
    assert made.current_a == (8.0, 3.0, 0.5)
    assert sense.of_meter(reading, guards=True) is reading
