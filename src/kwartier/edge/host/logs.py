"""What the console and the system's journal are told: one line each, readable, without secrets.

Tracebacks show code and never the values of variables, because a key or a password may be among them.
"""

import logging
import os
import sys
from collections.abc import Mapping

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import Processor

CHATTY = ("uvicorn", "httpx", "websockets", "asyncio")


def set_up_logs(level: int = logging.INFO, env: Mapping[str, str] = os.environ) -> None:
    """Send our own log and that of the libraries to stderr.

    Under systemd (JOURNAL_STREAM) without time and colours, with the priority in front: its journal adds
    the one, shows no others and understands the third.
    """
    journal = "JOURNAL_STREAM" in env
    shared: list[Processor] = [structlog.stdlib.add_log_level]
    if not journal:
        shared.append(structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False))
    console = structlog.dev.ConsoleRenderer(
        colors=not journal and sys.stderr.isatty() and "NO_COLOR" not in env,
        exception_formatter=structlog.dev.plain_traceback,
        pad_event_to=0,
        pad_level=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    formatter = ForJournal if journal else ProcessorFormatter
    handler.setFormatter(
        formatter(foreign_pre_chain=shared, processors=[ProcessorFormatter.remove_processors_meta, console])
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


class ForJournal(ProcessorFormatter):
    """Writes the syslog priority in front of each line: `<4>` for a warning."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as lines."""
        priority = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6}
        mark = f"<{priority.get(record.levelno, 7)}>"
        return "\n".join(mark + line for line in super().format(record).splitlines())
