"""Capabilities, the catalogue, drivers and transports: the only sockets and serial ports towards devices."""
