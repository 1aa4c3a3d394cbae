"""Three-phase vectors. A phase vector is a plain tuple `(L1, L2, L3)`, fast to build and to compare.

Site phases are numbered 1, 2, 3. A charger's own conductors are wired to site phases by its
`conductors` tuple: `(2, 3, 1)` says that its L1 hangs on site phase 2, and so on; `(3,)` says that it
has one conductor, on site phase 3.
"""

from collections.abc import Sequence

PhaseVector = tuple[float, float, float]
"""Values of L1, L2, L3; the unit stands in the name of whatever holds it."""

ZERO: PhaseVector = (0.0, 0.0, 0.0)
PHASES = (1, 2, 3)
_ORDERS: dict[tuple[int, ...], tuple[int, int, int]] = {
    (1, 2, 3): (0, 1, 2),
    (1, 3, 2): (0, 2, 1),
    (2, 1, 3): (1, 0, 2),
    (2, 3, 1): (2, 0, 1),
    (3, 1, 2): (1, 2, 0),
    (3, 2, 1): (2, 1, 0),
}
"""Of three conductors on three site phases: which of them hangs on phase 1, 2, 3."""


def add(a: PhaseVector, b: PhaseVector) -> PhaseVector:
    """Sum per phase."""
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def sub(a: PhaseVector, b: PhaseVector) -> PhaseVector:
    """Difference per phase."""
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def minimum(a: PhaseVector, b: PhaseVector) -> PhaseVector:
    """The smaller value per phase."""
    a1, a2, a3 = a
    b1, b2, b3 = b
    return (b1 if b1 < a1 else a1, b2 if b2 < a2 else a2, b3 if b3 < a3 else a3)


def maximum(a: PhaseVector, b: PhaseVector) -> PhaseVector:
    """The larger value per phase."""
    a1, a2, a3 = a
    b1, b2, b3 = b
    return (b1 if b1 > a1 else a1, b2 if b2 > a2 else a2, b3 if b3 > a3 else a3)


def to_site_phases(conductor_values: Sequence[float], conductors: Sequence[int]) -> PhaseVector:
    """Turn values per conductor of a device into values per site phase.

    `conductors[i]` is the site phase (1 to 3) of the device's conductor i. Conductors beyond the wired
    ones are ignored: a one-phase charger reports zeros there.
    """
    if not any(conductor_values):
        return ZERO  # most sockets, most of the time
    if len(conductor_values) == len(PHASES):
        if len(conductors) == 1:
            a, at = conductor_values[0], conductors[0]
            return (0.0 + a if at == 1 else 0.0, 0.0 + a if at == 2 else 0.0, 0.0 + a if at == 3 else 0.0)
        if (order := _ORDERS.get(tuple(conductors))) is not None:
            first, second, third = order
            return (
                0.0 + conductor_values[first],
                0.0 + conductor_values[second],
                0.0 + conductor_values[third],
            )
    out = [0.0, 0.0, 0.0]
    for value, phase in zip(conductor_values, conductors, strict=False):
        out[phase - 1] += value
    return (out[0], out[1], out[2])


def on_phases(value: float, phases: Sequence[int]) -> PhaseVector:
    """The value on these site phases, zero on the others."""
    return (value if 1 in phases else 0.0, value if 2 in phases else 0.0, value if 3 in phases else 0.0)
