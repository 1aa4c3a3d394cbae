"""The planner's process as the edge sees it: asked one question at a time, killed when it takes too long, ended when it
has nothing to do. Its death is an answer like any other: `PlannerDown`."""

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any

import structlog

from kwartier.site.errors import KwartierError

LONGEST_LINE = 32 * 1024 * 1024
PLANS = 50
"""After so many answers it is ended, whatever it holds by then."""
COMMAND = ("-m", "kwartier.edge.plan.worker")

log = structlog.get_logger()


class PlannerDown(KwartierError):
    """The planner's process died, was too slow, or made no sense; the next question starts a new one."""


class PlanChild:
    """At most one process. Not for several tasks at once: `ask` waits for its turn."""

    def __init__(self, command: tuple[str, ...] = COMMAND) -> None:
        self._command = command
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._asked = 0
        self._answers = 0
        self.starts = 0

    @property
    def pid(self) -> int | None:
        """Of the process, while there is one."""
        return None if self._process is None or self._process.returncode is not None else self._process.pid

    async def ask(self, do: str, question: Any, limit_s: float) -> Any:
        """The answer to a question, both as JSON values. Raises PlannerDown."""
        async with self._turn:
            process = await self._ready()
            self._asked += 1
            line = json.dumps({"id": self._asked, "do": do, "with": question}).encode() + b"\n"
            try:
                async with asyncio.timeout(limit_s):
                    answer = await self._exchange(process, line)
            except TimeoutError:
                await self._kill()
                raise PlannerDown(f"it took longer than {limit_s:.0f} s") from None
            except (OSError, ValueError, asyncio.IncompleteReadError) as error:
                await self._kill()
                raise PlannerDown(f"its process ended ({type(error).__name__})") from error
            except asyncio.CancelledError:
                await self._kill()  # its answer would be taken for that to the next question
                raise
            self._answers += 1
            if self._answers >= PLANS:
                await self._end()
            if "error" in answer:
                raise PlannerDown(str(answer["error"]))
            return answer["answer"]

    async def rest(self) -> None:
        """Give its memory back until the next question."""
        async with self._turn:
            await self._end()

    async def close(self) -> None:
        """For good, at once."""
        await self._kill()

    async def _exchange(self, process: Process, line: bytes) -> dict[str, Any]:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line)
        await process.stdin.drain()
        told = await process.stdout.readuntil(b"\n")
        answer: dict[str, Any] = json.loads(told)
        if answer.get("id") != self._asked:
            raise ValueError("an answer to another question")
        return answer

    async def _ready(self) -> Process:
        process = self._process
        if process is None or process.returncode is not None:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                limit=LONGEST_LINE,
                env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True,  # Ctrl-C is for us; we end it
            )
            self._process, self._answers = process, 0
            self.starts += 1
        return process

    async def _end(self) -> None:
        process = self._process
        if process is None:
            return
        if process.returncode is None and process.stdin is not None:
            process.stdin.close()
            try:
                async with asyncio.timeout(2.0):
                    await process.wait()
            except TimeoutError:
                await self._kill()
        self._process = None

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await asyncio.shield(process.wait())
