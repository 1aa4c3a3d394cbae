"""The section `users`: cards in any writing, departures, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kwartier.config import Inspection, load, to_site
from kwartier.site.cards import card_number
from kwartier.site.topology import User

ANN = """\
users:
  - id: ann
    name: Ann
    rfid: [04:a1-b2 c3, "04123456"]
    priority: 5
    weight: 2
    departs: 7:45
    needs_kwh: 20
"""


def test_a_user_is_known_by_cards_in_capitals(good: str, write: Callable[[str], Path]) -> None:
    """Every key reaches the site; separators in a card's number do not count."""
    site = to_site(load(write(good + ANN)))
    assert site.users == (
        User(
            id="ann",
            name="Ann",
            rfid=("04A1B2C3", "04123456"),
            priority=5,
            weight=2.0,
            departs_at_s=7 * 3600 + 45 * 60,
            needs_kwh=20.0,
        ),
    )


@given(st.text("0123456789abcdefABCDEF", min_size=4, max_size=14), st.sampled_from([":", "-", " ", "."]))
def test_a_card_is_one_card_however_it_is_written(number: str, between: str) -> None:
    """Pairs of digits with anything between them, small letters or capitals."""
    pairs = [number[i : i + 2] for i in range(0, len(number), 2)]
    assert card_number(between.join(pairs)) == card_number(number) == number.upper()


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        (
            "04:a1-b2 c3",
            "04123456",
            "users[ann].rfid[#1]",
            'between quotes, as the charge point shows it: "04',
        ),
        ("04:a1-b2 c3", "4e10", "users[ann].rfid[#1]", "loses its leading zeros"),
        ("04:a1-b2 c3", '"04/A1"', "users[ann].rfid[#1]", "4 to 36 letters and digits"),
        ("[04:a1-b2 c3, ", "", "users[ann].rfid", "expected a list"),
        ("7:45", "24:00", "users[ann].departs", "for example 17:30"),
        ("7:45", "7.45", "users[ann].departs", "for example 17:30"),
        ("20", "0", "users[ann].needs_kwh", "above 0"),
        ("name: Ann", "badge: x", "users[ann].badge", "there is no key 'badge'"),
    ],
)
def test_a_slip_in_a_user_is_told(
    changed: Callable[..., Inspection], old: str, new: str, path: str, words: str
) -> None:
    """Each at its own place, with what to write."""
    text = ANN.replace(old, new, 1)
    if old.startswith("["):
        text = text.replace('"04123456"]', '"04123456"')
    problems = changed(more=text).errors
    assert any(p.path == path and words in str(p) for p in problems), [str(p) for p in problems]
