"""The fire page and its API: who may say, who may reset, what people read."""

import copy
from pathlib import Path
from typing import Any

import pytest

from kwartier.safety.fire import NotAllowed
from kwartier.site.reasons import reason
from kwartier.web.live import Document

FORM = {"name": "Ann", "role": "Fire brigade", "reason": "all clear"}
ASKED = {"name": "Ann", "role": "Fire brigade", "reason": "all clear"}
PANEL: Document = {
    "id": "panel",
    "name": "Fire <panel>",
    "kind": "fire",
    "state": "alarm",
    "level": "quiet",
    "since": "2026-11-21T17:05:00+01:00",
    "age_s": 0.2,
    "stopped": True,
    "circuits": ["grid"],
    "charge_points": 24,
    "returned": 0,
    "return_every_s": 10.0,
    "testing": False,
    "http": True,
    "fault": None,
}


class RecordedInputs:
    """A FireSite that shows one input and remembers what it was asked."""

    def __init__(self) -> None:
        self.panel = copy.deepcopy(PANEL)
        self.asked: list[tuple[str, ...]] = []
        self.refuses = False

    def inputs(self) -> list[Document]:
        """The one."""
        return [self.panel]

    def hear(self, input_id: str, level: str) -> None:
        """Notes it."""
        self._known(input_id)
        if not self.panel["http"]:
            raise ValueError("Panel is wired; only its contact can say what it says.")
        self.asked.append(("hear", level))

    def reset(self, input_id: str, name: str, role: str, why: str) -> None:
        """Notes it or refuses."""
        self._known(input_id)
        if self.refuses:
            raise NotAllowed(reason("reset_while_alarm", input="Panel", quiet_s=5.0))
        self.asked.append(("reset", name, role, why))

    def test(self, input_id: str, name: str, *, active: bool) -> None:
        """Notes it."""
        self._known(input_id)
        self.asked.append(("test", name, str(active)))

    def _known(self, input_id: str) -> None:
        if input_id != "panel":
            raise KeyError("There is no such input.")


@pytest.fixture
def inputs() -> RecordedInputs:
    return RecordedInputs()


@pytest.fixture
async def site(builder: Any, documents: Any, inputs: RecordedInputs, tmp_path: Path, password: str) -> Any:
    """A car park with a fire panel and a password."""
    web = builder(documents["carpark"](), tmp_path / "password.json", fire=inputs)
    await web.auth.choose_password("127.0.0.1", password, local=True)
    return web


async def logged_in(client: Any, password: str) -> Any:
    await client.post("/api/v1/session", json={"password": password})
    return client


RESET = "/api/v1/inputs/panel/reset"


async def test_a_program_says_what_the_input_says(site: Any, inputs: RecordedInputs) -> None:
    """With a token, and only with one."""
    token = await site.auth.add_token("panel")
    async with site.client("192.168.1.9") as client:
        assert (await client.post("/api/v1/inputs/panel", json={"state": "alarm"})).status_code == 401
        wrong = {"Authorization": "Bearer nonsense"}
        refused = await client.post("/api/v1/inputs/panel", json={"state": "alarm"}, headers=wrong)
        assert refused.status_code == 401
        right = {"Authorization": f"Bearer {token}"}
        for state, status in (("alarm", 200), ("quiet", 200), ("fire", 422), (None, 422)):
            said = await client.post("/api/v1/inputs/panel", json={"state": state}, headers=right)
            assert said.status_code == status
        other = await client.post("/api/v1/inputs/other", json={"state": "quiet"}, headers=right)
        assert other.status_code == 404
        inputs.panel["http"] = False
        wired = await client.post("/api/v1/inputs/panel", json={"state": "quiet"}, headers=right)
        assert (wired.status_code, wired.json()["type"]) == (409, "urn:kwartier:problem:wired-input")
    assert inputs.asked == [("hear", "alarm"), ("hear", "quiet")]


async def test_a_reset_is_for_people_on_site(site: Any, inputs: RecordedInputs, password: str) -> None:
    """The password alone is not enough from elsewhere, nor is any token; at the machine itself it is."""
    async with site.client("192.168.1.9") as client:
        assert (await client.post(RESET, json=ASKED)).status_code == 401
        await logged_in(client, password)
        far = await client.post(RESET, json=ASKED)
        assert (far.status_code, far.json()["type"]) == (403, "urn:kwartier:problem:not-on-site")
        token = await site.auth.add_token("panel")
        far = await client.post(RESET, json=ASKED, headers={"Authorization": f"Bearer {token}"})
        assert far.status_code == 403
    assert inputs.asked == []
    async with site.client() as client:
        proxied = await (await logged_in(client, password)).post(
            RESET, json=ASKED, headers={"X-Forwarded-For": "10.0.0.9"}
        )
        assert proxied.status_code == 403, "a proxy on the machine is not the machine"
        assert (await client.post(RESET, json=ASKED)).status_code == 200
    assert inputs.asked == [("reset", "Ann", "Fire brigade", "all clear")]


async def test_a_code_kept_on_site_resets_and_does_nothing_else(
    site: Any, inputs: RecordedInputs, password: str
) -> None:
    """A token called onsite-... is made at the machine itself, resets from a telephone, and cannot write."""
    async with site.client("192.168.1.9") as client:
        await logged_in(client, password)
        far = await client.post("/api/v1/tokens", json={"name": "onsite-door"})
        assert far.status_code == 403
    async with site.client() as client:
        await logged_in(client, password)
        code = (await client.post("/api/v1/tokens", json={"name": "onsite-door"})).json()["token"]
    bearer = {"Authorization": f"Bearer {code}"}
    async with site.client("192.168.1.9") as client:
        assert (await client.post(RESET, json=ASKED, headers=bearer)).status_code == 200
        write = await client.patch("/api/v1/charge_points/p01", json={"mode": "off"}, headers=bearer)
        assert (write.status_code, write.json()["type"]) == (403, "urn:kwartier:problem:only-on-site")
        assert (await client.post("/fire/panel/reset", data=FORM | {"code": code})).status_code == 303
        wrong = await client.post("/fire/panel/reset", data=FORM | {"code": "guess"})
        assert wrong.status_code == 401
        assert "This code is not right." in wrong.text
    assert len(inputs.asked) == 2


@pytest.mark.parametrize("left_out", ["name", "role", "reason"])
async def test_a_reset_names_person_role_and_reason(site: Any, password: str, left_out: str) -> None:
    """None may be missing or empty."""
    async with site.client() as client:
        await logged_in(client, password)
        assert (await client.post(RESET, json=ASKED | {left_out: ""})).status_code == 422
        assert (
            await client.post(RESET, json={k: v for k, v in ASKED.items() if k != left_out})
        ).status_code == 422


async def test_a_refusal_is_said_in_words(site: Any, inputs: RecordedInputs, password: str) -> None:
    """409 with the sentence for programs; on the page in the reader's language, with the form as it was."""
    inputs.refuses = True
    async with site.client() as client:
        await logged_in(client, password)
        said = await client.post(RESET, json=ASKED)
        assert (said.status_code, said.json()["detail"]) == (
            409,
            "Panel says alarm, or did so less than 5 s ago. Reset it once it is quiet.",
        )
        page = await client.post("/fire/panel/reset", data=FORM, headers={"Accept-Language": "nl"})
        assert page.status_code == 409
        assert "Reset als hij rustig is." in page.text
        assert 'value="all clear"' in page.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, ["FIRE ALARM", "24 charge points are stopped", "Reset the alarm", "17:05:00"]),
        ({"kind": "emergency"}, ["EMERGENCY STOP"]),
        ({"state": "fault", "level": None}, ["LOST, counts as an alarm", "not heard now", "Reset the alarm"]),
        (
            {"state": "returning", "stopped": False, "returned": 3},
            ["return one by one", "3 of 24 charge points may run"],
        ),
        ({"state": "starting", "stopped": False, "level": None}, ["not heard yet"]),
        ({"state": "quiet", "stopped": False, "returned": 24}, [": quiet", "Monthly test without cut"]),
        (
            {"state": "quiet", "stopped": False, "returned": 24, "testing": True},
            ["A test runs", "End the test"],
        ),
    ],
)
async def test_the_page_says_what_is_so(
    site: Any, inputs: RecordedInputs, password: str, change: Document, words: list[str]
) -> None:
    """Each state in words, with what can be done; names of inputs are text and never markup."""
    inputs.panel |= change
    async with site.client() as client:
        text = (await (await logged_in(client, password)).get("/fire")).text
    for word in words:
        assert word in text
    assert "Fire &lt;panel&gt;" in text
    assert text.count("<script") == 1, "ours, which keeps the page live"


async def test_the_test_without_cut(site: Any, inputs: RecordedInputs, password: str) -> None:
    """Begun and ended by who may write, on the page and over the API."""
    async with site.client("192.168.1.9") as client:
        assert (await client.post("/fire/panel/test", data={"active": "1", "name": "Ann"})).status_code == 401
        await logged_in(client, password)
        assert (await client.post("/fire/panel/test", data={"active": "1", "name": "Ann"})).status_code == 303
        asked = {"active": False}
        assert (await client.post("/api/v1/inputs/panel/test", json=asked)).status_code == 200
    assert inputs.asked == [("test", "Ann", "True"), ("test", "", "False")]


async def test_a_site_without_inputs_says_so(web: Any) -> None:
    """An empty list for programs, a sentence for people, 404 for a reset."""
    async with web.client() as client:
        assert (await client.get("/api/v1/inputs")).json() == []
        assert "no fire or emergency input" in (await client.get("/fire")).text


async def test_the_input_is_a_row_of_the_simple_table(builder: Any, documents: Any) -> None:
    """As a binary sensor in the wire form of ESPHome: ON while it stops charging."""
    document = documents["carpark"]() | {"inputs": [PANEL]}
    web = builder(document, demo=True)
    async with web.client() as client:
        found = (await client.get("/binary_sensor/panel_alarm")).json()
        assert found == {"id": "binary_sensor-panel_alarm", "state": "ON", "value": True}
        assert "Fire &lt;panel&gt; Alarm" in (await client.get("/simple")).text
