"""A digital meter read through its P1 port, over any of the transports."""

from collections.abc import Mapping
from typing import cast, get_args

from kwartier.devices.capabilities import PostMeter
from kwartier.devices.drivers.p1_line import Checksum, LineHealth, P1Line
from kwartier.devices.transports.p1_sources import open_source
from kwartier.devices.transports.steady import keep_reading
from kwartier.site.clock import Clock
from kwartier.site.errors import ConfigError, DeviceUnreachable
from kwartier.site.readings import DeviceFault, MeterReading
from kwartier.site.topology import Meter

OPTIONS = ("key", "authentication_key", "checksum")
KEY_BYTES = 16


class P1Meter:
    """`MeterSource` of a P1 port.

    Options: `key` and `authentication_key` (32 hex digits each, Luxembourg and Austria), `checksum` (see
    `p1_line.Checksum`). Wrong options or URLs raise ConfigError at once; nothing is opened before `run`.
    """

    def __init__(self, meter: Meter, url: str, clock: Clock, options: Mapping[str, object]) -> None:
        unknown = sorted(set(options) - set(OPTIONS))
        if unknown:
            raise ConfigError(
                f"meter {meter.id!r}: unknown P1 option {', '.join(unknown)}; known: {', '.join(OPTIONS)}"
            )
        self._source = open_source(url, clock)
        self._clock = clock
        self.meter_id = meter.id
        self.address = self._source.address
        self._line = P1Line(
            meter,
            self.address,
            key=_key(meter, options, "key"),
            authentication_key=_key(meter, options, "authentication_key"),
            checksum=_checksum(meter, options),
        )

    @property
    def health(self) -> LineHealth:
        """How the line does since the start."""
        return self._line.health

    async def run(self, post: PostMeter) -> None:
        """Read for ever; see `MeterSource.run`."""
        await keep_reading(self._source, self._clock, _Posting(self._line, self._clock, post))


class _Posting:
    """Between the transport and the line: gives the time, passes on what comes out."""

    def __init__(self, line: P1Line, clock: Clock, post: PostMeter) -> None:
        self._line = line
        self._clock = clock
        self._post = post

    def receive(self, data: bytes) -> bool:
        """Whether these bytes completed a good telegram."""
        before = self._line.health.telegrams
        self._pass_on(self._line.receive(data, self._clock.monotonic_s()))
        return self._line.health.telegrams > before

    def lost(self, why: DeviceUnreachable) -> None:
        """The connection is over."""
        self._pass_on(self._line.lost(why, self._clock.monotonic_s()))

    def _pass_on(self, found: list[MeterReading | DeviceFault]) -> None:
        for item in found:
            self._post(item)


def _key(meter: Meter, options: Mapping[str, object], name: str) -> bytes | None:
    text = options.get(name)
    if text is None:
        return None
    try:
        key = bytes.fromhex(str(text))
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigError(
            f"meter {meter.id!r}: {name} must be {2 * KEY_BYTES} hex digits (write it in quotes)"
        )
    return key


def _checksum(meter: Meter, options: Mapping[str, object]) -> Checksum:
    value = options.get("checksum", "auto")
    if value not in get_args(Checksum):
        raise ConfigError(
            f"meter {meter.id!r}: checksum must be one of {', '.join(get_args(Checksum))}, not {value!r}"
        )
    return cast("Checksum", value)
