"""The tree of circuits as flat arrays: what never changes between two allocations of one site.

A *row* is one phase of one circuit, numbered `3 * circuit + phase - 1`. A *reach* is the set of rows that a
charger loads: its phases on its own circuit and on every circuit that feeds it.
"""

from collections.abc import Iterable, Sequence
from math import inf
from typing import NamedTuple

from kwartier.site.errors import ConfigError


class Reach(NamedTuple):
    """The rows that chargers of one circuit and one set of phases load."""

    number: int
    """Small, unique within its tree, given in the order of asking."""
    rows: tuple[int, ...]
    """From the charger's own circuit up to the root; phases ascending within a circuit."""
    own: tuple[int, ...]
    """The rows of its own circuit among them."""


class Tree:
    """Circuits by number, parents before children, and the reaches asked for so far.

    Build it once per site and hand it to each `allocate`; it holds no measurement. Several roots are fine.
    """

    __slots__ = (
        "_by_place",
        "ids",
        "index",
        "order",
        "parents",
        "reaches",
        "row_count",
        "rows_above",
        "rows_down",
        "rows_up",
    )

    def __init__(self, circuits: Iterable[tuple[str, str | None]]) -> None:
        """`circuits`: pairs of id and parent id, in the order in which answers are wanted.

        Raises ConfigError on a repeated id, an unknown parent or a circle.
        """
        pairs = list(circuits)
        self.ids = tuple(name for name, _ in pairs)
        self.index = {name: i for i, name in enumerate(self.ids)}
        if len(self.index) != len(self.ids):
            twice = next(name for i, name in enumerate(self.ids) if self.index[name] != i)
            raise ConfigError(f"two circuits are called {twice!r}; give each its own id")
        self.parents = tuple(self._parent(name, parent) for name, parent in pairs)
        self.order = _parents_first(self.ids, self.parents)
        self.row_count = 3 * len(self.ids)
        """Three per circuit."""
        self.rows_above = [3 * up + k if up >= 0 else -1 for up in self.parents for k in (0, 1, 2)]
        """The row above each, -1 where there is none."""
        self.rows_down = tuple(3 * at + k for at in self.order for k in (0, 1, 2))
        """All rows, parents before children."""
        rows_up = (3 * at + k for at in reversed(self.order) for k in (0, 1, 2))
        self.rows_up = tuple((row, self.rows_above[row]) for row in rows_up)
        """All rows with the one above each, children before parents."""
        self.reaches: list[Reach] = []
        self._by_place: dict[tuple[str, tuple[int, ...]], Reach] = {}

    def _parent(self, name: str, parent: str | None) -> int:
        if parent is None:
            return -1
        if parent not in self.index:
            raise ConfigError(f"circuit {name!r}: its parent {parent!r} is no circuit of this site")
        return self.index[parent]

    def reach(self, circuit: str, phases: tuple[int, ...]) -> Reach:
        """The rows that a charger there loads. Raises ConfigError where there is no such place."""
        known = self._by_place.get((circuit, phases))
        return known if known is not None else self._new_reach(circuit, phases)

    def _new_reach(self, circuit: str, phases: tuple[int, ...]) -> Reach:
        if circuit not in self.index:
            raise ConfigError(f"{circuit!r} is no circuit of this site")
        columns = sorted(set(phases))
        if not columns or len(columns) != len(phases) or not set(columns) <= {1, 2, 3}:
            raise ConfigError(f"phases must be one to three different ones of 1, 2, 3, not {phases}")
        rows: list[int] = []
        at = self.index[circuit]
        while at >= 0:
            rows += [3 * at + phase - 1 for phase in columns]
            at = self.parents[at]
        made = self._by_place.get((circuit, tuple(columns)))
        if made is None:
            made = Reach(len(self.reaches), tuple(rows), tuple(rows[: len(columns)]))
            self.reaches.append(made)
            self._by_place[circuit, tuple(columns)] = made
        self._by_place[circuit, phases] = made
        return made

    def gather(self, own: Sequence[float]) -> list[float]:
        """Sums over each circuit and all below it, of values per row."""
        total = list(own)
        for row, above in self.rows_up:
            if above >= 0:
                total[above] += total[row]
        return total

    def place(self, row: int) -> tuple[str, int]:
        """Circuit id and phase of a row."""
        return self.ids[row // 3], row % 3 + 1


def binding_rows(
    tree: Tree, wanted: Sequence[float], booked: Sequence[float], room: Sequence[float]
) -> list[bool]:
    """Which rows can bind at all; the others may be ignored.

    `wanted` is the most that takers on each circuit itself may load its rows with, `booked` the least, `room`
    what each row has for all takers behind it. A row cannot bind where all that its child circuits let
    through and its own takers want fits, nor where a row above it, which can bind, has no more room.
    """
    most, least = list(wanted), list(booked)
    live = [False] * tree.row_count
    for row, above in tree.rows_up:
        flow, low = most[row], least[row]
        if flow > (free := room[row]):
            live[row] = True
            flow = low if low > free else free
        if above >= 0:
            most[above] += flow
            least[above] += low
    tightest = [inf] * tree.row_count
    rows_above = tree.rows_above
    for row in tree.rows_down:
        above = rows_above[row]
        above_room = tightest[above] if above >= 0 else inf
        if live[row]:
            if (free := room[row]) >= above_room:
                live[row] = False
            elif free < above_room:
                above_room = free
        tightest[row] = above_room
    return live


def _parents_first(ids: Sequence[str], parents: Sequence[int]) -> tuple[int, ...]:
    children: list[list[int]] = [[] for _ in ids]
    order: list[int] = []
    for at, up in enumerate(parents):
        (children[up] if up >= 0 else order).append(at)
    for at in order:
        order.extend(children[at])
    if len(order) < len(ids):
        raise ConfigError(f"circuits feed each other in a circle: {_circle(ids, parents, set(order))}")
    return tuple(order)


def _circle(ids: Sequence[str], parents: Sequence[int], reached: set[int]) -> str:
    at = next(i for i in range(len(ids)) if i not in reached)
    seen: list[int] = []
    while at not in seen:
        seen.append(at)
        at = parents[at]
    return " -> ".join(ids[i] for i in [*seen[seen.index(at) :], at])
