"""A YAML scanner that gives up where no site file goes: ruamel needs a minute for thousands of brackets."""

from typing import Any

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.scanner import RoundTripScanner

MAX_DEPTH = 16
"""Levels of keys, lists and brackets together; a site file has 5."""
MAX_ENTRIES = 30_000
"""Keys, dashes and commas together; a site of 1000 charge points has 13 000."""


class TooMuch(MarkedYAMLError):
    """Deeper or longer than any site file: `problem` says which, `problem_mark` where."""


class BoundedScanner(RoundTripScanner):
    """Raises TooMuch where `MAX_DEPTH` or `MAX_ENTRIES` is passed."""

    _entries = 0

    def fetch_flow_collection_start(self, TokenClass: Any, to_push: str) -> None:  # noqa: N803  (ruamel's name)
        """An opening bracket."""
        self._deeper()
        super().fetch_flow_collection_start(TokenClass, to_push)

    def add_indent(self, column: int) -> bool:
        """Keys or a list further to the right."""
        self._deeper()
        return super().add_indent(column)

    def fetch_value(self) -> None:
        """The colon behind a key."""
        self._one_more()
        super().fetch_value()

    def fetch_block_entry(self) -> None:
        """The dash before an entry of a list."""
        self._one_more()
        super().fetch_block_entry()

    def fetch_flow_entry(self) -> None:
        """A comma between brackets."""
        self._one_more()
        super().fetch_flow_entry()

    def _deeper(self) -> None:
        if len(self.indents) + self.flow_level > MAX_DEPTH:
            self._refuse("the keys are nested too deeply")

    def _one_more(self) -> None:
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            self._refuse(f"there are more than {MAX_ENTRIES} keys and entries")

    def _refuse(self, what: str) -> None:
        raise TooMuch(problem=what, problem_mark=self.reader.get_mark())
