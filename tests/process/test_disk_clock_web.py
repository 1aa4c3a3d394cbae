"""The disk fills up, hangs, cannot be written; clocks jump; a hundred browsers stall: set-points go on in time."""

import asyncio
import contextlib
import socket
import sqlite3
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.process.quarters import closed
from tests.process.sites import RealSite, real_site

from kwartier.historian import writer as historian_writer
from kwartier.historian.backlog import Backlog
from kwartier.historian.queries import quarters
from kwartier.historian.schema import open_writer


@contextmanager
def bad_disk(kind: str, site: RealSite, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """SQLite's own errors: a full file, a file that cannot be written; or a disk that hangs or is slow."""
    writer = site.controller.historian._writer
    released = threading.Event()
    with patch.context() as changed:
        if kind in {"hangs", "slow"}:
            store = Backlog.store

            def late(self: Backlog, connection: sqlite3.Connection) -> None:
                released.wait(60 if kind == "hangs" else 3)
                store(self, connection)

            changed.setattr(Backlog, "store", late)
        else:
            pragma = {"full": "max_page_count = 1", "read only": "query_only = ON"}[kind]

            def opened(path: Path) -> sqlite3.Connection:
                connection = open_writer(path)
                connection.execute(f"PRAGMA {pragma}")
                return connection

            changed.setattr(historian_writer, "open_writer", opened)
            assert site.controller.historian.flush()
            writer._drop_connection()
        yield
        released.set()


@pytest.mark.parametrize("kind", ["full", "read only", "hangs", "slow"])
async def test_a_bad_disk_delays_nothing_and_loses_no_quarter(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People are told, set-points go on, and the quarter-hours of that time are filled in afterwards."""
    path = tmp_path / "h.sqlite"
    async with real_site(path) as site:
        historian = site.controller.historian
        async with site.no_cycle_late():
            with bad_disk(kind, site, monkeypatch):
                for number in range(3):
                    historian.quarter(closed(number, "sub"))
                    await site.obeys()
                assert [q.start_s for q in historian.quarters("sub", 0, 9e12)] == [
                    closed(n, "sub").start_s for n in range(3)
                ], "the screen shows them all the same"
                if kind in {"full", "read only"}:
                    await site.until(lambda: site.said("not being recorded") > 0)
                    assert kind == "full" or historian.status().unrecorded_quarters == 3
            if kind in {"full", "read only"}:
                historian._writer._drop_connection()
            await site.until(lambda: historian.status().ok and not historian.status().unrecorded_quarters)
            if kind in {"full", "read only"}:
                await site.until(lambda: site.said("Recording again") > 0)
    found = quarters(path, "sub", 0, 9e12)
    assert [q.start_s for q in found] == [closed(n, "sub").start_s for n in range(3)]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte, where this user may make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a file system (this test was NOT run)")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


async def test_a_disk_that_is_really_full(small_disk: Path) -> None:
    """The kernel says ENOSPC: as above, and the state of the loop and the fire latch are written all the same,
    into the room that was kept for them."""
    path = small_disk / "h.sqlite"
    filler = small_disk / "filler"
    async with real_site(path) as site:
        historian = site.controller.historian
        assert await asyncio.to_thread(historian.flush)
        async with site.no_cycle_late():
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
            for number in range(40):
                historian.quarter(closed(number, "sub"))
            await site.obeys()
            await site.until(lambda: not historian.status().ok and site.said("is full") > 0)
            number = historian._writer._slots._number
            await site.obeys()
            await site.until(lambda: historian._writer._slots._number > number)
            filler.unlink()
            await site.until(lambda: historian.status().ok and not historian.status().unrecorded_quarters)
        await site.until(lambda: site.said("Recording again") > 0)
        found = quarters(path, "sub", 0, 9e12)
    assert [q.start_s for q in found] == [closed(n, "sub").start_s for n in range(40)]


# -- clocks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step_s", [3 * 3600.0, -3 * 3600.0, 40 * 86400.0])
async def test_a_clock_that_is_set_changes_no_limit_and_no_quarter(tmp_path: Path, step_s: float) -> None:
    """UTC jumps by hours and by weeks: told once, nothing raised or lost; the quarter goes on with the meter."""
    async with real_site(tmp_path / "h.sqlite") as site:
        account = site.controller.cycle.account
        opened = account.memories["main"].opened
        assert opened is not None
        status = site.state["meters"][0]["status"]
        async with site.no_cycle_late():
            site.clock.set_s += step_s
            await site.until(lambda: site.said("The clock of this machine was set") == 1)
            await site.obeys()
            await asyncio.sleep(3)
        assert site.state["meters"][0]["status"] in {status, "fresh"}
        assert site.said("The clock of this machine was set") == 1
        after = account.memories["main"].opened
        assert after is not None
        assert (after.start_s, after.import_kwh, after.quality) == (
            opened.start_s,
            opened.import_kwh,
            opened.quality,
        )


# -- the web --------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def stalled_browsers(port: int) -> AsyncIterator[None]:
    """Fifty that ask for the stream and never read, fifty that send a header a byte at a time."""
    browsers = []
    for number in range(100):
        browser = socket.create_connection(("127.0.0.1", port))
        browser.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        browser.setblocking(False)
        request = b"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        browser.send(request + (b"\r\n" if number % 2 else b"X-Slow: "))
        browsers.append(browser)

    async def drip() -> None:
        while True:
            for browser in browsers[::2]:
                with contextlib.suppress(OSError):
                    browser.send(b"X")
            await asyncio.sleep(0.5)

    task = asyncio.create_task(drip())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        for browser in browsers:
            browser.close()


async def test_a_hundred_stalled_browsers_delay_nothing(tmp_path: Path) -> None:
    """No cycle is late, and a wish reaches the station as ever."""
    async with real_site(tmp_path / "h.sqlite") as site:
        port = int(site.url.rsplit(":", 1)[1].strip("/"))
        async with site.no_cycle_late(), stalled_browsers(port):
            for _ in range(3):
                await asyncio.sleep(1.0)
                await site.obeys()


async def test_a_web_that_does_not_start_is_told_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its library is broken: charging is steered all the same, and the site can be stopped."""
    from kwartier.edge.controller import Controller  # noqa: PLC0415

    def broken(self: Controller) -> None:
        raise ImportError("uvicorn is gone")

    monkeypatch.setattr(Controller, "_load_web", broken)
    ready: list[RealSite] = []

    async def start() -> None:
        async with real_site(tmp_path / "h.sqlite") as site:
            ready.append(site)

    made: list[Controller] = []
    monkeypatch.setattr(Controller, "_notifier", None, raising=False)
    init = Controller.__init__

    def noted(self: Controller, *args: object, **kwargs: object) -> None:
        init(self, *args, **kwargs)  # type: ignore[arg-type]
        made.append(self)

    monkeypatch.setattr(Controller, "__init__", noted)
    task = asyncio.create_task(start())
    async with asyncio.timeout(30):
        while not made or not any(
            "dashboard does not start" in m.reason.text() for _, m in made[0].cycle.messages
        ):
            await asyncio.sleep(0.02)
        number = made[0].cycle.health.number
        while made[0].cycle.health.number < number + 3:
            await asyncio.sleep(0.05)
    assert not ready, "there is no web to be ready"
    assert all(w.writes for w in made[0]._writers.values())
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
