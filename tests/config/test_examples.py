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


@pytest.mark.parametrize("name", ["household", "household-saving", "carpark"])
def test_an_example_has_no_problem(name: str) -> None:
    """An example is read without an error or a warning."""
    assert config.inspect(EXAMPLES / f"{name}.yaml").problems == ()


@pytest.mark.parametrize("name", ["household", "household-saving", "carpark"])
def test_an_example_obeys_the_schema_it_names(name: str) -> None:
    """The first line of an example names the schema, and an editor that follows it finds no fault."""
    path = EXAMPLES / f"{name}.yaml"
    first = path.read_text(encoding="utf-8").splitlines()[0]
    schema = (path.parent / first.removeprefix("# yaml-language-server: $schema=")).resolve()
    validator = jsonschema_rs.validator_for(json.loads(schema.read_text(encoding="utf-8")))
    validator.validate(YAML(typ="safe", pure=True).load(path))


@pytest.mark.parametrize(
    ("name", "comment"),
    [
        ("household", "quarter: { follow: month_peak, floor_kw: 2.5, eur_per_kw_year: 56 }"),
        ("household", "quarter: { follow: fixed, target_kw: 4, reserve_kw: 0.6 }"),
        ("household", "contract_kw: 17.3"),
        ("household", "export_limit_kw: 5"),
        ("household", "phases: [2, 3, 1] # where L1 of the garage"),
        ("household", "phase_switching: true"),
        ("household", "start_a: 14"),
        ("household-saving", "without: [energy-contribution]"),
        ("household-saving", "phases: [2] # an inverter"),
        ("household-saving", "max_soc_pct: 95"),
        ("household-saving", "first_soc_pct: 30"),
        ("household-saving", "feeds_cars: false"),
        ("household-saving", "may_export: true"),
        ("carpark", "contract_kw: 160"),
        ("carpark", "imbalance_a: 20"),
        ("carpark", "quarter: { follow: fixed, target_kw: 120 }"),
        ("carpark", "phases: [2, 3, 1] # where L1 of this board"),
    ],
)
def test_what_is_proposed_in_a_comment_is_right(name: str, comment: str, tmp_path: Path) -> None:
    """Take away the mark of the comment, and the file is still without a problem."""
    text = (EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8")
    assert text.count(f"# {comment}") == 1
    path = tmp_path / "site.yaml"
    path.write_text(text.replace(f"# {comment}", comment), encoding="utf-8")
    assert config.inspect(path).problems == ()


def test_the_users_in_a_comment_are_right(tmp_path: Path) -> None:
    """They can be taken into use; these stations do not tell cards, which is said."""
    text = (EXAMPLES / "carpark.yaml").read_text(encoding="utf-8")
    section = text[text.index("# users:") :].partition("\n\n")[0]
    written = "\n".join(line.removeprefix("# ") for line in section.splitlines())
    path = tmp_path / "site.yaml"
    path.write_text(text.replace(section, written), encoding="utf-8")
    inspection = config.inspect(path)
    assert [(p.severity, p.path) for p in inspection.problems] == [("warning", "users")]
    assert inspection.config is not None
    first, second = config.to_site(inspection.config).users
    assert (first.rfid, first.priority) == (("04A1B2C3D4E5F6", "04123456"), 5)
    assert (second.departs_at_s, second.needs_kwh, second.weight) == (63000, 20.0, 2.0)


def test_the_goals_in_a_comment_are_right(tmp_path: Path) -> None:
    """The user of the house that saves can be taken into use likewise."""
    text = (EXAMPLES / "household-saving.yaml").read_text(encoding="utf-8")
    section = text[text.index("# users:") :].partition("\n\n")[0]
    written = "\n".join(line.removeprefix("# ") for line in section.splitlines())
    path = tmp_path / "site.yaml"
    path.write_text(text.replace(section, written), encoding="utf-8")
    inspection = config.inspect(path)
    assert [(p.severity, p.path) for p in inspection.problems] == [("warning", "users")]
    assert inspection.config is not None
    (ann,) = config.to_site(inspection.config).users
    assert [(g.amount, g.unit, len(g.weekdays)) for g in ann.goals] == [(80.0, "pct", 5), (60.0, "km", 1)]
    assert (ann.mode, ann.minimum_kwh, ann.battery_kwh) == ("smart", 3.0, 40.0)


def test_the_house_that_saves_has_what_saves() -> None:
    """Tariff, prices without an account, a battery, the peak of the month, and a socket that waits for cheap hours."""
    loaded = config.load(EXAMPLES / "household-saving.yaml")
    site = config.to_site(loaded)
    assert loaded.tariffs is not None
    assert loaded.tariffs.tariff().components
    assert loaded.prices is not None
    assert all(s.token is s.token_file is None for s in loaded.prices.sources)
    (battery,) = site.batteries
    assert (battery.capacity_kwh, battery.charge_w, battery.discharge_w) == (10.0, 5000.0, 5000.0)
    assert site.root.quarter is not None
    assert (site.root.quarter.follow, site.root.quarter.floor_w, site.root.quarter.eur_per_kw_year) == (
        "month_peak",
        2500.0,
        55.0,
    )
    assert [p.mode for p in site.charge_points] == ["smart", "fast"]


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
    assert not validator.is_valid({**good, "inverters": []})
    assert not validator.is_valid({**good, "circuits": [{"id": "grid", "limit_a": 0}]})
    assert not validator.is_valid({**good, "circuits": []})
