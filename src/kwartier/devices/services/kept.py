"""What services last said, in a small file beside the history: a start without network has prices at once.

The file is written whole under another name and then put in the place of the old one, so that a loss of power leaves one
or the other. A file that cannot be read is set aside, and one starts without.
"""

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from kwartier.site.errors import StorageError
from kwartier.site.intervals import QUARTER_S
from kwartier.site.prices import PriceSeries

T = TypeVar("T")
VERSION = 1
MAX_BYTES = 8_000_000
MAX_STEPS = 400 * 96


class KeptPrices:
    """Series of prices by the key of their source. Calls block for a file: make them in a thread."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> dict[str, PriceSeries]:
        """What was kept; empty where there is no file. Raises StorageError, after the file was set aside, when it is
        damaged."""
        return read_document(self.path, _read) or {}

    def save(self, prices: Mapping[str, PriceSeries]) -> None:
        """Write all. Raises StorageError."""
        document = {"version": VERSION, "prices": {key: _entry(s) for key, s in prices.items()}}
        write_document(self.path, document)


def read_document(path: Path, made: Callable[[Any], T]) -> T | None:
    """What `made` finds in the JSON of a file; None where there is no file. Raises StorageError, after the file was set aside, when
    it is damaged: no JSON, or `made` finds no sense in it (ValueError, KeyError, TypeError, AttributeError)."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}") from error
    try:
        return made(json.loads(raw))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        aside = path.with_name(path.name + ".damaged")
        with suppress(OSError):
            path.replace(aside)
        raise StorageError(
            f"{path} is damaged ({type(error).__name__}); it was set aside as {aside.name}"
        ) from error


def write_document(path: Path, document: Any) -> None:
    """Write it whole, then put it in the place of the old one. Raises StorageError."""
    fresh = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(document, file, separators=(",", ":"), allow_nan=False)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}") from error


def _read(document: Mapping[str, Any]) -> dict[str, PriceSeries]:
    if document["version"] != VERSION:
        raise ValueError(f"version {document['version']}")
    return {key: _series(entry) for key, entry in document["prices"].items()}


def _entry(series: PriceSeries) -> dict[str, Any]:
    out = asdict(series)
    del out["faults"]  # they were told when the answer came
    return out


def _series(entry: Mapping[str, Any]) -> PriceSeries:
    """Checked as if a stranger had written it. Raises ValueError, KeyError, TypeError."""
    start_s, values = entry["start_s"], entry["eur_per_kwh"]
    if not isinstance(start_s, int) or start_s % QUARTER_S or len(values) > MAX_STEPS:
        raise ValueError("no series of quarter-hours")
    prices = tuple(None if v is None else float(v) for v in values)
    if any(v is not None and not abs(v) < 1e6 for v in prices):
        raise ValueError("a price that is none")
    return PriceSeries(
        start_s=start_s,
        eur_per_kwh=prices,
        currency=str(entry["currency"]),
        source=str(entry["source"]),
        fetched_at_s=float(entry["fetched_at_s"]),
        native_step_s=int(entry["native_step_s"]),
    )
