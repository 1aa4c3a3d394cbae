"""The command that replays a car park."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.simulation.parks import workplace
from typer.testing import CliRunner

from kwartier.cli.app import app
from kwartier.simulation.backtest import park_case

runner = CliRunner()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    case = workplace(42, 1, points=4)

    def load(data: Path, **_: object) -> park_case.Case:
        del data
        return case

    loader: Callable[..., park_case.Case] = load
    monkeypatch.setattr(park_case, "load_case", loader)


ARGUMENTS = [
    "backtest",
    "carpark",
    "--data",
    "somewhere",
    "--first",
    "2024-07",
    "--last",
    "2024-07",
    "--step",
    "900",
]


@pytest.mark.usefixtures("small")
def test_the_table_has_each_way_and_says_what_it_knows() -> None:
    answer = runner.invoke(app, ARGUMENTS)
    assert answer.exit_code == 0, answer.output
    for name in ("uncontrolled", "ours", "perfect foresight"):
        assert f"\n{name} " in answer.stdout
    assert "constant power over the stay: knows departure and energy of each car" in answer.stdout


@pytest.mark.usefixtures("small")
def test_the_json_is_one_object_with_peaks_per_month() -> None:
    answer = runner.invoke(app, [*ARGUMENTS, "--json"])
    result = json.loads(answer.stdout)
    assert result["months"] == ["2024-07"]
    rows = {row["name"]: row for row in result["rows"]}
    assert rows["perfect foresight"]["cost_eur"] < rows["ours"]["cost_eur"] < rows["uncontrolled"]["cost_eur"]
    assert set(rows["ours"]["peak_w"]) == {"2024-07"}


def test_missing_recordings_are_named(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="NOT TESTED: needs the extra `backtest`")
    answer = runner.invoke(app, ["backtest", "carpark", "--data", str(tmp_path)])
    assert answer.exit_code == 2
    assert "--data" in answer.stderr
