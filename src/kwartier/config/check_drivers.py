"""The last check: make every driver, without running one, so that what a driver refuses is known at the desk."""

from collections.abc import Iterator

from kwartier.config.addresses import StillClock
from kwartier.config.building import device_options, stations, to_site
from kwartier.config.models import SiteConfig
from kwartier.config.problems import Finding
from kwartier.devices.registry import Registry
from kwartier.site.errors import ConfigError


def drivers(config: SiteConfig) -> Iterator[Finding]:
    """What the drivers of a site without other errors refuse."""
    registry, site = Registry(StillClock()), to_site(config)
    for i, meter in enumerate(config.meters):
        try:
            registry.meter(site.meter[meter.id], meter.type, meter.url, device_options(meter, config))
        except ConfigError as error:
            yield Finding.of(("meters", i), error)
    for i, entry in enumerate(config.batteries):
        try:
            registry.battery(site.battery[entry.id], entry.type, entry.url, entry.interval_s)
        except ConfigError as error:
            yield Finding.of(("batteries", i), error)
    index = {point.id: i for i, point in enumerate(config.charge_points)}
    for station in stations(config):
        points = [site.charge_point[point_id] for point_id in station.sockets]
        try:
            registry.charge_points(points, station.type, station.url, station.sockets, station.options)
        except ConfigError as error:
            yield Finding.of(("charge_points", index[points[0].id]), error)
