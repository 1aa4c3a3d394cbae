"""Batteries in a step: what they do to currents, what is wanted of them, what limits leave."""
