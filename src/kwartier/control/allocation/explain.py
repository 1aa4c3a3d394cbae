"""Why each charger gets what it gets, as reasons that the catalogue turns into words."""

from collections.abc import Sequence

from kwartier.control.allocation.shapes import Allocation, AllocCharger, AllocCircuit, Grant
from kwartier.control.allocation.sharing import tree_of
from kwartier.control.allocation.tree import Tree
from kwartier.site.reasons import TEXTS, Reason, reason

_CARRIES = {
    "en": "{limit_a} A limit, {base_a} A other load",
    "nl": "grens {limit_a} A, andere belasting {base_a} A",
}

TEXTS.update(
    {
        "allocation.own_maximum": {
            "en": "the charger's own maximum of {max_a} A",
            "nl": "het eigen maximum van de lader, {max_a} A",
        },
        "allocation.never_zero": {
            "en": "the charger's maximum is 0 A",
            "nl": "het maximum van de lader is 0 A",
        },
        "allocation.never": {
            "en": "the charger's maximum of {max_a} A is below its minimum of {min_a} A",
            "nl": "het maximum van de lader, {max_a} A, ligt onder zijn minimum van {min_a} A",
        },
        "allocation.circuit_full": {
            "en": f"circuit '{{circuit}}' is full on L{{phase}}: {_CARRIES['en']}, shared by {{sharers}} chargers",
            "nl": f"kring '{{circuit}}' is vol op L{{phase}}: {_CARRIES['nl']}, gedeeld door {{sharers}} laders",
        },
        "allocation.circuit_full_alone": {
            "en": f"circuit '{{circuit}}' is full on L{{phase}}: {_CARRIES['en']}, and this charger",
            "nl": f"kring '{{circuit}}' is vol op L{{phase}}: {_CARRIES['nl']}, en deze lader",
        },
        "allocation.no_room": {
            "en": "circuit '{circuit}' has no room on L{phase} for the minimum of {min_a} A: "
            f"{_CARRIES['en']}, {{sharers}} chargers go first",
            "nl": "kring '{circuit}' heeft op L{phase} geen plaats voor het minimum van {min_a} A: "
            f"{_CARRIES['nl']}, {{sharers}} laders gaan voor",
        },
        "allocation.base_load": {
            "en": "circuit '{circuit}' is over its limit on L{phase} without any charger: " + _CARRIES["en"],
            "nl": "kring '{circuit}' zit op L{phase} ook zonder laders boven de grens: " + _CARRIES["nl"],
        },
    }
)


def explain(
    circuits: Sequence[AllocCircuit], chargers: Sequence[AllocCharger], allocation: Allocation
) -> tuple[Reason, ...]:
    """One reason per grant, in order, for the very problem that gave this allocation."""
    tree = tree_of(circuits)
    base = tree.gather([value for c in circuits for value in c.base_load_a])
    sharers = [0] * tree.row_count
    for charger, grant in zip(chargers, allocation.grants, strict=True):
        if grant.admitted:
            for row in tree.reach(charger.circuit, charger.phases).rows:
                sharers[row] += 1
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
    max_a, min_a = float(charger.max_a), float(charger.min_a)
    if grant.phase is None:
        if grant.code == "own_maximum":
            return reason("allocation.own_maximum", max_a=max_a)
        if max_a <= 0.0:
            return reason("allocation.never_zero")
        return reason("allocation.never", max_a=max_a, min_a=min_a)
    at = tree.index[grant.limited_by]
    row = 3 * at + grant.phase - 1
    place: dict[str, str | float] = {
        "circuit": grant.limited_by,
        "phase": grant.phase,
        "limit_a": float(circuits[at].limit_a[grant.phase - 1]),
        "base_a": float(base[row]),
    }
    if grant.code == "base_load":
        return reason("allocation.base_load", **place)
    if grant.code == "no_room":
        return reason("allocation.no_room", **place, min_a=min_a, sharers=sharers[row])
    if sharers[row] == 1:
        return reason("allocation.circuit_full_alone", **place)
    return reason("allocation.circuit_full", **place, sharers=sharers[row])
