"""Where device tasks leave their newest word and the cycle takes one picture of it (DESIGN section 3, step 1)."""

from collections.abc import Iterable

from kwartier.site.advice import Advice
from kwartier.site.batteries import BatteryReading
from kwartier.site.readings import ChargePointReading, DeviceFault, MeterReading
from kwartier.site.setpoints import Limit, Picture, Wish

Posted = MeterReading | ChargePointReading | BatteryReading | DeviceFault


class Blackboard:
    """The newest reading of each device, the wishes of people, the faults since the last picture."""

    MAX_FAULTS = 200

    def __init__(self, wishes: Iterable[Wish] = ()) -> None:
        self._meters: dict[str, MeterReading] = {}
        self._points: dict[str, ChargePointReading] = {}
        self._batteries: dict[str, BatteryReading] = {}
        self.advice: Advice | None = None
        """The newest plan; whoever makes plans leaves it here."""
        self._wishes = {w.charge_point_id: w for w in wishes}
        self._faults: list[DeviceFault] = []
        self.last_fault: dict[str, DeviceFault] = {}
        """Per device: its newest fault since it last gave a good reading."""

    def post(self, what: Posted) -> None:
        """Leave a reading or a fault. Called from the event loop."""
        if isinstance(what, MeterReading):
            self._meters[what.meter_id] = what
            self.last_fault.pop(what.meter_id, None)
        elif isinstance(what, ChargePointReading):
            self._points[what.charge_point_id] = what
            self.last_fault.pop(what.charge_point_id, None)
        elif isinstance(what, BatteryReading):
            self._batteries[what.battery_id] = what
            self.last_fault.pop(what.battery_id, None)
        else:
            self.last_fault[what.device_id] = what
            if len(self._faults) < self.MAX_FAULTS:
                self._faults.append(what)

    def wish(self, wish: Wish) -> None:
        """What a person asks; replaces the earlier wish for that charge point."""
        self._wishes[wish.charge_point_id] = wish

    @property
    def wishes(self) -> dict[str, Wish]:
        """All wishes in force."""
        return dict(self._wishes)

    def freeze(self, now_s: float, utc_s: float, limits: tuple[Limit, ...] = ()) -> Picture:
        """One picture; faults are handed over once."""
        faults, self._faults = tuple(self._faults), []
        return Picture(
            now_s=now_s,
            utc_s=utc_s,
            meters=dict(self._meters),
            charge_points=dict(self._points),
            wishes=dict(self._wishes),
            limits=limits,
            faults=faults,
            advice=self.advice,
            batteries=dict(self._batteries),
        )
