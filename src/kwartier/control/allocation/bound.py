"""An upper bound on how many candidates fit: prices on rows instead of limits (Lagrangian duality).

Give every row of the tree a price >= 0 per unit of current. Then no admission can be worth more than

    sum of price x room over the rows + sum over the candidates of max(0, 1 - need x the prices of its rows).

The best prices from a short list are found exactly by dynamic programming over the tree: what matters for a
circuit is the price summed from the root down, per phase, which only grows on the way down. With one minimum
m the prices 0 and 1/m (and halves, where charger types interlock) nearly always prove the best admission, as
the dual of the packing has its corners there. Changing one candidate changes one path of the tree, so the
bound follows a search at a few microseconds a step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True, slots=True)
class Demand:
    """What the bound must know of one kind of candidates."""

    rows: tuple[int, ...]
    need: int


class PriceBound:
    """Holds a state per circuit; `mark` says what changed, `value` brings it up to date."""

    def __init__(self, parents: Sequence[int], demands: Sequence[Demand], prices: Sequence[float]) -> None:
        """`parents`: per circuit of the tree. `prices`: ascending, the first is 0, per unit of `need`."""
        rows = sorted({row for demand in demands for row in demand.rows})
        phases = sorted({row % 3 for row in rows})
        self._nodes = {row // 3: _Node() for row in rows}
        self._grid = _Grid(prices, len(phases))
        for row in rows:
            self._nodes[row // 3].rows.append((phases.index(row % 3), row))
        for at, node in self._nodes.items():
            up = parents[at]
            while up >= 0 and up not in self._nodes:
                up = parents[up]
            node.parent = self._nodes.get(up)
            if node.parent is not None:
                node.parent.children.append(node)
        self.work = 0
        self._gains: list[list[float]] = []
        self._home: list[_Node] = []
        for k, demand in enumerate(demands):
            home = self._nodes[demand.rows[0] // 3]
            home.kinds.append(k)
            self._home.append(home)
            used = sorted({phases.index(row % 3) for row in demand.rows})
            self._gains.append(self._grid.gains(tuple(used), demand.need))
        self._used = [sorted({phases.index(row % 3) for row in d.rows}) for d in demands]
        self._needs = [d.need for d in demands]
        self._order = _children_first(list(self._nodes.values()))
        for node in self._order:
            node.dirty = True

    def mark(self, kind: int) -> None:
        """The room or the number left of this kind has changed."""
        node: _Node | None = self._home[kind]
        while node is not None and not node.dirty:
            node.dirty = True
            node = node.parent

    def value(self, room: dict[int, int], left: Sequence[int]) -> float:
        """The bound on how many more fit: `room` per row, `left` candidates per kind.

        `work` then tells what it cost, in microseconds or so.
        """
        self.work = 0
        for node in self._order:
            if node.dirty:
                self._refresh(node, room, left)
                self.work += 10 + 2 * self._grid.size
        return sum(node.best[0] for node in self._order if node.parent is None)

    def _refresh(self, node: "_Node", room: dict[int, int], left: Sequence[int]) -> None:
        total = [0.0] * self._grid.size
        for child in node.children:
            total = [a + b for a, b in zip(total, child.best, strict=True)]
        for k in node.kinds:
            count = left[k]
            if count:
                total = [a + count * gain for a, gain in zip(total, self._gains[k], strict=True)]
        for dim, row in node.rows:
            free = room[row]
            total = [a + free * price for a, price in zip(total, self._grid.price[dim], strict=True)]
        node.worth = total[:]
        for dim, _ in node.rows:
            for state, dearer in self._grid.lifts[dim]:
                total[state] = min(total[state], total[dearer])
        for dim, row in node.rows:
            free = room[row]
            total = [a - free * price for a, price in zip(total, self._grid.price[dim], strict=True)]
        node.best = total
        node.dirty = False

    def margins(self) -> list[float]:
        """Per kind 1 - need x its prices, at the best prices, as `value` last left them.

        With bound B, every admission of more than B - |margin| members leaves out all of a kind with a
        negative margin and takes all of a kind with a positive one.
        """
        states: dict[int, int] = {}
        for node in reversed(self._order):
            base = states[id(node.parent)] if node.parent is not None else 0
            reach = self._grid.above(base, tuple(dim for dim, _ in node.rows))
            states[id(node)] = min(reach, key=lambda state: (round(node.worth[state], 9), state))
        price = self._grid.price
        return [
            1.0 - self._needs[k] * sum((price[dim][states[id(self._home[k])]] for dim in self._used[k]), 0.0)
            for k in range(len(self._home))
        ]


class _Node:
    """A circuit with binding rows."""

    __slots__ = ("best", "children", "dirty", "kinds", "parent", "rows", "worth")

    def __init__(self) -> None:
        self.rows: list[tuple[int, int]] = []
        self.kinds: list[int] = []
        self.parent: _Node | None = None
        self.children: list[_Node] = []
        self.worth: list[float] = []
        self.best: list[float] = []
        self.dirty = False


class _Grid:
    """The states of a circuit: one price from the list per phase, all combinations."""

    def __init__(self, prices: Sequence[float], dims: int) -> None:
        self.digits = list(product(range(len(prices)), repeat=dims))
        self.size = len(self.digits)
        self.price = [[prices[d[dim]] for d in self.digits] for dim in range(dims)]
        self._number = {digits: state for state, digits in enumerate(self.digits)}
        self._count = len(prices)
        self.lifts = [self._lift(dim) for dim in range(dims)]
        self._gains: dict[tuple[tuple[int, ...], int], list[float]] = {}

    def _lift(self, dim: int) -> list[tuple[int, int]]:
        """Pairs of a state and the one with the next price of this phase, dearest first."""
        stride = self._count ** (len(self.digits[0]) - 1 - dim)
        states = (s for s in range(self.size) if self.digits[s][dim] < self._count - 1)
        return [(s, s + stride) for s in sorted(states, reverse=True)]

    def gains(self, dims: tuple[int, ...], need: int) -> list[float]:
        """What one candidate is worth above what it pays, per state."""
        known = self._gains.get((dims, need))
        if known is None:
            known = [
                max(0.0, 1.0 - need * sum((self.price[dim][state] for dim in dims), 0.0))
                for state in range(self.size)
            ]
            self._gains[dims, need] = known
        return known

    def above(self, base: int, dims: tuple[int, ...]) -> list[int]:
        """The states that a circuit may have below one in state `base`: dearer on its own phases only."""
        choices = [
            range(digit, self._count) if dim in dims else (digit,)
            for dim, digit in enumerate(self.digits[base])
        ]
        return [self._number[digits] for digits in product(*choices)]


def _children_first(nodes: list[_Node]) -> list[_Node]:
    order = [node for node in nodes if node.parent is None]
    for node in order:
        order.extend(node.children)
    return order[::-1]
