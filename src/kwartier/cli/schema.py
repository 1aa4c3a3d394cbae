"""`kwartier schema`: the JSON schema of the site file."""

import sys


def schema() -> None:
    """Print the JSON schema of the site file, for editors and programs."""
    from kwartier.config.schema import schema_text

    sys.stdout.write(schema_text())
