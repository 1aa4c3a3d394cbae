"""The append-only journal, time series, quarter-hours and replay."""
