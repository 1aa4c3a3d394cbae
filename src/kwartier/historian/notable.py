"""What of the cycles goes into the journal for ever: changes of set-points, messages, faults.

The one-second history holds every decision for two weeks; the journal holds what a person asks for later.
Starts, stops and phase changes always; other changes at most once a minute per charge point, because
24 charge points that follow a cloud would write 300 MB a day.
"""

from collections.abc import Iterator

from kwartier.historian.blocks import Cycle
from kwartier.historian.codec import dumps, encode
from kwartier.site.readings import DeviceFault
from kwartier.site.setpoints import Message, Setpoint

CALM_S = 60.0
FAULT_AGAIN_S = 600.0
"""A fault that is repeated in the same words within this time is one fault."""

Entry = tuple[float, str, str, str]
"""at_s (UTC), kind, subject, data (JSON)."""


class Notable:
    """Remembers what was written last. For one thread."""

    def __init__(self) -> None:
        self._written: dict[str, tuple[float, Setpoint]] = {}
        self._faults: dict[str, tuple[float, str]] = {}

    def of(self, cycle: Cycle) -> Iterator[Entry]:
        """The journal entries of one cycle, in order."""
        picture, decision = cycle.picture, cycle.decision
        for fault in picture.faults:
            if self._is_new(fault, picture.now_s):
                yield (picture.utc_s, "fault", fault.device_id, dumps(encode(fault)))
        for message in decision.messages:
            yield message_entry(picture.utc_s, message)
        for setpoint in decision.setpoints:
            if self._is_notable(setpoint, picture.now_s):
                self._written[setpoint.charge_point_id] = (picture.now_s, setpoint)
                yield (picture.utc_s, "decision", setpoint.charge_point_id, dumps(_brief(setpoint)))

    def _is_notable(self, new: Setpoint, now_s: float) -> bool:
        at_s, old = self._written.get(new.charge_point_id, (0.0, None))
        if old is None or old.phases != new.phases or (old.current_a > 0) != (new.current_a > 0):
            return True
        changed = old.current_a != new.current_a or old.reason.code != new.reason.code
        return changed and now_s - at_s >= CALM_S

    def _is_new(self, fault: DeviceFault, now_s: float) -> bool:
        words = f"{fault.kind} {fault.what}"
        at_s, known = self._faults.get(fault.device_id, (0.0, ""))
        self._faults[fault.device_id] = (now_s, words)
        return known != words or now_s - at_s >= FAULT_AGAIN_S


def message_entry(utc_s: float, message: Message) -> Entry:
    """The journal entry of a message."""
    return (utc_s, "message", message.device_id, dumps(encode(message)))


def _brief(setpoint: Setpoint) -> dict[str, object]:
    return {
        "current_a": setpoint.current_a,
        "phases": setpoint.phases,
        "reason": encode(setpoint.reason),
    }
