"""The drivers of a site, out of its configuration."""

from kwartier.config.building import device_options, stations
from kwartier.config.models import SiteConfig
from kwartier.devices.capabilities import ChargeDriver, MeterSource
from kwartier.devices.registry import Registry
from kwartier.site.clock import Clock
from kwartier.site.topology import Site


def drivers_of(config: SiteConfig, site: Site, clock: Clock) -> tuple[list[MeterSource], list[ChargeDriver]]:
    """One per meter and one per charging station. Raises ConfigError."""
    registry = Registry(clock)
    meters = [registry.meter(site.meter[m.id], m.type, m.url, device_options(m)) for m in config.meters]
    chargers = [
        registry.charge_points([site.charge_point[i] for i in s.sockets], s.type, s.url, s.sockets, s.options)
        for s in stations(config)
    ]
    return meters, chargers
