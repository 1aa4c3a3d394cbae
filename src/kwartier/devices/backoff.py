"""How long to wait before the next attempt at a device that does not answer."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Backoff:
    """Doubling waits: 1, 2, 4 ... seconds up to `maximum_s`; `reset` after a success."""

    first_s: float = 1.0
    maximum_s: float = 30.0
    _next_s: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        assert 0 < self.first_s <= self.maximum_s
        self._next_s = self.first_s

    def next_s(self) -> float:
        """The wait that is due now; the one after it is twice as long, up to the maximum."""
        due_s = self._next_s
        self._next_s = min(due_s * 2, self.maximum_s)
        return due_s

    def reset(self) -> None:
        """Start again at the shortest wait."""
        self._next_s = self.first_s
