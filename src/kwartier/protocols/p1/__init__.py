"""The P1 consumer port: bytes in, typed telegrams out.

>>> from kwartier.protocols.p1 import decode
>>> [telegram] = decode(b"/KMP5 ZABF00\\r\\n\\r\\n1-0:1.7.0(0000.98*kW)\\r\\n!\\r\\n")
>>> telegram.power_import_w, telegram.crc
(980.0, 'absent')
"""

from kwartier.protocols.p1.reader import P1Reader, decode
from kwartier.protocols.p1.record import record
from kwartier.protocols.p1.telegram import Fault, Garbled, MBus, Peak, Telegram

__all__ = ["Fault", "Garbled", "MBus", "P1Reader", "Peak", "Telegram", "decode", "record"]
