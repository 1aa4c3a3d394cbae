"""Physics of a site: cars, sockets, loads, sun, the tree of circuits, registers, and who watches them.

Pure and repeatable: dice are a seeded `random.Random` that is handed in, time is an argument.
"""
