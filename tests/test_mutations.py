"""The list of deliberate mistakes (`make mutate`) fits the source as it is now."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
LEAST = 20


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mutate", ROOT / "scripts" / "mutate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutate"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


MUTATE = _script()
MUTATIONS = MUTATE.read()


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: m.id)
def test_each_mistake_can_still_be_made(mutation: object) -> None:
    """What it changes stands exactly once in its file, what comes out is Python, and its tests exist."""
    assert isinstance(mutation, MUTATE.Mutation)
    source = (ROOT / "src" / "kwartier" / mutation.file).read_text(encoding="utf-8")
    compile(MUTATE.mutated(source, mutation), mutation.file, "exec")
    assert mutation.tests
    for test in mutation.tests:
        assert (ROOT / test.split("::")[0]).is_file(), test


def test_there_are_enough_of_them() -> None:
    """At least twenty, over all the rules."""
    assert len(MUTATIONS) >= LEAST


def test_a_mistake_that_fits_nowhere_is_told() -> None:
    """Code that moved away from under its mutation is an error, not a pass."""
    wrong = MUTATE.Mutation(id="x", rule="r", file="f.py", before="nowhere", after="", tests=["t"])
    with pytest.raises(ValueError, match="stands 0 times"):
        MUTATE.mutated("some = 'source'", wrong)
