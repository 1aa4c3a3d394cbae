"""Checks across keys: the tree of circuits, references, arithmetic of limits, formulas, addresses.

Each check takes what could be read of the file and yields findings. Entries that pydantic refused are
missing from it; `Broken` knows their ids, so that a slip in one entry does not make every mention of it an
error too.
"""

from collections.abc import Iterator

from kwartier.config.calendar_section import check_calendars
from kwartier.config.check_addresses import addresses
from kwartier.config.check_batteries import batteries
from kwartier.config.check_formulas import formulas
from kwartier.config.check_goals import goals
from kwartier.config.check_limits import limits
from kwartier.config.check_meters import meters
from kwartier.config.check_points import charge_points
from kwartier.config.check_room import room
from kwartier.config.check_safe_currents import safe_currents
from kwartier.config.check_tree import Broken, references, same_ids, tree
from kwartier.config.check_users import users
from kwartier.config.check_wiring import wires
from kwartier.config.fire import check_inputs
from kwartier.config.layout import layout
from kwartier.config.market_section import check_market
from kwartier.config.models import SiteConfig
from kwartier.config.problems import Finding
from kwartier.config.tariff_section import check_tariffs


def check(config: SiteConfig, broken: Broken) -> Iterator[Finding]:
    """All findings across keys, in no particular order."""
    yield from same_ids(config)
    yield from references(config, broken)
    if not broken.circuits:
        yield from tree(config)
    found = layout(config)
    for part in (wires, limits, room, safe_currents, meters, goals, charge_points, batteries):
        yield from part(found)
    yield from formulas(config)
    yield from addresses(config)
    yield from check_inputs(config)
    yield from users(config)
    yield from check_market(config)
    yield from check_calendars(config)
    yield from check_tariffs(config)
