"""All quantities of one unit of a device: which requests read them and what the words mean. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kwartier.devices.blocks import Block
from kwartier.devices.catalogue import Device, RegisterEntry
from kwartier.devices.quantities import implausible
from kwartier.devices.registers import Register, Value, decode, to_bytes
from kwartier.site.errors import RemoteProtocolError

Values = Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class Readout:
    """A register map with its requests."""

    blocks: tuple[Block, ...]
    registers: Mapping[str, Register]
    entries: Mapping[str, RegisterEntry]

    @classmethod
    def of(cls, device: Device, entries: Mapping[str, RegisterEntry]) -> "Readout":
        """The readout of these entries of a catalogue device."""
        return cls(device.blocks(entries), device.register_map(entries), entries)

    def decode(self, answers: Mapping[Block, Sequence[int]]) -> Values:
        """Values by quantity; None where the device says "not available" and the entry allows it.

        Raises RemoteProtocolError, with the bytes, for a value that is missing or cannot be.
        """
        values: dict[str, Value | None] = {}
        for name, register in self.registers.items():
            words = _cut(register, answers)
            value = decode(register, words)
            if value is None and not self.entries[name].optional:
                raise _bad(name, register, words, "not available")
            if value is not None and implausible(name, value):
                raise _bad(name, register, words, f"{value}, which cannot be")
            values[name] = value
        for name, entry in self.entries.items():
            if entry.sign_from is not None:
                values[name] = _signed(values[name], values[entry.sign_from])
        return values


def _cut(register: Register, answers: Mapping[Block, Sequence[int]]) -> Sequence[int]:
    for block, words in answers.items():
        start = register.address - block.address
        if start >= 0 and start + register.count <= block.count:
            return words[start : start + register.count]
    raise AssertionError(f"{register} is in none of {list(answers)}")


def _signed(current: Value | None, power: Value | None) -> Value | None:
    if isinstance(current, str) or isinstance(power, str) or current is None or power is None:
        return None
    return -abs(current) if power < 0 else abs(current)


def _bad(name: str, register: Register, words: Sequence[int], what: str) -> RemoteProtocolError:
    raw = to_bytes(words)
    return RemoteProtocolError(f"{name} (register {register.address}) is {what}: {raw.hex(' ')}", raw)
