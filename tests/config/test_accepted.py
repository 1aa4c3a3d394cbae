"""What the check lets through holds: an independent reckoning of random trees, wire by wire."""

from dataclasses import dataclass
from pathlib import Path

from hypothesis import event, given, settings
from hypothesis import strategies as st

from kwartier.config import to_site
from kwartier.config.document import parse
from kwartier.config.loading import inspect_document

DEEPEST = 5
CURRENTS = st.sampled_from([5, 8, 13, 16, 20, 25, 32, 40, 63, 100])
PHASES = st.permutations([1, 2, 3]).flatmap(lambda p: st.integers(1, 3).map(lambda n: p[:n]))


@dataclass
class Board:
    """A circuit as it stands in the file."""

    parent: int | None
    phases: list[int] | None
    limit_a: int | list[int]
    base_a: int
    safe_a: int | None


@st.composite
def boards(draw: st.DrawFn) -> list[Board]:
    """A tree of at most five levels below the connection; every second board with a meter."""
    found = [Board(None, None, draw(CURRENTS.filter(lambda a: a > 16)), draw(st.integers(0, 12)), None)]
    level = [0]
    for i in range(1, draw(st.integers(1, 6)) + 1):
        parent = draw(st.integers(0, i - 1).filter(lambda p: level[p] < DEEPEST))
        level.append(level[parent] + 1)
        safe = draw(st.one_of(st.none(), st.integers(0, 20)))
        limit = draw(st.one_of(CURRENTS, st.lists(CURRENTS, min_size=3, max_size=3)))
        phases = draw(st.one_of(st.none(), PHASES, st.permutations([1, 2, 3])))
        found.append(Board(parent, phases, limit, 0 if safe is not None else draw(st.integers(0, 6)), safe))
    return found


@st.composite
def points(draw: st.DrawFn, boards_: int) -> list[tuple[int, list[int] | None, int]]:
    """Board, phases, fallback of some charge points."""
    one = st.tuples(st.integers(0, boards_ - 1), st.one_of(st.none(), PHASES), st.sampled_from([0, 6, 10]))
    return draw(st.lists(one, min_size=1, max_size=5))


def text(tree: list[Board], chargers: list[tuple[int, list[int] | None, int]]) -> str:
    """The site file."""
    lines = ["site: {name: Random}", "circuits:"]
    for i, board in enumerate(tree):
        more = "" if board.parent is None else f", parent: b{board.parent}"
        more += "" if board.phases is None else f", phases: {board.phases}"
        more += f", base_load_a: {board.base_a}" if board.base_a else ""
        more += "" if board.safe_a is None else f", meter: m{i}, safe_current_a: {board.safe_a}"
        lines.append(f"  - {{id: b{i}, limit_a: {board.limit_a}{more}}}")
    meters = [
        f'  - {{id: m{i}, type: socomec-countis-e27, url: "modbus-tcp://10.0.0.4?unit={i + 1}"}}'
        for i, board in enumerate(tree)
        if board.safe_a is not None
    ]
    lines += ["meters:", *meters] if meters else []
    lines.append("charge_points:")
    for i, (board_, phases, fallback) in enumerate(chargers):
        more = "" if phases is None else f", phases: {phases}"
        url = f'"modbus-tcp://10.0.1.{i + 1}"'
        lines.append(
            f"  - {{id: p{i}, type: alfen-ng9xx, url: {url}, circuit: b{board_}, fallback_a: {fallback}{more}}}"
        )
    return "\n".join(lines) + "\n"


class Reckoned:
    """Every wire followed to the grid on its own."""

    def __init__(self, tree: list[Board], chargers: list[tuple[int, list[int] | None, int]]) -> None:
        self.tree = tree
        self.base: dict[tuple[int, int], float] = {}
        self.fallback: dict[tuple[int, int], float] = {}
        self.passes: list[list[tuple[int, int]]] = []
        """For each charge point the board terminals that its conductors pass."""
        for i, board in enumerate(tree):
            for terminal in range(1, self.wires(i) + 1):
                for place in self.up(i, terminal):
                    self.base[place] = self.base.get(place, 0.0) + board.base_a
        for board_, phases, amps in chargers:
            own = phases or list(range(1, self.wires(board_) + 1))
            places = [place for terminal in own for place in self.up(board_, terminal)]
            self.passes.append(places)
            for place in places:
                self.fallback[place] = self.fallback.get(place, 0.0) + amps

    def wires(self, i: int) -> int:
        board = self.tree[i]
        if board.phases is not None:
            return len(board.phases)
        return 3 if board.parent is None else self.wires(board.parent)

    def up(self, i: int, terminal: int) -> list[tuple[int, int]]:
        """The terminals from this one to the grid: (board, its own L1, L2 or L3)."""
        board = self.tree[i]
        above = terminal if board.phases is None else board.phases[terminal - 1]
        return [(i, terminal), *([] if board.parent is None else self.up(board.parent, above))]

    def limit(self, place: tuple[int, int]) -> float:
        limit = self.tree[place[0]].limit_a
        return float(limit[place[1] - 1] if isinstance(limit, list) else limit)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_accepted_fits_and_what_fits_is_accepted(data: st.DataObject) -> None:
    """No error: every sum of base loads and fallbacks fits every terminal, every charger could run at its least, each
    safe current fits beside the loads behind it. And where all of that is so there is no error."""
    tree = data.draw(boards())
    chargers = data.draw(points(len(tree)))
    written = text(tree, chargers)
    inspection = inspect_document(parse("site.yaml", written), Path())
    mistakes = [str(p) for p in inspection.errors]
    shapes = [m for m in mistakes if ".phases:" in m or "three figures" in m]
    if shapes:
        event("phases that are not there")
        return
    found = Reckoned(tree, chargers)
    terminals = [(i, t) for i in range(len(tree)) for t in range(1, found.wires(i) + 1)]
    fits = all(
        found.base.get(p, 0.0) + found.fallback.get(p, 0.0) <= found.limit(p) for p in terminals
    ) and all(found.limit(p) - found.base.get(p, 0.0) >= 6.0 for places in found.passes for p in places)
    safe_fits = all(found.base.get(p, 0.0) + (tree[p[0]].safe_a or 0.0) <= found.limit(p) for p in terminals)
    together = any("are lost, the safe currents" in m for m in mistakes)
    event("accepted" if not mistakes else "together" if together else "refused")
    assert not mistakes or not (fits and safe_fits) or together, mistakes
    if not mistakes:
        assert fits
        assert safe_fits
        assert inspection.config is not None
        to_site(inspection.config)
