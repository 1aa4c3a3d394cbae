"""The demonstration: a simulated site behind real drivers, with a past."""
