"""Who goes before whom: places, cards, departures; and that none of it touches a limit."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.control.bench import Bench, metered, point

from kwartier.control.decision import Decision
from kwartier.control.memory import PointMemory, after_restart
from kwartier.control.wishes.claims import URGENT_FROM, need_of
from kwartier.site.readings import ChargePointReading
from kwartier.site.setpoints import Wish
from kwartier.site.topology import User
from kwartier.site.users import card, next_departure_s, user_of

BRUSSELS = ZoneInfo("Europe/Brussels")
NURSE = User(id="nurse", name="N", rfid=("04A2195B",), priority=2, departs_at_s=7 * 3600, needs_kwh=20.0)
FLEET = User(id="fleet", name="F", rfid=("11:22:33",), weight=3.0)


class Cards(Bench):
    """A bench whose charge points report cards and energy."""

    rfid: dict[str, str]
    energy_kwh: dict[str, float]
    departures: dict[str, float]

    def tick(self) -> Decision:
        for p in self.site.charge_points:
            a = self.drawn_a(p.id)
            kwh = self.energy_kwh[p.id] = self.energy_kwh.get(p.id, 100.0) + a * 230 * 3 / 3.6e6 * self.pace_s
            self.odd_point[p.id] = ChargePointReading(
                charge_point_id=p.id,
                at_s=self.now_s + self.pace_s,
                state="C2" if p.id in self.asks else "A1",
                current_a=(a, a, a) if p.id in self.asks else (0.0, 0.0, 0.0),
                applied_a=self.allowed[p.id],
                energy_kwh=kwh,
                rfid=self.rfid.get(p.id),
            )
        return super().tick()


def cards(limit_a: float = 24.0, points: int = 2) -> Cards:
    bench = Cards([metered("grid", None, limit_a)], [point(f"p{n}", "grid") for n in range(points)])
    bench.site = replace(bench.site, users=(NURSE, FLEET))
    bench.rfid, bench.energy_kwh = {}, {}
    return bench


@pytest.mark.parametrize("written", ["04A2195B", "04:a2:19:5b", "04 A2 19 5B", "04-a2-19-5b"])
def test_a_card_is_the_same_however_it_is_written(written: str) -> None:
    """Capitals, separators and blanks say nothing."""
    assert user_of((FLEET, NURSE), written) is NURSE
    assert user_of((FLEET, NURSE), "04A2195C") is None
    assert user_of((FLEET, NURSE), "") is user_of((FLEET, NURSE), None) is None
    assert card("::") == ""


def test_a_card_gives_its_owner_priority_and_weight_until_the_car_leaves() -> None:
    """The nurse goes first; the fleet shares three to one; an unknown card changes nothing."""
    bench = cards()
    bench.rfid = {"p0": "99", "p1": "04-a2-19-5b"}
    bench.run(90)
    assert bench.allowed == {"p0": 0.0, "p1": 24.0}
    bench.rfid = {}
    bench.run(30)
    assert bench.allowed["p1"] == 24.0, "a charge point may forget the card before the car leaves"
    bench.asks.discard("p1")
    bench.run(10)
    bench.asks.add("p1")
    bench.run(150)
    assert bench.allowed == {"p0": 12.0, "p1": 12.0}
    bench.rfid = {"p0": "112233"}
    bench.run(90)
    assert bench.allowed == {"p0": 18.0, "p1": 6.0}
    bench.memory = after_restart(bench.site, bench.memory, bench.now_s)
    assert bench.memory.points["p0"].user == "fleet"


def test_a_departure_raises_a_car_in_time_and_by_one_level() -> None:
    """It needs three quarters of all that it can take: it goes first. With ten hours for it: no more."""
    bench = cards()
    bench.wishes = {"p0": Wish(charge_point_id="p0", departs_s=3600.0, needs_kwh=0.75 * 22.08)}
    told = [m for _ in range(90) for m in bench.tick().messages]
    assert [m.reason.code for m in told if m.device_id == "p0" and "departure" in m.reason.code] == [
        "departure_raised"
    ]
    assert bench.allowed == {"p0": 24.0, "p1": 0.0}
    assert bench.why["p0"] == "departure"
    bench.wishes = {"p0": Wish(charge_point_id="p0", departs_s=36000.0, needs_kwh=16.5)}
    bench.run(150)
    assert bench.allowed == {"p0": 12.0, "p1": 12.0}


def test_a_place_that_is_two_levels_higher_stays_before_it() -> None:
    """One level, no more."""
    bench = cards()
    first, second = bench.site.charge_points
    bench.site = replace(bench.site, charge_points=(first, replace(second, priority=2)))
    bench.wishes = {"p0": Wish(charge_point_id="p0", departs_s=600.0, needs_kwh=50.0)}
    bench.run(90)
    assert bench.allowed["p1"] > bench.allowed["p0"]


def test_who_cannot_be_measured_or_said_nothing_is_not_raised() -> None:
    """No register, no departure, no need, a departure that has passed, nonsense: no level."""
    bench = cards()
    draft = PointMemory(plugged=True, charged_kwh=0.0)
    p = bench.site.charge_points[0]

    def need(departs_s: float | None = None, needs_kwh: float | None = None) -> object:
        wish = Wish(charge_point_id="p0", departs_s=departs_s, needs_kwh=needs_kwh)
        return need_of(bench.site, draft, p, wish, 1000.0)

    assert need(departs_s=5000.0, needs_kwh=10.0) is not None
    assert need(departs_s=5000.0) is need(needs_kwh=10.0) is need(departs_s=900.0, needs_kwh=10.0) is None
    assert (
        need(departs_s=float("nan"), needs_kwh=10.0) is need(departs_s=5000.0, needs_kwh=float("nan")) is None
    )
    draft.charged_kwh = None
    assert need(departs_s=5000.0, needs_kwh=10.0) is None
    draft = PointMemory(plugged=False, charged_kwh=0.0)
    assert need(departs_s=5000.0, needs_kwh=10.0) is None


def test_the_usual_departure_of_a_user_counts_and_a_word_of_today_goes_before_it() -> None:
    """The nurse needs 20 kWh by seven; today she says 5."""
    bench = cards()
    draft = PointMemory(plugged=True, charged_kwh=0.0, user="nurse", departs_s=7200.0)
    p = bench.site.charge_points[0]
    usual = need_of(bench.site, draft, p, None, 3600.0)
    assert usual is not None
    assert usual.left_kwh == 20.0
    assert usual.current_a == pytest.approx(20000 / 690)
    today = need_of(bench.site, draft, p, Wish(charge_point_id="p0", needs_kwh=5.0), 3600.0)
    assert today is not None
    assert today.left_kwh == 5.0


@settings(max_examples=15, deadline=None)
@given(
    st.floats(10.0, 40.0),
    st.lists(st.tuples(st.floats(-100, 4000), st.floats(-5, 80)), min_size=3, max_size=3),
    st.lists(st.sampled_from(["04A2195B", "112233", "ff", None]), min_size=3, max_size=3),
)
def test_no_priority_and_no_departure_goes_beyond_a_limit(
    limit_a: float, needs: list[tuple[float, float]], shown: list[str | None]
) -> None:
    """Whatever cards and wishes say, what is told fits the circuit in every step."""
    bench = cards(limit_a, 3)
    bench.rfid = {f"p{n}": number for n, number in enumerate(shown) if number}
    bench.wishes = {
        f"p{n}": Wish(charge_point_id=f"p{n}", departs_s=at, needs_kwh=kwh)
        for n, (at, kwh) in enumerate(needs)
    }
    for n in range(80):
        bench.house["grid"] = 3.0 if n // 20 % 2 else 0.0
        bench.tick()
        assert sum(bench.allowed.values()) + bench.house["grid"] <= limit_a + 1e-6
        assert all(a == 0 or 6.0 <= a <= 32.0 for a in bench.allowed.values())


@pytest.mark.parametrize(
    ("now", "clock_h", "expected"),
    [
        ("2026-01-15T06:00:00+01:00", 7.5, "2026-01-15T07:30:00+01:00"),
        ("2026-01-15T08:00:00+01:00", 7.5, "2026-01-16T07:30:00+01:00"),
        ("2026-03-28T22:00:00+01:00", 7.5, "2026-03-29T07:30:00+02:00"),
        ("2026-10-24T22:00:00+02:00", 7.5, "2026-10-25T07:30:00+01:00"),
        ("2026-03-28T22:00:00+01:00", 2.5, "2026-03-29T03:30:00+02:00"),
    ],
)
def test_a_usual_departure_is_an_hour_on_the_wall_clock(now: str, clock_h: float, expected: str) -> None:
    """Also on the days on which the clock changes."""
    found = next_departure_s(int(clock_h * 3600), datetime.fromisoformat(now).timestamp(), BRUSSELS)
    assert found == datetime.fromisoformat(expected).timestamp()


def test_the_margin_is_a_third() -> None:
    """Raised when 70 % of the most is needed all the time."""
    assert URGENT_FROM == 0.7
