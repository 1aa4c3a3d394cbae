"""The append-only journal, time series, quarter-hours and replay."""

from kwartier.historian.historian import Historian
from kwartier.historian.status import RecordingStatus

__all__ = ["Historian", "RecordingStatus"]
