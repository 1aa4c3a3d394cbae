"""Derived measurement as pure arithmetic: quarter-hours, month peaks."""
