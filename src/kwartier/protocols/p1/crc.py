"""CRC-16/ARC over bytes, over remembered lines, and backwards.

Polynomial x16+x15+x2+1 (0xA001 reflected), start 0, no final XOR [Dutch Smart Meter Requirements P1
5.0.2, chapter 6]. The sum is linear, which gives two tools: the sum of a line can be remembered and moved
to any place in a telegram (`shift_tables`), and a wrong sum can be walked back to find which change of one
byte, and where, would explain it (`single_byte_changes`).
"""

from collections.abc import Iterator
from functools import lru_cache

Shift = tuple[list[int], list[int]]
"""Tables (low byte, high byte): the sum after n more zero bytes is `low[s & 255] ^ high[s >> 8]`."""


def _table(polynomial: int) -> list[int]:
    table = []
    for byte in range(256):
        state = byte
        for _ in range(8):
            state = (state >> 1) ^ polynomial if state & 1 else state >> 1
        table.append(state)
    return table


TABLE = _table(0xA001)
"""One step of CRC-16/ARC: `TABLE[(state ^ byte) & 255] ^ (state >> 8)`."""
_X25 = _table(0x8408)
_CHANGE_OF = {state: byte for byte, state in enumerate(TABLE)}
_BY_HIGH_BYTE = {state >> 8: byte for byte, state in enumerate(TABLE)}


def crc16_arc(data: bytes, state: int = 0) -> int:
    """The checksum of P1; `state` continues an earlier sum."""
    table = TABLE
    for byte in data:
        state = table[(state ^ byte) & 255] ^ (state >> 8)
    return state


def crc16_x25(data: bytes) -> int:
    """CRC-16/X25 (start and final XOR 0xFFFF), which Holley meters print [ndokter/dsmr_parser #91]."""
    state = 0xFFFF
    for byte in data:
        state = _X25[(state ^ byte) & 255] ^ (state >> 8)
    return state ^ 0xFFFF


def _apply(columns: list[int], state: int) -> int:
    out = 0
    for column in columns:
        if state & 1:
            out ^= column
        state >>= 1
    return out


_POWERS = [[crc16_arc(b"\0", 1 << bit) for bit in range(16)]]
"""What 1, 2, 4, 8 ... zero bytes do to each bit of the state; grows as longer lines come."""


@lru_cache(maxsize=256)
def shift_tables(length: int) -> Shift:
    """Tables that move a sum over `length` bytes (1 up). About 0.1 ms: the last ones are kept."""
    columns = [1 << bit for bit in range(16)]
    power = 0
    while length >> power:
        if power == len(_POWERS):
            half = _POWERS[-1]
            _POWERS.append([_apply(half, column) for column in half])
        if length >> power & 1:
            columns = [_apply(_POWERS[power], column) for column in columns]
        power += 1
    return _spread(columns[:8]), _spread(columns[8:])


def _spread(columns: list[int]) -> list[int]:
    table = [0]
    for column in columns:
        table += [value ^ column for value in table]
    return table


def single_byte_changes(length: int, difference: int) -> Iterator[tuple[int, int]]:
    """Every `(position, xor)` such that changing that one byte of a message of `length` bytes changes its
    sum by `difference` (0 excluded). At most one per position; on average one position in 256."""
    if not difference:
        return
    for position in range(length - 1, -1, -1):
        change = _CHANGE_OF.get(difference)
        if change is not None:
            yield position, change
        byte = _BY_HIGH_BYTE[difference >> 8]
        difference = ((difference ^ TABLE[byte]) << 8 | byte) & 0xFFFF
