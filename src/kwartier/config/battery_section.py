"""The section `batteries` of the site file: how each is built in, what it may do, and how it is reached."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from kwartier.config.fields import NotNegative, PhaseList, Positive, Slug, refused
from kwartier.config.strict import STRICT
from kwartier.site.batteries import Battery
from kwartier.site.units import W_PER_KW

Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Efficiency = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]


class BatteryConfig(BaseModel):
    """A battery with its inverter."""

    model_config = STRICT

    id: Slug
    """a short name without spaces, for example cellar"""
    name: str = ""
    """what people call it; the id when it is left out"""
    type: str
    """a device of `kwartier catalog`, for example sunspec-storage"""
    url: Annotated[str, Field(min_length=1)]
    """where it is, for example modbus-tcp://192.168.0.20:502?unit=1"""
    interval_s: Annotated[float, Field(ge=0.5, le=5)] = 1.0
    """how often it is read, in s"""
    circuit: Slug
    """the id of the circuit that it hangs on"""
    phases: PhaseList | None = None
    """the phase of its circuit on which its L1, L2, L3 hang: [2] for a battery on L2 alone; left out: all of its circuit"""
    capacity_kwh: Positive
    """what it holds between empty and full, in kWh"""
    charge_kw: Positive
    """what it takes at most, in kW"""
    discharge_kw: NotNegative
    """what it gives at most, in kW; 0 for one that only charges"""
    min_soc_pct: Percent = 5.0
    """it is never discharged below this, in %"""
    reserve_soc_pct: Percent = 0.0
    """between min_soc_pct and this it only helps against a peak, in %; 0: no such reserve"""
    max_soc_pct: Percent = 100.0
    """it is never charged above this, in %"""
    first_soc_pct: Percent = 0.0
    """below this it has the sun's surplus before the cars, in %"""
    charge_efficiency: Efficiency = 0.95
    """the part of what it takes that arrives in its cells"""
    discharge_efficiency: Efficiency = 0.95
    """the part of what leaves its cells that it gives"""
    wear_eur_per_kwh: NotNegative = 0.0
    """what a kWh out of its cells costs in wear, in EUR"""
    fallback: Literal["stop", "self"]
    """what it does by itself when nobody speaks to it: stop, or self (it steers itself and may take or give all it can)"""
    feeds_cars: bool = True
    """false where it may not discharge into cars"""
    may_export: bool = False
    """true where a plan may let it feed the grid"""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_soc_pct >= self.max_soc_pct:
            what = f"min_soc_pct {self.min_soc_pct:g} is not below max_soc_pct {self.max_soc_pct:g}"
            raise refused(what, "write for example min_soc_pct: 5 and max_soc_pct: 100")
        if self.reserve_soc_pct and not self.min_soc_pct <= self.reserve_soc_pct <= self.max_soc_pct:
            what = (
                f"reserve_soc_pct {self.reserve_soc_pct:g} does not lie between min_soc_pct and max_soc_pct"
            )
            raise refused(what, f"write at least {self.min_soc_pct:g} and at most {self.max_soc_pct:g}")
        return self


def battery(entry: BatteryConfig, conductors: tuple[int, ...], address: str) -> Battery:
    """In the words of the site; `conductors` are site phases."""
    return Battery(
        id=entry.id,
        name=entry.name or entry.id,
        circuit=entry.circuit,
        conductors=conductors,
        address=address,
        capacity_kwh=entry.capacity_kwh,
        charge_w=entry.charge_kw * W_PER_KW,
        discharge_w=entry.discharge_kw * W_PER_KW,
        min_soc_pct=entry.min_soc_pct,
        reserve_soc_pct=entry.reserve_soc_pct,
        max_soc_pct=entry.max_soc_pct,
        first_soc_pct=entry.first_soc_pct,
        charge_efficiency=entry.charge_efficiency,
        discharge_efficiency=entry.discharge_efficiency,
        wear_eur_per_kwh=entry.wear_eur_per_kwh,
        fallback_w=0.0 if entry.fallback == "stop" else None,
        feeds_cars=entry.feeds_cars,
        may_export=entry.may_export,
    )
