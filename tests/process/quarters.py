"""Closed quarter-hours to record, one after the other."""

from kwartier.metering.quarters import ClosedQuarter


def closed(number: int, meter_id: str) -> ClosedQuarter:
    """The quarter-hour of this number since some moment in 2026."""
    return ClosedQuarter(
        meter_id=meter_id,
        start_s=1_790_000_100 // 900 * 900 + 900 * number,
        import_kwh=0.25,
        export_kwh=0.0,
        register_import_kwh=1000.0 + number / 4,
        register_export_kwh=5.0,
        demand_w=1000.0,
        meter_demand_w=None,
        agrees=None,
        quality="measured",
    )
