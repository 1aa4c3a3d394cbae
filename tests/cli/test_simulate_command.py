"""`kwartier simulate` from outside."""

import json

from typer.testing import CliRunner

from kwartier.cli.app import app

runner = CliRunner()


def test_verdict_in_words() -> None:
    """A quarter of an hour of household ends with a verdict and exit code 0."""
    result = runner.invoke(app, ["simulate", "household", "--hours", "0.25"])
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1] == "verdict: nothing to blame"


def test_verdict_for_programs() -> None:
    """With --json one object tells the same."""
    result = runner.invoke(
        app, ["simulate", "carpark", "--hours", "0.05", "--seed", "3", "--faults", "--json"]
    )
    told = json.loads(result.stdout)
    assert told["good"] is True
    assert (told["scenario"], told["seed"], told["simulated_s"]) == ("carpark", 3, 180)


def test_unknown_scenario_is_misuse() -> None:
    """A wrong name gives a sentence on stderr and exit code 2."""
    result = runner.invoke(app, ["simulate", "factory"])
    assert result.exit_code == 2
    assert "no scenario is called 'factory'" in result.stderr
