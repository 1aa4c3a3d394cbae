"""What the web asks of the list of alarms and messages."""

from collections.abc import Collection
from typing import Annotated, Protocol

from fastapi import Depends, Request

from kwartier.web.live import Document
from kwartier.web.problems import Problem

LEVELS = ("error", "warning", "info")
PAGE = 50


class AlarmSite(Protocol):
    """The alarms of a running site; `edge` implements it. Documents as `alarm_schemas` describes them, with
    `names` those of people included. KeyError: no such alarm, with a sentence for the person who asked."""

    def active(self, names: bool) -> list[Document]:
        """What is wrong now, worst first."""
        ...

    async def history(
        self, names: bool, *, before: int | None, levels: Collection[str], device_id: str | None, limit: int
    ) -> list[Document]:
        """What was said, newest first, out of the journal. Raises StorageError."""
        ...

    async def acknowledge(self, alarm_id: str, name: str) -> Document:
        """Somebody has taken note: kept with name and time. Raises KeyError, StorageError."""
        ...


def alarms_of(request: Request) -> AlarmSite:
    """The alarms behind this request. Raises Problem (404) where the app has none."""
    found: AlarmSite | None = request.app.state.alarms
    if found is None:
        raise Problem(404, "no-alarms", "This program keeps no list of alarms.")
    return found


Alarms = Annotated[AlarmSite, Depends(alarms_of)]
