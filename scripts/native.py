"""Compile the rooms that decide and simulate with mypyc, into a tree of their own: build/native. src/ stays as it is.

    scripts/native.py            compile what has changed (five minutes of one core the first time)
    scripts/native.py --check    run the same seeds of the soak compiled and interpreted: all figures and set-points alike?

To use it: PYTHONPATH=build/native .venv/bin/python -m kwartier soak ...
Needs a C compiler and Python's headers (Debian: apt-get install gcc python3-dev).
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from native_source import HELPER, Fields, fields_of, rewritten

if TYPE_CHECKING:
    from setuptools import Extension

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "kwartier"
TREE = ROOT / "build" / "native"
ROOMS = ("site", "safety", "metering", "control", "simulation")
LEFT = (
    "site/values.py",  # makes the decorator
    "simulation/soak.py",
    "simulation/recording.py",
    "simulation/bench.py",
    "simulation/backtest/",
    "simulation/emulators/",
)
"""Not compiled: what talks, reads files, or is not hot."""
DONE = TREE / "done"
GROUP = "kwartier_native"
FLAGS = ("-DNDEBUG", "-ffp-contract=off", "-fno-semantic-interposition")
"""No product and sum in one rounding: a decision must be the same to the bit."""
SEEDS = (
    (1, 0.3),
    (2, 0.3),
    (3, 0.3),
    (4, 0.1),
    (5, 0.3),
    (7, 0.3),
    (9, 0.02),
    (12, 0.3),
    (13, 0.3),
    (18, 0.2),
)
"""Seeds of the soak and for how many days: random sites of all sizes, both sites by steps, one with batteries."""


def main() -> int:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="compare with the interpreted source")
    parser.add_argument("--jobs", type=int, default=2, help="compilers at work at the same time")
    parser.add_argument("--in-tree", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--seed", nargs=2, action="append", metavar=("SEED", "DAYS"), help="with --check")
    asked = parser.parse_args()
    if asked.in_tree:
        compile_tree(asked.jobs)
        return 0
    if asked.check:
        return check([(int(s), float(d)) for s, d in asked.seed or SEEDS])
    if not write_tree() and DONE.exists():
        print("build/native is as the source")
        return 0
    DONE.unlink(missing_ok=True)
    command = [sys.executable, __file__, "--in-tree", "--jobs", str(asked.jobs)]
    done = subprocess.run(command, cwd=TREE, check=False)
    if done.returncode == 0:
        DONE.touch()
    return done.returncode


def modules() -> list[str]:
    """Files to compile, relative to the package."""
    names = [
        p.relative_to(SOURCE).as_posix() for room in ROOMS for p in sorted((SOURCE / room).rglob("*.py"))
    ]
    return [n for n in names if not n.endswith("__init__.py") and not n.startswith(LEFT)]


def write_tree() -> bool:
    """Write the whole package as it is to be compiled, and tell whether anything has changed. Only what has changed is written, so that only that is compiled."""
    compiled = set(modules())
    known: Fields = {}
    for name in compiled:
        known |= fields_of((SOURCE / name).read_text())
    there, changed = set(), False
    for path in SOURCE.rglob("*"):
        if path.is_dir() or "__pycache__" in path.parts:
            continue
        name = path.relative_to(SOURCE).as_posix()
        data = path.read_bytes()
        if name in compiled:
            data = rewritten(data.decode(), known).encode()
        elif name == "site/values.py":
            data += HELPER.encode()
        target = TREE / "kwartier" / name
        there.add(target)
        if not target.exists() or target.read_bytes() != data:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            changed = True
    for old in (TREE / "kwartier").rglob("*"):
        module = old.with_name(old.name.split(".")[0] + ".py")
        gone = old.suffix == ".py" and old not in there
        if gone or (old.suffix == ".so" and module.relative_to(TREE / "kwartier").as_posix() not in compiled):
            old.unlink()
            changed = True
    return changed


def compile_tree(jobs: int) -> None:
    """With the tree as current folder: to C, and that to extension modules."""
    from mypyc.build import mypycify  # noqa: PLC0415 - slow to import, and --check does without

    options = ["--config-file=", "--strict", "--explicit-package-bases", "--ignore-missing-imports"]
    files = [f"kwartier/{name}" for name in modules()]
    made = mypycify([*options, *files], opt_level="1", debug_level="0", multi_file=True, group_name=GROUP)
    with ThreadPoolExecutor(jobs) as pool:
        for extension in made:
            _compile(extension, pool)


def _compile(extension: "Extension", pool: ThreadPoolExecutor) -> None:
    """Compile what is newer than its object, and link. (setuptools would compile all of it, one after the other.)"""
    var = sysconfig.get_config_vars()
    includes = [f"-I{folder}" for folder in (sysconfig.get_paths()["include"], *extension.include_dirs)]
    own = [f for f in extension.extra_compile_args if not f.startswith("-W")]
    compiler = [*shlex.split(var["CC"]), *shlex.split(var["CCSHARED"]), *own, *FLAGS, *includes]
    headers = max((p.stat().st_mtime for p in Path("build").rglob("*.h")), default=0.0)
    objects, todo = [], []
    for source in map(Path, extension.sources):
        made = Path("build", "objects", *source.with_suffix(".o").parts[-3:])
        objects.append(str(made))
        if not made.exists() or made.stat().st_mtime < max(source.stat().st_mtime, headers):
            made.parent.mkdir(parents=True, exist_ok=True)
            todo.append([*compiler, "-c", str(source), "-o", str(made)])
    for _ in pool.map(lambda command: subprocess.run(command, check=True), todo):
        pass
    target = Path(*extension.name.split(".")).with_suffix(var["EXT_SUFFIX"])
    if todo or not target.exists():
        subprocess.run([*shlex.split(var["LDSHARED"]), *objects, "-o", str(target)], check=True)


PROBE = """
import hashlib, json, resource, sys
from time import process_time
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
import kwartier.control.step as step
from kwartier.simulation import soak
from kwartier.simulation.runner import judge
print(json.dumps({"compiled": not step.__file__.endswith(".py")}), flush=True)
for seed, days in json.loads(sys.argv[1]):
    seen = hashlib.sha256()
    def look(picture, decision):
        told = (picture.now_s, decision.setpoints, decision.batteries, decision.messages)
        seen.update(repr(told).encode())
    soak.judge = lambda run, duration_s: judge(run, duration_s=duration_s, on_step=look)
    began_s = process_time()
    line = soak.run_job(soak.job_of(seed, days))
    line["cpu_s"] = process_time() - began_s
    print(json.dumps({**line, "decisions": seen.hexdigest()}), flush=True)
"""
"""Runs seeds of the soak; of each the line, and a checksum of all decisions with their reasons and messages. Its memory is
bounded: where a compiler makes a list of what never ends, it must end with an error, not with the machine."""


def check(seeds: list[tuple[int, float]]) -> int:
    """Print how each seed fared; 1 if any differs."""
    sides = []
    for tree in (TREE, SOURCE.parent):
        command = [sys.executable, "-c", PROBE, json.dumps(seeds)]
        environment = {**os.environ, "PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        sides.append([json.loads(text) for text in done.stdout.splitlines()])
    native, plain = sides
    if not native.pop(0)["compiled"] or plain.pop(0)["compiled"]:
        print("build/native is not compiled: run scripts/native.py first")
        return 1
    different = 0
    for ours, theirs in zip(native, plain, strict=True):
        ours_s, theirs_s = ours.pop("cpu_s"), theirs.pop("cpu_s")
        apart = [key for key in ours if ours[key] != theirs[key]]
        different += bool(apart)
        verdict = f"differs in {', '.join(apart)}" if apart else "the same"
        print(
            f"seed {ours['seed']}, {ours['story']}, {ours['points']} points, {ours['steps']} decisions: {verdict}; "
            f"{theirs_s:.2f} s interpreted, {ours_s:.2f} s compiled, {theirs_s / ours_s:.2f} x"
        )
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
