"""Prices of the market: answers of services into checked series, without I/O."""
