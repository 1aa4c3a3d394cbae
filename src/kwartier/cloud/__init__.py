"""The composition root of the fleet."""
