"""Numbers of RFID cards. Charging stations and readers write one card in several ways; here it has one."""

import re

_BETWEEN = re.compile(r"[\s:.\-]+")


def card_number(text: str) -> str:
    """The number of a card as it is compared: capitals, without white space, colons, points and hyphens."""
    return _BETWEEN.sub("", text).upper()
