"""The independent watcher: judges a run from inside the plant, on true currents, without any code of the
controller (it imports only `simulation` and `site`).

`ground` says who can be blamed for what in a second; each other file judges one thing.
"""
