"""Prices and forecasts at a running site."""
