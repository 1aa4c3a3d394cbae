"""The fast loop: step(site, memory, picture) -> decision, a pure function of its arguments."""
