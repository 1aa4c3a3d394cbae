"""The quarter-hour accounts of a running site: one for each meter that has an import register."""

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from kwartier.metering.books import begun, fold, page, targeted, with_peak
from kwartier.metering.causes import Cause, Watched, cause, watched
from kwartier.metering.ledger import Ledger, from_history, merged, of_month
from kwartier.metering.peaks import with_quarter
from kwartier.metering.quarters import ClosedQuarter, QuarterMemory, running
from kwartier.site.quarters import MonthPeak, QuarterPicture, RunningQuarter
from kwartier.site.readings import MeterReading
from kwartier.site.setpoints import Picture
from kwartier.site.topology import Site

CLOSE_W = 100.0
"""A quarter so near below the month's peak may still turn out to be it, by the meter's own figure."""
CAUSES = 8

OnClosed = Callable[[ClosedQuarter], None]


class Account:
    """Folds meter readings into quarters, before each step; the month peak on screen is that of the grid
    connection's meter."""

    def __init__(self, site: Site, memories: Mapping[str, QuarterMemory], on_closed: OnClosed) -> None:
        self.zone = ZoneInfo(site.time_zone)
        self._books = {m.id: begun(site, m.id, memories.get(m.id)) for m in site.meters}
        self._on_closed = on_closed
        self._seen_s: dict[str, float] = {}
        self._grid = site.root.meter
        self._targeted = targeted(site)
        self._pages: dict[str, QuarterPicture] = {}
        self._site = site
        self._history: object = None
        self._watched: Watched | None = None
        self.ledger: Ledger = ()
        """Month peaks of the grid connection, the running month's apart."""
        self.causes: tuple[Cause, ...] = ()
        """Who drew in the quarters that may be the month's peak, newest last."""

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
            before = self._books[meter_id].peak
            self._books[meter_id], closed = fold(self._books[meter_id], reading, utc_s, self.zone)
            if meter_id == self._grid:
                self._note(picture, reading, before, closed)
            if meter_id in self._targeted:
                found = page(self._books[meter_id])
                if found is not None:
                    self._pages = {**self._pages, meter_id: found}
            for quarter in closed:
                self._on_closed(quarter)

    def _note(
        self,
        picture: Picture,
        reading: MeterReading,
        before: MonthPeak | None,
        closed: tuple[ClosedQuarter, ...],
    ) -> None:
        """The grid connection's ledger, and who draws in the running quarter."""
        book = self._books[reading.meter_id]
        if before is not None and before.month != (book.peak or before).month:
            for quarter in closed:
                before = with_quarter(before, quarter)
            self.merge(of_month(before))
        if reading.peak_history is not None and reading.peak_history is not self._history:
            self._history = reading.peak_history
            self.merge(from_history(reading.peak_history, self.zone))
        opened = book.quarters.opened
        if opened is None or book.quarters.last is None:
            return
        if self._watched is None or self._watched.start_s != opened.start_s:
            if closed and self._watched is not None and self._watched.start_s == closed[-1].start_s:
                self._note_cause(picture, closed[-1], before)
            elapsed_s = book.quarters.last.meter_s - opened.start_s
            self._watched = watched(self._site, picture, opened.start_s, elapsed_s)

    def _note_cause(self, picture: Picture, closed: ClosedQuarter, before: MonthPeak | None) -> None:
        """Keep who drew in a quarter that may be the month's peak."""
        assert self._watched is not None
        most_w = 0.0 if before is None or before.peak_w is None else before.peak_w
        found = cause(self._watched, self._site, picture)
        if found is not None and closed.import_kwh * 4000 >= most_w - CLOSE_W:
            self.causes = (*self.causes, found)[-CAUSES:]

    def merge(self, entries: Ledger) -> None:
        """Take more month peaks in."""
        self.ledger = merged(self.ledger, entries)

    def resume(self, ledger: Ledger, causes: tuple[Cause, ...]) -> None:
        """Take up what an earlier run knew."""
        self.merge(ledger)
        self.causes = causes

    def months(self) -> Ledger:
        """All month peaks of the grid connection, the running one included."""
        now = self.month()
        return self.ledger if now is None else merged(self.ledger, of_month(now))

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
