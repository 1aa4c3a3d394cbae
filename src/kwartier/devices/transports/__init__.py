"""Transports: the only sockets and serial ports towards devices."""
