"""Which mode holds for a charge point now: a slot that a person took over, his word, his usual, the place's own."""

from kwartier.site.setpoints import Mode, Override, Wish
from kwartier.site.topology import ChargePoint, User


def override_at(wish: Wish | None, utc_s: float) -> Override | None:
    """The slot that a person took over and that holds now."""
    if wish is None or not wish.overrides:
        return None
    return next((o for o in wish.overrides if o.from_s <= utc_s < o.to_s), None)


def mode_of(point: ChargePoint, user: User | None, wish: Wish | None) -> Mode:
    """The mode without overrides."""
    if wish is not None and wish.mode is not None:
        return wish.mode
    if user is not None and user.mode is not None:
        return user.mode
    return point.mode


def still_ahead(overrides: tuple[Override, ...], utc_s: float) -> tuple[Override, ...]:
    """Without those that are over, for whoever keeps a wish."""
    return tuple(o for o in overrides if o.to_s > utc_s)
