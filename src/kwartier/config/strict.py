"""What all sections of the site file have in common."""

from pydantic import ConfigDict

STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)
"""Unknown keys are refused, types are exact, values stay as they were read."""
