"""A site that does not exist: its physics (`plant`), devices that speak bytes (`emulators`), stories
(`scenarios`) and the loop that lets the controller run them in simulated time (`runner`).

Nothing here uses the drivers or the codecs, so that a simulation cannot share their mistakes.
"""
