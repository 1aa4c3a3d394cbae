"""How the cars of a park share what the quarter-hour's target leaves.

Equally, up to what each can take. Who needs much is not known in advance and not told either; on recorded workplace days
an equal share left fewer kWh behind at the same peak than first come first served, than least energy first, and than nearly every
order by estimated urgency that was tried (docs/decisions/0041).
"""

import numpy as np

from kwartier.planning.horizon.park_visits import Floats, Ints


def equal_share(room_w: float, min_w: Floats, max_w: Floats, order: Ints | None = None) -> Floats:
    """Power per car, `(n,)` W: 0 or in `[min_w, max_w]`, together at most `room_w`.

    Where the minimums do not all fit, the first in `order` are served (the order given, without one), as many as fit. Powers of those
    that are served are equal, as far as each can take them.
    """
    count = len(min_w)
    power = np.zeros(count)
    if not count or room_w <= 0.0:
        return power
    order = np.arange(count) if order is None else order
    served = order[np.cumsum(min_w[order]) <= room_w + 1e-9]
    if not len(served):
        return power
    power[served] = _fill(room_w, min_w[served], max_w[served])
    return power


def _fill(room_w: float, min_w: Floats, max_w: Floats) -> Floats:
    """The level at which `clip(level, min, max)` adds up to the room: found on its sorted corners."""
    if max_w.sum() <= room_w:
        return max_w.copy()
    corners = np.sort(np.concatenate((min_w, max_w)))
    sums = np.clip(corners[:, None], min_w, max_w).sum(axis=1)
    at = int(np.searchsorted(sums, room_w, side="right"))
    if at == 0:
        return min_w.copy()
    if at == len(corners):
        return max_w.copy()
    low, high = corners[at - 1], corners[at]
    span = sums[at] - sums[at - 1]
    level = low if span <= 0.0 else low + (high - low) * (room_w - sums[at - 1]) / span
    filled: Floats = np.clip(level, min_w, max_w)
    return filled
