"""Values that are made by the thousand each second: frozen for the type checker, plain at run time.

The `__init__` of a frozen dataclass goes through `object.__setattr__` for each field and takes three times as
long as a plain one: 9.3 instead of 3.1 us for a meter reading, which a step of the loop can't afford for some
five objects per charge point. So the promise is kept where it costs nothing: mypy refuses an assignment to a field
of such a class as it does for any frozen dataclass, while the machine no longer does (docs/decisions/0022).
Everything else (slots, equality, hash, `replace`, `fields`) is as usual.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as valueclass
else:

    def valueclass(*, frozen: bool, slots: bool = True, kw_only: bool = False):
        """Use it like `dataclass`, with `frozen=True` written out for whoever reads the class."""
        if not frozen:
            raise TypeError("a value is frozen: write @valueclass(frozen=True, ...), or use dataclass")
        return dataclass(slots=slots, kw_only=kw_only, unsafe_hash=True)


__all__ = ["valueclass"]
