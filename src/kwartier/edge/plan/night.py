"""The night's work for the planner: train, where the extra is installed; score every forecast on the last days; choose. In a process
of its own at the lowest priority, with a time limit, ended when it is done: it may crash or hang, and nothing else notices."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from zoneinfo import ZoneInfo

import structlog

from kwartier.edge.plan.child import COMMAND, PlanChild, PlannerDown
from kwartier.edge.plan.inputs import HISTORY_DAYS, Recorded
from kwartier.edge.plan.kept_model import KeptModel
from kwartier.edge.plan.sky import LookUp, nothing
from kwartier.historian.codec import decode, encode
from kwartier.planning.situation import STEP_S, DayCourse, HousePast, Measured, Past, Scores, Trained
from kwartier.site.clock import Clock
from kwartier.site.errors import StorageError

AFTER_MIDNIGHT_S = 600.0
AGAIN_S = 3600.0
"""After a failure."""
SCORE_LIMIT_S = 300.0
TRAIN_LIMIT_S = 1800.0
"""Real time; both are killed when they take longer."""
TRAIN_DAYS = 395
LEAST_TRAIN_DAYS = 42 + 10
"""What gradient boosting needs, before the days on which it is scored (`ml.LEAST_DAYS`)."""
SCORE_DAYS = 10
OLD_MODEL_S = 3 * 86400.0
"""A model that no night has renewed for so long is not used."""
LIBRARY = "lightgbm"
FIRST = {"house": "edge", "sun": "days"}
"""What a plan mostly goes by before anything was scored."""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What the last scores say."""

    at_s: float
    """UTC; when they were reckoned."""
    scores: Scores

    @property
    def used(self) -> dict[str, str]:
        """Which forecast is used of the house and of the sun."""
        return {s.name: s.used for s in self.scores.scores}


class Night:
    """Runs after each midnight of the site, and once soon after the start."""

    def __init__(
        self,
        *,
        zone: ZoneInfo,
        clock: Clock,
        recorded: Recorded,
        look_up: LookUp = nothing,
        kept: KeptModel | None = None,
        child: PlanChild | None = None,
        trains: Callable[[], bool] = lambda: find_spec(LIBRARY) is not None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`trains`: whether the extra is there. `changed`: called when another forecast is to be used."""
        self.judged: Judged | None = None
        self.ran = False
        """It has looked at the days that are over, if only to find none."""
        self.failing: str | None = None
        """Why the last night scored nothing."""
        self.child = child or PlanChild((*COMMAND, "--night"))
        self._zone = zone
        self._clock = clock
        self._recorded = recorded
        self._look_up = look_up
        self._kept = kept
        self._trains = trains
        self._changed = changed
        self._courses: tuple[DayCourse, ...] = ()
        self._trained_s: int | None = None
        self._loaded = False

    @property
    def used(self) -> dict[str, str]:
        """Which forecasts a plan uses; empty before anything was scored."""
        return {} if self.judged is None else self.judged.used

    @property
    def model_path(self) -> str | None:
        """Where the planner's process finds the model, when it is to be used."""
        if self._kept is None or self._trained_s is None or self.used.get("house") != "boosted":
            return None
        young = self._clock.utc_s() - self._trained_s < OLD_MODEL_S
        return str(self._kept.path) if young else None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            wait_s = AGAIN_S
            try:
                await self.once()
                wait_s = self.next_midnight_s() + AFTER_MIDNIGHT_S - self._clock.utc_s()
            except PlannerDown as error:
                self.failing = str(error)
                log.warning("forecasts were not scored", why=self.failing)
            await self._clock.sleep(max(60.0, wait_s))

    async def once(self) -> Judged | None:
        """Train and score on the days that are over. None: there is no whole day yet. Raises PlannerDown where scoring failed."""
        now_s = self._clock.utc_s()
        midnight_s = self._midnight_s(now_s)
        try:
            await self._train(now_s, midnight_s)
            past = await asyncio.to_thread(self._past, now_s, midnight_s)
            if not past.house_w:
                self.ran = True
                return None
            found = await self.child.ask("scores", encode(past), SCORE_LIMIT_S)
        finally:
            await self.child.rest()
        before = self.used
        self.judged = Judged(at_s=now_s, scores=decode(Scores, found))
        self.ran, self.failing = True, None
        if any(way != before.get(name, FIRST[name]) for name, way in self.used.items()):
            self._changed()
        return self.judged

    async def close(self) -> None:
        """For good."""
        await self.child.close()

    # -- training ------------------------------------------------------------------------------------------

    async def _train(self, now_s: float, midnight_s: int) -> None:
        """A new model, unless this night's is there; what fails leaves the last one."""
        kept = self._kept
        if kept is None:
            return
        if not self._loaded:
            self._loaded = True
            try:
                self._take(await asyncio.to_thread(kept.load))
            except StorageError as error:
                log.warning("the trained model is lost", why=str(error))
        if self._trained_s == midnight_s or not self._trains():
            return
        first_s = midnight_s - TRAIN_DAYS * 86400
        start_s, house = await asyncio.to_thread(self._series, "house_w", first_s, midnight_s)
        if sum(v is not None for v in house) < LEAST_TRAIN_DAYS * 96:
            return
        past = HousePast(
            now_s=now_s, zone=self._zone.key, house_start_s=start_s, house_w=house, days=SCORE_DAYS
        )
        try:
            trained = decode(Trained, await self.child.ask("train", encode(past), TRAIN_LIMIT_S))
            await asyncio.to_thread(kept.save, trained)
        except (PlannerDown, StorageError) as error:
            log.warning("no model was trained", why=str(error))
            return
        self._take(trained)

    def _take(self, trained: Trained | None) -> None:
        """Remember what is needed to score it; the model itself stays in its file."""
        if trained is not None:
            self._trained_s, self._courses = trained.made_s, trained.courses

    # -- what is over --------------------------------------------------------------------------------------

    def _past(self, now_s: float, midnight_s: int) -> Past:
        first_s = midnight_s - HISTORY_DAYS * 86400
        house_s, house = self._series("house_w", first_s, midnight_s)
        sun_s, sun = self._series("production_w", first_s, midnight_s)
        begin_s = min(house_s, sun_s)
        return Past(
            now_s=now_s,
            zone=self._zone.key,
            house_start_s=begin_s,
            house_w=(None,) * ((house_s - begin_s) // STEP_S) + house,
            sun_w=(None,) * ((sun_s - begin_s) // STEP_S)
            + tuple(None if v is None else max(0.0, -v) for v in sun),
            days=SCORE_DAYS,
            sky=self._look_up(now_s).sky,
            boosted=self._courses,
        )

    def _series(self, name: str, from_s: int, to_s: int) -> tuple[int, Measured]:
        """From the first known value on."""
        try:
            found = self._recorded.means(name, from_s, to_s)
        except StorageError:
            found = {}
        begin_s = min(found, default=to_s)
        return begin_s, tuple(found.get(s) for s in range(begin_s, to_s, STEP_S))

    def _midnight_s(self, now_s: float) -> int:
        local = datetime.fromtimestamp(now_s, self._zone)
        return int(local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).timestamp())

    def next_midnight_s(self) -> int:
        """UTC; where the next local day begins."""
        day = datetime.fromtimestamp(self._clock.utc_s(), self._zone).date() + timedelta(days=1)
        return int(datetime(day.year, day.month, day.day, tzinfo=self._zone).timestamp())
