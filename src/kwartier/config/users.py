"""The section `users` of the site file: people, their cards, and what they are entitled to."""

from typing import Annotated

from pydantic import BaseModel, Field

from kwartier.config.calendar_section import CalendarConfig
from kwartier.config.fields import CardNumber, ClockTime, Positive, Slug, Weight, clock_s
from kwartier.config.goal_section import CarConfig, GoalConfig, ModeName, StyleName
from kwartier.config.strict import STRICT
from kwartier.site.topology import User


class UserConfig(BaseModel):
    """Somebody who charges here."""

    model_config = STRICT

    id: Slug
    """a short name without spaces, for example ann"""
    name: str = ""
    """what people call him or her; the id when it is left out"""
    rfid: Annotated[list[CardNumber], Field(min_length=1)]
    """the numbers of the cards, as the charge point shows them: [04:A1:B2:C3]; between quotes where a number has digits only"""
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    """added to the priority of the charge point; higher goes first"""
    weight: Weight = 1.0
    """multiplies the weight of the charge point: 2 gets twice the current of 1 among equals"""
    departs: ClockTime | None = None
    """when he or she usually leaves, for example 17:30, in the site's time zone"""
    needs_kwh: Positive | None = None
    """the energy usually needed by then, in kWh, counted from the beginning of the session"""
    mode: ModeName | None = None
    """how the car charges by default: off, sun, smart or fast; left out: as the charge point has it"""
    goals: list[GoalConfig] = []
    """what the car is to have by when, for example {days: [mon, tue], by: 7:30, pct: 80}"""
    style: StyleName = "cheapest"
    """how a plan charges: cheapest, late (as late as possible) or unbroken (in one go)"""
    minimum_kwh: Positive | None = None
    """so much at once after it is plugged in, whatever it costs, in kWh"""
    calendar: CalendarConfig | None = None
    """a calendar whose events say when the car leaves, for example {url_file: ann-calendar.secret}"""
    car: CarConfig = CarConfig()
    """what is known of the car, for example {battery_kwh: 60}"""


def user(entry: UserConfig) -> User:
    """In the words of the site."""
    return User(
        id=entry.id,
        name=entry.name or entry.id,
        rfid=tuple(entry.rfid),
        priority=entry.priority,
        weight=entry.weight,
        departs_at_s=None if entry.departs is None else clock_s(entry.departs),
        needs_kwh=entry.needs_kwh,
        mode=entry.mode,
        goals=tuple(goal.goal() for goal in entry.goals),
        style=entry.style,
        minimum_kwh=entry.minimum_kwh,
        battery_kwh=entry.car.battery_kwh,
        kwh_per_100km=entry.car.kwh_per_100km,
    )
