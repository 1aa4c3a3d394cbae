"""Recorded years through the real forecast, plan and fast loop, against rules and against perfect foresight."""
