"""The soak: thirty days of it in the tests, and that it stops, goes on and fails as it should."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kwartier.cli.app import app
from kwartier.simulation import soak
from kwartier.simulation.random_site import random_site

SMALL = [
    s
    for s in range(1, 120)
    if soak.TURN[s % 10] == "random" and len(random_site(seed=s).site.charge_points) <= 4
]
HOUSES = [s for s in range(1, 200) if soak.TURN[s % 10] == "household-steps"]
DAYS = [*SMALL[:16], *HOUSES[:7]]


@pytest.mark.slow
@pytest.mark.parametrize("seed", DAYS)
def test_a_day_with_faults(seed: int) -> None:
    """One of some twenty-eight days at sites of up to four points, one fault in ten minutes: nothing to blame."""
    line = soak.run_job(soak.job_of(seed, 1.0))
    assert line["good"], (line["command"], line["findings"])
    assert line["faults"] > 60 * line["days"]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_a_day_of_the_car_park_with_faults(part: int) -> None:
    """Four times six hours."""
    line = soak.run_job(soak.Job("carpark-steps", 5 + 10 * part, 0.25))
    assert line["good"], (line["command"], line["findings"])


def a_line(seed: int, **changes: Any) -> dict[str, Any]:
    line = soak.run_job(soak.Job("household-steps", seed, 0.02))
    return {**line, **changes}


def test_a_line_tells_all_and_how_to_see_it_again() -> None:
    """Site, seed, days, faults, verdict, figures, command."""
    line = a_line(1)
    assert (line["story"], line["seed"], line["days"], line["good"]) == ("household-steps", 1, 0.02, True)
    assert line["command"] == "kwartier simulate household-steps --seed 1 --faults --days 0.02"
    assert sum(line["kinds"].values()) == line["faults"]
    assert line == {**line, **json.loads(json.dumps(line))}


def test_seeds_go_on_where_they_were(tmp_path: Path) -> None:
    """Finished seeds are not run again; a line that was cut off counts for nothing; when the years are full there is
    nothing left."""
    file = tmp_path / "soak.jsonl"
    lines = [{"seed": 1, "days": 1.0}, {"seed": 3, "days": 1.0}]
    file.write_text("\n".join(map(json.dumps, lines)) + '\n{"seed": 2, "da', encoding="utf-8")
    known = soak.read_lines(file)
    assert known == lines
    years = 4.5 / soak.YEAR_DAYS
    jobs = list(soak.remaining(known, years=years, days=1.0, first=1))
    assert [(j.seed, j.days) for j in jobs] == [(2, 0.5), (4, 0.1), (5, 1.0), (6, 2.0)]
    assert not list(soak.remaining(known, years=2 / soak.YEAR_DAYS, days=1.0, first=1))


def test_all_stories_have_their_turn_and_what_costs_more_for_less_long() -> None:
    """By points and by story; a goal for quarter-hours, with which time never leaps, counts like a large site."""
    jobs = [soak.job_of(seed, 2.0) for seed in range(1, 31)]
    assert {j.story for j in jobs} == {"random", "household-steps", "carpark-steps", "random-cells"}
    sites = {j.seed: random_site(seed=j.seed).site for j in jobs if j.story == "random"}
    days = {(len(sites[j.seed].charge_points), j.days) for j in jobs if j.seed in sites}
    assert {(2, 2.0), (6, 1.0), (10, 0.5), (24, 0.2), (40, 0.2)} <= days
    assert soak.job_of(17, 2.0).days == 0.2
    assert any(c.quarter is not None for c in sites[17].circuits)
    assert {j.days for j in jobs if j.story == "household-steps"} == {4.0}
    assert {j.days for j in jobs if j.story == "random-cells"} <= {1.0, 0.5, 0.2}


def test_seeds_are_named_in_ranges() -> None:
    """As the page of figures has them."""
    assert soak.ranges([7, 2, 1, 3, 9, 8]) == "1 to 3, 7 to 9"
    assert soak.ranges([5]) == "5"


def test_a_failing_seed_is_said_aloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, the command that replays it, and a page that names it."""
    bad = a_line(4, good=False, findings=["overload at 7 s: too much"], rules={"overload": 1})
    monkeypatch.setattr(soak, "run_job", lambda job: {**bad, "seed": job.seed})
    file, page = tmp_path / "soak.jsonl", tmp_path / "figures.md"
    options = ["soak", "--years", "0.0015", "--days", "0.2", "--file", str(file), "--report", str(page)]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 1
    assert "FAILED: kwartier simulate household-steps --seed 4 --faults --days 0.02" in result.stderr
    assert "overload at 7 s: too much" in page.read_text(encoding="utf-8")
    assert len(soak.read_lines(file)) == 3


def test_a_soak_ends_well(tmp_path: Path) -> None:
    """Half an hour of one site, with totals as JSON and the page; a second call finds it done."""
    file, page = tmp_path / "soak.jsonl", tmp_path / "figures.md"
    options = [
        "soak",
        "--years",
        "0.00004",
        "--days",
        "0.01",
        "--file",
        str(file),
        "--report",
        str(page),
        "--json",
    ]
    first = CliRunner().invoke(app, options)
    assert first.exit_code == 0, first.output
    assert json.loads(first.stdout)["seeds"] == 1
    second = CliRunner().invoke(app, options)
    assert json.loads(second.stdout) == json.loads(first.stdout)
    text = page.read_text(encoding="utf-8")
    assert "No seed failed." in text
    assert "| site-years |" in text
