"""What services foretold, in a small file beside the history: what a forecast is learnt from and scored by, and at a start without
network the days that were still ahead."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kwartier.devices.services.kept import read_document, write_document
from kwartier.site.foretold import Foretold
from kwartier.site.intervals import QUARTER_S
from kwartier.site.weather import Values

VERSION = 1
MAX_STEPS = 120 * 96
COLUMNS = frozenset({"global_w_per_m2", "diffuse_w_per_m2", "cloud_pct", "temperature_c", "pv_w"})


class KeptForecasts:
    """Calls block for a file: make them in a thread."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> dict[str, Foretold]:
        """What was kept, by kind; empty where there is no file. Raises StorageError, after the file was set aside, when it is damaged."""
        return read_document(self.path, _read) or {}

    def save(self, told: Mapping[str, Foretold]) -> None:
        """Write all. Raises StorageError."""
        write_document(self.path, {"version": VERSION, "foretold": {k: asdict(v) for k, v in told.items()}})


def _read(document: Mapping[str, Any]) -> dict[str, Foretold]:
    """Checked as if a stranger had written it. Raises ValueError, KeyError, TypeError, AttributeError."""
    if document["version"] != VERSION:
        raise ValueError(f"version {document['version']}")
    return {str(kind): _foretold(entry) for kind, entry in document["foretold"].items()}


def _foretold(entry: Mapping[str, Any]) -> Foretold:
    start_s, native_step_s = entry["start_s"], entry["native_step_s"]
    if not isinstance(start_s, int) or start_s % QUARTER_S or native_step_s not in (900, 3600):
        raise ValueError("no series of quarter-hours")
    columns: dict[str, Values] = {}
    for name, values in entry["columns"].items():
        if name not in COLUMNS or len(values) > MAX_STEPS:
            raise ValueError(f"no column of a forecast: {str(name)[:40]!r}")
        columns[name] = tuple(None if v is None else _number(v) for v in values)
    if len({len(values) for values in columns.values()}) > 1:
        raise ValueError("columns of different lengths")
    return Foretold(
        start_s=start_s,
        fetched_at_s=_number(entry["fetched_at_s"]),
        source=str(entry["source"])[:100],
        native_step_s=native_step_s,
        columns=columns,
    )


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("a value that is no number")
    return value
