"""Admission where phases are short and sums of phases too: a candidate then needs its minimum on some rows
and a multiple of it on others, which the bounds of `search` do not know.

Two relaxations come first, each solved by the ways that are at hand: phases alone, sums alone. Where one's
answer keeps the other's limits it is the answer. Only where both bite is there a search of its own: through
the candidates in their order, each in before out, cut off where no row lets a larger set through than the best
so far. It finds the lexicographically first of the largest sets; with its effort used up, the best it has.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kwartier.control.allocation.packing import Kind, Pool, first_come, smallest_first
from kwartier.control.allocation.totals import Totals
from kwartier.control.allocation.tree import Reach, Tree


@dataclass(slots=True)
class _Sort:
    """Candidates with the same needs on the same rows, by place in the order."""

    needs: tuple[tuple[int, int], ...]
    """Row and what one of them loads it with."""
    members: list[int]


def sums_fit(
    room: Sequence[int], reaches: Sequence[Reach], needs: Sequence[int], flags: Iterable[bool], totals: Totals
) -> bool:
    """Whether those flagged keep the limits on sums."""
    load: dict[int, int] = {}
    for reach, need, flag in zip(reaches, needs, flags, strict=True):
        if flag:
            for row in totals.rows(reach):
                load[row] = load.get(row, 0) + len(reach.own) * need
    return all(total <= room[row] for row, total in load.items())


def by_sums(
    tree: Tree, room: Sequence[int], reaches: Sequence[Reach], needs: Sequence[int], totals: Totals
) -> list[bool]:
    """The largest, then first-come set where only sums are short: their rows are nested along the tree."""
    flags = [False] * len(reaches)
    kinds: dict[tuple[tuple[int, ...], int], list[int]] = {}
    for place, (reach, need) in enumerate(zip(reaches, needs, strict=True)):
        rows, load = totals.rows(reach), len(reach.own) * need
        if not rows or not load:
            flags[place] = True
        elif load <= min(room[row] for row in rows):
            kinds.setdefault((rows, load), []).append(place)
    pool = Pool(tree, room, tuple(Kind(rows, load, tuple(places)) for (rows, load), places in kinds.items()))
    equal = len({kind.need for kind in pool.kinds}) == 1
    for place in first_come(pool) if equal else smallest_first(pool):
        flags[place] = True
    return flags


def by_search(
    room: Sequence[int],
    reaches: Sequence[Reach],
    needs: Sequence[int],
    totals: Totals,
    most: int,
    effort: float,
) -> tuple[list[bool], bool]:
    """The largest, then first-come set on all rows, and whether that is proven. `most`: no set is larger."""
    search = _Search(_sorts(room, reaches, needs, totals), len(reaches), room)
    proven = search.run(most, effort)
    return search.flags(), proven


def _sorts(
    room: Sequence[int], reaches: Sequence[Reach], needs: Sequence[int], totals: Totals
) -> list[_Sort]:
    found: dict[tuple[int, int], _Sort] = {}
    wanted: dict[int, int] = {}
    for place, (reach, need) in enumerate(zip(reaches, needs, strict=True)):
        sort = found.get((reach.number, need))
        if sort is None:
            loads = [(row, need) for row in reach.rows]
            loads += [(row, len(reach.own) * need) for row in totals.rows(reach)]
            sort = found[reach.number, need] = _Sort(tuple(loads), [])
        sort.members.append(place)
        for row, load in sort.needs:
            wanted[row] = wanted.get(row, 0) + load
    for sort in found.values():
        sort.needs = tuple((row, load) for row, load in sort.needs if load and wanted[row] > room[row])
    return list(found.values())


class _Search:
    """Walks through the candidates in order; `_trail` holds, per candidate so far, whether he is in."""

    def __init__(self, sorts: list[_Sort], count: int, room: Sequence[int]) -> None:
        self._sorts = sorts
        self._sort_of = [0] * count
        for k, sort in enumerate(sorts):
            for place in sort.members:
                self._sort_of[place] = k
        self._room = {row: room[row] for sort in sorts for row, _ in sort.needs}
        self._left = [len(sort.members) for sort in sorts]
        self._closed = [0] * len(sorts)
        self._trail: list[bool] = []
        self._size = 0
        self._by_row = [
            (row, sorted((load, k) for k, sort in enumerate(sorts) for r, load in sort.needs if r == row))
            for row in self._room
        ]
        self._cost = 5.0 + 0.3 * sum(len(loads) for _, loads in self._by_row)
        """Of one look at the bound, in microseconds or so."""
        self._best = max((self._greedy(order) for order in self._orders()), key=sum)

    def flags(self) -> list[bool]:
        """The best set, filled up with whoever still fits."""
        flags, room = self._best[:], dict(self._room)
        for place, flag in enumerate(flags):
            if flag:
                for row, load in self._sorts[self._sort_of[place]].needs:
                    room[row] -= load
        return self._filled(range(len(flags)), flags, room)

    def _orders(self) -> list[list[int]]:
        places = list(range(len(self._sort_of)))
        loads = [sum(load for _, load in sort.needs) for sort in self._sorts]
        return [places, sorted(places, key=lambda place: loads[self._sort_of[place]])]

    def _greedy(self, order: Sequence[int]) -> list[bool]:
        return self._filled(order, [False] * len(order), dict(self._room))

    def _filled(self, order: Iterable[int], flags: list[bool], room: dict[int, int]) -> list[bool]:
        for place in order:
            needs = self._sorts[self._sort_of[place]].needs
            if not flags[place] and all(room[row] >= load for row, load in needs):
                flags[place] = True
                for row, load in needs:
                    room[row] -= load
        return flags

    def run(self, most: int, effort: float) -> bool:
        """Look for the wanted set; returns whether the best set is it."""
        beaten = sum(self._best) - 1  # a set as large as the best greedy one may come earlier in the order
        while True:
            effort -= self._cost
            if effort < 0:
                return False
            done = len(self._trail) == len(self._sort_of)
            if not done and self._size + self._bound() > beaten:
                self._descend()
                continue
            if done and self._size > beaten:
                self._best, beaten = self._trail[:], self._size
                if beaten >= most:
                    return True
            if not self._turn():
                return True

    def _descend(self) -> None:
        k = self._sort_of[len(self._trail)]
        fits = not self._closed[k] and all(self._room[r] >= load for r, load in self._sorts[k].needs)
        self._put(k, fits)

    def _put(self, k: int, flag: bool) -> None:
        """The next candidate is in, or out; with one out, all later ones of his sort are."""
        self._trail.append(flag)
        self._left[k] -= 1
        if flag:
            self._size += 1
            for row, load in self._sorts[k].needs:
                self._room[row] -= load
        else:
            self._closed[k] += 1

    def _turn(self) -> bool:
        """Go back to the last one who is in, and leave him out; False where there is none."""
        while self._trail:
            flag = self._trail.pop()
            k = self._sort_of[len(self._trail)]
            self._left[k] += 1
            if flag:
                self._size -= 1
                for row, load in self._sorts[k].needs:
                    self._room[row] += load
                self._put(k, False)
                return True
            self._closed[k] -= 1
        return False

    def _bound(self) -> int:
        """No more than this many can still come in: each row lets through the smallest first."""
        left = [0 if shut else count for count, shut in zip(self._left, self._closed, strict=True)]
        least_out = 0
        for row, loads in self._by_row:
            room, out = self._room[row], 0
            for load, k in loads:
                count = min(left[k], room // load)
                room -= count * load
                out += left[k] - count
            least_out = max(least_out, out)
        return sum(left) - least_out
