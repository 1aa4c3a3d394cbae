"""The live document as Prometheus metrics."""

from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

Document = dict[str, Any]
PHASES = ("L1", "L2", "L3")


def text(document: Document, *, failures: int, writes: int) -> str:
    """All metrics of one site in the Prometheus text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(document, failures, writes))
    return generate_latest(registry).decode()


class _Collector:
    def __init__(self, document: Document, failures: int, writes: int) -> None:
        self._document = document
        self._failures = failures
        self._writes = writes

    def collect(self) -> Iterator[Metric]:
        yield from _flow(self._document["flow"])
        yield from _circuits(self._document["circuits"])
        yield from _meters(self._document["meters"])
        yield from _points(self._document["charge_points"])
        yield from _batteries(self._document["batteries"])
        yield from self._cycle()

    def describe(self) -> Iterator[Metric]:
        return iter(())

    def _cycle(self) -> Iterator[Metric]:
        cycle, recording = self._document["cycle"], self._document["recording"]
        yield CounterMetricFamily("kwartier_cycles", "Steps since the start", value=cycle["number"])
        yield CounterMetricFamily("kwartier_cycle_failures", "Steps that crashed", value=self._failures)
        yield CounterMetricFamily("kwartier_setpoint_writes", "Set-points written", value=self._writes)
        yield _one("kwartier_cycle_duration_seconds", "Duration of the last step", cycle["duration_ms"] / 1e3)
        yield _one("kwartier_recording_ok", "1 when everything is being recorded", float(recording["ok"]))
        yield _one("kwartier_recording_queued", "Items that wait for the disk", recording["queued"])
        if quarter := self._document["quarter"]:
            yield _one(
                "kwartier_quarter_demand_watts", "Energy of this quarter so far x 4", quarter["demand_w"]
            )
            if quarter["month_peak_w"] is not None:
                yield _one(
                    "kwartier_month_peak_watts", "Highest quarter of this month", quarter["month_peak_w"]
                )


def _one(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _flow(flow: Document) -> Iterator[Metric]:
    family = GaugeMetricFamily("kwartier_power_watts", "Power into each part of the site", labels=["part"])
    for name, value in flow.items():
        if value is not None:
            family.add_metric([name.removesuffix("_w")], value)
    yield family


def _phased(name: str, words: str, rows: Iterable[tuple[str, Iterable[float] | None]], label: str) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label, "phase"])
    for row_id, values in rows:
        for phase, value in zip(PHASES, values or (), strict=False):
            family.add_metric([row_id, phase], value)
    return family


def _circuits(circuits: list[Document]) -> Iterator[Metric]:
    for key, words in (
        ("limit_a", "Limit now"),
        ("load_a", "Load now"),
        ("granted_a", "Granted to chargers"),
    ):
        name = f"kwartier_circuit_{key.removesuffix('_a')}_amperes"
        yield _phased(
            name, f"{words}, per circuit and phase", ((c["id"], c[key]) for c in circuits), "circuit"
        )
    safe = GaugeMetricFamily(
        "kwartier_circuit_safe", "1 while the safe current is in force", labels=["circuit"]
    )
    for circuit in circuits:
        safe.add_metric([circuit["id"]], float(circuit["safe"]))
    yield safe


def _meters(meters: list[Document]) -> Iterator[Metric]:
    status = GaugeMetricFamily(
        "kwartier_meter_status", "1 for the state it is in", labels=["meter", "status"]
    )
    age = GaugeMetricFamily("kwartier_meter_age_seconds", "Age of its newest value", labels=["meter"])
    energy = CounterMetricFamily("kwartier_meter_energy_kwh", "Registers", labels=["meter", "direction"])
    for meter in meters:
        status.add_metric([meter["id"], meter["status"]], 1)
        if meter["age_s"] is not None:
            age.add_metric([meter["id"]], meter["age_s"])
        for direction in ("import", "export"):
            value = meter[f"energy_{direction}_kwh"]
            if value is not None:
                energy.add_metric([meter["id"], direction], value)
    yield from (status, age, energy)


def _points(points: list[Document]) -> Iterator[Metric]:
    allowed = GaugeMetricFamily(
        "kwartier_charge_point_allowed_amperes", "Allowed now", labels=["charge_point"]
    )
    state = GaugeMetricFamily(
        "kwartier_charge_point_state", "1 for the IEC 61851 state it is in", labels=["charge_point", "state"]
    )
    for point in points:
        allowed.add_metric([point["id"]], point["allowed_a"])
        if point["state"] is not None:
            state.add_metric([point["id"], point["state"]], 1)
    yield from (allowed, state)
    measured = ((p["id"], p["measured_a"]) for p in points)
    yield _phased("kwartier_charge_point_measured_amperes", "Measured now", measured, "charge_point")


def _batteries(batteries: list[Document]) -> Iterator[Metric]:
    for key, name, words in (
        ("power_w", "power_watts", "Power into it now; negative: it gives"),
        ("setpoint_w", "setpoint_watts", "What it was told; negative: to give"),
        ("soc_pct", "charge_percent", "How full it says it is"),
    ):
        family = GaugeMetricFamily(f"kwartier_battery_{name}", words, labels=["battery"])
        for battery in batteries:
            if battery[key] is not None:
                family.add_metric([battery["id"]], battery[key])
        yield family
    silent = GaugeMetricFamily("kwartier_battery_silent", "1 while it does not answer", labels=["battery"])
    for battery in batteries:
        silent.add_metric([battery["id"]], float(battery["status"] == "silent"))
    yield silent
