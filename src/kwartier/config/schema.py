"""The JSON schema of the site file, for editors and for whoever writes one by program."""

import json
from pathlib import Path
from typing import Any

from kwartier.config.models import SiteConfig

FILE = Path(__file__).with_name("site.schema.json")
"""The copy that is committed and installed; `make schema` writes it."""


def schema() -> dict[str, Any]:
    """JSON schema, draft 2020-12."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **SiteConfig.model_json_schema()}


def schema_text() -> str:
    """The schema as it is printed and committed."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
