"""Encrypted P1 (Luxembourg, Austria): DLMS general-glo-ciphering, suite 0, AES-128-GCM.

    DB 08 title(8) length 30 counter(4) cipher text tag(12)

`length` counts what follows it and is a BER length (82 hh ll in every frame met). The nonce is title and
counter, the authenticated data is the 30 and the authentication key [Luxembourg Smarty P1 specification
1.1.3, chapter 3.2.5].
"""

from typing import NamedTuple

LUXEMBOURG_AUTHENTICATION_KEY = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
"""Public and the same for every meter of Luxembourg."""
START = b"\xdb\x08"

_TAG = 12
_SECURITY = (0x20, 0x30)


class Undecodable(ValueError):
    """An encrypted frame that cannot be trusted or read; the text says why and what to do."""


class Opened(NamedTuple):
    """What was inside a frame whose tag verified."""

    title: bytes
    counter: int
    text: bytes


def claimed_length(data: bytes | bytearray, at: int, longest: int) -> int | None:
    """Length in bytes of the encrypted frame that starts at `at`; 0 when it is none, None when more bytes
    are needed to tell."""
    head = bytes(data[at + 10 : at + 14])
    if not head:
        return None
    size = {0x81: 1, 0x82: 2}.get(head[0], 0)
    if head[0] & 0x80 and not size:
        return 0
    if len(head) < size + 2:
        return None
    length = int.from_bytes(head[1 : 1 + size], "big") if size else head[0]
    total = 11 + size + length
    return total if head[1 + size] in _SECURITY and length > 5 + _TAG and total <= longest else 0


def open_frame(frame: bytes, key: bytes | None, authentication_key: bytes) -> Opened:
    """Decrypt one whole frame and verify its tag.

    Raises `Undecodable` when the key is missing, the tag is wrong or the frame carries none.
    """
    size = {0x81: 1, 0x82: 2}.get(frame[10], 0)
    title, content = frame[2:10], frame[11 + size :]
    if key is None:
        raise Undecodable(
            "this frame is encrypted: give the meter's key with --key (the grid operator has it)"
        )
    if content[0] != 0x30:
        raise Undecodable("this frame is encrypted without a tag, so nothing proves who sent it")
    text = _decrypt(key, title + content[1:5], content[:1] + authentication_key, content[5:])
    return Opened(title, int.from_bytes(content[1:5], "big"), text)


def _decrypt(key: bytes, nonce: bytes, authenticated: bytes, content: bytes) -> bytes:
    # cryptography takes a tenth of a second to import, and few meters encrypt
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers import Cipher  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.algorithms import AES128  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.modes import GCM  # noqa: PLC0415

    mode = GCM(nonce, content[-_TAG:], min_tag_length=_TAG)
    decryptor = Cipher(AES128(key), mode).decryptor()
    decryptor.authenticate_additional_data(authenticated)
    text = decryptor.update(content[:-_TAG])
    try:
        return text + decryptor.finalize()
    except InvalidTag:
        raise Undecodable(
            "the tag does not verify: the frame is damaged, or --key or --auth-key is not this meter's"
        ) from None
