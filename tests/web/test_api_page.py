"""What docs/api.md tells to type works on a demonstration."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.web.planned import with_plan
from tests.web.recorded import RecordedProof, book, lines_of_a_week, proven

from kwartier.web.live import Document

PAGE = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^curl .*$", PAGE, re.MULTILINE)


def _request(line: str) -> dict[str, Any]:
    """The request that a line of curl makes."""
    words = shlex.split(line, comments=True)[1:]
    asked: dict[str, Any] = {"method": "GET", "headers": {}}
    while words:
        word = words.pop(0)
        if word == "-X":
            asked["method"] = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            asked["headers"][name] = value
        elif word == "-d":
            asked["content"] = words.pop(0)
        elif word in {"-c", "-b"}:
            words.pop(0)
        elif word.startswith("http"):
            asked["url"] = word
        else:
            assert word in {"-s", "-sN"}, word
    return asked


@pytest.mark.parametrize("line", [c for c in COMMANDS if "-sN" not in c and "cookies" not in c])
async def test_each_line_works_on_a_demonstration(
    builder: Callable[..., Any], documents: dict[str, Callable[[], Document]], line: str
) -> None:
    """Every request that stands on the page for the demo is answered with success, without a password."""
    document = documents["household"]()
    document["demo"] = {**documents["carpark"]()["demo"], "faults": [{"id": "grid_meter", "active": False}]}
    web = builder(document, demo=True)
    web.app.state.alarms = book(web.clock, document, lines_of_a_week(document))
    web.app.state.proof = RecordedProof(proven())
    with_plan(web)
    async with web.client() as client:
        assert (await client.request(**_request(line))).status_code == 200, line


async def test_a_token_is_got_as_the_page_says(secured: Any, password: str) -> None:
    """Log in, ask for a token, change with it from elsewhere, take it away."""
    login, ask = (_request(c) for c in COMMANDS if "cookies" in c)
    login["content"] = login["content"].replace("...", password)
    change = _request(next(c for c in COMMANDS if "limit_a" in c))
    async with secured.client() as client:
        assert (await client.request(**login)).status_code == 204
        token = (await client.request(**ask)).json()["token"]
    async with secured.client("192.168.1.20") as client:
        assert (await client.request(**change)).status_code == 401
        bearer = {"Authorization": f"Bearer {token}"}
        change["headers"].update(bearer)
        assert (await client.request(**change)).status_code == 200
        assert (await client.delete("/api/v1/tokens/home-assistant", headers=bearer)).status_code == 204
        assert (await client.request(**change)).status_code == 401
