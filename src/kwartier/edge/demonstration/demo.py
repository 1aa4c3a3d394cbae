"""The demonstration: a simulated site on the loopback, spoken to through the real drivers."""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from kwartier.config.building import set_urls
from kwartier.config.inputs import InputConfig
from kwartier.config.loading import load
from kwartier.config.market_section import (
    LocationConfig,
    PricesConfig,
    PriceSourceConfig,
    WeatherConfig,
    WeatherSourceConfig,
    price_sources,
)
from kwartier.config.models import SiteConfig
from kwartier.devices.services.kept import KeptPrices
from kwartier.edge.controller import Controller, Place
from kwartier.edge.demonstration.foretold import keep_foretold
from kwartier.edge.demonstration.past import MadeUpPast
from kwartier.edge.demonstration.words import of_fault, of_story
from kwartier.edge.host.clock import PacedClock
from kwartier.edge.prices.market import Market
from kwartier.simulation.emulation import Emulation
from kwartier.simulation.emulators import DigitalInputEmulator, Emulator
from kwartier.simulation.emulators.market import MarketEmulator, usual_price
from kwartier.simulation.plant.car import Car
from kwartier.simulation.scenarios import Scenario
from kwartier.simulation.stories import story
from kwartier.site.goals import CarFacts, Goal
from kwartier.site.prices import PriceSeries
from kwartier.site.setpoints import Wish
from kwartier.web.live import Document

SiteName = Literal["household", "carpark"]
EXAMPLE: dict[SiteName, str] = {"household": "household-saving", "carpark": "carpark"}
"""The site file out of `config/examples` that is shown, and the scenario behind it."""
FIRE_PANEL = "fire-panel"

STORIES: dict[SiteName, tuple[str, str]] = {
    "household": (
        (
            "A house with sun, a battery, two cars and a dynamic contract behind 40 A, which stays under the peak that this "
            "month has already and plans by price: the left car is to be 90 % full by 7:30, the right one is in a hurry. The "
            "meter's telegrams, the meter of the panels, the battery's inverter, the charging station and the prices are "
            "simulated; every byte runs through the real drivers."
        ),
        (
            "Een huis met zon, een batterij, twee auto's en een dynamisch contract achter 40 A, dat onder de piek blijft die "
            "deze maand al heeft en plant volgens de prijs: de linkse auto moet tegen 7:30 voor 90 % vol zijn, de rechtse "
            "heeft haast. De telegrammen van de meter, de meter van de panelen, de omvormer van de batterij, het laadstation "
            "en de prijzen zijn gesimuleerd; elke byte loopt door de echte drivers."
        ),
    ),
    "carpark": (
        (
            "An office with 24 sockets behind 250 A, two boards and four groups. While the meter is lost all cars "
            "share 80 A and take turns. The meter and the twelve stations are simulated; every byte runs through the "
            "real drivers."
        ),
        (
            "Een kantoor met 24 laadpunten achter 250 A, twee borden en vier groepen. Zolang de meter weg is, delen "
            "alle auto's 80 A en laden ze om de beurt. De meter en de twaalf stations zijn gesimuleerd; elke byte "
            "loopt door de echte drivers."
        ),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFault:
    """A fault that a visitor can make."""

    id: str
    device_id: str
    fault: str
    en: str
    nl: str
    mend_en: str
    mend_nl: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """Something else to try than the fault of a device."""

    id: str
    en: str
    nl: str
    mend_en: str
    mend_nl: str
    active: Callable[[], bool]
    turn: Callable[[bool], None]


STATIONS: dict[SiteName, tuple[str, str]] = {
    "household": ("the charging station", "het laadstation"),
    "carpark": ("the station of places 1 and 2", "het station van plaats 1 en 2"),
}


class DemoSite:
    """The faults and the story; implements `edge.views.live.DemoFace`."""

    def __init__(
        self,
        name: SiteName,
        emulation: Emulation,
        pace: Callable[[], float],
        panel: DigitalInputEmulator,
    ) -> None:
        """`pace`: how many simulated seconds pass per second now."""
        self._emulators: dict[str, Emulator] = {**emulation.emulators, FIRE_PANEL: panel}
        self._name, self._story = name, STORIES[name]
        self._pace = pace
        first = emulation.scenario.site.charge_points[0]
        station_en, station_nl = STATIONS[name]
        self._faults = (
            DemoFault(
                id="grid_meter", device_id="main", fault="unplug",
                en="Pull the meter's plug", nl="Trek de stekker van de meter uit",
                mend_en="Plug the meter in again", mend_nl="Steek de stekker van de meter weer in",
            ),
            DemoFault(
                id="station", device_id=first.id, fault="unplug",
                en=f"Pull the network cable of {station_en}", nl=f"Trek de netwerkkabel van {station_nl} uit",
                mend_en=f"Plug {station_en} in again", mend_nl=f"Sluit {station_nl} weer aan",
            ),
            *(
                DemoFault(
                    id="battery", device_id=battery.id, fault="unplug",
                    en="Silence the battery", nl="Leg de batterij het zwijgen op",
                    mend_en="Let the battery speak again", mend_nl="Laat de batterij weer spreken",
                )
                for battery in emulation.scenario.site.batteries[:1]
            ),
            DemoFault(
                id="fire_panel", device_id=FIRE_PANEL, fault="alarm",
                en="Sound the fire alarm", nl="Laat het brandalarm afgaan",
                mend_en="End the fire alarm", mend_nl="Beëindig het brandalarm",
            ),
        )  # fmt: skip
        self._switches: dict[str, Switch] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, switch: "Switch") -> None:
        """One more thing to try."""
        self._switches[switch.id] = switch

    def describe(self) -> Document:
        """The `demo` part of the live document."""
        en, nl = self._story
        faults = [
            {
                "id": f.id,
                "en": f.en,
                "nl": f.nl,
                "mend_en": f.mend_en,
                "mend_nl": f.mend_nl,
                **of_fault(f.id, self._name),
                "active": self._emulators[f.device_id].fault == f.fault,
            }
            for f in self._faults
        ]
        faults += [
            {
                "id": s.id,
                "en": s.en,
                "nl": s.nl,
                "mend_en": s.mend_en,
                "mend_nl": s.mend_nl,
                **of_fault(s.id, self._name),
                "active": s.active(),
            }
            for s in self._switches.values()
        ]
        told = {"story": en, "story_en": en, "story_nl": nl, **of_story(self._name)}
        return {"speed": _shown(self._pace()), "faults": faults, **told}

    def set_fault(self, fault_id: str, active: bool) -> None:
        """Make or mend a fault. Raises KeyError."""
        if fault_id in self._switches:
            self._switches[fault_id].turn(active)
            return
        found = next((f for f in self._faults if f.id == fault_id), None)
        if found is None:
            raise KeyError(f"This demonstration has no fault {fault_id!r}.")
        emulator = self._emulators[found.device_id]
        task = asyncio.create_task(emulator.fail(found.fault) if active else emulator.heal())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _shown(pace: float) -> float:
    """Whole from two on, with one decimal below, so that it does not flicker."""
    return float(round(pace)) if pace >= 1.95 else round(pace, 1)


PRICE_DAYS = 36
GOAL_PCT, GOAL_BY_S = 90.0, 7.5 * 3600


def first_wish(scene: Scenario) -> Wish | None:
    """What somebody of the house has asked for the first car already, so that there is a plan to look at."""
    point = scene.site.charge_points[0]
    car = scene.plant.socket[point.id].car
    if car is None:
        return None
    return Wish(
        charge_point_id=point.id,
        goal=Goal(amount=GOAL_PCT, unit="pct", by_s=int(GOAL_BY_S)),
        car=CarFacts(battery_kwh=car.battery_kwh, arrival_soc_pct=float(round(100.0 * car.soc))),
    )


def made_up_past(scene: Scenario) -> MadeUpPast:
    """The weeks before; the battery then stands where they left it."""
    site = scene.site
    battery = site.batteries[0] if site.batteries else None
    points = tuple(p.id for p in site.charge_points)
    peak_w = scene.plant.registers.month_peak_w
    past = MadeUpPast(scene.start_utc_s, ZoneInfo(site.time_zone), points, battery, peak_w=peak_w)
    if battery is not None:
        scene.plant.storage[battery.id].soc = past.soc_pct / 100.0
    return past


def keep_prices(config: SiteConfig, history: Path, start_utc_s: float) -> None:
    """The market's prices of the weeks before, as a controller that ran then would have kept them."""
    source = price_sources(config)[0]
    from_s = int(start_utc_s) // 86400 * 86400 - PRICE_DAYS * 86400
    past = PriceSeries(
        start_s=from_s,
        eur_per_kwh=tuple(usual_price(s) / 1000 for s in range(from_s, int(start_utc_s), 900)),
        source=source.name,
        fetched_at_s=start_utc_s - 3600.0,
    )
    KeptPrices(history.with_name(history.name + ".prices.json")).save({source.key: past})


def car_switch(emulation: Emulation, point_id: str) -> Switch:
    """Take the car away from a socket, and bring it back."""
    socket = emulation.scenario.plant.socket[point_id]
    away: list[Car] = []

    def turn(active: bool) -> None:
        if active and socket.car is not None:
            away.append(socket.car)
            socket.disconnect()
        elif not active and away and socket.car is None:
            socket.connect(away.pop())

    return Switch(
        id="car", en="Unplug the first car", nl="Maak de eerste auto los", mend_en="Plug the car in again",
        mend_nl="Sluit de auto weer aan", active=lambda: bool(away), turn=turn,
    )  # fmt: skip


def price_switch(market: Market) -> Switch:
    """Take the prices away, and bring them back."""

    def turn(active: bool) -> None:
        market.withheld = active

    return Switch(
        id="prices", en="Take the prices away", nl="Neem de prijzen weg", mend_en="Bring the prices back",
        mend_nl="Breng de prijzen terug", active=lambda: market.withheld, turn=turn,
    )  # fmt: skip


def with_panel(config: SiteConfig, panel: DigitalInputEmulator) -> SiteConfig:
    """The site with a fire panel on an emulated input module."""
    entry = InputConfig(id=FIRE_PANEL, name="Fire panel", url=panel.pin_url, return_every_s=5.0)
    return config.model_copy(update={"inputs": [entry]})


def with_market(config: SiteConfig, market: MarketEmulator, token_file: Path) -> SiteConfig:
    """The site with prices and weather of an emulated service: the real questions, over real HTTP."""
    token_file.write_text("demonstration", encoding="utf-8")
    entsoe = PriceSourceConfig(
        type="entsoe", area="BE", url=f"{market.url}/entsoe", token_file=str(token_file)
    )
    weather = WeatherSourceConfig(type="open-meteo", url=f"{market.url}/openmeteo")
    ghent = LocationConfig(latitude=51.05, longitude=3.72)
    return config.model_copy(
        update={
            "site": config.site.model_copy(update={"location": ghent}),
            "prices": PricesConfig(sources=[entsoe]),
            "weather": WeatherConfig(sources=[weather]),
        }
    )


async def run_demo(name: SiteName, *, port: int, speed: float, on_ready: Callable[[str], None]) -> None:
    """Run the demonstration until Ctrl-C; nothing is left behind. `speed`: simulated seconds per second.

    Raises ConfigError when the port cannot be had.
    """
    scene = story(EXAMPLE[name])
    clock = PacedClock(start_utc_s=scene.start_utc_s, speed=speed)
    with (
        tempfile.TemporaryDirectory(prefix="kwartier-demo-") as folder,
        as_file(files("kwartier.config") / "examples" / f"{EXAMPLE[name]}.yaml") as path,
    ):
        config = load(path)
        history = Path(folder) / "history.sqlite"
        before = made_up_past(scene) if name == "household" else None
        panel, market = DigitalInputEmulator(), MarketEmulator(clock.utc_s)
        async with Emulation(scene, clock) as emulation, panel, market:
            config = with_market(config, market, Path(folder) / "entsoe.token")
            if name == "household":
                keep_prices(config, history, scene.start_utc_s)
                if before is not None:
                    keep_foretold(history, before)
            demo = DemoSite(name, emulation, lambda: clock.pace, panel)
            controller = Controller(
                with_panel(set_urls(config, emulation.urls()), panel),
                clock=clock,
                place=Place(history=history, password=None, port=port),
                demo=demo,
                speed=speed,
                before=before,
            )
            if name == "household":
                demo.add(price_switch(controller.market))
                demo.add(car_switch(emulation, scene.site.charge_points[0].id))
                if (wish := first_wish(scene)) is not None:
                    controller.cycle.board.wish(wish)
            pace = asyncio.create_task(clock.run(), name="clock")
            try:
                await controller.run(on_ready)
            finally:
                pace.cancel()
                await asyncio.gather(pace, return_exceptions=True)
