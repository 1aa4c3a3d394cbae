"""What the web asks of a running site. `edge` implements it; tests do so with a recorded document."""

from collections.abc import AsyncIterator
from typing import Any, Protocol, TypedDict

from kwartier.site.setpoints import Wish

Document = dict[str, Any]
"""The live state document: plain JSON values. `schemas.State` describes each field."""


class Series(TypedDict):
    """A measured or decided quantity over time, in equal steps; the unit is the last word of its name."""

    name: str
    step_s: float
    at_s: list[float]
    """Start of each step, UTC seconds, ascending."""
    values: list[float | None]
    """Mean over the step; None where nothing was recorded."""


class LiveSite(Protocol):
    """A site that runs. All methods may be called at any moment from the event loop and must not block it.

    `KeyError` says that something is not known here, `ValueError` that it is known but not allowed; their
    first argument is a sentence for the person who asked.
    """

    def state(self) -> Document:
        """The newest document. It is never changed after it was handed out."""
        ...

    def subscribe(self) -> AsyncIterator[bytes]:
        """The document of each cycle as UTF-8 JSON without line breaks, serialised once for all who
        listen; the newest one at once. Who listens slowly gets the newest. Ends when the site stops (see
        `broadcast.Broadcast`, which does all that)."""
        ...

    def wished(self, charge_point_id: str) -> Wish:
        """The wish in force, including one made since the last cycle. Raises KeyError."""
        ...

    def wish(self, wish: Wish) -> None:
        """Replace the wish for its charge point. Raises KeyError, ValueError (a limit the charge point cannot hold)."""
        ...

    def people(self) -> dict[str, str]:
        """Who charges where, as far as a card told: name by charge point. Only for those who are logged in; the
        document holds no names."""
        ...

    async def series(self, name: str, from_s: float, to_s: float, step_s: float) -> Series:
        """A quantity over `[from_s, to_s)` in UTC seconds, at most a few thousand steps. Names are the
        keys of the document's `flow` (`grid_w`, `production_w`, `chargers_w`, ...). Raises KeyError,
        StorageError."""
        ...

    async def quarters(self, from_s: float, to_s: float) -> list[Document]:
        """Closed quarter-hours that start in `[from_s, to_s)`: `start`, `end` (ISO), `energy_kwh`,
        `demand_w`, `source`; oldest first. Raises StorageError."""
        ...

    async def peaks(self) -> Document:
        """The running quarter-hour against its target, the month's peak with its cause, thirteen months and
        euros; `peak_schemas.Peaks` describes each field."""
        ...

    async def decisions(self, charge_point_id: str, limit: int) -> list[Document]:
        """The newest changes of what a charge point was allowed, newest first: `at` (ISO), `allowed_a`,
        `reason` as in the document. Raises KeyError, StorageError."""
        ...

    def demo_fault(self, fault_id: str, active: bool) -> None:
        """Make or mend one of the faults in the document's `demo.faults`. Raises KeyError (also where the
        site is no demonstration)."""
        ...

    def metrics(self) -> str:
        """Figures of the site in the Prometheus text format, ending in a line break."""
        ...

    def ready(self) -> tuple[bool, str]:
        """Whether the cycle runs, and a sentence that says so or why not."""
        ...
