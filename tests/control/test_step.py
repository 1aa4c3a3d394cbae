"""The step: a car park in miniature, second by second, against the safety rules of DESIGN section 5."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from kwartier.control.decision import Decision
from kwartier.control.memory import Memory, after_restart, initial
from kwartier.control.step import step
from kwartier.control.turns import MIN_ON_S
from kwartier.site.phases import PhaseVector
from kwartier.site.readings import ChargePointReading, DeviceFault, MeterReading
from kwartier.site.setpoints import Limit, Message, Picture, Wish
from kwartier.site.topology import ChargePoint, Circuit, Meter, Site

SAFE_A = 12.0


def site(points: int = 2, limit_a: float = 32.0, *, min_a: float = 6.0, **more: float) -> Site:
    return Site(
        name="test",
        circuits=(
            Circuit(
                id="grid",
                name="Grid",
                parent=None,
                limit_a=(limit_a,) * 3,
                meter="main",
                safe_current_a=SAFE_A,
            ),
            Circuit(id="garage", name="Garage", parent="grid", limit_a=(more.get("garage_a", limit_a),) * 3),
        ),
        meters=(Meter(id="main", name="Main", role="grid", address="tcp"),),
        charge_points=tuple(
            ChargePoint(
                id=f"p{i}",
                name=f"P{i}",
                circuit="garage",
                conductors=(1, 2, 3),
                min_a=min_a,
                max_a=32.0,
                fallback_a=6.0,
            )
            for i in range(points)
        ),
    )


@dataclass
class World:
    """Cars that draw what they are told, at once, and a meter that sees them and the house."""

    site: Site
    now_s: float = 1000.0
    house_a: float = 2.0
    meter_works: bool = True
    cars: dict[str, str] = field(default_factory=dict)
    """State of each charge point; those not named are silent."""
    takes_a: Callable[[str, float], float] = lambda _point, allowed: allowed
    applied_a: dict[str, float] = field(default_factory=dict)
    obeys: bool = True
    wishes: dict[str, Wish] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    messages: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.memory: Memory = initial(self.site, self.now_s)
        self.meters: dict[str, MeterReading] = {}
        self.points: dict[str, ChargePointReading] = {}
        self.decision: Decision | None = None

    def run(self, seconds: int) -> "World":
        for _ in range(seconds):
            self.tick()
        return self

    def tick(self) -> Decision:
        self.now_s += 1.0
        drawn = {p: self._drawn_a(p) for p in self.cars}
        total = self.house_a + sum(drawn.values())
        if self.meter_works:
            self.meters["main"] = MeterReading(meter_id="main", at_s=self.now_s, current_a=(total,) * 3)
        for p, state in self.cars.items():
            self.points[p] = ChargePointReading(
                charge_point_id=p,
                at_s=self.now_s,
                state=state,
                current_a=(drawn[p],) * 3,
                applied_a=self.applied_a.get(p, 0.0),
                fallback_a=6.0,
            )
        picture = Picture(
            now_s=self.now_s,
            utc_s=self.now_s,
            meters=dict(self.meters),
            charge_points=dict(self.points),
            wishes=self.wishes,
            limits=self.limits,
        )
        self.decision = step(self.site, self.memory, picture)
        self.memory = self.decision.memory
        self.messages += self.decision.messages
        if self.obeys:
            self.applied_a = {s.charge_point_id: s.current_a for s in self.decision.setpoints}
        return self.decision

    def _drawn_a(self, point: str) -> float:
        if self.cars[point][0] not in "CD":
            return 0.0
        return min(self.takes_a(point, self.applied_a.get(point, 0.0)), self.applied_a.get(point, 0.0))

    @property
    def allowed_a(self) -> dict[str, float]:
        assert self.decision is not None
        return {s.charge_point_id: s.current_a for s in self.decision.setpoints}

    @property
    def reasons(self) -> dict[str, str]:
        assert self.decision is not None
        return {s.charge_point_id: s.reason.code for s in self.decision.setpoints}


def charging(points: int = 2, **more: float) -> World:
    """A world in which all cars charge and everything has settled."""
    world = World(site(points, **more), cars={f"p{i}": "C2" for i in range(points)})
    return world.run(120)


def test_two_cars_share_what_the_house_leaves() -> None:
    """32 A less 2 A house gives 15 A each, and the reason names circuit and phase."""
    world = charging()
    assert world.allowed_a == {"p0": 15.0, "p1": 15.0}
    assert world.reasons == {"p0": "circuit_limit", "p1": "circuit_limit"}
    assert world.decision is not None
    assert "Grid is full on L1: 32 A allowed (wiring), 2 A other load, shared by 2 cars" in (
        world.decision.setpoints[0].reason.text("en")
    )


def test_a_load_that_rises_is_answered_in_the_same_step() -> None:
    """Tighten at once: the oven goes on and the very next decision is lower."""
    world = charging()
    world.house_a = 12.0
    world.tick()
    assert world.allowed_a == {"p0": 10.0, "p1": 10.0}


def test_a_load_that_falls_is_believed_after_ten_seconds_and_then_in_steps() -> None:
    """Widen slowly: nothing for ten seconds, then at most 5 A every 5 s."""
    world = charging(points=1)
    world.house_a = 22.0
    world.run(30)
    assert world.allowed_a["p0"] == 10.0
    world.house_a = 2.0
    before = [world.tick().setpoints[0].current_a for _ in range(9)]
    after = [world.tick().setpoints[0].current_a for _ in range(40)]
    assert set(before) == {10.0}
    assert max(b - a for a, b in pairwise(after)) <= 5.0
    assert after[-1] == 30.0


def test_an_increase_waits_until_the_decrease_is_confirmed() -> None:
    """A car that joins gets its current from the other only when that one has come down."""
    world = World(site(2, 20.0), cars={"p0": "C2", "p1": "A1"}).run(120)
    assert world.allowed_a["p0"] == 18.0
    world.obeys = False  # the station of p0 does not take the new value yet
    world.cars["p1"] = "B2"
    world.run(5)
    assert world.allowed_a == {"p0": 9.0, "p1": 0.0}
    assert world.reasons["p1"] == "waiting_for_decrease"
    world.obeys = True
    world.run(3)
    assert world.allowed_a["p1"] >= 6.0


def test_the_same_ampere_is_never_granted_twice() -> None:
    """A car that has not ramped up yet keeps its grant booked (the double grant of evcc's circuits)."""
    world = charging()
    world.takes_a = lambda _p, allowed: min(allowed, 1.0)
    for _ in range(30):
        world.tick()
        assert sum(world.allowed_a.values()) + world.house_a <= 32.0


def test_what_a_car_does_not_take_is_lent_out_and_returned_at_once() -> None:
    """After a settled minute the unused part goes to the other car; when the first one asks, it is given back."""
    world = charging()
    world.takes_a = lambda point, allowed: min(allowed, 7.0) if point == "p0" else allowed
    world.run(300)
    assert world.reasons["p0"] == "car_takes_less"
    assert world.allowed_a["p0"] == pytest.approx(8.0, abs=0.5)
    assert world.allowed_a["p1"] == pytest.approx(22.0, abs=0.5)
    world.takes_a = lambda _point, allowed: allowed
    world.run(2)
    assert world.allowed_a["p1"] == 15.0
    world.run(30)
    assert world.allowed_a == {"p0": 15.0, "p1": 15.0}


def test_meter_loss_brings_the_safe_current_for_the_whole_group() -> None:
    """Stale: held. Ten seconds: the group shares the safe current. Later: still charging. Back: ramped up."""
    world = charging()
    world.meter_works = False
    world.run(6)
    assert world.allowed_a == {"p0": 15.0, "p1": 15.0}
    world.run(5)
    assert world.allowed_a == {"p0": SAFE_A / 2, "p1": SAFE_A / 2}
    assert world.reasons == {"p0": "safe_current", "p1": "safe_current"}
    world.run(180)
    assert world.allowed_a == {"p0": SAFE_A / 2, "p1": SAFE_A / 2}
    texts = [(m.level, m.reason.text("en")) for m in world.messages if m.device_id == "main"]
    assert texts[-2:] == [
        ("warning", "Communication warning for meter Main"),
        ("error", "Communication error for meter Main"),
    ]
    world.meter_works = True
    world.run(9)
    assert sum(world.allowed_a.values()) <= SAFE_A
    world.run(60)
    assert world.allowed_a == {"p0": 15.0, "p1": 15.0}
    assert world.messages[-1].reason.text("en") == "Meter Main connected via tcp"


def test_nothing_is_raised_while_the_meter_is_late() -> None:
    """A car that comes while the meter is stale waits and reads why."""
    world = World(site(2), cars={"p0": "C2", "p1": "A1"}).run(120)
    world.meter_works = False
    world.run(6)
    world.cars["p1"] = "B2"
    world.run(2)
    assert world.allowed_a["p1"] == 0.0
    assert world.reasons["p1"] == "held_stale"


def test_meter_loss_never_gives_more_than_there_was() -> None:
    """With 4 A free when the meter died, the safe current of 12 A is not handed out."""
    world = charging(points=1)
    world.house_a = 25.0
    world.run(20)
    assert world.allowed_a["p0"] == 7.0
    world.meter_works = False
    world.run(200)
    assert world.allowed_a["p0"] <= 7.0


def test_a_car_that_arrives_during_the_loss_shares_the_safe_current() -> None:
    """The safe current is one figure for the group: 12 A for one becomes 6 A for each of two."""
    world = World(site(2), cars={"p0": "C2", "p1": "A1"}).run(120)
    world.meter_works = False
    world.run(30)
    assert world.allowed_a["p0"] == SAFE_A
    world.cars["p1"] = "C2"
    world.run(30)
    assert world.allowed_a == {"p0": 6.0, "p1": 6.0}


def test_a_silent_charge_point_is_booked_and_never_counted_as_nothing() -> None:
    """The last set-point, fallback or measurement of a charge point that fell silent stays reserved."""
    world = charging()
    del world.cars["p1"]
    del world.applied_a["p1"]
    world.run(120)
    assert world.reasons["p1"] == "charger_silent"
    assert world.memory.points["p1"].silent
    # The meter no longer shows its 15 A, but they stay booked for it: 32 - 2 - 15.
    assert world.allowed_a["p0"] <= 30.0 - 15.0 + 1e-9
    assert any(m.device_id == "p1" and m.level == "warning" for m in world.messages)


def test_a_charge_point_that_ignores_its_limit_counts_as_other_load() -> None:
    """p1 draws 16 A whatever it is told: p0 gets out of the way and a warning is given."""
    world = charging()

    def stubborn(world: World) -> None:
        world.tick()
        world.applied_a["p1"] = 16.0

    world.house_a = 10.0
    for _ in range(40):
        stubborn(world)
    assert world.allowed_a["p0"] + 16.0 + 10.0 <= 32.0
    assert any(m.reason.code == "charge_point_disobeys" for m in world.messages)


def test_when_the_minimums_do_not_fit_cars_take_turns() -> None:
    """Room for one of two: one charges, and after its time the other does."""
    world = World(site(2, 10.0), cars={"p0": "C2", "p1": "C2"}).run(60)
    first = [p for p, a in world.allowed_a.items() if a > 0]
    assert len(first) == 1
    waiting = ({"p0", "p1"} - set(first)).pop()
    assert world.reasons[waiting] == "turn_in"
    world.run(int(MIN_ON_S) + 120)
    assert world.allowed_a[waiting] >= 6.0
    assert world.allowed_a[first[0]] == 0.0


def test_a_person_can_switch_off_and_limit() -> None:
    """Wishes hold inside every limit, at once downwards."""
    world = charging()
    world.wishes = {
        "p0": Wish(charge_point_id="p0", mode="off"),
        "p1": Wish(charge_point_id="p1", limit_a=10.0),
    }
    world.tick()
    assert world.allowed_a == {"p0": 0.0, "p1": 10.0}
    assert world.reasons == {"p0": "off_by_user", "p1": "user_limit"}


def test_a_limit_from_outside_names_its_source() -> None:
    """A tighter limit of the operator is in force in the same step and stands in the reason."""
    world = charging()
    world.limits = (Limit(circuit_id="grid", value_a=(20.0,) * 3, source="operator"),)
    world.tick()
    assert world.allowed_a == {"p0": 9.0, "p1": 9.0}
    assert world.decision is not None
    assert "(operator)" in world.decision.setpoints[0].reason.text("en")


def test_every_setpoint_has_a_deadline_and_a_reason_in_every_language() -> None:
    """No set-point may be refreshed from an old decision: it holds for a few seconds (DESIGN 5.6)."""
    world = charging()
    assert world.decision is not None
    for setpoint in world.decision.setpoints:
        assert world.now_s < setpoint.valid_until_s <= world.now_s + 5.0
        assert setpoint.reason.text("nl")


def test_solar_export_gives_room() -> None:
    """A house that exports 10 A leaves 42 A for the cars of a 32 A connection, within each one's own maximum."""
    world = charging()
    world.house_a = -10.0
    world.run(90)
    assert world.allowed_a == {"p0": 16.0, "p1": 16.0}, "the garage's own 32 A limit binds"
    assert world.reasons["p0"] == "circuit_limit"


def test_a_restart_resumes_without_a_bump_upwards() -> None:
    """After a restart the grants go on from the safe current, never above what they were."""
    world = charging()
    world.memory = after_restart(world.site, world.memory, world.now_s)
    world.tick()
    assert sum(world.allowed_a.values()) <= SAFE_A
    world.run(90)
    assert world.allowed_a == {"p0": 15.0, "p1": 15.0}


def test_the_same_arguments_give_the_same_decision() -> None:
    """The step is a function: nothing is kept outside the memory it returns."""
    world = charging()
    picture = Picture(
        now_s=world.now_s + 1,
        utc_s=0.0,
        meters=world.meters,
        charge_points=world.points,
        wishes={},
        faults=(DeviceFault(device_id="p0", at_s=1.0, kind="nonsense", what="x"),),
    )
    assert step(world.site, world.memory, picture) == step(world.site, world.memory, picture)


def test_with_no_reading_at_all_nothing_is_granted() -> None:
    """A controller that hears nobody gives nothing away."""
    world = World(site(2)).run(30)
    assert world.allowed_a == {"p0": 0.0, "p1": 0.0}


def test_loads_on_one_phase_bind_that_phase_only() -> None:
    """A one-phase car on L2 is not held back by a full L1."""
    mixed = Site(
        name="m",
        circuits=(Circuit(id="g", name="G", parent=None, limit_a=(32.0,) * 3, meter="m"),),
        meters=(Meter(id="m", name="M", role="grid", address=""),),
        charge_points=(
            ChargePoint(id="one", name="1", circuit="g", conductors=(1,), max_a=32.0),
            ChargePoint(id="two", name="2", circuit="g", conductors=(2,), max_a=32.0),
        ),
    )
    memory, now_s = initial(mixed, 0.0), 0.0
    allowed: dict[str, float] = {"one": 0.0, "two": 0.0}
    for _ in range(90):
        now_s += 1
        load: PhaseVector = (24.0 + allowed["one"], 1.0 + allowed["two"], 0.0)
        reading = MeterReading(meter_id="m", at_s=now_s, current_a=load)
        points = {
            p: ChargePointReading(
                charge_point_id=p, at_s=now_s, state="C2", current_a=(a, 0.0, 0.0), applied_a=a
            )
            for p, a in allowed.items()
        }
        decision = step(
            mixed,
            memory,
            Picture(now_s=now_s, utc_s=now_s, meters={"m": reading}, charge_points=points, wishes={}),
        )
        memory = decision.memory
        allowed = {s.charge_point_id: s.current_a for s in decision.setpoints}
    assert allowed == {"one": 8.0, "two": 31.0}


def test_a_car_that_charges_when_we_start_is_not_called_disobedient() -> None:
    """Nobody told its charge point anything yet: no warning for what it draws by its own fallback."""
    world = World(site(1), cars={"p0": "C2"}, applied_a={"p0": 6.0})
    world.run(20)
    assert "charge_point_disobeys" not in [m.reason.code for m in world.messages]
