"""The fire latch on disk and a site file that was changed meanwhile."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.clocks import StillClock

from kwartier.edge.fire import FireWatch
from kwartier.safety.fire import FireInput
from kwartier.site.readings import InputReading


def watch(folder: Path, *input_ids: str) -> FireWatch:
    return FireWatch(
        [FireInput(id=i, name=i, charge_points=("left",), circuits=("grid",)) for i in input_ids],
        clock=StillClock(),
        path=folder / "h.latch",
        tell=lambda _: None,
        wake=lambda: None,
        zone=ZoneInfo("Europe/Brussels"),
    )


def states(fire: FireWatch) -> list[object]:
    return [entry["state"] for entry in fire.inputs()]


@pytest.mark.parametrize(
    ("alarmed", "after"),
    [
        (("panel",), ["alarm"]),  # renamed: latched under its new name
        ((), ["starting"]),
        (("old",), ["alarm"]),
    ],
)
def test_a_renamed_input_stays_latched(tmp_path: Path, alarmed: tuple[str, ...], after: list[str]) -> None:
    """Editing the site file must not do what only a person on site may: the new name takes the latch over."""
    fire = watch(tmp_path, "panel", "old")
    for input_id in ("panel", "old"):
        for tenth in range(5):
            alarm = input_id in alarmed
            fire.post(InputReading(input_id=input_id, at_s=100.0 + tenth, alarm=alarm))
    assert fire.save()
    assert states(watch(tmp_path, "roof")) == after
    assert states(watch(tmp_path, "panel", "roof"))[0] == ("alarm" if "panel" in alarmed else "starting")
