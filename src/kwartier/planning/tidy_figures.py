"""Figures that can't be, replaced by figures that can, with a word about each."""

import math

from kwartier.planning.program import floats
from kwartier.site.plans import Series, Violation

MOST_W = 1e8
"""100 MW: no site of ours is larger, and the solver's tolerances hold up to here."""
MOST_KWH = 1e6
MOST_EUR = 1e3
"""Per kWh or kW. The European market ends at 4 or 5 EUR per kWh; a car's missing kWh may be dearer."""
MOST_PRICE = 1e2


class Tidy:
    """Collects what was replaced."""

    def __init__(self) -> None:
        self.found: list[Violation] = []

    def say(
        self,
        device: str,
        name: str,
        step: int | None,
        cause: str,
        *,
        what: str = "input",
        amount: float = 0.0,
    ) -> None:
        self.found.append(
            Violation(what=what, id=device, step=step, amount=amount, unit="", cause=f"{name}: {cause}")
        )

    def number(self, device: str, name: str, value: float, least: float, most: float, absent: float) -> float:
        """`value` if it lies between, else the nearest that does; `absent` for what is no number."""
        if math.isnan(value):
            self.say(device, name, None, f"is no number; taken as {absent:g}")
            return absent
        if value < least:
            self.say(device, name, None, f"{value:g} is below {least:g}; taken as {least:g}")
            return least
        if value > most:
            self.say(device, name, None, f"{value:g} is above {most:g}; taken as {most:g}")
            return most
        return float(value)

    def series(
        self, device: str, name: str, values: Series, least: float, most: float, absent: float | None = None
    ) -> Series:
        """Entry by entry. One violation per kind, at the first step it happens in."""
        array = floats(values, len(values))
        if ((array >= least) & (array <= most)).all():
            return values
        good = [value for value in values if least <= value <= most]
        usual = absent if absent is not None else (math.fsum(good) / len(good) if good else 0.0)
        holes = [t for t, value in enumerate(values) if math.isnan(value)]
        out = [t for t, value in enumerate(values) if value < least or value > most]
        if holes:
            self.say(
                device,
                name,
                holes[0],
                f"{len(holes)} entries are no numbers; taken as {usual:g}",
                amount=len(holes),
            )
        if out:
            self.say(
                device,
                name,
                out[0],
                f"{len(out)} entries are not between {least:g} and {most:g}; taken as the nearest",
                amount=len(out),
            )
        return tuple(usual if math.isnan(value) else float(min(max(value, least), most)) for value in values)
