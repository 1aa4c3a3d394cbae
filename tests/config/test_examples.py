"""The examples are right, explained, and the sites that the rest of the project speaks of."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from ruamel.yaml import YAML

from kwartier import config
from kwartier.config.schema import FILE, schema_text

EXAMPLES = Path(config.__file__).parent / "examples"
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["household", "carpark"])
def test_an_example_has_no_problem(name: str) -> None:
    """An example is read without an error or a warning."""
    assert config.inspect(EXAMPLES / f"{name}.yaml").problems == ()


@pytest.mark.parametrize("name", ["household", "carpark"])
def test_an_example_obeys_the_schema_it_names(name: str) -> None:
    """The first line of an example names the schema, and an editor that follows it finds no fault."""
    path = EXAMPLES / f"{name}.yaml"
    first = path.read_text(encoding="utf-8").splitlines()[0]
    schema = (path.parent / first.removeprefix("# yaml-language-server: $schema=")).resolve()
    validator = jsonschema_rs.validator_for(json.loads(schema.read_text(encoding="utf-8")))
    validator.validate(YAML(typ="safe", pure=True).load(path))


def test_the_examples_stand_in_the_root_too() -> None:
    """`kwartier check examples/household.yaml` works in a checkout."""
    assert (ROOT / "examples").resolve() == EXAMPLES.resolve()


def test_the_household_is_the_one_agreed() -> None:
    """Ids, limits and phases of the household example."""
    site = config.to_site(config.load(EXAMPLES / "household.yaml"))
    assert {c.id: (c.parent, c.limit_a, c.meter, c.safe_current_a) for c in site.circuits} == {
        "grid": (None, (40.0, 40.0, 40.0), "main", 10.0),
        "garage": ("grid", (32.0, 32.0, 32.0), None, 0.0),
    }
    assert {m.id: m.role for m in site.meters} == {"main": "grid", "pv": "production"}
    assert {p.id: (p.circuit, p.conductors, p.max_a, p.fallback_a) for p in site.charge_points} == {
        "left": ("garage", (1,), 32.0, 6.0),
        "right": ("garage", (2, 3, 1), 16.0, 6.0),
    }


def test_the_car_park_is_the_one_agreed() -> None:
    """Three levels, 24 sockets on twelve stations, phases that turn from station to station."""
    loaded = config.load(EXAMPLES / "carpark.yaml")
    site = config.to_site(loaded)
    assert {c.id: c.limit_a[0] for c in site.circuits} == {
        "grid": 250,
        **dict.fromkeys(("board-a", "board-b"), 125),
        **dict.fromkeys(("a-north", "a-south", "b-north", "b-south"), 63),
    }
    assert [len(site.charge_points_behind[c]) for c in ("grid", "board-a", "b-south")] == [24, 12, 6]
    assert [s.sockets for s in config.stations(loaded)[:2]] == [{"p01": 1, "p02": 2}, {"p03": 1, "p04": 2}]
    assert [site.charge_point[p].conductors for p in ("p01", "p02", "p03", "p05", "p07")] == [
        (1, 2, 3),
        (1, 2, 3),
        (2, 3, 1),
        (3, 1, 2),
        (1, 2, 3),
    ]


def test_the_committed_schema_is_that_of_the_models() -> None:
    """site.schema.json is what `kwartier schema` prints; `make schema` writes it anew."""
    assert FILE.read_text(encoding="utf-8") == schema_text()


def test_the_schema_refuses_what_the_models_refuse() -> None:
    """An editor marks an unknown key and a limit of zero."""
    validator = jsonschema_rs.validator_for(json.loads(schema_text()))
    good = {"site": {"name": "x"}, "circuits": [{"id": "grid", "limit_a": 40}]}
    assert validator.is_valid(good)
    assert not validator.is_valid({**good, "batteries": []})
    assert not validator.is_valid({**good, "circuits": [{"id": "grid", "limit_a": 0}]})
    assert not validator.is_valid({**good, "circuits": []})
