"""The second meter of a circuit: it stands in while the first one is late, lost or coming back.

Each meter has a ladder of its own (`safety.ladder`), which is remembered and told to people as ever. Only what the
rest of a step reckons with changes: under the first meter's name stand the second one's ladder and reading. So
nobody after this needs to know of two meters, and a site without second ones pays nothing.

The second meter counts only while it is *fresh*: a late second meter is no better than a late first one. When the
first is back and has proven itself for its ten seconds it counts again. The largest other load of the last seconds
(`control.estimate`) holds over the change, so that two meters that do not quite agree widen nothing at once.
"""

from collections.abc import Mapping
from dataclasses import replace

from kwartier.safety.ladder import Ladder
from kwartier.site.reasons import reason
from kwartier.site.setpoints import Level, Message, Picture
from kwartier.site.topology import Site


def stand_in(site: Site, meters: dict[str, Ladder], picture: Picture) -> tuple[dict[str, Ladder], Picture]:
    """Ladders and picture to reckon with in this step."""
    taken = [(first, second) for first, second in site.backed_up if _takes_over(meters, first, second)]
    if not taken:
        return meters, picture
    ladders, readings = dict(meters), dict(picture.meters)
    for first, second in taken:
        ladders[first] = meters[second]
        readings[first] = picture.meters[second]
    return ladders, replace(picture, meters=readings)


def messages(
    site: Site, before: Mapping[str, Ladder], after: Mapping[str, Ladder], now_s: float
) -> tuple[Message, ...]:
    """What to say when a second meter takes over in this step, or gives back."""
    out = []
    for first, second in site.backed_up:
        was, now = _takes_over(before, first, second), _takes_over(after, first, second)
        if was == now or "waiting" in {before[first].status, before[second].status}:
            continue  # at the start one of them simply spoke first
        code = "meter_backup_takes_over" if now else "meter_backup_ends"
        told = reason(code, meter=site.meter[first].name, backup=site.meter[second].name)
        level: Level = "warning" if now or not after[first].trusted else "info"
        out.append(Message(at_s=now_s, level=level, device_id=first, reason=told))
    return tuple(out)


def _takes_over(meters: Mapping[str, Ladder], first: str, second: str) -> bool:
    return meters[first].status != "fresh" and meters[second].status == "fresh"
