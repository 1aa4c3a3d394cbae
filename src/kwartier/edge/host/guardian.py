"""The process that stands behind the controller: when that is killed, a new one runs within milliseconds.

Loading Python's modules and reading the site file takes most of a start. The guardian does both once, then
forks the controller and does nothing but wait for it. When the controller is ended by a signal (kill -9, the kernel out of
memory, a crash in a library), the guardian forks the next one, which has everything in memory already and
begins as after every start: the latch and the kept state are read from the disk, nothing is written before a device was heard.

- The two die together where that is meant: the kernel kills the controller when its guardian dies (so there are never two),
  and a controller that ends by itself ends the guardian with its code.
- A site file that has changed is read again; a program that has changed (an update) starts anew as a whole, and so does
  one whose controllers die `QUICK_DEATHS` times in a row right after their start: what was loaded may be damaged.
- No thread, no loop, no open file of ours exists when it forks.
"""

import gc
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
QUICK_S = 0.5
"""A life shorter than this ended right after its start."""
QUICK_DEATHS = 10
BREATHER_S = 1.0
"""So long it waits before the whole program starts anew, so that a hopeless start leaves the machine some time."""
_PR_SET_PDEATHSIG = 1

Stamp = dict[str, tuple[int, int, int]]


def can_guard() -> bool:
    """Whether this system has what a guardian needs: the tie between the two processes is Linux'."""
    return sys.platform == "linux"


def guard(run: Callable[[bool], int]) -> int:
    """Run `run(again)` in a process of its own and replace it when a signal kills it; returns the exit code
    (in the controller: its own). `again` is False the first time.

    Call it before anything starts a thread or an event loop.
    """
    keeper = _Guardian()
    loaded: Stamp | None = None
    again, quick = False, 0
    while True:
        began_s = time.monotonic()
        if keeper.fork():
            return run(again)
        if loaded is None:
            loaded = _stamp()
            _tie_tool()
        status = keeper.wait()
        code = os.waitstatus_to_exitcode(status)
        if code >= 0 or keeper.stopping:
            return code if code >= 0 else 128 - code
        again = True
        quick = quick + 1 if time.monotonic() - began_s < QUICK_S else 0
        sys.stderr.write(f"kwartier: the controller was ended by signal {-code}; the next one starts\n")
        if quick >= QUICK_DEATHS or _stamp() != loaded:
            if not keeper.pause(BREATHER_S if quick else 0.0):
                return 0
            _start_anew()


class _Guardian:
    """Forks, passes signals on, waits."""

    def __init__(self) -> None:
        self.stopping = False
        self._child = 0
        self._before = [signal.getsignal(number) for number in SIGNALS]
        for number in SIGNALS:
            signal.signal(number, self._pass_on)

    def fork(self) -> bool:
        """True in the controller."""
        sys.stdout.flush()
        sys.stderr.flush()
        gc.freeze()  # the pages of what is loaded stay shared
        guardian = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            self._child = os.fork()
            if self._child == 0:
                for number, handler in zip(SIGNALS, self._before, strict=True):
                    signal.signal(number, handler)
                _die_with(guardian)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        if self._child:
            return False
        if os.environ.get("WATCHDOG_PID") == str(
            guardian
        ):  # systemd watches the pair; the controller answers
            os.environ["WATCHDOG_PID"] = str(os.getpid())
        return True

    def wait(self) -> int:
        """The wait status of the controller."""
        _, status = os.waitpid(self._child, 0)
        self._child = 0
        return status

    def pause(self, duration_s: float) -> bool:
        """Wait; False when we are told to stop."""
        until_s = time.monotonic() + duration_s
        while not self.stopping and time.monotonic() < until_s:
            time.sleep(0.05)
        return not self.stopping

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        del frame
        self.stopping = True
        if self._child:
            os.kill(self._child, number)


def _die_with(guardian: int) -> None:
    """Let the kernel kill us when the guardian dies; at once when it is dead already."""
    _tie_tool()(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != guardian:
        os.kill(os.getpid(), signal.SIGKILL)


def _tie_tool() -> Callable[[int, int], int]:
    import ctypes  # noqa: PLC0415 - the guardian loads it while the first controller runs already

    prctl: Callable[[int, int], int] = ctypes.CDLL(None, use_errno=True).prctl
    return prctl


def _stamp() -> Stamp:
    """What tells whether the files of the program are those that were loaded."""
    out = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is not None and name.partition(".")[0] == "kwartier":
            try:
                found = Path(file).stat()
            except OSError:
                out[file] = (0, 0, 0)
            else:
                out[file] = (found.st_mtime_ns, found.st_ino, found.st_size)
    return out


def _start_anew() -> None:
    """Replace this process by the same program, loaded afresh."""
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - our own command line
