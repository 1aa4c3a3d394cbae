"""Limits on sums, as rows of the allocation: contract, quarter-hour, phases that lie apart."""
