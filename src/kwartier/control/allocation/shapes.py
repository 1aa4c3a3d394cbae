"""What the allocator is given and what it answers (DESIGN 6.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

from kwartier.site.phases import ZERO, PhaseVector
from kwartier.site.values import valueclass

Code = Literal[
    "own_maximum", "circuit_full", "no_room", "base_load", "never", "imbalance", "imbalance_no_room"
]
"""Why a grant is not more:

- `own_maximum`: the charger's `max_a`; `limited_by` is "charger".
- `circuit_full`: the circuit and phase named are full, or with `total` the circuit's phases together.
- `no_room`: not admitted, the circuit and phase named have less left than its `min_a`; likewise.
- `base_load`: not admitted, the circuit and phase named are over their limit without any charger; likewise.
- `never`: `max_a` is 0 or below `min_a`; `limited_by` is "charger".
- `imbalance`: the phase named of the circuit lies as far above another one (`against`) as it may.
- `imbalance_no_room`: not admitted, its `min_a` would put that phase further above `against` than it may lie.
"""

PAIRS = ((1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2))
"""Each phase above each other: the order of `AllocCircuit.uneven_a`."""

OWN = "charger"
"""`Grant.limited_by` where no circuit is to blame."""


@valueclass(frozen=True, slots=True)
class AllocCircuit:
    """A node of the tree of limits, with what flows in it now."""

    id: str
    parent: str | None
    limit_a: PhaseVector
    """What it may carry per phase, A, all included."""
    base_load_a: PhaseVector = ZERO
    """What it carries itself besides chargers and child circuits, A; negative where it feeds (PV)."""
    limit_total_a: float | None = None
    """What it may carry on the three phases together, A, all included (a power over the voltage); None: no
    such limit. A charger on k phases counts k times its current."""
    imbalance_a: float | None = None
    """How far its phases may lie apart, A, all below included; None: no matter. A phase counts with all that is
    granted on it; what stands against it, with what is certain (`AllocCharger.firm_a`)."""
    uneven_a: tuple[float, float, float, float, float, float] | None = None
    """How far each phase lies above each other at most without the chargers, A, all below included, in the
    order of `PAIRS`; None: as the base loads say. Used with `imbalance_a` only."""


@valueclass(frozen=True, slots=True)
class AllocCharger:
    """Somebody who wants current: the same on each of its phases."""

    id: str
    circuit: str
    phases: tuple[int, ...]
    """Site phases (1 to 3) that its conductors hang on, after rotation."""
    min_a: float
    max_a: float
    weight: float = 1.0
    priority: int = 0
    """Higher is served first, its minimum included."""
    waiting_s: float = 0.0
    """How long it has waited for admission: longest first."""
    firm_a: float = inf
    """The most of its grant that is certain to flow, and so may stand against the load of other phases."""
    sure: bool = True
    """Whether its car draws on all of `phases` alike. While that is not known, it may be the first or the first
    two of them only. For `imbalance_a`."""


@valueclass(frozen=True, slots=True)
class Grant:
    """What one charger gets, and what stands in the way of more."""

    id: str
    current_a: float
    """0 or within [min_a, max_a]."""
    limited_by: str
    """Id of the circuit that binds it, or `OWN`."""
    phase: int | None
    """Site phase (1 to 3) of that circuit; None with `OWN` and with `total`."""
    code: Code
    admitted: bool
    total: bool = False
    """Whether it is the limit on the sum of that circuit's phases that binds."""
    against: int | None = None
    """With `imbalance`: the phase that carries too little for more."""


@valueclass(frozen=True, slots=True)
class CircuitUse:
    """What a circuit carries when every charger draws its grant: base loads of it and of all circuits
    below it, and the grants behind it."""

    id: str
    used_a: PhaseVector
    slack_a: PhaseVector
    """limit_a - used_a; below zero only where the base load alone exceeds the limit."""
    slack_total_a: float | None = None
    """limit_total_a less the sum of the phases, where there is such a limit; below zero likewise."""


@valueclass(frozen=True, slots=True)
class Allocation:
    """Grants and circuits in the order of the input."""

    grants: tuple[Grant, ...]
    circuits: tuple[CircuitUse, ...]
    exact: bool = True
    """False where the search for the largest set of admitted chargers was cut off by its budget: the answer
    keeps every limit and shares fairly, but one more car might have fitted, or one that waited longer."""


@dataclass(frozen=True, slots=True)
class FillItem:
    """One taker of `fill`: gets within [lower_a, upper_a], in proportion to its weight."""

    circuit: str
    phases: tuple[int, ...]
    lower_a: float
    upper_a: float
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Filled:
    """What one taker of `fill` gets; `circuit` and `phase` are None where `upper_a` binds."""

    current_a: float
    circuit: str | None
    phase: int | None


Rows = Sequence[int]
"""Indices of circuit-phases: three times the circuit's index plus phase - 1."""
