"""The house with a battery and a plan: the judges, troubles of batteries and plans, and the record."""

from random import Random

import pytest

from kwartier.control.memory import Memory
from kwartier.control.step import step
from kwartier.historian.codec import codec_of, decode, dumps, encode, loads
from kwartier.simulation.faults import HABITS, Fault, draw_faults
from kwartier.simulation.plant.storage import Storage
from kwartier.simulation.runner import Run, judge
from kwartier.simulation.scenarios import three_phase_car
from kwartier.simulation.stories import story
from kwartier.site.setpoints import Picture


def evening(*faults: Fault) -> Run:
    """From half past four on: the last sun, then the family comes home."""
    return Run(story("household-battery", seed=2), faults=faults)


def test_a_battery_follows_late_and_loses_some_on_the_way() -> None:
    cells = Storage(
        "b", (1, 2, 3), capacity_kwh=10.0, charge_w=4000.0, discharge_w=4000.0, soc=0.5, reaction_s=2.0
    )
    cells.write(3000.0, 0.0)
    cells.tick(1.0, 1.0)
    assert cells.total_w == 0.0
    for t in range(2, 62):
        cells.write(3000.0, float(t))
        cells.tick(float(t), 1.0)
    assert cells.total_w == 3000.0
    assert cells.power_w[0] == pytest.approx(1000.0, abs=5.0)
    assert 10_000 * (cells.soc - 0.5) == pytest.approx(3000 * 59 / 3600 * 0.95, rel=0.02)
    cells.refuses = True
    cells.write(-3000.0, 62.0)
    cells.tick(65.0, 1.0)
    assert cells.total_w == 3000.0
    cells.refuses = False
    cells.tick(200.0, 1.0)
    cells.tick(201.0, 1.0)
    assert cells.total_w == 0.0, "nobody has spoken to it for its timer's time"


def test_half_an_hour_of_the_story_is_without_blame() -> None:
    run = evening()
    codes: set[str] = set()
    result = judge(
        run,
        duration_s=1800.0,
        on_step=lambda _, d: codes.update(
            [s.reason.code for s in d.setpoints] + [s.reason.code for s in d.batteries]
        ),
    )
    assert result.good, [f.sentence() for f in result.findings]
    assert "no_car" in codes
    assert codes & {"battery_house", "battery_planned_discharge", "battery_sun"}


def test_with_everything_in_trouble_the_judges_find_nothing() -> None:
    """The car charges, the battery falls silent, does not obey, plans are wrong and then lost."""
    faults = (
        Fault(kind="battery_silent", target="cellar", start_s=600, end_s=700),
        Fault(kind="plan_wrong", target="plan", start_s=750, end_s=1300, amount=9.0),
        Fault(kind="battery_refuses", target="cellar", start_s=800, end_s=900),
        Fault(kind="plan_lost", target="plan", start_s=1300, end_s=3600),
        Fault(kind="meter_silent", target="main", start_s=1400, end_s=1440),
        Fault(kind="power_cut", target="controller", start_s=1500, end_s=1530),
    )
    run = evening(*faults)
    run.plant.visits = run.plant._visits = ()
    run.plant.socket["car"].connect(three_phase_car(Random(1)))
    result = judge(run, duration_s=1800.0)
    assert result.good, [f.sentence() for f in result.findings]
    codes = {m.reason.code for m in result.messages}
    assert {"battery_silent_told", "battery_connected"} <= codes


def test_batteries_and_plans_have_troubles_only_where_they_are() -> None:
    kinds = {kind for kind in HABITS if kind.startswith(("battery", "plan"))}
    assert kinds & {f.kind for f in draw_faults(story("household-battery"), 400_000.0)} == kinds
    assert not kinds & {f.kind for f in draw_faults(story("household"), 100_000.0)}


def test_what_is_recorded_is_decided_again_bit_for_bit() -> None:
    """Pictures with a plan and batteries, and memories, through the record and back: the same decisions."""
    run = evening()
    pictures, decisions = [], []
    memory = run.memory
    for _ in range(150):
        picture, decision = run.step()
        pictures.append(picture)
        decisions.append(decision)
    codec = codec_of(Picture)
    before: Picture | None = None
    again: Memory = decode(Memory, loads(dumps(encode(memory))))
    for picture, decision in zip(pictures, decisions, strict=True):
        if before is None:
            kept = decode(Picture, loads(dumps(encode(picture))))
        else:
            kept = codec.patch(before, loads(dumps(codec.delta(before, picture))))
        assert kept == picture
        decided = step(run.site, again, kept)
        assert dumps(encode(decided)) == dumps(encode(decision))
        before, again = kept, decode(Memory, loads(dumps(encode(decided.memory))))
    assert decisions[-1].batteries
    assert pictures[-1].advice is not None


def test_a_site_without_batteries_records_as_it_always_did() -> None:
    """Nothing of batteries, modes or plans stands in its decisions."""
    run = Run(story("household", seed=1))
    _, decision = run.step()
    data = encode(decision)
    assert "batteries" not in data
    assert not {"batteries", "flow"} & set(data["memory"])
    assert all("sun" not in point for point in data["memory"]["points"].values())
