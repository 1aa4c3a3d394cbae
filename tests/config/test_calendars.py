"""`calendar` in the site file: where it is, its address as a secret, and what is refused in which words."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kwartier.config import Inspection, calendar_section, load
from kwartier.config.calendar_section import calendar_sources

USERS = """\
users:
  - id: ann
    rfid: ["04:A1:B2:C3"]
    calendar:
      url: ${ANN_CALENDAR}
      travel_minutes: 45
      only: [auto]
"""
ADDRESS = "https://calendar.example/ical/ann/pr1vate/basic.ics?key=k3y"
POINT = "    fallback_a: 6\n  - id: right"


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said of the site file does not hang on what this environment has."""
    monkeypatch.setattr(calendar_section, "find_spec", lambda _name: object())
    monkeypatch.setenv("ANN_CALENDAR", ADDRESS)


def test_every_key_reaches_the_service(good: str, write: Callable[[str], Path]) -> None:
    """Of a user and of a charge point; the address is in nothing that may be shown."""
    path = write(good.replace(POINT, "    calendar: {path: left.ics}\n" + POINT) + USERS)
    config = load(path)
    ann, left = calendar_sources(config)
    assert (ann.owner, ann.travel_s, ann.only) == ("user:ann", 2700.0, ("auto",))
    assert ann.request is not None
    assert (ann.request.address, ann.request.secrets) == (ADDRESS.partition("?")[0], (("key", "k3y"),))
    assert ann.request.shown == "https://calendar.example"
    assert (left.owner, left.path, left.request, left.travel_s) == (
        "charge_point:left",
        str(path.with_name("left.ics")),
        None,
        1800.0,
    )
    assert all(secret not in repr((config, ann)) for secret in ("pr1vate", "k3y"))


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "ANN_CALENDAR is not set"),
        ("pr1vate", "no address"),
        ("ftp://h/pr1vate", "no address"),
        ("https://user:pr1vate@host/x", "no address"),
        ("http://calendar.example/pr1vate", "begins with http://"),
        ("http://192.168.0.4/pr1vate", "begins with http://"),
    ],
)
def test_an_address_that_cannot_be(
    changed: Callable[..., Inspection],
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    words: str,
) -> None:
    """Said at the desk, with its place and without the address."""
    monkeypatch.setenv("ANN_CALENDAR", address)
    found = changed(more=USERS)
    told = "\n".join(str(p) for p in found.problems)
    assert words in told
    assert "calendar" in told
    assert "pr1vate" not in told
    assert found.config is None


@pytest.mark.parametrize(
    "address", ["http://192.168.0.4/x.ics", "http://nas.local:8080/x.ics", "webcal://h/x.ics"]
)
def test_plain_http_needs_a_word_and_a_near_host(
    good: str, write: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """`webcal` is https under another name."""
    monkeypatch.setenv("ANN_CALENDAR", address)
    plain = "      plain_http: true\n" if address.startswith("http:") else ""
    source = calendar_sources(load(write(good + USERS + plain)))[0]
    assert source.request is not None
    assert source.request.address == address.replace("webcal", "https")


@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        ("{}", "a calendar is somewhere"),
        ("{path: a.ics, url_file: b}", "path and url_file say the same twice"),
        ("{url: 'https://h/pr1vate.ics'}", "a secret may not stand in the site file"),
        ("{path: a.ics, plain_http: true}", "plain_http is for addresses"),
        ("{path: a.ics, travel_minutes: 5000}", "720"),
    ],
)
def test_what_is_refused(changed: Callable[..., Inspection], calendar: str, words: str) -> None:
    users = f"users:\n  - id: ann\n    rfid: ['04:A1:B2:C3']\n    calendar: {calendar}\n"
    told = "\n".join(str(p) for p in changed(more=users).problems)
    assert words in told
    assert "pr1vate" not in told


def test_a_file_that_is_not_there_yet_and_packages_that_are_not(
    changed: Callable[..., Inspection], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are warnings, since nobody goes without protection for want of a calendar; the second says what to install."""
    users = "users:\n  - id: ann\n    rfid: ['04:A1:B2:C3']\n    calendar: {path: ann.ics}\n"
    found = changed(more=users)
    assert found.config is not None
    assert "there is no file" in "\n".join(str(p) for p in found.problems)
    monkeypatch.setattr(calendar_section, "find_spec", lambda _name: None)
    found = changed(more=users)
    assert found.config is not None
    assert "kwartier[calendar]" in "\n".join(str(p) for p in found.problems)
