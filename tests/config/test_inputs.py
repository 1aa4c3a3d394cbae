"""The section `inputs`: what it says, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

import kwartier.config
from kwartier.config import Inspection, inspect, load, to_site
from kwartier.config.fire import fire_inputs
from kwartier.safety.fire import FireInput

PANEL = """\
inputs:
  - id: fire-panel
    name: Fire panel
    url: modbus-tcp://192.168.0.7:502?unit=1&discrete=0
"""


def test_an_input_stops_everything_by_default(good: str, write: Callable[[str], Path]) -> None:
    """Without circuits it guards the whole site, in the order in which the charge points stand there."""
    config = load(write(good + PANEL))
    assert fire_inputs(config, to_site(config)) == (
        FireInput(
            id="fire-panel",
            name="Fire panel",
            kind="fire",
            circuits=("grid",),
            charge_points=("left", "right"),
            silent_after_s=5.0,
            return_every_s=10.0,
            samples=2,
        ),
    )


def test_everything_can_be_said(good: str, write: Callable[[str], Path]) -> None:
    """Kind, zone, pace and patience are taken from the file; over HTTP one word is a level."""
    text = """\
inputs:
  - id: stop
    kind: emergency
    http: true
    circuits: [garage]
    return_every_s: 30
    silent_after_s: 60
"""
    config = load(write(good + text))
    (stop,) = fire_inputs(config, to_site(config))
    assert (stop.kind, stop.circuits, stop.samples) == ("emergency", ("garage",), 1)
    assert (stop.return_every_s, stop.silent_after_s) == (30.0, 60.0)


def test_an_empty_section_is_none(good: str, write: Callable[[str], Path]) -> None:
    """A site without inputs has none."""
    config = load(write(good))
    assert fire_inputs(config, to_site(config)) == ()


@pytest.mark.parametrize(
    ("old", "new", "severity", "path", "words"),
    [
        ("    name: Fire panel", "    nam: x", "error", "inputs[fire-panel].nam", "Did you mean 'name'"),
        ("    name: Fire panel", "    kind: smoke", "error", "inputs[fire-panel].kind", "fire"),
        (
            "    url: modbus",
            "    # url: modbus",
            "error",
            "inputs[fire-panel]",
            "nothing says where it comes from",
        ),
        ("    name: Fire panel", "    http: true", "error", "inputs[fire-panel]", "both url and http"),
        ("&discrete=0", "", "error", "inputs[fire-panel].url", "say once which input it is"),
        ("&discrete=0", "&discret=0", "error", "inputs[fire-panel].url", "'discret' is not known"),
        (
            "    name: Fire panel",
            "    circuits: [garag]",
            "error",
            "inputs[fire-panel].circuits[#1]",
            "Did you mean 'garage'",
        ),
        (
            "    name: Fire panel",
            "    return_every_s: 0",
            "error",
            "inputs[fire-panel].return_every_s",
            "at least 1",
        ),
        (
            "    name: Fire panel",
            "    silent_after_s: 1",
            "error",
            "inputs[fire-panel].silent_after_s",
            "at least 2",
        ),
        (
            "    name: Fire panel",
            "    alarm_when: closed",
            "warning",
            "inputs[fire-panel].alarm_when",
            "does nothing when its wire is broken",
        ),
        ("id: fire-panel", "id: left", "error", "inputs[left].id", "another of the charge points"),
    ],
)
def test_what_is_wrong_is_said_with_place_and_cure(
    changed: Callable[..., Inspection], old: str, new: str, severity: str, path: str, words: str
) -> None:
    """Line, key, what and what to do, as everywhere in the file."""
    assert old in PANEL
    (problem,) = changed(more=PANEL.replace(old, new)).problems
    assert (problem.severity, problem.path) == (severity, path)
    assert words in str(problem)
    assert problem.line > 28


def test_two_inputs_need_two_contacts(changed: Callable[..., Inspection]) -> None:
    """One contact belongs to one input."""
    second = PANEL.replace("inputs:\n", "").replace("fire-panel", "other")
    (problem,) = changed(more=PANEL + second).problems
    assert "the contact of 'fire-panel' already" in problem.what


def test_alarm_when_has_no_sense_over_http(changed: Callable[..., Inspection]) -> None:
    """Programs say alarm or quiet."""
    text = "inputs:\n  - id: stop\n    http: true\n    alarm_when: open\n"
    (problem,) = changed(more=text).problems
    assert "over http the words are alarm and quiet" in problem.what


def test_the_example_in_comments_is_right(write: Callable[[str], Path]) -> None:
    """Whoever takes the comment signs away in carpark.yaml has two working inputs."""
    lines = (Path(kwartier.config.__file__).parent / "examples" / "carpark.yaml").read_text().splitlines()
    begin = lines.index("# inputs:")
    end = lines.index("", begin)
    lines[begin:end] = [line.removeprefix("# ") for line in lines[begin:end]]
    inspection = inspect(write("\n".join(lines) + "\n"))
    assert inspection.problems == ()
    assert inspection.config is not None
    assert [(i.id, i.kind, i.http) for i in inspection.config.inputs] == [
        ("fire-panel", "fire", False),
        ("stop-button", "emergency", True),
    ]
