"""Why each charger gets what it gets, as reasons that the catalogue turns into words."""

from collections.abc import Sequence

from kwartier.control.allocation.shapes import Allocation, AllocCharger, AllocCircuit, Grant
from kwartier.control.allocation.sharing import tree_of
from kwartier.control.allocation.tree import Tree
from kwartier.site.reasons import Reason, reason


def explain(
    circuits: Sequence[AllocCircuit], chargers: Sequence[AllocCharger], allocation: Allocation
) -> tuple[Reason, ...]:
    """One reason per grant, in order, for the very problem that gave this allocation."""
    tree = tree_of(circuits)
    base = tree.gather([value for c in circuits for value in c.base_load_a])
    sharers = [0] * (tree.row_count + len(circuits))
    for charger, grant in zip(chargers, allocation.grants, strict=True):
        if grant.admitted:
            rows = tree.reach(charger.circuit, charger.phases).rows
            for row in rows:
                sharers[row] += 1
            for at in {row // 3 for row in rows}:
                sharers[tree.row_count + at] += 1
    return tuple(
        _reason(tree, circuits, charger, grant, base, sharers)
        for charger, grant in zip(chargers, allocation.grants, strict=True)
    )


def _reason(
    tree: Tree,
    circuits: Sequence[AllocCircuit],
    charger: AllocCharger,
    grant: Grant,
    base: Sequence[float],
    sharers: Sequence[int],
) -> Reason:
    if grant.total:
        return _total_reason(tree, circuits, charger, grant, base, sharers)
    if grant.phase is None:
        return _own_reason(charger, grant)
    if grant.against is not None:
        return _uneven_reason(tree, circuits, charger, grant)
    return _circuit_reason(tree, circuits, charger, grant, base, sharers)


def _circuit_reason(
    tree: Tree,
    circuits: Sequence[AllocCircuit],
    charger: AllocCharger,
    grant: Grant,
    base: Sequence[float],
    sharers: Sequence[int],
) -> Reason:
    circuit, phase = grant.limited_by, grant.phase or 1
    row = 3 * tree.index[circuit] + phase - 1
    limit_a, base_a, count = float(circuits[row // 3].limit_a[phase - 1]), float(base[row]), sharers[row]
    if grant.code == "base_load":
        return reason("share_base_load", circuit=circuit, phase=phase, limit_a=limit_a, base_a=base_a)
    if grant.code == "no_room":
        return reason(
            "share_no_room",
            circuit=circuit,
            phase=phase,
            min_a=float(charger.min_a),
            limit_a=limit_a,
            base_a=base_a,
            sharers=count,
        )
    if count == 1:
        return reason("share_full_alone", circuit=circuit, phase=phase, limit_a=limit_a, base_a=base_a)
    return reason("share_full", circuit=circuit, phase=phase, limit_a=limit_a, base_a=base_a, sharers=count)


def _total_reason(
    tree: Tree,
    circuits: Sequence[AllocCircuit],
    charger: AllocCharger,
    grant: Grant,
    base: Sequence[float],
    sharers: Sequence[int],
) -> Reason:
    """Of the sum of a circuit's phases. `sharers` counts, per circuit, in its place after the rows."""
    circuit, at = grant.limited_by, tree.index[grant.limited_by]
    limit_a, base_a = float(circuits[at].limit_total_a or 0.0), float(sum(base[3 * at : 3 * at + 3]))
    count = sharers[tree.row_count + at]
    if grant.code == "base_load":
        return reason("share_total_base_load", circuit=circuit, limit_a=limit_a, base_a=base_a)
    if grant.code == "no_room":
        need_a = float(charger.min_a * len(charger.phases))
        return reason(
            "share_total_no_room",
            circuit=circuit,
            need_a=need_a,
            limit_a=limit_a,
            base_a=base_a,
            sharers=count,
        )
    return reason("share_total_full", circuit=circuit, limit_a=limit_a, base_a=base_a, sharers=count)


def _uneven_reason(
    tree: Tree, circuits: Sequence[AllocCircuit], charger: AllocCharger, grant: Grant
) -> Reason:
    circuit, phase, against = grant.limited_by, grant.phase or 1, grant.against or 1
    limit_a = float(circuits[tree.index[circuit]].imbalance_a or 0.0)
    if grant.admitted:
        return reason("share_imbalance", circuit=circuit, phase=phase, against=against, limit_a=limit_a)
    return reason(
        "share_imbalance_no_room",
        circuit=circuit,
        phase=phase,
        against=against,
        limit_a=limit_a,
        min_a=float(charger.min_a),
    )


def _own_reason(charger: AllocCharger, grant: Grant) -> Reason:
    max_a = float(charger.max_a)
    if grant.code == "own_maximum":
        return reason("share_own_maximum", max_a=max_a)
    if max_a <= 0.0:
        return reason("share_zero_maximum")
    return reason("share_never", max_a=max_a, min_a=float(charger.min_a))
