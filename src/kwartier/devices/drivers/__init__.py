"""Drivers: what a device does, in terms of readings and set-points."""
