"""The plain rows and the ESPHome wire form: ids, texts, switches."""

from typing import Any

import pytest

from kwartier.site.setpoints import Wish
from kwartier.web.rows import rows_of

DSMR = {
    "sensor-energy_consumed_tariff_1": ("Energy Consumed Tariff 1", "4321.123 kWh", 4321.123),
    "sensor-energy_consumed_tariff_2": ("Energy Consumed Tariff 2", "4888.991 kWh", 4888.991),
    "sensor-energy_produced_tariff_1": ("Energy Produced Tariff 1", "3001.500 kWh", 3001.5),
    "sensor-energy_produced_tariff_2": ("Energy Produced Tariff 2", "2099.700 kWh", 2099.7),
    "sensor-power_consumed": ("Power Consumed", "3.240 kW", 3.24),
    "sensor-power_produced": ("Power Produced", "0.000 kW", 0.0),
    "text_sensor-electricity_tariff": ("Electricity Tariff", "1", "1"),
    "sensor-power_failures": ("Power Failures", "4", 4),
    "sensor-long_power_failures": ("Long Power Failures", "2", 2),
    "sensor-voltage_phase_1": ("Voltage Phase 1", "234.1 V", 234.1),
    "sensor-current_phase_3": ("Current Phase 3", "-4.20 A", -4.2),
    "sensor-power_consumed_phase_2": ("Power Consumed Phase 2", "4.300 kW", 4.3),
    "sensor-power_produced_phase_3": ("Power Produced Phase 3", "0.990 kW", 0.99),
    "sensor-gas_consumed": ("Gas Consumed", "2811.402 m³", 2811.402),
}


@pytest.mark.parametrize("entity", DSMR)
async def test_meter_rows(web: Any, entity: str) -> None:
    """The grid meter shows the rows, ids, units and digits of the field's P1 dongles, by either id."""
    name, state, value = DSMR[entity]
    domain, _, object_id = entity.partition("-")
    async with web.client() as client:
        for asked in (object_id, entity):
            answer = await client.get(f"/{domain}/{asked}")
            assert answer.json() == {"id": entity, "state": state, "value": value}
    row = next(r for r in rows_of(web.site.document) if r.id == entity)
    assert row.name(web.app.state.assets.words["en"]) == name


async def test_absence_is_told(web: Any) -> None:
    """A value that is not known is NA and null, never zero."""

    def forget(document: Any) -> None:
        document["meters"][0].update(power_w=None, current_a=None, energy_import_t1_kwh=None, gas_m3=None)

    web.site.advance(forget)
    async with web.client() as client:
        for object_id in ("power_consumed", "current_phase_1", "energy_consumed_tariff_1"):
            assert (await client.get(f"/sensor/{object_id}")).json()["value"] is None
            assert (await client.get(f"/sensor/{object_id}")).json()["state"] == "NA"
        assert (await client.get("/sensor/gas_consumed")).status_code == 404


async def test_ids_are_unique(demo: Any) -> None:
    """No two rows share an id, with many charge points too."""
    rows = list(rows_of(demo.site.document))
    assert len({r.id for r in rows}) == len(rows) > 24 * 6


async def test_switch_is_the_mode(demo: Any) -> None:
    """A charge point's mode is its switch; its limit stays."""
    demo.site.wish(Wish(charge_point_id="p01", mode="fast", limit_a=12.0))
    async with demo.client() as client:
        assert (await client.get("/switch/p01")).json() == {"id": "switch-p01", "state": "ON", "value": True}
        for action, mode in (("turn_off", "off"), ("toggle", "fast"), ("toggle", "off"), ("turn_on", "fast")):
            answer = await client.post(f"/switch/p01/{action}")
            assert (answer.status_code, answer.content) == (200, b"")
            assert (demo.site.wished("p01").mode, demo.site.wished("p01").limit_a) == (mode, 12.0)
        await client.post("/switch/switch-p01/turn_off")
        demo.site.advance()
        assert (await client.get("/switch/p01")).json()["state"] == "OFF"
        assert (await client.post("/switch/nope/turn_on")).status_code == 404
        assert (await client.post("/switch/p01/explode")).status_code == 422
        assert (await client.get("/sensor/nope")).status_code == 404


async def test_switch_needs_the_password(secured: Any) -> None:
    """The wire form opens no back door."""
    async with secured.client() as client:
        assert (await client.post("/switch/left/turn_off")).status_code == 401
    assert secured.site.wished("left").mode == "fast"


async def test_other_rows(web: Any) -> None:
    """Other meters carry their own name, and a charge point tells state, reason and confirmation."""
    async with web.client() as client:
        assert (await client.get("/sensor/pv_power")).json()["state"] == "-1850 W"
        assert (await client.get("/text_sensor/left_state")).json()["value"] == "C2"
        assert "Main board is full" in (await client.get("/text_sensor/left_reason")).json()["value"]
        assert (await client.get("/binary_sensor/right_confirmed")).json() == {
            "id": "binary_sensor-right_confirmed",
            "state": "OFF",
            "value": False,
        }
