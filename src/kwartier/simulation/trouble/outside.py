"""Limits that come from outside.

`limit_flicker`   for 3 s in every 7 the circuit may carry only the share `amount`
`limit_expires`   it may carry all; after half the time that runs out and the share `amount` is left
`limit_nonsense`  NaN, which must mean nothing
"""

from collections.abc import Iterable
from math import nan

from kwartier.simulation.faults import Fault
from kwartier.site.phases import PhaseVector
from kwartier.site.setpoints import Limit
from kwartier.site.topology import Site

SOURCE = "operator"
ON_S, PERIOD_S = 3, 7


def limits(site: Site, faults: Iterable[Fault], run_s: float, now_s: float) -> tuple[Limit, ...]:
    """The limits that faults make at `run_s`, which is `now_s` on the controller's clock."""
    out = []
    for fault in faults:
        if not fault.kind.startswith("limit"):
            continue
        whole = site.circuit[fault.target].limit_a
        share: PhaseVector = (whole[0] * fault.amount, whole[1] * fault.amount, whole[2] * fault.amount)
        if fault.kind == "limit_nonsense":
            out.append(Limit(circuit_id=fault.target, value_a=(nan, nan, nan), source=SOURCE))
        elif fault.kind == "limit_expires":
            until_s = now_s - run_s + (fault.start_s + fault.end_s) / 2.0
            out.append(
                Limit(
                    circuit_id=fault.target,
                    value_a=whole,
                    source=SOURCE,
                    valid_until_s=until_s,
                    after_a=share,
                )
            )
        elif (run_s - fault.start_s) % PERIOD_S < ON_S:
            out.append(Limit(circuit_id=fault.target, value_a=share, source=SOURCE))
    return tuple(out)
