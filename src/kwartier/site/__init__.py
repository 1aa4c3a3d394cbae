"""The vocabulary of a site: topology, readings, set-points, limits, messages, intervals, units, errors.

Signs (DESIGN section 4): positive power and current flow *into* a component. Grid import is positive,
PV is negative, a charging battery is positive. A parent is the sum of its children at every circuit.
"""
