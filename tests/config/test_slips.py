"""Slips of the pen are refused with what was meant, and files that are no site file are refused soon."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kwartier.config import Inspection, inspect, slips
from kwartier.site.errors import ConfigError

SLIPS = [
    # old text, new text, line, key path, words
    ("limit_a: 32", "limit_a: 32,5", 10, "circuits[garage].limit_a", "Write 32.5, with a point"),
    ("limit_a: 32", "limit_a: 32 A", 10, "circuits[garage].limit_a", "Write 32, "),
    ("limit_a: 32", 'limit_a: "32"', 10, "circuits[garage].limit_a", "without a unit or quotes"),
    ("limit_a: 32", "limit_a: 3x32A", 10, "circuits[garage].limit_a", "Write 32, "),
    (
        "limit_a: 40",
        "limit_a: 40\n    contract_kw: 17,25 kW",
        6,
        "circuits[grid].contract_kw",
        "Write 17.25, ",
    ),
    (
        "limit_a: 40",
        "limit_a: 40\n    contract_kw: 17250 W",
        6,
        "circuits[grid].contract_kw",
        "number alone, in kW",
    ),
    ("socket: 2", 'socket: "2"', 27, "charge_points[right].socket", "Write 2, "),
    ("max_a: 16", "phases: L1,L2", 29, "charge_points[right].phases", "Write [1, 2]."),
    ("max_a: 16", "phases: [L2, L3, L1]", 29, "charge_points[right].phases", "Write [2, 3, 1]."),
    ("max_a: 16", "phases: 2", 29, "charge_points[right].phases", "Write [2] for one phase"),
    ("max_a: 16", "phases: 3", 29, "charge_points[right].phases", "[3] for one on L3"),
    ("max_a: 16", "phases: all", 29, "charge_points[right].phases", "expected a list"),
    (
        "unit=5",
        "unit=5\n    options: {invert: yes}",
        18,
        "meters[pv].options.invert",
        "found 'yes'. Write true",
    ),
    ("unit=5", "unit=5\n    options: geheim", 18, "meters[pv].options", "found something else"),
    ("type: p1", "type: P1", 13, "meters[main].type", "Did you mean 'p1'?"),
    ("type: alfen-ng9xx", "type: Alfen", 20, "charge_points[left].type", "'alfen-ng9xx' or 'alfen-scn'?"),
    (
        "limit_a: 32",
        "limit_a: 32\n    fuse: {type: c, rating_a: 32}",
        11,
        "circuits[garage].fuse.type",
        "'C'?",
    ),
    ("name: House", "name: House\n  currency: NO", 3, "site.currency", "three capitals"),
    ("max_a: 16", "max_a: 16\n    interval_s: 2", 30, "charge_points[right].interval_s", "differs from 1 s"),
    ("max_a: 16", "max_a: 16\n    interval_s: 60", 30, "charge_points[right].interval_s", "at most 5"),
]

SYNTAX = [
    # old text, new text, line, words
    ("    parent: grid", "\tparent: grid", 9, "a tab stands here. Indent with spaces"),
    ("    parent: grid", "   parent: grid", 9, "does not start in the column"),
    ("parent: grid", "parent:grid", 9, "this line is no key with its value"),
    ("name: House", "name: House: big", 2, "a colon is not expected here"),
    ("name: House", "name: 'House", 2, "a quote that opens here is never closed"),
    ("limit_a: 40", "limit_a: [40, 40, 40", 5, "a bracket that opens here is never closed"),
    ("  - id: garage", "    id: garage", 8, "start the next entry of a list with '- '"),
    ("meters:", "---\nmeters:", 11, "a second document starts here"),
]


@pytest.mark.parametrize(("old", "new", "line", "path", "words"), SLIPS)
def test_a_slip_is_told_with_what_was_meant(
    changed: Callable[..., Inspection], old: str, new: str, line: int, path: str, words: str
) -> None:
    """Commas, units, quotes, phases with letters, yes and no: one error, at its place, with the right value."""
    inspection = changed((old, new))
    found = [str(p) for p in inspection.errors if p.line == line and p.path == path]
    assert len(found) == 1, [str(p) for p in inspection.problems]
    assert words in found[0]


@pytest.mark.parametrize(("old", "new", "line", "words"), SYNTAX)
def test_bad_yaml_is_told_in_plain_words(
    changed: Callable[..., Inspection], old: str, new: str, line: int, words: str
) -> None:
    """The words of the parser do not reach an installer, and the line is that of the slip."""
    (problem,) = changed((old, new)).problems
    assert words in str(problem)
    assert problem.line == line


@pytest.mark.parametrize("text", ["1.2.3", "", "A", "32,5,1", "-"])
def test_what_is_no_figure_is_not_taken_for_one(text: str) -> None:
    """Nothing is proposed for text that is not plainly a number."""
    assert slips.number(text, "limit_a") is None


@pytest.mark.parametrize("value", [True, 0, 4, [1, 2], "L4", "L1,L2,L3,L1", None, "", [[1]]])
def test_what_is_no_phase_is_not_taken_for_one(value: object) -> None:
    """Nothing is proposed for what is a list of numbers already, or names no phase."""
    assert slips.phases(value) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: " + "[" * 2000, "1:20: error: the keys are nested too deeply"),
        ("a: " + "[\n" * 200_000, "the keys are nested too deeply"),
        ("".join(f"{' ' * i}a:\n" for i in range(400)), "the keys are nested too deeply"),
        ("- " * 2000, "the keys are nested too deeply"),
        ("a:\n" + "- 1\n" * 60_000, "more than 30000 keys and entries"),
        ("a: " + "x" * 6000, "this line has 6003 characters"),
        ("# x\n" * 130_000, "larger than 500000 bytes"),
    ],
    ids=["brackets", "lines of brackets", "keys in keys", "dashes", "entries", "long line", "huge"],
)
def test_a_file_beyond_all_measure_is_given_up(tmp_path: Path, text: str, words: str) -> None:
    """What is deeper, longer or larger than any site file is refused, where it passes the bound."""
    path = tmp_path / "site.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        told = "\n".join(str(p) for p in inspect(path).problems)
    except ConfigError as error:  # a file that cannot be read at all
        told = str(error)
    assert words in told


def test_a_thousand_unknown_keys_are_told_up_to_a_bound(tmp_path: Path) -> None:
    """The first five hundred are enough to see that it is the wrong file."""
    path = tmp_path / "site.yaml"
    path.write_text("".join(f"k{i}: 1\n" for i in range(1000)), encoding="utf-8")
    assert len(inspect(path).errors) == 500


def test_the_largest_site_that_is_meant_passes(tmp_path: Path) -> None:
    """A thousand charge points, written out, are far inside the bounds."""
    point = (
        "  - {{id: p{0}, type: alfen-ng9xx, url: 'modbus-tcp://10.0.{1}.{2}', circuit: grid, "
        "phases: [1, 2, 3], min_a: 6, max_a: 32, weight: 1, priority: 0, fallback_a: 0}}\n"
    )
    points = "".join(point.format(i, i // 250, i % 250 + 1) for i in range(1000))
    path = tmp_path / "site.yaml"
    path.write_text(
        "site: {name: Big}\ncircuits:\n  - {id: grid, limit_a: 2500, base_load_a: 3}\ncharge_points:\n"
        + points,
        encoding="utf-8",
    )
    assert inspect(path).problems == ()
