"""What a night has trained, in a file beside the history: JSON of numbers, with a checksum, written whole and then renamed. Nothing
in it can run."""

import hashlib
from pathlib import Path
from typing import Any

from kwartier.devices.services.kept import read_document, write_document
from kwartier.historian.codec import decode, encode
from kwartier.planning.situation import Trained
from kwartier.site.errors import LocalProtocolError

VERSION = 1


class KeptModel:
    """Calls block for a file: make them in a thread, or in the planner's process."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> Trained | None:
        """What was trained last; None where nothing was. Raises StorageError, after the file was set aside, when it is damaged."""
        return read_document(self.path, _read)

    def save(self, trained: Trained) -> None:
        """Put it in the place of the last one. Raises StorageError."""
        document = {"version": VERSION, "sha256": _sum(trained.model), "trained": encode(trained)}
        write_document(self.path, document)


def _read(document: dict[str, Any]) -> Trained:
    if document["version"] != VERSION:
        raise ValueError(f"version {document['version']}")
    try:
        trained = decode(Trained, document["trained"])
    except LocalProtocolError as error:
        raise ValueError(str(error)) from error
    if _sum(trained.model) != document["sha256"]:
        raise ValueError("the model is not the one that was trained")
    return trained


def _sum(model: str) -> str:
    return hashlib.sha256(model.encode()).hexdigest()
