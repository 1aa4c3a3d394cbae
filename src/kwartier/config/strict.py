"""What all sections of the site file have in common."""

from pydantic import ConfigDict

STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True, defer_build=True)
"""Unknown keys are refused, types are exact, values stay as they were read. Validators are built when a file is first
read: a start of the program should not wait for those of sections that it does not have."""
