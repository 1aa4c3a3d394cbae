"""Calendars of people at a running site."""
