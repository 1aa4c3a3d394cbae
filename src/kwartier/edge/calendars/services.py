"""Makes the service that reads calendars. Loaded after what protects."""

from collections.abc import Sequence
from random import SystemRandom

from kwartier.devices.services.calendars import CalendarService, Reads
from kwartier.devices.services.fetcher import Fetcher
from kwartier.protocols.calendars import CalendarSource
from kwartier.site.clock import Clock


def make(sources: Sequence[CalendarSource], clock: Clock, read: Reads) -> CalendarService:
    """`read` works a calendar out in a process of its own."""
    jitter = SystemRandom().random
    return CalendarService(sources, Fetcher(clock, jitter), read, clock, jitter)
