"""`kwartier catalog` as a user meets it."""

import json

from typer.testing import CliRunner

from kwartier.cli.catalog import app


def _run(*args: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, args)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def test_list_names_every_device() -> None:
    """One line per device, honest about what was never read from one."""
    code, out, _ = _run()
    assert code == 0
    line = next(line for line in out.splitlines() if line.startswith("socomec-countis-e27 "))
    assert "Countis E27" in line
    assert "not yet read from a device" in line


def test_list_for_programs() -> None:
    """`--json` gives the same as data."""
    code, out, _ = _run("--json")
    assert code == 0
    kinds = {device["id"]: device["kind"] for device in json.loads(out)}
    assert kinds["alfen-ng9xx"] == "charger"
    assert kinds["alfen-scn"] == "charger-group"
    assert kinds["eastron-sdm630"] == "meter"


def test_show_tells_how_to_connect() -> None:
    """The connection to copy, the registers and the quirks of one device."""
    code, out, _ = _run("show", "alfen-ng9xx")
    assert code == 0
    assert "connection: modbus-tcp://HOST:502\n" in out
    assert "1210 (0x04BA)  f32              setpoint_a  (written too)" in out
    assert "Active load balancing" in out
    assert "connection: modbus-tcp://HOST:502?unit=5" in _run("show", "socomec-countis-e27")[1]


def test_show_for_programs() -> None:
    """`show --json` gives the whole entry."""
    code, out, _ = _run("show", "socomec-countis-e27", "--json")
    assert code == 0
    assert json.loads(out)["registers"]["power_w"] == {
        "address": 50536,
        "type": "s32",
        "scale": 10.0,
        "invalid": [2147483647, 2147483648],
    }


def test_unknown_device_is_misuse() -> None:
    """Exit code 2, nothing on stdout, the nearest id on stderr."""
    code, out, err = _run("show", "socomec")
    assert (code, out) == (2, "")
    assert "did you mean 'socomec-countis-e27'" in err


def test_schema_is_json() -> None:
    """The JSON schema of an entry, for editors."""
    code, out, _ = _run("schema")
    assert code == 0
    assert json.loads(out)["additionalProperties"] is False
