"""Looks after the controller itself: is it recording, do the clocks agree. Tells people; steers nothing."""

from collections.abc import Callable

from kwartier.historian.historian import Historian
from kwartier.safety.health import HostClock, MeterClock, Recording, compared, looked_at, recorded
from kwartier.site.reasons import Reason, reason
from kwartier.site.setpoints import Level, Message, Picture
from kwartier.site.topology import Site

PASSING = frozenset({"recording_locked"})
"""Trouble that mostly ends by itself."""


class HealthWatch:
    """Call `look` after each cycle. `say` puts a message on the screen, `tell` into the journal too."""

    def __init__(
        self,
        site: Site,
        historian: Historian,
        *,
        say: Callable[[Message, float], None],
        tell: Callable[[Message], None],
    ) -> None:
        self._site = site
        self._historian = historian
        self._say = say
        self._tell = tell
        self._recording = Recording()
        self._clock = HostClock()
        self._meters: dict[str, MeterClock] = {}
        self._seen_s: dict[str, float] = {}
        self._notices: set[Reason] = set()

    def look(self, picture: Picture) -> None:
        """Look at the recorder and at the clocks."""
        self._look_at_recorder(picture)
        self._look_at_clocks(picture)

    def _look_at_recorder(self, picture: Picture) -> None:
        status = self._historian.status()
        lasting = status.reason is not None and status.reason.code not in PASSING
        self._recording, said = recorded(self._recording, ok=status.ok, lasting=lasting, now_s=picture.now_s)
        if said is not None:
            why = reason("recording_resumed") if status.reason is None else status.reason
            level: Level = "info" if said == "resumed" else "error"
            self._say(
                Message(at_s=picture.now_s, level=level, device_id="historian", reason=why), picture.utc_s
            )
        for notice in status.notices:
            if notice not in self._notices:
                self._notices.add(notice)
                message = Message(at_s=picture.now_s, level="warning", device_id="historian", reason=notice)
                self._say(message, picture.utc_s)

    def _look_at_clocks(self, picture: Picture) -> None:
        self._clock, set_s = looked_at(self._clock, picture.now_s, picture.utc_s)
        if set_s is not None:
            by_s = round(abs(set_s))
            told = reason("clock_forward", by_s=by_s) if set_s > 0 else reason("clock_back", by_s=by_s)
            self._tell(Message(at_s=picture.now_s, level="warning", device_id="clock", reason=told))
        for meter_id, reading in picture.meters.items():
            if reading.meter_time_s is None or self._seen_s.get(meter_id) == reading.at_s:
                continue
            self._seen_s[meter_id] = reading.at_s
            apart_s = picture.utc_s - (picture.now_s - reading.at_s) - reading.meter_time_s
            known = self._meters.get(meter_id, MeterClock())
            self._meters[meter_id], said = compared(known, apart_s, picture.now_s)
            name = self._site.meter[meter_id].name
            if said == "differs":
                told = reason("clock_unsure", by_s=round(abs(apart_s)), meter=name)
                self._tell(Message(at_s=picture.now_s, level="warning", device_id=meter_id, reason=told))
            elif said == "agrees":
                told = reason("clock_agrees", meter=name)
                self._tell(Message(at_s=picture.now_s, level="info", device_id=meter_id, reason=told))
