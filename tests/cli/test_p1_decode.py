"""`kwartier p1 decode` as a user runs it: one JSON line a telegram, and an honest exit code."""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[1] / "data" / "p1"
GOOD = DATA / "nl_v42_kaifa_2019.txt"
CUT = DATA / "nl_v50_am550_cut_then_good.txt"
SEALED = DATA / "enc_glo_ciphering_t210dr.bin"


COMMAND = [sys.executable, "-c", "from kwartier.cli import main; main()", "p1", "decode"]


TYPER = [sys.executable, "-c", "from kwartier.cli.app import app; app()", "p1", "decode"]
KEY = "0123456789abcdef" * 2


def run(*arguments: str, data: bytes = b"") -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, JSON lines and error output."""
    done = subprocess.run([*COMMAND, *arguments], input=data, capture_output=True, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode()


@pytest.mark.parametrize(
    "arguments",
    [
        (str(GOOD), str(CUT)),
        ("-",),
        (),
        (str(SEALED), "--key", KEY, "--auth-key", KEY.upper()),
        ("--key", KEY, "--key", KEY[::-1], str(SEALED)),
        (f"--key={KEY}", str(SEALED)),
        ("--", str(GOOD)),
        (str(GOOD), "--help"),
        (str(GOOD), "--key"),
        (str(GOOD), "--key", "12"),
        (str(GOOD), "no-such-file.txt"),
        (str(DATA),),
        ("",),
        ("--what",),
    ],
)
def test_the_short_way_and_typer_agree(arguments: tuple[str, ...]) -> None:
    """Whether the arguments go past Typer or through it, exit code, output and errors are the same."""
    short, full = (
        subprocess.run([*command, *arguments], input=GOOD.read_bytes(), capture_output=True, check=False)
        for command in (COMMAND, TYPER)
    )
    assert (short.returncode, short.stdout, short.stderr) == (full.returncode, full.stdout, full.stderr)


def test_plain_use_loads_no_typer() -> None:
    """A one-shot filter pays for decoding, not for the command line's libraries."""
    program = (
        "import sys\nfrom kwartier.cli import main\ntry:\n    main()\nfinally:\n"
        "    print(*{'typer', 'rich', 'pydantic', 'dataclasses'} & set(sys.modules), file=sys.stderr)"
    )
    command = [sys.executable, "-c", program, "p1", "decode", str(GOOD)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert json.loads(done.stdout)["ok"]
    assert not done.stderr.strip()


def test_good_recordings_exit_0() -> None:
    """Each telegram is one line, with the file it came from, in order."""
    other = DATA / "at_sagemcom_min.txt"
    code, lines, _ = run(str(GOOD), str(other))
    assert code == 0
    assert [(line["ok"], line["source"], line["crc"]) for line in lines] == [
        (True, str(GOOD), "ok"),
        (True, str(other), "ok"),
    ]
    assert lines[1]["energy_import_kwh"] == 3930.632


def test_bad_telegram_exits_1_and_is_shown() -> None:
    """A cut telegram is a line of its own; the good one after it comes out."""
    code, lines, _ = run(str(CUT))
    assert code == 1
    assert [(line["ok"], line["offset"], line.get("error")) for line in lines] == [
        (False, 0, "truncated"),
        (True, 422, None),
    ]


def test_standard_input_is_read() -> None:
    """Without a file, and for -, the telegrams come from standard input."""
    for arguments in ((), ("-",)):
        code, [line], _ = run(*arguments, data=GOOD.read_bytes())
        assert (code, line["ok"], line["source"]) == (0, True, "-")


def test_standard_input_is_told_at_once() -> None:
    """A telegram is printed when it is complete, not when the input ends."""
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(GOOD.read_bytes())
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["ok"]
        process.stdin.close()
        assert process.wait(20) == 0


def test_nothing_found_exits_1() -> None:
    """Input without a telegram is a negative answer."""
    assert run(data=b"nothing here\r\n")[:2] == (1, [])


@pytest.mark.parametrize(
    "arguments", [("no-such-file.txt",), ("--key", "12"), ("--key", "zz" * 16), ("--what",)]
)
def test_misuse_exits_2(arguments: tuple[str, ...]) -> None:
    """A missing file and a key that is none are told in a sentence, without a traceback."""
    code, lines, errors = run(*arguments)
    assert (code, lines) == (2, [])
    assert errors
    assert "Traceback" not in errors


def test_encrypted_recording_needs_its_key() -> None:
    """With the key it is a telegram; without it the line tells what to give."""
    code, [line], _ = run("--key", "AA" * 16, str(SEALED))
    assert (code, line["ok"], line["energy_import_kwh"]) == (0, True, 6545.766)
    code, [line], _ = run(str(SEALED))
    assert (code, line["error"]) == (1, "undecodable")
    assert "--key" in line["detail"]


def test_a_reader_that_stops_early_is_no_error() -> None:
    """`kwartier p1 decode | head -1` ends quietly."""
    command = shlex.join([*COMMAND, *[str(GOOD)] * 200]) + " | head -1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=False)
    assert done.stderr == b""
    assert json.loads(done.stdout)["ok"]
