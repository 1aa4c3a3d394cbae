"""The README promises only what exists."""

import re
from pathlib import Path

import pytest
import typer.main
from typer.core import TyperGroup

from kwartier.cli.app import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
_ROOT_COMMAND = typer.main.get_command(app)
assert isinstance(_ROOT_COMMAND, TyperGroup)
COMMANDS = _ROOT_COMMAND.commands


def test_every_command_in_the_readme_exists() -> None:
    """`kwartier x y` in the README is a command of the program, down to the second word where it has one."""
    for first, second in re.findall(r"\bkwartier ([a-z0-9]+)(?: ([a-z]+)\b)?", README):
        assert first in COMMANDS, f"there is no command kwartier {first}"
        command = COMMANDS[first]
        if isinstance(command, TyperGroup) and second:
            assert second in command.commands, f"there is no command kwartier {first} {second}"


def test_every_command_stands_in_the_readme() -> None:
    """The table of commands leaves none out."""
    rows = set(re.findall(r"^\| `kwartier ([a-z0-9]+)", README, re.MULTILINE))
    assert rows == set(COMMANDS)


def test_every_option_in_the_readme_exists() -> None:
    """An option that the README writes behind a command, on the same line, is one of that command."""
    found = 0
    for line in README.splitlines():
        named = re.search(r"\bkwartier ([a-z0-9]+)", line.replace('make demo DEMO="', "kwartier demo "))
        for option in set(re.findall(r"(?<!-)--[a-z][a-z-]*", line)) - {"--help"}:
            assert named, f"whose option is {option}?"
            options = {o for parameter in COMMANDS[named[1]].params for o in parameter.opts}
            assert option in options, f"kwartier {named[1]} has no {option}"
            found += 1
    assert found


def test_every_chore_in_the_readme_exists() -> None:
    """`make x` in the README is a target of the Makefile, and a chore that is listed."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    chores = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    promised = set(re.findall(r"(?<![\w.])make ([a-z-]+)\b(?= +#|`| DEMO)", README))
    assert promised >= {"demo", "test", "kill-test", "schema"}
    assert promised == chores - {"help"}, "each is told of, and is there"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A relative link leads to a file that exists."""
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_formula_of_the_readme_is_right() -> None:
    """The formula that the README shows compiles and means what the text around it says."""
    from kwartier.protocols.formula import compile_formula  # noqa: PLC0415

    (text,) = re.findall(r'formula: "([^"]+)"', README)
    formula = compile_formula(text)
    assert [formula.evaluate({"AVAIL": avail}) for avail in (40, 50, 100)] == [16, 20, 40]
