"""Kwartier: an open energy manager for every site behind one grid connection."""

__version__ = "0.1.0"
