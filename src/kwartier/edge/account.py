"""The quarter-hour accounts of a running site: one for each meter that has an import register."""

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from kwartier.metering.books import Book, fold, page, targeted, with_peak
from kwartier.metering.quarters import ClosedQuarter, QuarterMemory, running
from kwartier.site.quarters import MonthPeak, QuarterPicture, RunningQuarter
from kwartier.site.setpoints import Picture
from kwartier.site.topology import Site

OnClosed = Callable[[ClosedQuarter], None]


class Account:
    """Folds meter readings into quarters, before each step; the month peak on screen is that of the grid
    connection's meter."""

    def __init__(self, site: Site, memories: Mapping[str, QuarterMemory], on_closed: OnClosed) -> None:
        self.zone = ZoneInfo(site.time_zone)
        self._books = {
            m.id: Book(quarters=memories.get(m.id, QuarterMemory(meter_id=m.id))) for m in site.meters
        }
        self._on_closed = on_closed
        self._seen_s: dict[str, float] = {}
        self._grid = site.root.meter
        self._targeted = targeted(site)
        self._pages: dict[str, QuarterPicture] = {}

    @property
    def memories(self) -> dict[str, QuarterMemory]:
        """What must be stored to go on after a restart."""
        return {i: book.quarters for i, book in self._books.items()}

    @property
    def watched(self) -> tuple[str, ...]:
        """The meters whose month peak matters: that of the grid connection, and those with a target."""
        grid = () if self._grid is None else (self._grid,)
        return tuple(dict.fromkeys((*grid, *self._targeted)))

    def seed_peak(self, meter_id: str, peak: MonthPeak) -> None:
        """Take up the month peak out of recorded quarters."""
        self._books[meter_id] = with_peak(self._books[meter_id], peak)

    def take(self, picture: Picture) -> None:
        """Fold in every reading that is new in this picture."""
        for meter_id, reading in picture.meters.items():
            if self._seen_s.get(meter_id) == reading.at_s:
                continue
            self._seen_s[meter_id] = reading.at_s
            utc_s = picture.utc_s - (picture.now_s - reading.at_s)
            self._books[meter_id], closed = fold(self._books[meter_id], reading, utc_s, self.zone)
            if meter_id in self._targeted:
                found = page(self._books[meter_id])
                if found is not None:
                    self._pages = {**self._pages, meter_id: found}
            for quarter in closed:
                self._on_closed(quarter)

    def pages(self) -> dict[str, QuarterPicture]:
        """The running quarter of each meter that has a target, for the picture. Never changed in place."""
        return self._pages

    def running(self) -> RunningQuarter | None:
        """The running quarter of the grid connection."""
        if self._grid is None:
            return None
        book = self._books[self._grid]
        return None if book.newest is None else running(book.quarters, book.newest)

    def month(self) -> MonthPeak | None:
        """The month of the grid connection with its peak so far."""
        return None if self._grid is None else self._books[self._grid].peak

    def peak(self) -> tuple[float, float] | None:
        """The month peak of the grid connection so far: watts, and the UTC start of its quarter."""
        found = self.month()
        if found is None or found.peak_w is None or found.start_s is None:
            return None
        return found.peak_w, float(found.start_s)
