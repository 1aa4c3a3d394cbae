"""What follows from a site alone is worked out once and kept with the site."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

from kwartier.site.topology import Site

Found = TypeVar("Found")


def once_per_site(reckon: Callable[[Site], Found]) -> Callable[[Site], Found]:
    """Keep what a pure function of the site answers. `lru_cache` would not do: it hashes the whole site on each
    call. The answer is everybody's, so nobody may change it."""

    @wraps(reckon)
    def kept(site: Site) -> Found:
        known = site.kept.get(reckon)
        if known is None:
            known = site.kept[reckon] = reckon(site)
        return cast("Found", known)

    return kept
