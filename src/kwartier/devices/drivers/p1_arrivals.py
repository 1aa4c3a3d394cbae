"""When the bytes of a stream came, and the newest of them, by their place in the stream."""

from collections import deque

KEEP_BYTES = 65536


class Arrivals:
    """Remembers the chunks that no event has yet used up, bounded."""

    def __init__(self) -> None:
        self._chunks: deque[tuple[int, float, bytes]] = deque()
        self._end = 0

    def add(self, data: bytes, at_s: float) -> None:
        """The next bytes, with the monotonic time at which they came."""
        self._chunks.append((self._end, at_s, data))
        self._end += len(data)
        while self._end - self._chunks[0][0] - len(self._chunks[0][2]) >= KEEP_BYTES:
            self._chunks.popleft()

    def at_s(self, offset: int) -> float:
        """When the byte at this place came; the oldest time known for one that is forgotten. At least
        one chunk must have been added."""
        found_s = self._chunks[0][1]
        for start, at_s, _ in self._chunks:
            if start > offset:
                break
            found_s = at_s
        return found_s

    def bytes_at(self, offset: int, length: int) -> bytes:
        """The bytes at this place as far as they are remembered."""
        end = offset + length
        return b"".join(data[max(0, offset - start) : max(0, end - start)] for start, _, data in self._chunks)

    def newest(self, length: int) -> bytes:
        """The first bytes of the newest chunk."""
        return self._chunks[-1][2][:length]

    def forget_before(self, offset: int) -> None:
        """What lies before this place is done with; the newest chunk stays."""
        while len(self._chunks) > 1 and self._chunks[1][0] <= offset:
            self._chunks.popleft()
