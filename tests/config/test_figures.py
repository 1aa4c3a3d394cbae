"""Figures that contradict each other are refused at the desk, with the sum written out."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kwartier.config import Inspection, inspect

BOARDS = """\
site: {name: Boards}
circuits:
  - id: grid
    limit_a: 63
    meter: main
    safe_current_a: 20
  - id: hall
    parent: grid
    limit_a: 40
  - id: west
    parent: hall
    limit_a: 32
    meter: west-meter
    safe_current_a: 12
  - id: east
    parent: hall
    limit_a: 32
    meter: east-meter
    safe_current_a: 12
meters:
  - id: main
    type: p1
    url: serial:///dev/ttyUSB0
  - id: west-meter
    type: socomec-countis-e27
    url: modbus-tcp://10.0.0.4?unit=5
  - id: east-meter
    type: socomec-countis-e27
    url: modbus-tcp://10.0.0.4?unit=6
charge_points:
  - id: one
    type: alfen-ng9xx
    url: modbus-tcp://10.0.0.11
    circuit: west
    fallback_a: 6
  - id: two
    type: alfen-ng9xx
    url: modbus-tcp://10.0.0.12
    circuit: east
    fallback_a: 6
"""
GRID, HALL, WEST, ONE = "    limit_a: 63\n", "    limit_a: 40\n", "    parent: hall\n", "    circuit: west\n"

# what to put behind a line, severity, key path, words
WRONG = [
    # loads and the least of a charger
    (
        [(HALL, "    base_load_a: 36\n")],
        "error",
        "circuits[hall].limit_a",
        "40 A - 36 A base load = 4 A on L1, less than the 6 A that 'one' needs at least",
    ),
    (
        [(HALL, "    base_load_a: [1, 39, 2]\n")],
        "error",
        "circuits[hall].limit_a",
        "40 A - 39 A base load = 1 A on L2",
    ),
    (
        [(HALL, "    base_load_a: 36\n"), (WEST, "    base_load_a: 5\n")],
        "error",
        "circuits[hall].limit_a",
        "36 A (hall) + 5 A (west) = 41 A on L1 are more than its 40 A, without any car",
    ),
    (
        [(HALL, "    base_load_a: 30\n"), (ONE, "    min_a: 13\n")],
        "error",
        "charge_points[one].circuit",
        "in 'hall' 40 A - 30 A base load = 10 A on L1 is less than its min_a of 13 A",
    ),
    ([(HALL, "    base_load_a: -4\n")], "error", "circuits[hall].base_load_a", "-4 A would be room"),
    (
        [(HALL, "    base_load_a: 30\n")],
        "error",
        "circuits[hall].limit_a",
        "fall back to 2 x 6 A + 30 A base load = 42 A on L1, more than the 40 A",
    ),
    # safe currents
    (
        [("    safe_current_a: 20\n", "  - {id: shed, parent: grid, limit_a: 50, base_load_a: 45}\n")],
        "error",
        "circuits[grid].safe_current_a",
        "20 A safe current + 45 A base load behind it = 65 A on L1, more than its 63 A",
    ),
    (
        [(HALL, "    base_load_a: 20\n")],
        "error",
        "circuits[hall].limit_a",
        "the safe currents 12 A (west) + 12 A (east) + 20 A base load = 44 A on L1 are more than its 40 A",
    ),
    (
        [("=safe_current_a: 12", "safe_current_a: 4")],
        "warning",
        "circuits[west].safe_current_a",
        "4 A is less than the 6 A at which 'one' begins",
    ),
    # meters
    (
        [("=meter: west-meter", "meter: main")],
        "error",
        "circuits[west].meter",
        "through 'grid' and through 'west': 'east'",
    ),
    (
        [("=meter: east-meter", "meter: west-meter")],
        "error",
        "circuits[east].meter",
        "'east' is another cable",
    ),
    (
        [("    url: modbus-tcp://10.0.0.4?unit=5\n", "    circuit: grid\n")],
        "error",
        "meters[west-meter].circuit",
        "does not see all that flows through 'west'",
    ),
    (
        [("    url: modbus-tcp://10.0.0.4?unit=5\n", "    role: production\n")],
        "error",
        "circuits[west].meter",
        "it sees the solar panels, not all that flows here",
    ),
    (
        [("=modbus-tcp://10.0.0.4?unit=5", "modbus-tcp://10.0.0.11?unit=5")],
        "error",
        "circuits[west].meter",
        "a meter behind the circuit's own charger sees that charger and nothing else",
    ),
    (
        [("    url: modbus-tcp://10.0.0.4?unit=5\n", "    phases: 1\n")],
        "error",
        "circuits[west].meter",
        "does not see L2 and L3 of it, where 0 A would be reckoned with",
    ),
    (
        [("    url: modbus-tcp://10.0.0.4?unit=5\n", "    options: {conductors: [3]}\n")],
        "error",
        "circuits[west].meter",
        "does not see L1 and L2",
    ),
    (
        [
            ("    url: modbus-tcp://10.0.0.4?unit=5\n", "    phases: 3\n    options: {conductors: [3]}\n"),
        ],
        "error",
        "meters[west-meter].phases",
        "3 phases, and conductors [3]",
    ),
    (
        [("    url: modbus-tcp://10.0.0.4?unit=5\n", "    circuit: wets\n")],
        "error",
        "meters[west-meter].circuit",
        "Did you mean 'west'?",
    ),
    # goals
    (
        [(HALL, "    quarter: {follow: month_peak}\n")],
        "error",
        "circuits[hall].quarter",
        "nothing counts the quarter-hours",
    ),
    (
        [
            (GRID, "    quarter: {follow: fixed, target_kw: 2}\n"),
            (HALL, "    base_load_a: [10, 4, 4]\n"),
        ],
        "error",
        "circuits[grid].quarter.target_kw",
        "4.14 kW base load (10 + 4 + 4 A x 230 V) takes all of 2 kW",
    ),
    ([(GRID, "    quarter: {follow: fixed}\n")], "error", "circuits[grid].quarter", "Add target_kw"),
    (
        [(GRID, "    quarter: {floor_kw: 2500}\n")],
        "error",
        "circuits[grid].quarter.floor_kw",
        "Write it in kW; 2500 W are 2.5",
    ),
    ([(GRID, "    contract_kw: 17250\n")], "error", "circuits[grid].contract_kw", "17250 W are 17.25"),
    (
        [(GRID, "    quarter: {target_kw: 4}\n")],
        "error",
        "circuits[grid].quarter",
        "target_kw is for follow: fixed",
    ),
    (
        [(GRID, "    quarter: {follow: fixed, target_kw: 3, floor_kw: 2}\n")],
        "error",
        "circuits[grid].quarter",
        "floor_kw is for",
    ),
    (
        [(GRID, "    quarter: {follow: none, reserve_kw: 2}\n")],
        "error",
        "circuits[grid].quarter",
        "reserve_kw could lie below",
    ),
    (
        [(GRID, "    quarter: {reserve_kw: 2.5}\n")],
        "error",
        "circuits[grid].quarter.reserve_kw",
        "2.5 kW leaves nothing of the floor_kw of 2.5 kW",
    ),
    (
        [(GRID, "    contract_kw: 5\n    quarter: {follow: fixed, target_kw: 6}\n")],
        "warning",
        "circuits[grid].quarter.target_kw",
        "6 kW is above the contract of 5 kW",
    ),
    (
        [(GRID, "    contract_kw: 1.3\n")],
        "error",
        "circuits[grid].contract_kw",
        "not even one car fits: 6 A x 230 V = 1.38 kW on one phase is more than 1.3 kW",
    ),
    (
        [(GRID, "    contract_kw: 6\n")],
        "warning",
        "circuits[grid].contract_kw",
        "fall back to 36 A over all phases x 230 V = 8.28 kW, more than 6 kW",
    ),
    (
        [(GRID, "    contract_kw: 13\n")],
        "error",
        "circuits[grid].safe_current_a",
        "20 A safe current is 60 A over all phases x 230 V = 13.80 kW, more than the contract of 13 kW",
    ),
    (
        [(GRID, "    export_limit_kw: -1\n")],
        "error",
        "circuits[grid].export_limit_kw",
        "at least 0, found -1",
    ),
    ([(HALL, "    export_limit_kw: 5\n")], "error", "circuits[hall].export_limit_kw", "nothing measures"),
    (
        [(GRID, "    imbalance_a: 5\n"), (ONE, "    phases: [2]\n")],
        "error",
        "circuits[grid].imbalance_a",
        "'one' draws at least 6 A on some phases only, more than the 5 A",
    ),
    (
        [(GRID, "    imbalance_a: 5\n")],
        "warning",
        "circuits[grid].imbalance_a",
        "on one phase with a one-phase car",
    ),
    ([(GRID, "    imbalance_a: 0\n")], "error", "circuits[grid].imbalance_a", "above 0, found 0"),
    # charge points
    ([(ONE, "    start_a: 40\n")], "error", "charge_points[one].start_a", "more than its max_a of 32 A"),
    ([(ONE, "    start_a: 6\n")], "warning", "charge_points[one].start_a", "offered anyhow: min_a is 6 A"),
    (
        [(ONE, "    start_a: 14\n"), (HALL, "    base_load_a: 28\n")],
        "error",
        "charge_points[one].start_a",
        "'hall' has 12 A on L1, less than these 14 A",
    ),
    (
        [(ONE, "    phase_switching: true\n    phases: [2]\n")],
        "error",
        "charge_points[one].phase_switching",
        "it has one phase: there is nothing to switch",
    ),
    (
        [(ONE, "    phase_switching: true\n"), ("=type: alfen-ng9xx", "type: alfen-scn")],
        "error",
        "charge_points[one].phase_switching",
        "'alfen-scn' cannot be told how many phases to use",
    ),
    ([(ONE, "    weight: 1e-9\n")], "error", "charge_points[one].weight", "at least 1e-06"),
    # phases
    ([(HALL, "    phases: [1, 1, 2]\n")], "error", "circuits[hall].phases", "different ones of 1, 2, 3"),
    ([(GRID, "    phases: [2, 3, 1]\n")], "error", "circuits[grid].phases", "are those of the site"),
    (
        [(HALL, "    phases: [2]\n"), (WEST, "    phases: [2]\n")],
        "error",
        "circuits[west].phases",
        "L2: 'hall' has one phase, its L1; phases are counted on the circuit that feeds. Leave phases out",
    ),
    (
        [(HALL, "    phases: [3, 1]\n"), (ONE, "    phases: [1, 2, 3]\n")],
        "error",
        "charge_points[one].phases",
        "L3: 'hall' has two phases".replace("hall", "west"),
    ),
    (
        [("=limit_a: 40", "limit_a: [40, 40, 40]\n    phases: [2]")],
        "error",
        "circuits[hall].limit_a",
        "three figures for a circuit with one phase. Write one number",
    ),
    (
        [(HALL, "    phases: [2]\n    base_load_a: [1, 2, 3]\n")],
        "error",
        "circuits[hall].base_load_a",
        "three figures",
    ),
    (
        [(HALL, "    phases: [2]\n"), ("    url: modbus-tcp://10.0.0.4?unit=5\n", "    phases: 3\n")],
        "error",
        "meters[west-meter].phases",
        "its circuit 'west' has 1",
    ),
    (
        [(HALL, "    phases: [3, 1, 2]\n    base_load_a: [36, 0, 0]\n")],
        "error",
        "circuits[hall].limit_a",
        "40 A - 36 A base load = 4 A on L1 (L3 of the site)",
    ),
    # nets without neutral
    (
        [("=Boards}", "Boards, three_wire: true}"), (ONE, "    phases: [2]\n")],
        "error",
        "charge_points[one].phases",
        "hangs between two lines and loads both. Write the two lines, for example phases: [1, 2]",
    ),
    (
        [("=Boards}", "Boards, three_wire: true}"), (ONE, "    phase_switching: true\n")],
        "error",
        "charge_points[one].phase_switching",
        "no single phase to charge on",
    ),
    (
        [("=Boards}", "Boards, three_wire: true}"), (HALL, "    phases: [2]\n")],
        "error",
        "circuits[hall].phases",
        "two lines or three",
    ),
    (
        [("=Boards}", "Boards, three_wire: true}"), (GRID, "    phases: [1]\n")],
        "error",
        "circuits[grid].phases",
        "no three_wire",
    ),
    (
        [("=Boards}", "Boards, three_wire: true}"), (GRID, "    imbalance_a: 20\n")],
        "error",
        "circuits[grid].imbalance_a",
        "cannot be weighed",
    ),
    ([("=Boards}", "Boards, three_wire: yes}")], "error", "site.three_wire", "Write true"),
]


def changed(changes: list[tuple[str, str]]) -> str:
    """Put each text behind its line, or with = in front in its place."""
    text = BOARDS
    for where, what in changes:
        old = where.removeprefix("=")
        assert old in text
        text = text.replace(old, what if where.startswith("=") else old + what, 1)
    return text


@pytest.mark.parametrize(("changes", "severity", "path", "words"), WRONG)
def test_a_contradiction_is_told_with_its_arithmetic(
    write: Callable[[str], Path], changes: list[tuple[str, str]], severity: str, path: str, words: str
) -> None:
    """Each at the key where it can be mended, in a sentence that holds the sum."""
    inspection = inspect(write(changed(changes)))
    hits = [str(p) for p in inspection.problems if (p.severity, p.path) == (severity, path)]
    assert any(words in hit for hit in hits), [str(p) for p in inspection.problems]
    assert (inspection.config is None) == bool(inspection.errors)


RIGHT = [
    [],
    [(HALL, "    phases: [2, 3, 1]\n"), (ONE, "    phases: [2]\n")],
    [(GRID, "    quarter: {follow: fixed, target_kw: 5}\n    imbalance_a: 20\n    export_limit_kw: 0\n")],
    [(ONE, "    phase_switching: true\n    start_a: 14\n")],
    [("=Boards}", "Boards, three_wire: true}"), (ONE, "    phases: [3, 1]\n")],
    [("    url: modbus-tcp://10.0.0.4?unit=5\n", "    phases: 3\n    circuit: west\n")],
]


@pytest.mark.parametrize("changes", RIGHT)
def test_what_is_right_is_not_spoken_of(write: Callable[[str], Path], changes: list[tuple[str, str]]) -> None:
    """Neighbours of the cases above that are in order."""
    assert inspect(write(changed(changes))).problems == ()


def test_one_meter_may_guard_a_cable_and_the_board_at_its_end(write: Callable[[str], Path]) -> None:
    """Where the one feeds the other and nothing else, the same current flows in both."""
    text = """\
site: {name: House}
circuits:
  - {id: grid, limit_a: 40, meter: main, safe_current_a: 10}
  - {id: board, parent: grid, limit_a: 32, meter: main, safe_current_a: 10}
meters: [{id: main, type: p1, url: serial:///dev/ttyUSB0}]
charge_points:
  - {id: car, type: alfen-ng9xx, url: "modbus-tcp://10.0.0.1", circuit: board, fallback_a: 6}
"""
    assert inspect(write(text)).problems == ()
    (problem,) = inspect(write(text.replace("parent: grid,", "parent: grid, phases: [2, 3, 1],"))).errors[:1]
    assert "P1 port" in str(problem) or "another order" in str(problem)


def test_two_people_cannot_have_one_card(changed: Callable[..., Inspection]) -> None:
    """However it is written; and a site whose charge points tell no card says so."""
    text = 'users:\n  - {id: ann, rfid: ["04:A1:B2:C3"]}\n  - {id: bob, rfid: [04a1b2c3]}\n'
    inspection = changed(more=text)
    assert [(p.path, p.line) for p in inspection.errors] == [("users[bob].rfid[#1]", 33)]
    assert "the card 04A1B2C3 is that of 'ann' already" in str(inspection.errors[0])
    (told,) = [p for p in inspection.problems if p.path == "users"]
    assert "no card will be known" in str(told)


def test_a_sum_names_line_and_column(write: Callable[[str], Path]) -> None:
    """An editor can jump to the place."""
    path = write(changed([(HALL, "    base_load_a: 36\n")]))
    first = str(inspect(path).errors[0])
    assert first.startswith(f"{path}:9:5: error: circuits[hall].limit_a: ")
