"""`kwartier run` with a UTC clock that runs faster: `python fast_run.py WALL UTC SPEED run SITE ...`.

At the wall clock's WALL it is UTC, and SPEED seconds pass in each. Everything else is the real program.
"""

import sys
import time

from kwartier.cli import main
from kwartier.edge.host.clock import RealClock

wall_s, utc_s, speed = (float(a) for a in sys.argv[1:4])


def fast_utc_s(self: RealClock) -> float:
    """UTC on the fast clock."""
    return utc_s + (time.time() - wall_s) * speed


RealClock.utc_s = fast_utc_s  # type: ignore[method-assign]
sys.argv = ["kwartier", *sys.argv[4:]]
main()
