"""The plain rows of the site: what the ESPHome firmware of the common P1 dongles shows, and the charge points.

Pure: a document in, rows out. Ids and English names are those of the ESPHome DSMR meter, so that what was
made for such a meter reads this one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from kwartier.site.reasons import LANGUAGES
from kwartier.web.live import Document

Value = float | bool | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entity. `key` and `params` make its name from a catalogue; `subject` names the device before it."""

    domain: str
    object_id: str
    key: str
    state: str
    value: Value
    subject: str = ""
    params: dict[str, int] = field(default_factory=dict)
    charge_point_id: str | None = None
    """Set where the row is a switch: the charge point whose mode it switches."""
    words: dict[str, str] = field(default_factory=dict)
    """The state in the languages that the wire form does not speak."""

    @property
    def id(self) -> str:
        """As on the wire: `sensor-power_consumed`."""
        return f"{self.domain}-{self.object_id}"

    def name(self, words: dict[str, str]) -> str:
        """In words of a catalogue."""
        return f"{self.subject} {words[self.key].format(**self.params)}".strip()

    def shown(self, words: dict[str, str], language: str) -> str:
        """The state for people: the wire's words are English and in capitals."""
        named = {"ON": words["simple.on"], "OFF": words["simple.off"], "NA": "–"}
        return self.words.get(language) or named.get(self.state, self.state)

    def wire(self) -> dict[str, Value]:
        """The JSON of the ESPHome web server."""
        return {"id": self.id, "state": self.state, "value": self.value}


class RowCache:
    """The rows of the newest document, made once for all who ask."""

    def __init__(self) -> None:
        self._document: Document | None = None
        self._rows: dict[str, Row] = {}

    def of(self, document: Document) -> dict[str, Row]:
        """Rows by id, in the order of the page."""
        if document is not self._document:
            self._rows = {row.id: row for row in rows_of(document)}
            self._document = document
        return self._rows


def rows_of(document: Document) -> Iterator[Row]:
    """All rows: the grid meter first, then the other meters, then the charge points, then the batteries."""
    grid_seen = False
    for meter in sorted(document["meters"], key=lambda m: m["role"] != "grid"):
        if meter["role"] == "grid" and not grid_seen:
            grid_seen = True
            yield from _grid_meter(meter)
        else:
            yield from _meter(meter)
    for found in document.get("inputs", ()):
        yield _input(found)
    for point in document["charge_points"]:
        yield from _charge_point(point)
    for battery in document.get("batteries", ()):
        yield from _battery(battery)


def _input(found: Document) -> Row:
    """ON while it stops charging: a latched alarm, an input that is lost."""
    return Row(
        domain="binary_sensor",
        object_id=f"{_slug(found['id'])}_alarm",
        key="row.input_alarm",
        state="ON" if found["stopped"] else "OFF",
        value=bool(found["stopped"]),
        subject=found["name"],
    )


def _grid_meter(meter: Document) -> Iterator[Row]:
    for way, register in (("consumed", "import"), ("produced", "export")):
        for tariff in (1, 2):
            yield _number(
                f"energy_{way}_tariff_{tariff}",
                f"row.energy_{way}_tariff",
                meter[f"energy_{register}_t{tariff}_kwh"],
                "kWh",
                3,
                tariff=tariff,
            )
    consumed_w, produced_w = _split(meter["power_w"])
    yield _number("power_consumed", "row.power_consumed", _kilo(consumed_w), "kW", 3)
    yield _number("power_produced", "row.power_produced", _kilo(produced_w), "kW", 3)
    yield _text("electricity_tariff", "row.electricity_tariff", _shown(meter["tariff"]))
    yield _number("power_failures", "row.power_failures", meter["power_failures"], "", 0)
    yield _number("long_power_failures", "row.long_power_failures", meter["long_power_failures"], "", 0)
    yield from _phases(meter, "", "")
    for phase, power_w in enumerate(meter["power_phase_w"], 1):
        for way, part_w in zip(("consumed", "produced"), _split(power_w), strict=True):
            object_id, key = f"power_{way}_phase_{phase}", f"row.power_{way}_phase"
            yield _number(object_id, key, _kilo(part_w), "kW", 3, phase=phase)
    for key, unit_value in (("gas_consumed", meter["gas_m3"]), ("water_consumed", meter["water_m3"])):
        if unit_value is not None:
            yield _number(key, f"row.{key}", unit_value, "m³", 3)
    yield _connected(meter, "meter", "")


def _meter(meter: Document) -> Iterator[Row]:
    name, slug = meter["name"], _slug(meter["id"])
    yield _number(f"{slug}_power", "row.power", meter["power_w"], "W", 0, name)
    yield _number(
        f"{slug}_energy_consumed", "row.energy_consumed", meter["energy_import_kwh"], "kWh", 3, name
    )
    yield _number(
        f"{slug}_energy_produced", "row.energy_produced", meter["energy_export_kwh"], "kWh", 3, name
    )
    yield from _phases(meter, f"{slug}_", name)
    yield _connected(meter, slug, name)


def _phases(meter: Document, prefix: str, subject: str) -> Iterator[Row]:
    for phase, volt_v in enumerate(meter["voltage_v"], 1):
        yield _number(
            f"{prefix}voltage_phase_{phase}", "row.voltage_phase", volt_v, "V", 1, subject, phase=phase
        )
    for phase, current_a in enumerate(meter["current_a"] or (None, None, None), 1):
        yield _number(
            f"{prefix}current_phase_{phase}", "row.current_phase", current_a, "A", 2, subject, phase=phase
        )


def _charge_point(point: Document) -> Iterator[Row]:
    name, slug = point["name"], _slug(point["id"])
    on = point["mode"] == "fast"
    yield Row(
        domain="switch",
        object_id=slug,
        key="row.charging_allowed",
        state="ON" if on else "OFF",
        value=on,
        subject=name,
        charge_point_id=point["id"],
    )
    yield _text(f"{slug}_state", "row.iec_state", _shown(point["state"]), name)
    yield _number(f"{slug}_allowed_current", "row.allowed_current", point["allowed_a"], "A", 1, name)
    yield _number(f"{slug}_power", "row.power", _kilo(point["power_w"]), "kW", 3, name)
    yield _number(f"{slug}_session_energy", "row.session_energy", point["session_kwh"], "kWh", 3, name)
    why = point["reason"]
    yield replace(
        _text(f"{slug}_reason", "row.reason", why["en"], name),
        words={language: why[language] for language in LANGUAGES if language != "en"},
    )
    yield Row(
        domain="binary_sensor",
        object_id=f"{slug}_confirmed",
        key="row.confirmed",
        state="ON" if point["confirmed"] else "OFF",
        value=bool(point["confirmed"]),
        subject=name,
    )


def _battery(battery: Document) -> Iterator[Row]:
    name, slug = battery["name"], _slug(battery["id"])
    yield _number(f"{slug}_charge", "row.charge", battery["soc_pct"], "%", 1, name)
    yield _number(f"{slug}_power", "row.power", _kilo(battery["power_w"]), "kW", 3, name)
    yield _number(f"{slug}_setpoint", "row.setpoint", _kilo(battery["setpoint_w"]), "kW", 3, name)
    why = battery["reason"]
    yield replace(_text(f"{slug}_reason", "row.reason", why["en"], name), words={"nl": why["nl"]})
    answers = battery["status"] == "ok"
    yield Row(
        domain="binary_sensor",
        object_id=f"{slug}_connected",
        key="row.battery_connected",
        state="ON" if answers else "OFF",
        value=answers,
        subject=name,
    )


def _number(
    object_id: str,
    key: str,
    value: float | None,
    unit: str,
    digits: int,
    subject: str = "",
    **params: int,
) -> Row:
    state = "NA" if value is None else f"{value:.{digits}f} {unit}".rstrip()
    rounded = None if value is None else round(value, digits)
    return Row(
        domain="sensor",
        object_id=object_id,
        key=key,
        state=state,
        value=rounded,
        subject=subject,
        params=params,
    )


def _text(object_id: str, key: str, value: str, subject: str = "") -> Row:
    return Row(domain="text_sensor", object_id=object_id, key=key, state=value, value=value, subject=subject)


def _connected(meter: Document, slug: str, subject: str) -> Row:
    good = meter["status"] in {"fresh", "recovering"}
    return Row(
        domain="binary_sensor",
        object_id=f"{slug}_connected",
        key="row.meter_connected",
        state="ON" if good else "OFF",
        value=good,
        subject=subject,
    )


def _split(power_w: float | None) -> tuple[float | None, float | None]:
    """A signed power as (consumed, produced), both >= 0."""
    return (None, None) if power_w is None else (max(power_w, 0.0), max(-power_w, 0.0))


def _kilo(power_w: float | None) -> float | None:
    return None if power_w is None else power_w / 1000


def _shown(value: object) -> str:
    return "NA" if value is None else str(value)


def _slug(name: str) -> str:
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in name.lower())
