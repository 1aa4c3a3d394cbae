"""What is remembered for charging on the sun: values."""

from kwartier.site.values import valueclass


@valueclass(frozen=True, slots=True, kw_only=True)
class FlowMemory:
    """What the site needs beside cars and batteries (below 0: it has some over), W over the phases."""

    rest_w: float
    """Smoothed."""
    newest_w: float
    """By the newest value of the meter of the grid connection."""
    at_s: float
    """Monotonic time of that value."""


@valueclass(frozen=True, slots=True, kw_only=True)
class SunMemory:
    """Of one charge point that charges on the sun."""

    on: bool = False
    since_s: float | None = None
    """Since when the sun has said otherwise."""
