"""The process that protects the site holds no arrays and no solver: they live in the planner's."""

import subprocess
import sys

IMPORT_ALL = """
import importlib, pkgutil, sys
import kwartier
ALONE = {"kwartier.edge.plan.worker"}
for room in ("edge", "web", "historian", "devices", "config", "control", "safety", "metering", "protocols", "site"):
    package = importlib.import_module(f"kwartier.{room}")
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if module.name not in ALONE:
            importlib.import_module(module.name)
import kwartier.planning.billing, kwartier.planning.price_outlook, kwartier.planning.situation
heavy = sorted(m for m in sys.modules if m in {"numpy", "highspy", "scipy", "pandas"})
print(len(sys.modules), heavy)
sys.exit(bool(heavy))
"""


def test_no_module_of_the_running_site_loads_arrays() -> None:
    """All modules of all rooms that run at a site, the worker's alone left out."""
    done = subprocess.run([sys.executable, "-c", IMPORT_ALL], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
