"""`kwartier plan`: the answer as documented, and errors that name their place."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.planning.judge import faults, wrong_bill
from typer.testing import CliRunner

from kwartier.cli.app import app

EXAMPLE = Path(__file__).parents[2] / "src/kwartier/config/examples/plan-household.json"
KEYS = {
    "status",
    "objective_eur",
    "cost_eur",
    "grid_w",
    "pv_used_w",
    "batteries",
    "evs",
    "loads",
    "peak_w",
    "marginal_eur_per_kwh",
    "solve_seconds",
}


def run(text: str, *more: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["plan", "-", *more], input=text)
    return result.exit_code, result.stdout, result.stderr


def small(**more: Any) -> dict[str, Any]:
    return {
        "start": "2026-01-15T00:00:00+01:00",
        "step_minutes": 15,
        "import_price": [0.2, 0.1],
        "export_price": [0.0, 0.0],
        "load_w": [100, 100],
        **more,
    }


def test_the_example_gives_the_answer_of_the_design_on_one_line() -> None:
    problem = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    result = CliRunner().invoke(app, ["plan", str(EXAMPLE), "--json"])
    assert result.exit_code == 0
    assert result.stdout.count("\n") == 1
    answer = json.loads(result.stdout)
    assert answer.keys() >= KEYS
    assert answer["status"] == "optimal"
    assert answer["violations"] == []
    assert faults(problem, answer) == []
    assert wrong_bill(problem, answer) == []


def test_from_standard_input_without_what_may_be_left_out() -> None:
    code, out, _ = run(json.dumps(small()))
    assert code == 0
    assert json.loads(out)["objective_eur"] == pytest.approx(0.0075)


def test_figures_that_cannot_be_still_give_a_plan_and_are_named() -> None:
    car = {"id": "car", "arrive_step": 0, "depart_step": -1, "energy_kwh": 5, "max_w": 7000}
    full = {"id": "b", "capacity_kwh": 5, "soc_kwh": 9, "charge_w": 1000, "discharge_w": 1000}
    code, out, _ = run(
        json.dumps(small(import_price=[None, 0.1], load_w=[100, float("nan")], evs=[car], batteries=[full]))
    )
    assert code == 0
    causes = " ".join(v["cause"] for v in json.loads(out)["violations"])
    for words in ("import_price", "load_w", "soc_kwh: 9 is above 5", "departure is in the past"):
        assert words in causes


def test_a_battery_and_a_car_may_have_the_same_id() -> None:
    car = {"id": "1", "arrive_step": 0, "depart_step": 2, "energy_kwh": 1, "max_w": 7000}
    store = {"id": "1", "capacity_kwh": 5, "soc_kwh": 2, "charge_w": 1000, "discharge_w": 1000}
    code, out, _ = run(json.dumps(small(evs=[car], batteries=[store])))
    answer = json.loads(out)
    assert code == 0
    assert list(answer["evs"]) == list(answer["batteries"]) == ["1"]
    assert answer["evs"]["1"]["delivered_kwh"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "line 1, column 2"),
        ("[]", "the document: expected an object"),
        ("{}", "'import_price' is missing"),
        (json.dumps(small(load_w=[1.0])), "load_w: 1 entries for 2 steps"),
        (json.dumps(small(load_w=["a", 1])), "load_w[0]: expected a number"),
        (json.dumps(small(start="yesterday")), "start: expected a date and time"),
        (json.dumps(small(start="2026-01-15T00:00:00")), "no offset from UTC"),
        (json.dumps(small(step_minutes=0)), "step_minutes: expected minutes"),
        (json.dumps(small(import_prise=[])), "import_prise: unknown key; did you mean 'import_price'?"),
        (json.dumps(small(evs=[{"id": "car"}])), "evs[0]: 'arrive_step' is missing"),
        (json.dumps(small(evs=[7])), "evs[0]: expected an object"),
        (json.dumps(small(import_price=[], load_w=[], export_price=[])), "no step to plan"),
        (json.dumps(small(batteries=[{"id": "b", "capacity_kwh": 1, "soc_kwh": 1}] * 2)), "use another"),
    ],
)
def test_what_is_no_problem_is_refused_with_its_place(text: str, words: str) -> None:
    code, out, err = run(text)
    assert code == 2
    assert out == ""
    assert words in err
    assert all(line.startswith("standard input: ") for line in err.strip().splitlines())


def test_a_file_that_is_not_there_is_named() -> None:
    result = CliRunner().invoke(app, ["plan", "nowhere.json"])
    assert result.exit_code == 2
    assert "nowhere.json: cannot be read" in result.stderr
