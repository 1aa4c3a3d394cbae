"""The drivers of a site, out of its configuration."""

from kwartier.config.building import device_options, stations
from kwartier.config.models import SiteConfig
from kwartier.devices.capabilities import BatteryDriver, ChargeDriver, InputSource, MeterSource
from kwartier.devices.registry import Registry
from kwartier.site.clock import Clock
from kwartier.site.topology import Site


def drivers_of(
    config: SiteConfig, site: Site, clock: Clock
) -> tuple[list[MeterSource], list[ChargeDriver], list[InputSource], list[BatteryDriver]]:
    """One per meter, one per charging station, one per wired input, one per battery. Raises ConfigError."""
    registry = Registry(clock)
    meters = [
        registry.meter(site.meter[m.id], m.type, m.url, device_options(m, config)) for m in config.meters
    ]
    chargers = [
        registry.charge_points([site.charge_point[i] for i in s.sockets], s.type, s.url, s.sockets, s.options)
        for s in stations(config)
    ]
    inputs = [registry.input(i.id, i.url, i.alarm_when) for i in config.inputs if i.url is not None]
    batteries = [registry.battery(site.battery[b.id], b.type, b.url, b.interval_s) for b in config.batteries]
    return meters, chargers, inputs, batteries
