"""Fixtures of whole sites."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.edge.running import LiveSite, live_site


@pytest.fixture
async def household(tmp_path: Path) -> AsyncIterator[LiveSite]:
    """A running household."""
    async with live_site("household", tmp_path / "history.sqlite") as site:
        yield site
