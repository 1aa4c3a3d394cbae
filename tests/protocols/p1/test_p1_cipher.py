"""Encrypted frames: decrypted only with the tag verified, found among anything else."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import GCM

from kwartier.protocols.p1 import Garbled, P1Reader, Telegram, decode

KEY = bytes(range(16))
OTHER = bytes(range(16, 32))
PUBLIC = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
TITLE = b"SAGg\0\0\0\1"


def seal(text: bytes, counter: int, *, authentication_key: bytes = PUBLIC, key: bytes = KEY) -> bytes:
    """A frame as a Luxembourg meter sends it."""
    mode = GCM(TITLE + counter.to_bytes(4, "big"), min_tag_length=12)
    encryptor = Cipher(AES128(key), mode).encryptor()
    encryptor.authenticate_additional_data(b"\x30" + authentication_key)
    cipher = encryptor.update(text) + encryptor.finalize()
    content = b"\x30" + counter.to_bytes(4, "big") + cipher + encryptor.tag[:12]
    return b"\xdb\x08" + TITLE + b"\x82" + len(content).to_bytes(2, "big") + content


def test_frames_among_plain_telegrams_and_noise(flemish: bytes) -> None:
    """Encrypted frames, plain telegrams and noise in any order each give what they hold."""
    sealed = [seal(flemish, counter) for counter in (7, 8)]
    data = sealed[0] + flemish + b"\xdb noise \xdb\x08 more" + sealed[1] + flemish + sealed[0]
    events = decode(data, key=KEY)
    assert [type(event) for event in events] == [Telegram] * 4 + [Garbled]
    assert (events[0].offset, events[0].length) == (0, len(sealed[0]))
    assert {event.power_import_w for event in events if isinstance(event, Telegram)} == {401.0}
    assert isinstance(events[4], Garbled)
    assert "replay" in events[4].detail


@pytest.mark.parametrize("size", [1, 7, 50])
def test_frames_in_pieces(flemish: bytes, size: int) -> None:
    """Pieces of any size give the same."""
    data = seal(flemish, 1) + b"\r\n" + flemish + seal(flemish, 2)
    reader = P1Reader(key=KEY)
    events = [event for at in range(0, len(data), size) for event in reader.receive(data[at : at + size])]
    assert events + reader.close() == decode(data, key=KEY)


def test_missing_key_tells_what_to_do(flemish: bytes) -> None:
    """Without a key the frame is undecodable and the text names the option."""
    [event] = decode(seal(flemish, 1))
    assert isinstance(event, Garbled)
    assert event.error == "undecodable"
    assert "--key" in event.detail


@pytest.mark.parametrize("change", [5, 20, 60, 400, -1])
def test_damaged_frame_is_refused_and_costs_no_other(flemish: bytes, change: int) -> None:
    """Any changed byte is caught by the tag; what follows still comes out."""
    damaged = bytearray(seal(flemish, 1))
    damaged[change] ^= 1
    events = decode(bytes(damaged) + seal(flemish, 2), key=KEY)
    assert isinstance(events[0], Garbled)
    assert isinstance(events[-1], Telegram)
    assert sum(isinstance(event, Telegram) for event in events) == 1


def test_wrong_keys_are_refused(flemish: bytes) -> None:
    """Both keys count: the tag covers the authentication key too."""
    austrian = seal(flemish, 1, authentication_key=OTHER)
    assert isinstance(decode(austrian, key=KEY)[0], Garbled)
    assert isinstance(decode(austrian, key=KEY, authentication_key=OTHER)[0], Telegram)
    assert isinstance(decode(austrian, key=OTHER, authentication_key=OTHER)[0], Garbled)


def test_a_telegram_inside_something_like_a_frame_is_found(flemish: bytes) -> None:
    """Noise that claims to be a long frame does not swallow the telegram that follows."""
    noise = b"\xdb\x08" + TITLE + b"\x82\x08\x00\x30" + b"\r\n"
    events: list[Any] = decode(noise + flemish * 3, key=KEY)
    assert sum(isinstance(event, Telegram) for event in events) == 3


def test_keys_of_a_wrong_length_are_refused() -> None:
    """A key has 16 bytes."""
    with pytest.raises(ValueError, match="16 bytes"):
        P1Reader(key=b"short")
