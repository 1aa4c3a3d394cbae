"""Sharing current among chargers on a tree of circuits, per phase (DESIGN 6.4).

`allocate` answers a whole problem; `fill` only shares room out among takers with bounds; `explain` puts the
grants into words. All are pure and deterministic, and need nothing but the standard library.
"""

from kwartier.control.allocation.explain import explain
from kwartier.control.allocation.filling import fill
from kwartier.control.allocation.shapes import (
    OWN,
    Allocation,
    AllocCharger,
    AllocCircuit,
    CircuitUse,
    Code,
    Filled,
    FillItem,
    Grant,
)
from kwartier.control.allocation.sharing import EFFORT, allocate, let_in, tree_of
from kwartier.control.allocation.takers import takers_of
from kwartier.control.allocation.tree import Tree

__all__ = [
    "EFFORT",
    "OWN",
    "AllocCharger",
    "AllocCircuit",
    "Allocation",
    "CircuitUse",
    "Code",
    "FillItem",
    "Filled",
    "Grant",
    "Tree",
    "allocate",
    "explain",
    "fill",
    "let_in",
    "takers_of",
    "tree_of",
]
