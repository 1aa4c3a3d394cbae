"""A short set of half-open ranges of seconds, as a tuple that can be stored."""

Ranges = tuple[tuple[int, int], ...]
"""Disjoint `[from, to)`, ascending."""

MOST = 16
"""Ranges kept; the oldest go first. Each costs a clock step of months, so 16 outlive any meter."""


def in_ranges(ranges: Ranges, at_s: float) -> bool:
    """Whether a moment lies in one of the ranges."""
    return any(start <= at_s < end for start, end in ranges)


def add_range(ranges: Ranges, start_s: int, end_s: int) -> Ranges:
    """The ranges with `[start_s, end_s)` added, melted with those it touches."""
    out: list[tuple[int, int]] = []
    for start, end in ranges:
        if end < start_s or start > end_s:
            out.append((start, end))
        else:
            start_s, end_s = min(start, start_s), max(end, end_s)
    return tuple(sorted([*out, (start_s, end_s)])[-MOST:])
