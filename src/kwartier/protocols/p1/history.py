"""0-0:98.1.0, the monthly maxima of the quarter-hour power.

Met in the field: `(n)(1-0:1.6.0)(1-0:1.6.0)` and n times (month closed)(when)(power), newest first in the
e-MUCS example and oldest first in every real meter; `(0)(1-0:1.6.0)(1-0:1.6.0)()` on a fresh meter; the
Landis+Gyr E660 with a capture list of five objects (its export peaks stay raw, as 2.4.0 and 2.6.0 do: no
Flemish tariff counts them); Switzerland with the count alone; Hungary with month
registers under the same code, which is no history of peaks.
"""

import re

from kwartier.protocols.p1.telegram import Peak
from kwartier.protocols.p1.values import NEVER, POWER, BadValue, is_stamp, quantity, stamp

_CODE = re.compile(rb"\d{1,3}-\d{1,3}:\d{1,3}\.\d{1,3}\.\d{1,3}(?:\*\d{1,3})?")
_PEAK = re.compile(rb"1-[01]:1\.6\.0(?:\*\d{1,3})?")


def peak_history(groups: list[bytes]) -> tuple[tuple[Peak, ...] | None, str | None]:
    """The peaks in the order sent, and what is wrong with the list if something is. None for the peaks
    when this object holds something else."""
    if not groups[0].strip().isdigit() or len(groups[0]) > 4:
        return None, None
    captured = []
    for group in groups[1:]:
        if not _CODE.fullmatch(group):
            break
        captured.append(group)
    if captured and not any(map(_PEAK.fullmatch, captured)):
        return None, None
    data = groups[1 + len(captured) :]
    while data and not data[-1].strip():
        data.pop()
    width = 1 + len(captured)
    records = [data[at : at + width] for at in range(0, len(data), width)]
    peaks = tuple(peak for peak in (_peak(captured, record) for record in records) if peak is not None)
    count = int(groups[0])
    if data and len(peaks) != count:
        return peaks, f"{count} entries were announced and {len(peaks)} can be read"
    return peaks, None


def _peak(captured: list[bytes], record: list[bytes]) -> Peak | None:
    """One record: the month's end, then one group for each captured object. 1.6.0 stands twice, for its
    time and its value. None when it cannot be read."""
    parts = [group for code, group in zip(captured, record[1:], strict=False) if _PEAK.fullmatch(code)]
    times = [group for group in parts if is_stamp(group)]
    values = [group for group in parts if not is_stamp(group)]
    if len(values) != 1:
        return None
    try:
        closed, at = stamp(record[0]), stamp(times[0]) if times else NEVER
        return Peak(closed[0], at[0], quantity(values[0], POWER), closed[1], at[1])
    except BadValue:
        return None
