"""A limit on the sum of a circuit's phases as a row, and what all such rows are made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from kwartier.control.battery.flow import Cells
from kwartier.control.memory import Memory
from kwartier.control.room import Room
from kwartier.safety.power import Volts, volts
from kwartier.site.phases import PhaseVector
from kwartier.site.reasons import Reason
from kwartier.site.setpoints import Picture
from kwartier.site.topology import Circuit, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class SumRow:
    """A limit on the sum of a circuit's phases."""

    source: str
    """`contract` or `quarter`."""
    limit_a: float
    """All included."""
    limit_w: float
    """What it stands for."""
    volts: Volts
    base_a: PhaseVector
    """The other load that it was reckoned with."""
    safe_a: float | None = None
    """Where the meter is lost: what the chargers may draw together, over the phases."""
    held: Reason | None = None
    """In words, for those that a quarter-hour holds back."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What all rows are made from."""

    site: Site
    memory: Memory
    """With the meters and charge points of this step."""
    picture: Picture
    room: Room
    extra_a: Mapping[str, PhaseVector]
    phases: Mapping[str, tuple[int, ...]]
    now_s: float
    cells: Cells | None = None


def volts_of(at: Looked, circuit: Circuit) -> Volts:
    """By the circuit's own meter, else by the grid connection's, while it is trusted."""
    for meter_id in (circuit.meter, at.site.root.meter):
        if meter_id is not None and at.memory.meters[meter_id].trusted:
            reading = at.picture.meters.get(meter_id)
            if reading is not None and any(v is not None for v in reading.voltage_v):
                return volts(reading.voltage_v, three_wire=at.site.three_wire)
    return volts(None, three_wire=at.site.three_wire)


def needed_w(at: Looked, circuit: Circuit, u: Volts) -> float:
    """What those that charge now need at least."""
    return u.most_v * sum(
        at.site.charge_point[i].min_a * len(at.phases[i])
        for i in at.site.charge_points_behind[circuit.id]
        if at.memory.points[i].granted_a > 0
    )


@lru_cache(maxsize=8)
def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name, read once."""
    return ZoneInfo(name)
