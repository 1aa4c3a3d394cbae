"""Asking over real HTTP on the loopback: errors, patience, limits, and no secret anywhere."""

import logging
from email.utils import format_datetime

import pytest
from tests.devices.services.conftest import HandClock

from kwartier.devices.services.fetcher import Fetcher, TryLater
from kwartier.protocols.answers import AnswerError
from kwartier.protocols.requests import Request
from kwartier.simulation.emulators.market import MarketEmulator
from kwartier.site.errors import DeviceRefused, DeviceUnreachable

TOKEN = "s3cret-t0ken"


def asking(services: MarketEmulator, path: str = "/openmeteo", **more: str) -> Request:
    return Request(
        url=services.url + path, params=tuple(more.items()), secrets=(("securityToken", TOKEN),), bearer=TOKEN
    )


async def test_a_good_answer(services: MarketEmulator, fetcher: Fetcher) -> None:
    assert b"shortwave_radiation" in await fetcher.get(asking(services))
    assert services.headers[0]["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN in services.asked[0]


@pytest.mark.parametrize(
    ("fault", "kind", "words", "asked"),
    [
        ("error500", TryLater, "answers 500", 3),
        ("unplug", DeviceUnreachable, "does not answer", 0),
        ("silent", DeviceUnreachable, "within 0.3 s", 3),
        ("slow", DeviceUnreachable, "within 0.3 s", 3),
        ("huge", AnswerError, "more than 4000000 bytes", 1),
    ],
)
async def test_what_goes_wrong_is_one_known_error(
    services: MarketEmulator,
    fetcher: Fetcher,
    clock: HandClock,
    caplog: pytest.LogCaptureFixture,
    fault: str,
    kind: type[Exception],
    words: str,
    asked: int,
) -> None:
    caplog.set_level(logging.DEBUG)
    await services.fail(fault)
    await fetcher.close()
    if "within" in words:
        fetcher = Fetcher(clock, lambda: 0.5, timeout_s=0.3)
    with pytest.raises(kind, match=words) as raised:
        await fetcher.get(asking(services))
    assert len(services.asked) == asked
    assert TOKEN not in str(raised.value) + caplog.text
    if kind is not AnswerError:
        assert clock.slept == [3.0, 6.0], "2 and 4 s, stretched by the jitter of one half"


async def test_patience_that_was_asked_for_is_kept(
    services: MarketEmulator, fetcher: Fetcher, clock: HandClock
) -> None:
    services.retry_after_s = 20
    await services.fail("too_many")
    with pytest.raises(TryLater, match="asks to wait 20 s"):
        await fetcher.get(asking(services))
    assert clock.slept == [20.5, 20.5]


async def test_long_patience_is_left_to_the_next_round(
    services: MarketEmulator, fetcher: Fetcher, clock: HandClock
) -> None:
    services.retry_after_s = 900
    await services.fail("too_many")
    with pytest.raises(TryLater) as raised:
        await fetcher.get(asking(services))
    assert raised.value.after_s == 900
    assert (len(services.asked), clock.slept) == (1, [])


@pytest.mark.parametrize(
    ("text", "after_s"),
    [("17", 17.0), ("later", None), ("-5", None), (None, None), ("99999999999", 86400.0), ("DATE", 120.0)],
)
def test_retry_after_in_every_writing(clock: HandClock, text: str | None, after_s: float | None) -> None:
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415 - for this one

    if text == "DATE":
        text = format_datetime(
            datetime.fromtimestamp(clock.utc_s(), UTC) + timedelta(seconds=120), usegmt=True
        )
    found = Fetcher(clock, lambda: 0.0)._after(text)
    assert found == (None if after_s is None else pytest.approx(after_s, abs=1.0))


async def test_it_heals(services: MarketEmulator, fetcher: Fetcher, clock: HandClock) -> None:
    """A service that is back while it still tries."""
    await services.fail("error500")

    async def healing(duration_s: float) -> None:
        clock.slept.append(duration_s)
        await services.heal()

    clock.sleep = healing  # type: ignore[method-assign]
    assert b"hourly" in await fetcher.get(asking(services))
    assert len(clock.slept) == 1


async def test_not_found_is_no_data_and_a_wrong_token_is_told(
    services: MarketEmulator, fetcher: Fetcher
) -> None:
    with pytest.raises(AnswerError) as missing:
        await fetcher.get(asking(services, "/nothing"))
    assert missing.value.code == "no_data"
    span = {"periodStart": "202601142300", "periodEnd": "202601152300", "in_Domain": "x"}
    request = Request(
        url=services.url + "/entsoe", params=tuple(span.items()), secrets=(("securityToken", "wrong"),)
    )
    assert b"invalid security token" in await fetcher.get(request), (
        "the codec tells the platform's own reason"
    )


@pytest.mark.parametrize("url", ["http://", "http://127.0.0.1:1/x", "http://[::1", "nonsense"])
async def test_an_address_that_is_none(fetcher: Fetcher, url: str) -> None:
    with pytest.raises((DeviceRefused, DeviceUnreachable)):
        await fetcher.get(Request(url=url))
