"""What is wrong with a site file is said with line, key and cure, all of it at once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kwartier.config import Inspection, SiteFileError, inspect, load
from kwartier.config.document import parse
from kwartier.config.loading import inspect_document

Inspect = Callable[..., Inspection]

# old text, new text, severity, line, key path, words
WRONG = [
    # keys and kinds of values
    ("  name: House", "  nam: House", "error", 2, "site.nam", "Did you mean 'name'?"),
    ("  name: House", "  nam: House", "error", 1, "site.name", "Add name: what people call the site"),
    ("limit_a: 40", "limit_a: forty amps", "error", 5, "circuits[grid].limit_a", "forty amps"),
    ("limit_a: 40", "limit_a: true", "error", 5, "circuits[grid].limit_a", "neither a number"),
    ("limit_a: 40", "limit_a:", "error", 5, "circuits[grid].limit_a", "neither a number"),
    ("limit_a: 40", "limit_a: .nan", "error", 5, "circuits[grid].limit_a", "expected a"),
    ("limit_a: 40", "limit_a: [40, 40]", "error", 5, "circuits[grid].limit_a", "at least 3 entries"),
    ("socket: 2", "socket: 2.5", "error", 27, "charge_points[right].socket", "a whole number, found 2.5"),
    ("socket: 2", "socket: two", "error", 27, "charge_points[right].socket", "found 'two'"),
    ("  name: House", "  name: House\n  time_zone: Brussel", "error", 3, "site.time_zone", "Europe/Brussels"),
    ("id: garage", "id: The Garage", "error", 8, "circuits[The Garage].id", "Write the-garage"),
    ("meters:", "rules: []\nmeters:", "error", 11, "rules", "not supported by this version"),
    ("meters:", "metres:", "error", 11, "metres", "Did you mean 'meters'?"),
    ("max_a: 16", "phases: [1, 4]", "error", 29, "charge_points[right].phases", "different ones of 1, 2, 3"),
    ("max_a: 16", "min_a: 5", "error", 29, "charge_points[right].min_a", "at least 6"),
    # limits
    ("limit_a: 40", "limit_a: 0", "error", 5, "circuits[grid].limit_a", "above 0, found 0"),
    ("limit_a: 40", "limit_a: -3", "error", 5, "circuits[grid].limit_a", "above 0, found -3"),
    ("limit_a: 40", "limit_a: [40, 0, 40]", "error", 5, "circuits[grid].limit_a[#2]", "above 0, found 0"),
    (
        "limit_a: 32",
        "limit_a: 50",
        "warning",
        10,
        "circuits[garage].limit_a",
        "50 A on L1 is more than the 40 A",
    ),
    (
        "limit_a: 32",
        "limit_a: 32\n    fuse: {type: C, rating_a: 25}",
        "error",
        10,
        "circuits[garage].limit_a",
        "32 A is more than the 25 A of the fuse",
    ),
    (
        "safe_current_a: 10",
        "safe_current_a: 41",
        "error",
        7,
        "circuits[grid].safe_current_a",
        "limit of 40 A",
    ),
    ("    safe_current_a: 10\n", "", "warning", 6, "circuits[grid].meter", "charging stops while the meter"),
    ("    meter: main\n    safe_current_a: 10\n", "", "warning", 4, "circuits[grid]", "nothing measures"),
    ("max_a: 16", "max_a: 5.5", "error", 29, "charge_points[right].max_a", "below min_a 6 A"),
    (
        "limit_a: 32",
        "limit_a: 5",
        "error",
        10,
        "circuits[garage].limit_a",
        "not even one charger fits: 5 A on L1, less than the 6 A that 'left' needs at least",
    ),
    (
        "limit_a: 32",
        "limit_a: 11",
        "error",
        10,
        "circuits[garage].limit_a",
        "fall back to 2 x 6 A = 12 A on L1, more than the 11 A",
    ),
    (
        "    fallback_a: 6\n  - id: right",
        "  - id: right",
        "error",
        19,
        "charge_points[left].fallback_a",
        "missing",
    ),
    # the tree and references
    ("parent: grid", "parent: gird", "error", 9, "circuits[garage].parent", "Did you mean 'grid'?"),
    ("    parent: grid\n", "", "error", 8, "circuits[garage]", "'grid' is the grid connection already"),
    ("parent: grid", "parent: garage", "error", 9, "circuits[garage].parent", "garage -> garage"),
    ("limit_a: 40", "limit_a: 40\n    parent: garage", "error", 10, "circuits[garage].parent", "in a circle"),
    ("meter: main", "meter: mian", "error", 6, "circuits[grid].meter", "Did you mean 'main'?"),
    ("circuit: garage", "circuit: carport", "error", 22, "charge_points[left].circuit", "are grid, garage"),
    ("id: right", "id: pv", "error", 24, "charge_points[pv].id", "another of the meters"),
    ("id: garage", "id: grid", "error", 8, "circuits[grid].id", "another of the circuits"),
    # devices
    ("type: p1", "type: p2", "error", 13, "meters[main].type", "Known: p1"),
    (
        "type: alfen-ng9xx",
        "type: alfen-ng9x",
        "error",
        20,
        "charge_points[left].type",
        "Did you mean 'alfen-ng9xx'?",
    ),
    ("type: alfen-ng9xx", "type: p1", "error", 20, "charge_points[left].type", "there is no type 'p1'"),
    ("serial:///dev/ttyUSB0", "usb:///dev/ttyUSB0", "error", 14, "meters[main].url", "serial:///dev/ttyUSB0"),
    ("?unit=5", "?unti=5", "error", 17, "meters[pv].url", "did you mean 'unit'"),
    ("    socket: 2\n", "", "error", 26, "charge_points[right].url", "is the address of 'left' already"),
    (
        "modbus-tcp://192.168.0.10\n",
        "modbus-rtu:///dev/ttyUSB1\n",
        "error",
        21,
        "charge_points[left].url",
        "does not speak modbus-rtu",
    ),
    (
        "socket: 2",
        "socket: 3",
        "error",
        19,
        "charge_points[left]",
        "has sockets 1 and 2",
    ),
    (
        "unit=5",
        "unit=5\n    options: {checksum: auto}",
        "error",
        18,
        "meters[pv].options.checksum",
        "for P1 ports",
    ),
    (
        "type: p1",
        "type: p1\n    options: {invert: true}",
        "error",
        14,
        "meters[main].options.invert",
        "Modbus",
    ),
    (
        "type: p1",
        "type: p1\n    options: {checksum: never}",
        "error",
        14,
        "meters[main].options.checksum",
        "'auto'",
    ),
    # formulas
    ("limit_a: 32", "limit_a: 32 * AVAIL", "error", 10, "circuits[garage].limit_a", "max_a: 63"),
    (
        "limit_a: 32",
        'limit_a: {formula: "32 * ", max_a: 32}',
        "error",
        10,
        "circuits[garage].limit_a.formula",
        "32 * \n         ^",
    ),
    (
        "limit_a: 32",
        "limit_a: {formula: main.powr_w, max_a: 32}",
        "error",
        10,
        "circuits[garage].limit_a.formula",
        "Did you mean main.power_w?",
    ),
    (
        "limit_a: 32",
        "limit_a: {formula: 40 - main.current_a, max_a: 32}",
        "warning",
        10,
        "circuits[garage].limit_a.formula",
        "while main.current_a is missing",
    ),
]


@pytest.mark.parametrize(("old", "new", "severity", "line", "path", "words"), WRONG)
def test_a_slip_is_named_with_line_key_and_cure(
    changed: Inspect, old: str, new: str, severity: str, line: int, path: str, words: str
) -> None:
    """Each slip gives a problem at its line and key whose sentence tells what to do."""
    inspection = changed((old, new))
    hits = [p for p in inspection.problems if (p.severity, p.line, p.path) == (severity, line, path)]
    assert any(words in str(p) for p in hits), [str(p) for p in inspection.problems]
    assert (inspection.config is None) == bool(inspection.errors)


FORMULAS = [
    ("55 * AVAIL / 100", {"AVAIL": 50}, None),
    ("55000 * AVAIL / 100", {"AVAIL": 50}, "divide by 1000"),
    ("50 * AVAIL / 100", {"AVAIL": 100}, "the maximum of 32 A holds"),
    ("1 / AVAIL", {"AVAIL": 0}, "division by zero"),
    ("AVAIL - 5", {"AVAIL": 5}, "nothing may charge"),
    ("AVAIL + avail2", {"AVAIL": 5, "Avail": 6, "avail2": 1}, "one name"),
]


@pytest.mark.parametrize(("formula", "variables", "words"), FORMULAS)
def test_a_formula_is_tried_with_the_variables_as_they_stand(
    changed: Inspect, formula: str, variables: dict[str, float], words: str | None
) -> None:
    """A formula that has no answer, counts in mA or never limits is found before it runs."""
    lines = "".join(f"  {name}: {value}\n" for name, value in variables.items())
    limit = f'limit_a: {{formula: "{formula}", max_a: 32}}'
    inspection = changed(("limit_a: 32", limit), more=f"variables:\n{lines}")
    said = "\n".join(map(str, inspection.problems))
    assert said == "" if words is None else words in said


def test_the_good_file_has_no_problem(write: Callable[[str], Path], good: str) -> None:
    """Nothing is said about a file that is right."""
    assert inspect(write(good)).problems == ()


def test_all_errors_come_at_once_in_the_order_of_lines(changed: Inspect) -> None:
    """Slips of every kind in one file are all reported, sorted, at their own lines."""
    inspection = changed(
        ("  name", "  naam"),
        ("limit_a: 40", "limit_a: 0"),
        ("parent: grid", "parent: gird"),
        ("type: p1", "type: p2"),
        ("circuit: garage", "circuit: carport"),
        ("max_a: 16", "max_a: 1"),
        more="rules: []\n",
    )
    found = [(p.line, p.path) for p in inspection.errors]
    assert found == [
        (1, "site.name"),
        (2, "site.naam"),
        (5, "circuits[grid].limit_a"),
        (9, "circuits[garage].parent"),
        (13, "meters[main].type"),
        (22, "charge_points[left].circuit"),
        (29, "charge_points[right].max_a"),
        (31, "rules"),
    ]


def test_an_entry_that_cannot_be_read_is_not_called_unknown(changed: Inspect) -> None:
    """A wrong circuit is reported once, not again at each charge point that names it."""
    inspection = changed(("limit_a: 32", "limit_a: 0"))
    assert [p.path for p in inspection.problems] == ["circuits[garage].limit_a"]


BROKEN_FILES = [
    ("", 1, "the file is empty"),
    ("- a\n- b\n", 1, "does not start with keys"),
    ("site:\n\tname: x\n", 2, "spaces, not with tabs"),
    ("site: {name: x\ncircuits: []\n", 1, "a bracket that opens here is never closed"),
    ("site:\n  name: a: b\n", 2, "between quotes"),
    ("site: {name: x}\nsite: {name: y}\n", 2, "'site' stands here twice"),
    ("site: {name: x}\ncircuits: 5\n", 2, "expected a list"),
    ("a: " + "[" * 1000, 1, "nested too deeply"),
    ("a: &a {b: *a}\n", 1, ""),
    (
        "a0: &a0 [1, 1]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}1]\n" for n in range(1, 30)),
        1,
        "aliases",
    ),
]


@pytest.mark.parametrize(("text", "line", "words"), BROKEN_FILES)
def test_what_is_no_site_file_at_all_is_refused_with_its_line(
    write: Callable[[str], Path], text: str, line: int, words: str
) -> None:
    """YAML that cannot be parsed gives a sentence with a line, never a traceback."""
    problem = inspect(write(text)).problems[0]
    assert problem.severity == "error"
    assert problem.line == line
    assert words in str(problem)


def test_entries_may_share_keys_by_an_anchor(write: Callable[[str], Path]) -> None:
    """YAML's merge keys save repetition, and what is wrong in a merged entry still has a line of that entry."""
    text = """\
site: {name: x}
circuits:
  - {id: grid, limit_a: 40, base_load_a: 10}
charge_points:
  - &usual {id: one, type: alfen-ng9xx, url: "modbus-tcp://10.0.0.1", circuit: grid, fallback_a: 6}
  - {<<: *usual, id: two, socket: 2}
"""
    assert inspect(write(text)).problems == ()
    (problem,) = inspect(write(text.replace(", socket: 2", ""))).problems
    assert (problem.line, problem.path) == (6, "charge_points[two].url")


def test_load_raises_with_every_error(write: Callable[[str], Path], good: str) -> None:
    """load() tells all errors in one exception, each with the file's name."""
    path = write(good.replace("limit_a: 40", "limit_a: 0").replace("type: p1", "type: p2"))
    with pytest.raises(SiteFileError) as caught:
        load(path)
    assert str(caught.value).count(f"{path}:") == 2


EDITS = st.lists(
    st.tuples(
        st.integers(0, 26),
        st.sampled_from(
            [
                "drop",
                "twice",
                "x: 1",
                "  id: 5",
                "    limit_a: [1, x, 3]",
                "- []",
                "    parent: {a: b}",
                "null",
            ]
        ),
    ),
    max_size=4,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EDITS)
def test_no_edit_of_a_file_makes_it_raise(good: str, edits: list[tuple[int, str]]) -> None:
    """Lines lost, doubled or replaced give problems inside the file or a good site, nothing else."""
    lines = good.splitlines()
    for at, edit in edits:
        line = lines[at]
        lines[at] = {"drop": "", "twice": f"{line}\n{line}"}.get(edit, edit)
    text = "\n".join(lines)
    try:
        inspection = inspect_document(parse("site.yaml", text), Path())
    except SiteFileError as error:
        problems = error.problems
    else:
        problems = inspection.problems
        assert (inspection.config is None) == bool(inspection.errors)
    assert all(1 <= p.line <= text.count("\n") + 2 for p in problems)
