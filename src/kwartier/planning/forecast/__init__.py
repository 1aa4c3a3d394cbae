"""Forecasts with a band: load, sun, heat pumps and cars, from numpy alone, and scored every day.

Each forecast is a `Band` of three courses (P10, the expected course, P90). Time is an argument everywhere, and no
forecast reads a row at or after it. `docs/forecasts.md` tells how each works and how well.
"""

from kwartier.planning.forecast.band import Band, FloatArray
from kwartier.planning.forecast.load import LoadHistory, LoadModel, edge_load, fit_load

__all__ = ["Band", "FloatArray", "LoadHistory", "LoadModel", "edge_load", "fit_load"]
