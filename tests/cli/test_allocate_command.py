"""`kwartier allocate`: the answer as documented, and errors that name their place."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kwartier.cli.app import app

PROBLEM = {
    "circuits": [
        {"id": "grid", "parent": None, "limit_a": [63, 63, 63], "base_load_a": [10.0, 4.2, -3.0]},
        {"id": "garage", "parent": "grid", "limit_a": [32, 32, 32], "base_load_a": [0, 10, 0]},
    ],
    "chargers": [
        {
            "id": "c1",
            "circuit": "garage",
            "phases": [1, 2, 3],
            "min_a": 6,
            "max_a": 16,
            "weight": 1,
            "priority": 0,
            "waiting_s": 0,
        },
        {"id": "c2", "circuit": "garage", "phases": [2], "min_a": 6, "max_a": 32},
        {"id": "c3", "circuit": "garage", "phases": [2, 3], "min_a": 6, "max_a": 32},
    ],
}


def run(text: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["allocate", "-"], input=text)
    return result.exit_code, result.stdout, result.stderr


def changed(path: str, value: object) -> str:
    """The problem with one value at `circuits.0.parent` or the like put in its place."""
    document = json.loads(json.dumps(PROBLEM))
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    at = document
    for step in way:
        at = at[step]
    at[last] = value
    return json.dumps(document)


def test_a_limit_on_the_sum_of_the_phases_is_kept_and_shown() -> None:
    """20 A left over the phases of the garage: too little for six conductors at 6 A, enough for two chargers."""
    exit_code, out, _ = run(changed("circuits.1.limit_total_a", 30))
    assert exit_code == 0
    answer = json.loads(out)
    assert [g["current_a"] for g in answer["grants"]] == [0.0, 6.666666667, 6.666666667]
    assert answer["grants"][1]["phase"] is None
    assert "over its phases together: 30 A limit, 10 A other load" in answer["grants"][1]["reason"]
    assert [c.get("slack_total_a") for c in answer["circuits"]] == [None, 0.0]


def test_imbalance_is_kept_and_named() -> None:
    """L2 carries 4.2 A and L3 feeds 3 A: 7.8 A more, and they lie 15 A apart."""
    document = json.loads(changed("circuits.0.imbalance_a", 15))
    document["circuits"][1]["base_load_a"] = [0, 0, 0]
    document["chargers"] = [{"id": "c", "circuit": "garage", "phases": [2], "min_a": 6, "max_a": 32}]
    exit_code, out, _ = run(json.dumps(document))
    assert exit_code == 0
    grant = json.loads(out)["grants"][0]
    assert (grant["current_a"], grant["limited_by"], grant["phase"]) == (7.8, "grid", 2)
    assert grant["reason"] == "L2 of circuit 'grid' lies 15 A above L3, the most it may"
    exit_code, _, err = run(changed("circuits.0.imbalance_a", -1))
    assert exit_code == 2
    assert "circuits[0].imbalance_a: expected a number from 0" in err


def test_the_answer_has_the_documented_form(tmp_path: Path) -> None:
    """From a file: grants in order with a reason, circuits with used and slack, free of rounding noise."""
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(PROBLEM))
    result = CliRunner().invoke(app, ["allocate", str(file)])
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    words = "circuit 'garage' is full on L2: 32 A limit, 10 A other load, shared by 3 chargers"
    assert answer == {
        "grants": [
            {"id": f"c{n}", "current_a": 7.333333333, "limited_by": "garage", "phase": 2, "reason": words}
            for n in (1, 2, 3)
        ],
        "circuits": [
            {
                "id": "grid",
                "used_a": [17.333333333, 36.2, 11.666666667],
                "slack_a": [45.666666667, 26.8, 51.333333333],
            },
            {
                "id": "garage",
                "used_a": [7.333333333, 32.0, 14.666666667],
                "slack_a": [24.666666667, 0.0, 17.333333333],
            },
        ],
    }


def test_a_charger_bound_by_itself_names_no_phase() -> None:
    """`limited_by` is "charger" and `phase` null."""
    code, out, _ = run(changed("chargers.0.max_a", 6.5))
    assert code == 0
    first = json.loads(out)["grants"][0]
    assert (first["current_a"], first["limited_by"], first["phase"]) == (6.5, "charger", None)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (
            "chargers.1.min_a",
            -1,
            "standard input: chargers[1].min_a: expected a number from 0 to 1,000,000, not -1",
        ),
        ("chargers.1.min_a", "6", 'chargers[1].min_a: expected a number from 0 to 1,000,000, not "6"'),
        ("chargers.1.max_a", True, "chargers[1].max_a: expected a number"),
        ("chargers.1.weight", 0, "chargers[1].weight: expected a number from 1e-06"),
        ("chargers.1.priority", 1.5, "chargers[1].priority: expected a whole number, not 1.5"),
        ("chargers.1.phases", [0, 1], "chargers[1].phases: expected one to three different ones of 1, 2, 3"),
        ("chargers.1.phases", [2, 2], "chargers[1].phases"),
        ("chargers.1.phases", [], "chargers[1].phases"),
        ("chargers.1.circuit", "garag", "chargers[1].circuit: 'garag' is no circuit; did you mean 'garage'?"),
        ("chargers.1.id", "c1", "chargers[1].id: 'c1' is also the id of chargers[0]"),
        ("chargers.1.wieght", 2, "chargers[1].wieght: unknown key; did you mean 'weight'?"),
        ("chargers.1", 3, "chargers[1]: expected an object, not 3"),
        ("chargers", {}, "chargers: expected an array"),
        ("circuits.1.parent", "gird", "circuits[1].parent: 'gird' is no circuit; did you mean 'grid'?"),
        ("circuits.0.parent", "garage", "feed each other in a circle: grid -> garage -> grid"),
        ("circuits.1.id", "grid", "circuits[1].id: 'grid' is also the id of circuits[0]"),
        ("circuits.1.limit_a", [32, 32], "circuits[1].limit_a: expected three numbers"),
        ("circuits.1.limit_a", [32, -1, 32], "circuits[1].limit_a[1]: expected a number from 0"),
        ("circuits.1.base_load_a", [0, float("nan"), 0], "NaN"),
        ("charger", [], "charger: unknown key; did you mean 'chargers'?"),
    ],
)
def test_each_error_names_its_place_and_what_was_expected(path: str, value: object, says: str) -> None:
    """Misuse ends with code 2, a sentence on standard error, and no answer."""
    code, out, err = run(changed(path, value))
    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "line 1, column 2"),
        ("[]", "the document: expected an object"),
        ("{}", "'circuits' is missing"),
        ('{"circuits": [], "circuits": [], "chargers": []}', "has the key 'circuits' twice"),
        ('{"circuits": [{"id": "a"}], "chargers": []}', "circuits[0]: 'limit_a' is missing"),
        ('{"circuits": [{"id": "a", "limit_a": [1, 1e999, 1]}], "chargers": []}', "limit_a[1]"),
        ("[" * 100000, "nested"),
    ],
)
def test_what_is_no_problem_at_all_is_told_so(text: str, says: str) -> None:
    """Broken JSON, the wrong shape, keys given twice, numbers out of this world."""
    code, _, err = run(text)
    assert code == 2
    assert says in err


def test_all_errors_are_told_at_once() -> None:
    """Nobody repairs a file error by error."""
    document = json.loads(changed("chargers.0.min_a", -1))
    document["circuits"][0]["limit_a"] = 63
    code, _, err = run(json.dumps(document))
    assert code == 2
    assert len(err.splitlines()) == 2


def test_a_file_that_is_not_there_is_named() -> None:
    """No traceback for a slip of the keyboard."""
    result = CliRunner().invoke(app, ["allocate", "/nowhere/problem.json"])
    assert result.exit_code == 2
    assert "/nowhere/problem.json: cannot be read" in result.stderr
