"""One charge point: what it said, how it starts, changes phases, is raised, and what follows when it does not obey."""
