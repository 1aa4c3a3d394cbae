"""Who is let in when the minimums do not all fit: as many as possible, then those who waited longest.

A car below its minimum does not charge at all, so admission is a packing problem: each candidate needs its
minimum on all rows (circuit-phases) that it loads. Wanted is the set that is lexicographically first, in the
order of waiting, among the sets of most members. That is easy where the binding rows are nested and the
minimums equal (a laminar matroid: first come, first in, is exact), and hard in general (one-phase and
three-phase cars on different trees of free phases). So the problem is cut down first:

1. all is counted in whole nanoamperes, and each row's room rounded down to a multiple of what its candidates
   can take, so that no rounding decides who charges;
2. rows that cannot bind are dropped, and so are rows that another row with fewer members implies;
3. candidates behind the same rows with the same minimum are one kind, of which the first in the order go first;
4. what shares no row falls apart into pools, each solved alone (`search`).

Where the sum of a circuit's phases is bounded too, see `mixed`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

from kwartier.control.allocation.mixed import by_search, by_sums, sums_fit
from kwartier.control.allocation.packing import Kind, Pool
from kwartier.control.allocation.search import solve
from kwartier.control.allocation.totals import Totals
from kwartier.control.allocation.tree import Reach, Tree, binding_rows

GRID_A = 1e-9
"""Currents are compared in whole multiples of this."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who is in, per candidate, and whether that is proven best."""

    flags: tuple[bool, ...]
    exact: bool


@dataclass(slots=True)
class _Crowd:
    """Candidates of one reach with one minimum, by their place in the order."""

    reach: Reach
    need: int
    members: list[int]
    rows: tuple[int, ...]


def whole(current_a: float) -> int:
    """A current as a whole number of nanoamperes."""
    return round(current_a / GRID_A)


def admit(
    tree: Tree,
    room_a: Sequence[float],
    reaches: Sequence[Reach],
    min_a: Sequence[float],
    effort: int,
    totals: Totals | None = None,
) -> Admitted:
    """Choose among candidates given in the order in which they go first.

    `room_a`: per row of the tree and then of `totals`, what there is for all of them, A. `effort`: steps that
    the search for the best set may take where there is no direct way (about a microsecond each).
    """
    room = [whole(value) for value in room_a]
    needs = [whole(value) for value in min_a]
    if not totals:
        return _admit_on_phases(tree, room, reaches, needs, effort)
    on_phases = _admit_on_phases(tree, room[: tree.row_count], reaches, needs, effort)
    if sums_fit(room, reaches, needs, on_phases.flags, totals):
        return on_phases
    on_sums = by_sums(tree, room, reaches, needs, totals)
    if _all_fit(tree, room, *_taken(reaches, needs, on_sums)):
        return Admitted(tuple(on_sums), exact=True)
    most = min(sum(on_sums), sum(on_phases.flags) if on_phases.exact else len(reaches))
    flags, proven = by_search(room, reaches, needs, totals, most, float(effort))
    return Admitted(tuple(flags), proven)


def _taken(
    reaches: Sequence[Reach], needs: Sequence[int], flags: Sequence[bool]
) -> tuple[list[Reach], list[int]]:
    return [r for r, flag in zip(reaches, flags, strict=True) if flag], [
        need for need, flag in zip(needs, flags, strict=True) if flag
    ]


def _admit_on_phases(
    tree: Tree, room: list[int], reaches: Sequence[Reach], needs: Sequence[int], effort: int
) -> Admitted:
    flags = [False] * len(reaches)
    if _all_fit(tree, room, reaches, needs):
        return Admitted((True,) * len(flags), exact=True)
    crowds = _crowds(tree, room, reaches, needs)
    room = room[:]
    _round_down(room, crowds)
    _drop_loose_rows(tree, room, crowds)
    exact, left = True, float(effort)
    pools = sorted(_pools(tree, room, _drop_implied_rows(room, crowds, flags)), key=lambda pool: pool.size)
    for pool in pools:
        # The small ones first, and none more than half of it: one hard pool must not starve the others.
        part = left / 2
        chosen, proven, rest = solve(pool, part)
        left += rest - part
        exact = exact and proven
        for place in chosen:
            flags[place] = True
    return Admitted(tuple(flags), exact)


def _all_fit(tree: Tree, room: list[int], reaches: Sequence[Reach], needs: Sequence[int]) -> bool:
    """The everyday case, seen at once."""
    sums: dict[int, int] = {}
    for reach, need in zip(reaches, needs, strict=True):
        sums[reach.number] = sums.get(reach.number, 0) + need
    left = room[:]
    for number, total in sums.items():
        for row in tree.reaches[number].rows:
            left[row] -= total
            if left[row] < 0:
                return False
    return True


def _crowds(tree: Tree, room: list[int], reaches: Sequence[Reach], needs: Sequence[int]) -> list[_Crowd]:
    """Candidates by reach and minimum, without those for whom there is no room even alone."""
    found: dict[tuple[int, int], list[int]] = {}
    for place, (reach, need) in enumerate(zip(reaches, needs, strict=True)):
        found.setdefault((reach.number, need), []).append(place)
    crowds = [_Crowd(tree.reaches[n], need, places, ()) for (n, need), places in found.items()]
    alone = {c.reach.number: min(map(room.__getitem__, c.reach.rows)) for c in crowds}
    return [c for c in crowds if c.need <= alone[c.reach.number]]


def _round_down(room: list[int], crowds: list[_Crowd]) -> None:
    """Loads of a row are sums of minimums: the part of its room above their common divisor is of no use."""
    divisor = gcd(*(c.need for c in crowds))
    if all(c.need in (0, divisor) for c in crowds):
        steps = dict.fromkeys(range(len(room)), divisor)
    else:
        steps = dict.fromkeys(range(len(room)), 0)
        for crowd in crowds:
            for row in crowd.reach.rows:
                steps[row] = gcd(steps[row], crowd.need)
    for row, step in steps.items():
        if step > 1:
            room[row] -= room[row] % step


def _drop_loose_rows(tree: Tree, room: list[int], crowds: list[_Crowd]) -> None:
    wanted = [0] * tree.row_count
    for crowd in crowds:
        for row in crowd.reach.own:
            wanted[row] += crowd.need * len(crowd.members)
    live = binding_rows(tree, wanted, [0] * tree.row_count, room)
    for crowd in crowds:
        if crowd.need:
            crowd.rows = tuple(row for row in crowd.reach.rows if live[row])


def _drop_implied_rows(room: list[int], crowds: list[_Crowd], flags: list[bool]) -> list[Kind]:
    """Merge crowds into kinds and drop each row whose members all load another row with no more room (the
    three phases of a board of three-phase chargers become one). Who loads no row is in."""
    masks: dict[int, int] = {}
    for number, crowd in enumerate(crowds):
        for row in crowd.rows:
            masks[row] = masks.get(row, 0) | 1 << number
    shared: dict[int, set[int]] = {row: set() for row in masks}
    for rows in {crowd.rows for crowd in crowds}:
        for row in rows:
            shared[row].update(rows)
    implied: set[int] = set()
    for row in sorted(masks, key=lambda row: (-room[row], -row)):
        others = shared[row] - implied - {row}
        if any(room[other] <= room[row] and not masks[row] & ~masks[other] for other in others):
            implied.add(row)
    kinds: dict[tuple[tuple[int, ...], int], list[int]] = {}
    for crowd in crowds:
        rows = tuple(row for row in crowd.rows if row not in implied)
        if not rows:
            for place in crowd.members:
                flags[place] = True
        else:
            kinds.setdefault((rows, crowd.need), []).extend(crowd.members)
    return [Kind(rows, need, tuple(sorted(members))) for (rows, need), members in kinds.items()]


def _pools(tree: Tree, room: list[int], kinds: list[Kind]) -> list[Pool]:
    """Kinds that share a row, directly or through others, belong together."""
    leader: dict[int, int] = {}

    def find(row: int) -> int:
        while leader.setdefault(row, row) != row:
            leader[row] = leader[leader[row]]
            row = leader[row]
        return row

    for kind in kinds:
        for row in kind.rows[1:]:
            leader[find(row)] = find(kind.rows[0])
    pools: dict[int, list[Kind]] = {}
    for kind in kinds:
        pools.setdefault(find(kind.rows[0]), []).append(kind)
    return [Pool(tree, room, tuple(members)) for members in pools.values()]
