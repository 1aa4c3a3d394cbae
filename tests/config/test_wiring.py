"""Phases are stated board by board in the site file and are site phases in the site."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kwartier.config import Inspection, SiteConfig, device_options, limit_formulas, load, to_site
from kwartier.config.wiring import wiring

LEVELS = 5

Inspect = Callable[..., Inspection]
Write = Callable[[str], Path]


def _config(text: str, write: Write) -> SiteConfig:
    return load(write(text))


BOARDS = """\
site: {name: Boards}
circuits:
  - {id: grid, limit_a: 63, meter: main, safe_current_a: 10}
  - {id: hall, parent: grid, phases: [2, 3, 1], limit_a: [40, 32, 25], base_load_a: [1, 2, 3]}
  - {id: shed, parent: hall, phases: [3, 1, 2], limit_a: 20, base_load_a: [5, 6, 7], meter: sub, safe_current_a: 6}
  - {id: barn, parent: hall, phases: [2], limit_a: 16, base_load_a: 4}
meters:
  - {id: main, type: p1, url: serial:///dev/ttyUSB0}
  - {id: sub, type: socomec-countis-e27, url: "modbus-tcp://10.0.0.4?unit=5"}
  - {id: pv, type: socomec-countis-e27, url: "modbus-tcp://10.0.0.4?unit=6", circuit: barn}
  - {id: turned, type: socomec-countis-e27, url: "modbus-tcp://10.0.0.4?unit=7", circuit: hall,
     options: {conductors: [1, 3]}}
charge_points:
  - {id: one, type: alfen-ng9xx, url: "modbus-tcp://10.0.0.1", circuit: hall, phases: [2], fallback_a: 0}
  - {id: two, type: alfen-ng9xx, url: "modbus-tcp://10.0.0.2", circuit: shed, fallback_a: 0}
  - {id: three, type: alfen-ng9xx, url: "modbus-tcp://10.0.0.3", circuit: shed, phases: [2, 3, 1], fallback_a: 0}
  - {id: four, type: alfen-ng9xx, url: "modbus-tcp://10.0.0.5", circuit: barn, fallback_a: 0}
"""


def test_a_board_is_described_as_its_installer_sees_it(write: Write) -> None:
    """The hall's L1 is the site's L2. The barn hangs on the hall's L2, which is the site's L3."""
    config = _config(BOARDS, write)
    site = to_site(config)
    assert site.circuit["hall"].limit_a == (25.0, 40.0, 32.0)
    assert site.circuit["hall"].base_load_a == (3.0, 1.0, 2.0)
    assert site.circuit["shed"].base_load_a == (5.0, 6.0, 7.0)  # turned back again
    assert (site.circuit["barn"].phases, site.circuit["barn"].base_load_a) == ((3,), (0.0, 0.0, 4.0))
    assert {p.id: p.conductors for p in site.charge_points} == {
        "one": (3,),
        "two": (1, 2, 3),
        "three": (2, 3, 1),
        "four": (3,),
    }
    assert {m.id: m.phases for m in site.meters} == {"main": 3, "sub": 3, "pv": 1, "turned": 2}
    options = {m.id: device_options(m, config) for m in config.meters}
    assert options == {"main": {}, "sub": {}, "pv": {"conductors": [3]}, "turned": {"conductors": [2, 1]}}


def test_the_maximum_of_a_formula_is_turned_too(write: Write) -> None:
    """Three figures of max_a are the board's own; the formula itself runs per site phase."""
    text = BOARDS.replace("limit_a: [40, 32, 25]", "limit_a: {formula: CAP, max_a: [40, 32, 25]}")
    config = _config(text + "variables: {CAP: 30}\n", write)
    assert limit_formulas(config)["hall"].value_a({"cap": 30.0})[0] == (25.0, 30.0, 30.0)


def test_a_house_with_one_phase(write: Write) -> None:
    """The grid connection says so; everything behind it has that phase without another word."""
    text = """\
site: {name: One phase}
circuits:
  - {id: grid, phases: [1], limit_a: 40, meter: main, safe_current_a: 10, contract_kw: 9.2}
  - {id: garage, parent: grid, limit_a: 20, base_load_a: 2}
meters:
  - {id: main, type: p1, url: serial:///dev/ttyUSB0}
charge_points:
  - {id: car, type: alfen-ng9xx, url: "modbus-tcp://10.0.0.1", circuit: garage, fallback_a: 6}
"""
    site = to_site(_config(text, write))
    assert site.charge_point["car"].conductors == (1,)
    assert (site.root.phases, site.circuit["garage"].phases) == ((1,), (1,))
    assert site.circuit["garage"].base_load_a == (2.0, 0.0, 0.0)
    assert site.meter["main"].phases == 1


ROTATION = st.permutations([1, 2, 3])


@settings(max_examples=60, deadline=None)
@given(st.lists(ROTATION, min_size=LEVELS, max_size=LEVELS), st.data())
def test_five_levels_of_rotations_are_one(rotations: list[list[int]], data: st.DataObject) -> None:
    """Follow one wire from a charge point up, level by level with nothing but its own board's list, and you arrive at
    the site phase that the site says; limits and loads of its boards lie on that phase too."""
    circuits: list[dict[str, object]] = [{"id": "grid", "limit_a": 100, "base_load_a": 1}]
    for level, rotation in enumerate(rotations):
        parent = "grid" if level == 0 else f"b{level - 1}"
        limits = [50 - level - 10 * k for k in range(3)]
        loads = [level + 0.1 * k for k in range(3)]
        circuits.append(
            {
                "id": f"b{level}",
                "parent": parent,
                "phases": rotation,
                "limit_a": limits,
                "base_load_a": loads,
            }
        )
    points = []
    for level in range(LEVELS):
        wired = data.draw(
            st.permutations([1, 2, 3]).flatmap(lambda p: st.integers(1, 3).map(lambda n: p[:n]))
        )
        points.append(
            {
                "id": f"p{level}",
                "type": "alfen-ng9xx",
                "url": f"modbus-tcp://10.0.0.{level + 1}",
                "circuit": f"b{level}",
                "phases": wired,
                "fallback_a": 0,
            }
        )
    config = SiteConfig.model_validate({"site": {"name": "x"}, "circuits": circuits, "charge_points": points})
    site = to_site(config)
    for level, point in enumerate(points):
        wires = point["phases"]
        assert isinstance(wires, list)
        for conductor, wire in enumerate(wires):
            phase = wire
            for above in range(level, -1, -1):
                board = site.circuit[f"b{above}"]
                assert board.limit_a[_up(rotations, above, phase) - 1] == 50 - above - 10 * (phase - 1)
                assert board.base_load_a[_up(rotations, above, phase) - 1] == above + 0.1 * (phase - 1)
                phase = rotations[above][phase - 1]
            assert site.charge_point[f"p{level}"].conductors[conductor] == phase


def _up(rotations: list[list[int]], level: int, phase: int) -> int:
    """The site phase of a board's phase, climbed by hand."""
    for above in range(level, -1, -1):
        phase = rotations[above][phase - 1]
    return phase


@settings(max_examples=60, deadline=None)
@given(st.lists(ROTATION, min_size=LEVELS, max_size=LEVELS), st.integers(0, LEVELS - 1), ROTATION, st.data())
def test_a_meter_on_a_turned_board_tells_site_phases(
    rotations: list[list[int]], level: int, order: list[int], data: st.DataObject
) -> None:
    """A current in a cable is seen by a meter on that board's terminal, whichever way its leads were swapped, and is
    put on the site phase that the cable hangs on."""
    circuits: list[dict[str, object]] = [{"id": "grid", "limit_a": 100}]
    for at, rotation in enumerate(rotations):
        parent = "grid" if at == 0 else f"b{at - 1}"
        circuits.append({"id": f"b{at}", "parent": parent, "phases": rotation, "limit_a": 40})
    meter = {
        "id": "m",
        "type": "socomec-countis-e27",
        "url": "modbus-tcp://10.0.0.4?unit=5",
        "circuit": f"b{level}",
        "options": {"conductors": order},
    }
    config = SiteConfig.model_validate({"site": {"name": "x"}, "circuits": circuits, "meters": [meter]})
    told = device_options(config.meters[0], config).get("conductors", [1, 2, 3])
    terminal = data.draw(st.integers(1, 3))
    assert isinstance(told, list)
    assert told[terminal - 1] == _up(rotations, level, order[terminal - 1])


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c", "d", None]),
            st.lists(st.integers(1, 3), min_size=1, max_size=3, unique=True),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_still_wrong_is_wired_somehow(entries: list[tuple[str | None, list[int]]]) -> None:
    """Circles, unknown parents, phases that the board above lacks: no crash, one to three different phases each."""
    circuits = [
        {"id": "abcd"[i], "limit_a": 20, "phases": phases, **({"parent": parent} if parent else {})}
        for i, (parent, phases) in enumerate(entries)
    ]
    config = SiteConfig.model_validate({"site": {"name": "x"}, "circuits": circuits})
    for wires in wiring(config).circuits.values():
        assert 1 <= len(wires) == len(set(wires)) <= 3
        assert set(wires) <= {1, 2, 3}


@pytest.mark.parametrize("phases", ["[1, 1]", "[0]", "[1, 2, 3, 1]", "[]"])
def test_a_rotation_names_different_phases(changed: Inspect, phases: str) -> None:
    """Twice the same phase, a phase that there is not, too many, none."""
    (problem,) = changed(("limit_a: 32", f"limit_a: 32\n    phases: {phases}")).errors
    assert problem.path.startswith("circuits[garage].phases")
