"""What services foretold, kept: of each day what was said before it began, so that a forecast can be learnt from and scored
without knowing anything that was not known then."""

from collections.abc import Mapping
from dataclasses import dataclass

from kwartier.site.intervals import QUARTER_S
from kwartier.site.weather import Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """Series by quarter-hours, all of one length. Of days that have begun: what was said last before their local midnight. Of
    days to come: what was said last."""

    start_s: int
    """UTC; a multiple of 900."""
    fetched_at_s: float
    """When the newest answer came."""
    source: str
    native_step_s: int
    """Of the newest answer: 3600 where an hour's mean was spread over four quarters."""
    columns: Mapping[str, Values]

    @property
    def steps(self) -> int:
        """How many quarter-hours."""
        return max((len(values) for values in self.columns.values()), default=0)

    @property
    def end_s(self) -> int:
        """Where the last one ends."""
        return self.start_s + QUARTER_S * self.steps

    def between(self, name: str, from_s: int, to_s: int) -> Values:
        """A column from one quarter-hour to another; None where nothing is known. Empty: there is no such column."""
        values = self.columns.get(name, ())
        return _window(values, self.start_s, from_s, to_s) if values else ()


def foretold(before: Foretold | None, fresh: Foretold, *, midnight_s: int, first_s: int) -> Foretold:
    """What is kept once a new answer came. `midnight_s`: where the local day after the one that runs begins; from there on the new
    answer counts, earlier quarter-hours stay as they were said. `first_s`: older ones are forgotten."""
    begin_s = min([each.start_s for each in (before, fresh) if each is not None])
    begin_s = max(begin_s, first_s - first_s % QUARTER_S)
    end_s = max([each.end_s for each in (before, fresh) if each is not None] + [begin_s])
    names = list(dict.fromkeys([*(before.columns if before else ()), *fresh.columns]))
    columns: dict[str, Values] = {}
    for name in names:
        old = _empty(begin_s, end_s) if before is None else before.between(name, begin_s, end_s)
        new = fresh.between(name, begin_s, end_s)
        old, new = old or _empty(begin_s, end_s), new or _empty(begin_s, end_s)
        columns[name] = tuple(
            n if begin_s + i * QUARTER_S >= midnight_s and n is not None else o
            for i, (o, n) in enumerate(zip(old, new, strict=True))
        )
    return Foretold(
        start_s=begin_s,
        fetched_at_s=fresh.fetched_at_s,
        source=fresh.source,
        native_step_s=fresh.native_step_s,
        columns=columns,
    )


def _empty(from_s: int, to_s: int) -> Values:
    return (None,) * ((to_s - from_s) // QUARTER_S)


def _window(values: Values, start_s: int, from_s: int, to_s: int) -> Values:
    first, last = ((s - start_s) // QUARTER_S for s in (from_s, to_s))
    inside = values[max(first, 0) : max(last, 0)]
    before = (None,) * (min(max(-first, 0), last - first))
    return (before + inside + (None,) * (last - first - len(before) - len(inside)))[: last - first]
