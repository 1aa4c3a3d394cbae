"""The usual departures of the site's users, and the moments of their weekly goals: done here, because a time zone is read from files."""

from zoneinfo import ZoneInfo

from kwartier.site.goals import next_goal
from kwartier.site.topology import Site
from kwartier.site.users import next_departure_s

EVERY_S = 60.0


class Departures:
    """Gives, for the picture, the next usual departure of each user that has one."""

    def __init__(self, site: Site) -> None:
        self._zone = ZoneInfo(site.time_zone)
        self._usual = {u.id: u.departs_at_s for u in site.users if u.departs_at_s is not None}
        self._goals = {u.id: u.goals for u in site.users if u.goals and u.departs_at_s is None}
        self._found: dict[str, float] = {}
        self._at_s = float("-inf")

    def at(self, utc_s: float) -> dict[str, float]:
        """User id -> UTC seconds. Reckoned once a minute, and when the clock was set back."""
        if (self._usual or self._goals) and not 0.0 <= utc_s - self._at_s < EVERY_S:
            self._found = {i: next_departure_s(at, utc_s, self._zone) for i, at in self._usual.items()}
            for user_id, goals in self._goals.items():
                found = next_goal(goals, utc_s, self._zone)
                if found is not None:
                    self._found[user_id] = found[1]
            self._at_s = utc_s
        return self._found
