"""Codecs without I/O: bytes in, typed events out."""
