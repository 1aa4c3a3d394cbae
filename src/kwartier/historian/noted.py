"""What was said to people, page by page: the messages and the faults of devices in the journal."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from kwartier.historian.codec import Json, decode, loads
from kwartier.historian.queries import reading
from kwartier.site.readings import DeviceFault
from kwartier.site.reasons import reason
from kwartier.site.setpoints import Level, Message

FAULT_LEVEL: Level = "warning"
LAST_SEQ = 2**62

_PAGE = """
WITH found AS MATERIALIZED (
    SELECT seq FROM journal INDEXED BY journal_by_kind
    WHERE kind IN ('message', 'fault') AND (:device IS NULL OR subject = :device) AND seq < :before
)
SELECT journal.seq, at_s, kind, data FROM found JOIN journal ON journal.seq = found.seq
WHERE CASE kind
    WHEN 'fault' THEN :faults AND json_extract(data, '$.kind') <> 'unreachable'
    ELSE instr(:levels, json_extract(data, '$.level')) > 0 END
ORDER BY journal.seq DESC LIMIT :limit
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A line of the journal that is for people."""

    seq: int
    """Grows with each line; names it for ever."""
    at_s: float
    """UTC."""
    message: Message


def noted(
    path: Path, limit: int, *, before: int | None, levels: Collection[str], device_id: str | None
) -> list[Noted]:
    """The newest lines before `before` (a `seq`; None: of all) of these levels and this device, newest first.

    That a device cannot be reached is left out: messages say so. Raises StorageError.
    """
    asked = {
        "before": LAST_SEQ if before is None else before,
        "device": device_id,
        "levels": " ".join(levels),
        "faults": FAULT_LEVEL in levels,
        "limit": limit,
    }
    with reading(path) as connection:
        found = connection.execute(_PAGE, asked).fetchall()
    return [Noted(seq=seq, at_s=at_s, message=_message(kind, loads(data))) for seq, at_s, kind, data in found]


def _message(kind: str, data: Json) -> Message:
    if kind == "message":
        return decode(Message, data)
    fault = decode(DeviceFault, data)
    told = reason("device_fault", device=fault.device_id, what=fault.what)
    return Message(at_s=fault.at_s, level=FAULT_LEVEL, device_id=fault.device_id, reason=told)
