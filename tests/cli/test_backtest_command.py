"""`kwartier backtest` as a user meets it."""

import json
from pathlib import Path

from typer.testing import CliRunner

from kwartier.cli.app import app

run = CliRunner()


def test_a_sample_needs_no_data(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = run.invoke(app, ["backtest", "sample", "--days", "2", "--json", "--html", str(page)])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    case = told["cases"][0]
    assert case["controllers"]["plan"]["car_met_pct"] > 99.0
    assert case["controllers"]["foresight"]["total_eur"] <= case["controllers"]["plan"]["total_eur"] + 0.01
    assert "<svg" in page.read_text(encoding="utf-8")


def test_what_is_wrong_is_said() -> None:
    for arguments, said in (
        (["household"], "--data"),
        (["moon"], "moon"),
        (["household", "--data", "/nowhere"], "be_dayahead"),
        (["household", "--data", "/nowhere", "--load", "htw39"], "--driver"),
        (["sample", "--know", "weather"], "weather"),
    ):
        done = run.invoke(app, ["backtest", *arguments])
        assert done.exit_code == 2
        assert said in done.output
