"""Makes one deliberate mistake in a safety rule at a time, and sees whether the tests notice.

    python scripts/mutate.py [ID ...] [--jobs N]

For each entry of `scripts/mutations.toml`: copy the source, make the mistake in the copy, run the tests named. A
mistake that the tests do not notice is a hole in them: exit code 1. The same tests are first run on the
source as it is, for a test that always fails notices nothing.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "scripts" / "mutations.toml"
LONGEST_S = 900.0
PASSED, FAILED = 0, 1
"""pytest's exit codes; any other means that the tests did not run, which proves nothing."""
NO_SHRINKING = """
from hypothesis import Phase, settings

settings.register_profile("mutant", phases=(Phase.explicit, Phase.generate), database=None)
settings.load_profile("mutant")
"""
"""A pytest plugin: a property that fails has done its work here; the smallest counterexample is not wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One mistake: in `file` (below src/kwartier) `before` becomes `after`; `tests` must notice."""

    id: str
    rule: str
    file: str
    before: str
    after: str
    tests: list[str]


def read(path: Path = LIST) -> list[Mutation]:
    """All mutations. Raises ValueError where an id stands twice."""
    with path.open("rb") as file:
        found = [Mutation(**entry) for entry in tomllib.load(file)["mutation"]]
    ids = [m.id for m in found]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise ValueError(f"{path.name}: these ids stand twice: {', '.join(twice)}")
    return found


def mutated(source: str, mutation: Mutation) -> str:
    """The source with the mistake in it. Raises ValueError unless `before` stands there exactly once."""
    count = source.count(mutation.before)
    if count != 1:
        raise ValueError(
            f"{mutation.id}: {mutation.before!r} stands {count} times in {mutation.file}, not once"
        )
    return source.replace(mutation.before, mutation.after)


def run_tests(source: Path, tests: list[str]) -> int:
    """pytest's exit code for these tests on the package below `source`. Tests that take longer than
    `LONGEST_S` count as failed: a mistake that makes a loop endless is noticed too."""
    with tempfile.TemporaryDirectory(prefix="kwartier-plugin-") as plugins:
        (Path(plugins) / "no_shrinking.py").write_text(NO_SHRINKING, encoding="utf-8")
        paths = f"{source}{os.pathsep}{plugins}"
        env = os.environ | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no_shrinking"]
        try:
            return subprocess.run(
                [*command, *tests], cwd=ROOT, env=env, capture_output=True, timeout=LONGEST_S, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            return FAILED


def attempt(mutation: Mutation) -> int:
    """The exit code of the tests with the mistake in place."""
    with tempfile.TemporaryDirectory(prefix="kwartier-mutant-") as folder:
        copy = Path(folder) / "kwartier"
        shutil.copytree(ROOT / "src" / "kwartier", copy, ignore=shutil.ignore_patterns("__pycache__"))
        file = copy / mutation.file
        file.write_text(mutated(file.read_text(encoding="utf-8"), mutation), encoding="utf-8")
        return run_tests(Path(folder), mutation.tests)


def main() -> int:
    """Run; 0 when every mistake was noticed."""
    parser = argparse.ArgumentParser(description="Make mistakes in the safety rules and see the tests fail.")
    parser.add_argument("ids", nargs="*", metavar="ID", help="only these; all when left out")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    wanted = parser.parse_args()
    mutations = [m for m in read() if not wanted.ids or m.id in wanted.ids]
    if missing := sorted(set(wanted.ids) - {m.id for m in mutations}):
        print(f"no such mutation: {', '.join(missing)}", file=sys.stderr)
        return 2
    began_s = time.monotonic()
    tests = sorted({t for m in mutations for t in m.tests})
    if (code := run_tests(ROOT / "src", tests)) != PASSED:
        print(
            f"the tests fail on the source as it is (pytest says {code}): {' '.join(tests)}", file=sys.stderr
        )
        return 1
    holes = 0
    with ThreadPoolExecutor(wanted.jobs) as pool:
        for mutation, code in zip(mutations, pool.map(attempt, mutations), strict=True):
            noticed = code == FAILED
            holes += not noticed
            words = "noticed" if noticed else "NOT NOTICED" if code == PASSED else f"pytest says {code}"
            print(f"{words:12} {mutation.id:40} {mutation.rule}", flush=True)
    print(f"{len(mutations) - holes} of {len(mutations)} noticed in {time.monotonic() - began_s:.0f} s")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
