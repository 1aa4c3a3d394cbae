"""The decoder of Modbus answers: pymodbus', made stricter where it believes anything."""

from pymodbus.exceptions import ModbusIOException
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.bit_message import ReadCoilsResponse, ReadDiscreteInputsResponse


class _Coils(ReadCoilsResponse):
    """Bits whose byte count is right: pymodbus takes what is there."""

    def decode(self, data: bytes) -> None:
        """Raises ModbusIOException."""
        if not data or data[0] != len(data) - 1:
            raise ModbusIOException("wrong byte count", function_code=self.function_code)
        super().decode(data)


class _DiscreteInputs(_Coils, ReadDiscreteInputsResponse):
    """The same for discrete inputs."""

    function_code = 2


def decoder() -> DecodePDU:
    """For answers (not requests)."""
    made = DecodePDU(False)
    made.register(_Coils)
    made.register(_DiscreteInputs)
    return made
