"""Cars: when they leave, what they take, and who is still to come."""

import numpy as np
import pytest
from tests.planning.forecast.houses import MIDNIGHT_S, ZONE

from kwartier.planning.forecast.arrivals import expected_arrivals
from kwartier.planning.forecast.sessions import (
    SessionBook,
    SessionHistory,
    SessionNow,
    predict_departure,
    predict_energy,
    proven,
    session_book,
)


def _work(days: int = 90, *, end_s: int = MIDNIGHT_S, seed: int = 4) -> SessionHistory:
    """Two people on workdays: `early` 07:00 to 15:30 with 8 kWh, `late` 09:30 to 18:30 with 25 kWh. Both say 17:00 and 40."""
    rng = np.random.default_rng(seed)
    rows = []
    for day in range(days):
        midnight = end_s - (days - day) * 86_400
        if (midnight // 86_400 + 4) % 7 >= 5:  # Brussels midnight is the evening before in UTC
            continue
        for user, arrive, stay, energy in (("early", 7.0, 8.5, 8.0), ("late", 9.5, 9.0, 25.0)):
            hour = arrive + 0.2 * rng.standard_normal()
            rows.append(
                (
                    midnight + hour * 3600,
                    stay + 0.4 * rng.standard_normal(),
                    energy * rng.uniform(0.9, 1.1),
                    user,
                )
            )
    arrive_s = np.array([row[0] for row in rows])
    return SessionHistory(
        arrive_s,
        arrive_s + 3600 * np.array([row[1] for row in rows]),
        np.array([row[2] for row in rows]),
        tuple(row[3] for row in rows),
        (),
        np.full(len(rows), np.nan),
        np.full(len(rows), np.nan),
    )


@pytest.fixture(scope="module")
def book() -> SessionBook:
    """Ninety days of two people."""
    return session_book(_work(), ZONE)


@pytest.mark.parametrize(
    ("user", "hour", "leaves", "takes"), [("early", 7, 15.5, 8), ("late", 9.5, 18.5, 25), (None, 7, 15.5, 8)]
)
def test_each_leaves_and_takes_as_usual(
    book: SessionBook, user: str | None, hour: float, leaves: float, takes: float
) -> None:
    """Also somebody without a number, who is found by his hour."""
    session = SessionNow(MIDNIGHT_S + hour * 3600, user)
    leave = predict_departure(book, session, now_s=session.arrive_s)
    energy = predict_energy(book, session, now_s=session.arrive_s)
    assert (leave.mid - MIDNIGHT_S) / 3600 == pytest.approx(leaves, abs=0.5)
    assert energy.mid == pytest.approx(takes, rel=0.15)
    assert leave.low <= leave.mid <= leave.high
    assert energy.low <= energy.mid <= energy.high


def test_a_declared_departure_is_not_taken_at_its_word() -> None:
    """Everybody says 17:00 and 40 kWh; what they did counts."""
    past = _work()
    said_s = past.arrive_s // 86_400 * 86_400 + 16 * 3600
    history = SessionHistory(
        past.arrive_s, past.depart_s, past.energy_kwh, (), (), said_s, np.full(len(said_s), 40.0)
    )
    session = SessionNow(MIDNIGHT_S + 7 * 3600.0, None, None, MIDNIGHT_S + 17 * 3600.0, 40.0)
    asked = session_book(history, ZONE)
    leave = predict_departure(asked, session, now_s=session.arrive_s)
    assert (leave.mid - MIDNIGHT_S) / 3600 == pytest.approx(15.5, abs=0.5)
    assert predict_energy(asked, session, now_s=session.arrive_s).mid == pytest.approx(8, rel=0.15)


def test_who_is_still_there_leaves_later(book: SessionBook) -> None:
    """At 16:00 the early one is still there; at midnight nobody like him is known and the answer is still ahead."""
    session = SessionNow(MIDNIGHT_S + 7 * 3600.0, "early")
    for hour in (16, 24, 90):
        now_s = MIDNIGHT_S + hour * 3600.0
        leave = predict_departure(book, session, now_s=now_s)
        assert now_s <= leave.low <= leave.mid <= leave.high
    assert predict_departure(book, session, now_s=MIDNIGHT_S + 90 * 3600.0).basis == "typical"
    full = SessionNow(MIDNIGHT_S + 7 * 3600.0, "early", delivered_kwh=60.0)
    assert predict_energy(book, full, now_s=MIDNIGHT_S + 16 * 3600.0).low >= 60


def test_no_session_that_ended_later_is_read() -> None:
    """Sessions that end after now are poison: they stay a fortnight less a second and take a megawatt-hour."""
    past = _work()
    late = np.arange(200) * 60.0 + MIDNIGHT_S - 5 * 86_400
    poisoned = SessionHistory(
        np.concatenate([past.arrive_s, late]),
        np.concatenate([past.depart_s, late + 13.9 * 86_400]),
        np.concatenate([past.energy_kwh, np.full(200, 1000.0)]),
        (*past.user, *("early",) * 200),
    )
    now_s = MIDNIGHT_S + 7 * 3600.0
    session = SessionNow(now_s, "early")
    for ask in (predict_departure, predict_energy):
        good, bad = (
            ask(proven(session_book(h, ZONE), now_s=now_s), session, now_s=now_s) for h in (past, poisoned)
        )
        assert good == bad


def test_nothing_is_known_yet() -> None:
    """The first car ever: a wide answer that says what it is."""
    empty = session_book(SessionHistory(np.zeros(0), np.zeros(0), np.zeros(0)), ZONE)
    told = SessionNow(1000.0, declared_depart_s=1000.0 + 4 * 3600, declared_kwh=20.0)
    leave = predict_departure(empty, told, now_s=1000.0)
    assert leave.basis == "typical"
    assert leave.low < told.arrive_s + 4 * 3600 < leave.high
    assert predict_energy(empty, told, now_s=1000.0).high <= 20
    assert predict_energy(empty, SessionNow(1000.0), now_s=1000.0).high > 20
    arrivals = expected_arrivals(empty, now_s=MIDNIGHT_S, steps=96)
    assert arrivals.count.mid.sum() == 0
    assert arrivals.count.basis == "typical"


def test_nonsense_is_left_out() -> None:
    """A departure before the arrival, no energy, a month at the plug."""
    start = np.array([0.0, 1e6, 2e6, 3e6])
    stay = np.array([-3600.0, 3600.0, 40 * 86_400.0, 7200.0])
    book = session_book(SessionHistory(start, start + stay, np.array([5.0, np.nan, 5.0, 9.0])), ZONE)
    assert book.energy_kwh.tolist() == [9.0]
    with pytest.raises(ValueError, match="user has 1 entries for 4 sessions"):
        SessionHistory(start, start, start, ("x",))


def test_levels_are_proven_on_what_came_after() -> None:
    """The share below P10 and above P90 over the newest sessions is about a tenth each."""
    past = _work(160, seed=8)
    book = proven(session_book(past, ZONE), now_s=MIDNIGHT_S)
    assert set(book.levels) == {"stay", "energy"}
    below = above = 0
    rows = range(len(past.arrive_s) - 100, len(past.arrive_s))
    for row in rows:
        session = SessionNow(float(past.arrive_s[row]), past.user[row])
        spread = predict_departure(book, session, now_s=session.arrive_s)
        below += past.depart_s[row] < spread.low
        above += past.depart_s[row] > spread.high
    assert 3 <= below <= 20
    assert 3 <= above <= 20


def test_arrivals_of_a_workday(book: SessionBook) -> None:
    """Two on a Monday, one about 07:00 and one about 09:30; hardly any on a Saturday; what has begun does not come back."""
    monday = expected_arrivals(book, now_s=MIDNIGHT_S, steps=96)
    assert monday.count.mid.sum() == pytest.approx(2, abs=0.2)
    assert monday.count.mid[6 * 4 : 8 * 4].sum() == pytest.approx(1, abs=0.2)
    assert monday.day_low >= 1
    assert monday.day_high == 2
    assert monday.energy_kwh[7 * 4] == pytest.approx(8, rel=0.2)
    saturday = expected_arrivals(book, now_s=MIDNIGHT_S - 2 * 86_400, steps=96)
    assert saturday.count.mid.sum() < 0.4
    later = expected_arrivals(book, now_s=MIDNIGHT_S + 8 * 3600 + 1800, steps=62)
    assert later.count.mid.sum() == pytest.approx(1, abs=0.2)


def test_arrivals_of_one_car(book: SessionBook) -> None:
    """The chance that `late` comes, by quarter; nobody knows a stranger."""
    late = expected_arrivals(book, now_s=MIDNIGHT_S, steps=96, user="late")
    assert late.count.mid.sum() == pytest.approx(1, abs=0.15)
    assert int(np.argmax(late.count.mid)) in range(36, 41)
    assert expected_arrivals(book, now_s=MIDNIGHT_S, steps=96, user="stranger").count.mid.sum() == 0


def test_the_band_of_a_busy_car_park() -> None:
    """Fifty cars about 08:00: counts per quarter lie between P10 and P90 about four times in five."""
    rng = np.random.default_rng(6)
    days = MIDNIGHT_S - 86_400 * np.arange(1, 120)
    arrive = np.concatenate([day + 3600 * (8 + rng.standard_normal(rng.poisson(50))) for day in days])
    book = session_book(SessionHistory(arrive, arrive + 8 * 3600, np.full(len(arrive), 10.0)), ZONE)
    band = expected_arrivals(book, now_s=MIDNIGHT_S, steps=96).count
    fresh = [
        np.histogram(
            MIDNIGHT_S + 3600 * (8 + rng.standard_normal(rng.poisson(50))), MIDNIGHT_S + 900 * np.arange(97)
        )[0]
        for _ in range(30)
    ]
    busy = slice(6 * 4, 10 * 4)
    inside = [(part >= band.low)[busy] & (part <= band.high)[busy] for part in fresh]
    assert 0.75 <= np.mean(inside) <= 0.97  # whole numbers cannot hit four in five
