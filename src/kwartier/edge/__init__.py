"""The composition root at the site: the clock, the cycle, supervision."""
