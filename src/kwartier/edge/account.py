"""The quarter-hour accounts of a running site: one for each meter that has an import register."""

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from kwartier.metering.peaks import month_of, with_meter, with_quarter
from kwartier.metering.quarters import ClosedQuarter, QuarterMemory, running, step
from kwartier.site.quarters import MonthPeak, RunningQuarter
from kwartier.site.readings import MeterReading
from kwartier.site.setpoints import Picture
from kwartier.site.topology import Site

OnClosed = Callable[[ClosedQuarter], None]


class Account:
    """Folds meter readings into quarters; the month peak is that of the grid connection's meter."""

    def __init__(self, site: Site, memories: Mapping[str, QuarterMemory], on_closed: OnClosed) -> None:
        self.zone = ZoneInfo(site.time_zone)
        self._memories = {m.id: memories.get(m.id, QuarterMemory(meter_id=m.id)) for m in site.meters}
        self._on_closed = on_closed
        self._seen_s: dict[str, float] = {}
        self._grid = site.root.meter
        self._newest: MeterReading | None = None
        self._peak: MonthPeak | None = None

    @property
    def memories(self) -> dict[str, QuarterMemory]:
        """What must be stored to go on after a restart."""
        return dict(self._memories)

    def seed_peak(self, peak: MonthPeak) -> None:
        """Take up the month peak out of recorded quarters."""
        self._peak = peak

    def take(self, picture: Picture) -> None:
        """Fold in every reading that is new in this picture."""
        for meter_id, reading in picture.meters.items():
            if self._seen_s.get(meter_id) == reading.at_s:
                continue
            self._seen_s[meter_id] = reading.at_s
            utc_s = picture.utc_s - (picture.now_s - reading.at_s)
            self._memories[meter_id], closed = step(self._memories[meter_id], reading, utc_s)
            for quarter in closed:
                self._on_closed(quarter)
                if meter_id == self._grid and self._peak is not None:
                    self._peak = with_quarter(self._peak, quarter)
            if meter_id == self._grid:
                self._note_peak(reading, utc_s)

    def _note_peak(self, reading: MeterReading, utc_s: float) -> None:
        self._newest = reading
        month = month_of(reading.meter_time_s if reading.meter_time_s is not None else utc_s, self.zone)
        if self._peak is None or self._peak.month != month:
            self._peak = MonthPeak(month=month)
        self._peak = with_meter(self._peak, reading)

    def running(self) -> RunningQuarter | None:
        """The running quarter of the grid connection."""
        if self._grid is None or self._newest is None:
            return None
        return running(self._memories[self._grid], self._newest)

    def peak(self) -> tuple[float, float] | None:
        """The month peak of the grid connection so far: watts, and the UTC start of its quarter."""
        if self._peak is None or self._peak.peak_w is None or self._peak.start_s is None:
            return None
        return self._peak.peak_w, float(self._peak.start_s)
