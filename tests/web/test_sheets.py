"""The pages that the server makes: whole without JavaScript, in both languages, with names that mean ill."""

import gzip
import re
from typing import Any

import pytest
from tests.web.recorded import Lines, RecordedProof, book, lines_of_a_week, proven
from tests.web.sites import HOSTILE, POINTS, hostile, wide

from kwartier.site.reasons import LANGUAGES, reason
from kwartier.web.limits_page import Bar, tree
from kwartier.web.wording import Wording

SHEETS = ("/limits", "/peaks", "/alarms", "/fire", "/proof", "/simple")
WEIGHT = 100_000


def furnish(web: Any, proof: Any = None, lines: Lines | None = None) -> Any:
    """The app with alarms and a proof."""
    document = web.site.document
    web.app.state.alarms = book(web.clock, document, lines or lines_of_a_week(document))
    web.app.state.proof = RecordedProof(proof)
    return web


@pytest.mark.parametrize("path", SHEETS)
@pytest.mark.parametrize("language", ["en", "nl", "fr", "de"])
async def test_every_page_leads_to_every_other(web: Any, path: str, language: str) -> None:
    """One header: all pages, the one that is open marked, in the reader's language; the footer stops it."""
    async with furnish(web).client(headers={"Accept-Language": language}) as client:
        text = (await client.get(path)).text
    assert f'<html lang="{language}">' in text
    for other in ("/", *SHEETS):
        assert f'<a href="{other}"' in text
    assert re.findall(r'<a href="([^"]+)" aria-current="page"', text) == [path]
    assert '<meta http-equiv="refresh"' in text, "it lives without JavaScript too"
    assert "refresh=off" in text
    assert not re.search(r"\bt\[|\{\{|None", text)


@pytest.mark.parametrize("path", SHEETS)
async def test_names_are_text_and_never_markup(builder: Any, path: str) -> None:
    """A charge point called <script> is shown as such, on every page."""
    document = hostile(wide())
    lines = Lines()
    lines.add(document["at_s"] - 60, "error", "grid", reason("meter_error", meter=HOSTILE))
    async with furnish(builder(document, demo=True), proven(False), lines).client() as client:
        text = (await client.get(path)).text
    assert "<script>alert" not in text
    assert text.count("<script") <= 1
    assert "&lt;script&gt;alert" in text


@pytest.mark.parametrize("path", SHEETS)
async def test_pages_are_light(builder: Any, path: str) -> None:
    """With 200 charge points on six levels a first visit loads less than 100 kB."""
    weight = 0
    async with furnish(builder(wide(), demo=True), proven(circuits=40)).client() as client:
        page = (await client.get(path)).text
        weight += len(gzip.compress(page.encode(), 5))
        for loaded in set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page)):
            weight += len(gzip.compress((await client.get(loaded)).content, 9))
    assert weight <= WEIGHT, f"{weight} bytes"


async def test_the_tree_says_everything(builder: Any) -> None:
    """Each limit with who says so and until when, sums, the gap, the fuse, each charge point with its reason."""
    async with furnish(builder(wide(), demo=True)).client() as client:
        text = (await client.get("/limits")).text
    assert len(re.findall(r'<li class="cp ', text)) == POINTS
    for words in (
        "170.1</b> of 250 A",
        "a formula until 18:00",
        "the grid contract",
        "150 kW",
        "the allowed difference between phases",
        "How close the fuse gG 250 A is to a trip: 6 %",
        "Closest ever: 41 % on L2, 19 Nov, 18:02.",
        "3 phases",
    ):
        assert words in text, words
    inner = text[text.index('id="c-grid-0-0-0-0-0"') :]
    assert "L3" not in inner[: inner.index("</ul>")], "a circuit of two phases has no third"


def test_the_tree_keeps_whom_it_does_not_know() -> None:
    """A circuit whose parent is not in the document stands at the top instead of vanishing."""
    document = wide()
    document["circuits"] = document["circuits"][1:]
    roots = tree(document)
    assert [n.circuit["id"] for n in roots] == ["grid-0", "grid-1", "grid-2"]
    assert sum(n.below for n in roots) == POINTS


@pytest.mark.parametrize("load", [None, 0.0, 90.0, 300.0, -20.0])
@pytest.mark.parametrize("base", [None, -7.0, 40.0, 400.0])
def test_bars_stay_within_their_box(load: float | None, base: float | None) -> None:
    """Whatever the figures, every part of a bar lies within it."""
    bar = Bar("L1", "A", limit=100.0, load=load, base=base, granted=64.0, slack=0.0, source="static")
    assert bar.over is (load == 300.0)
    for pct in (bar.mark_pct, bar.load_pct, bar.granted_from_pct, bar.granted_from_pct + bar.granted_pct):
        assert 0.0 <= pct <= 100.0


async def test_peaks_without_history_or_price(web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not known is said, with the key that would change it; no figure is made up."""
    known = await web.site.peaks()
    empty = known | {"eur_per_kw_year": None, "eur_per_year": None, "eur_per_kw_more": None, "months": []}
    empty |= {"quarter": None, "month": None, "mean_w": None, "months_counted": 0}

    async def peaks() -> Any:
        return empty

    async with furnish(web).client() as client:
        full = (await client.get("/peaks")).text
        assert len(re.findall(r"<tr class=", full)) == len(known["months"])
        for words in ("Still free", "4.10 kW", "EUR per kW and year", "Everything else"):
            assert words in full
        monkeypatch.setattr(web.site, "peaks", peaks)
        text = (await client.get("/peaks")).text
    for words in (
        "eur_per_kw_year",
        "has not told its quarter-hour yet",
        "No month peak yet",
        "No month is known",
    ):
        assert words in text
    assert "EUR per kW" not in text


async def test_proof_page(secured: Any, password: str) -> None:
    """Nothing proven, proven, failed: each in words with its sums; a stranger cannot ask for another."""
    web = furnish(secured)
    async with web.client() as client:
        assert "No proof was made since the start" in (await client.get("/proof")).text
        assert (await client.get("/api/v1/proof")).json() == {"proof": None}
        assert (await client.post("/proof")).headers["location"] == "/login?next=/proof"
        assert (await client.post("/api/v1/proof")).status_code == 401
        assert web.app.state.proof.asked == 0
        await client.post("/api/v1/session", json={"password": password})
        assert (await client.post("/proof")).headers["location"] == "/proof"
        assert (await client.post("/api/v1/proof")).json()["proof"]["ok"] is True
        assert web.app.state.proof.asked == 2
        held = (await client.get("/proof")).text
        assert "It holds: without Kwartier every limit is kept" in held
        assert "5 × 6" in held
        web.app.state.proof.document = proven(ok=False, circuits=12)
        failed = (await client.get("/proof")).text
    for words in (
        "It does not hold",
        "What is missing (2)",
        "Board 1 could carry 104 A",
        "not known",
        "too much",
    ):
        assert words in failed
    assert len(re.findall(r'<details class="card proof-circuit"[^>]* open>', failed)) == 1, "only what fails"
    assert "kwartier check SITE.yaml --probe" in failed


async def test_foreign_pages_cannot_press_buttons(demo: Any) -> None:
    """The guard against forged requests holds for the new forms too."""
    async with furnish(demo).client() as client:
        for path in ("/alarms/ack", "/proof", "/api/v1/proof"):
            forged = await client.post(path, headers={"Origin": "https://evil.example"}, data={"id": "m1"})
            assert forged.status_code == 403, path
    assert demo.app.state.proof.asked == 0


async def test_one_page_for_all_who_look(builder: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tree is made once per cycle, however many look; a new cycle and another language get their own."""
    from kwartier.web import limits_page  # noqa: PLC0415 - to count what it makes

    web = furnish(builder(wide(), demo=True))
    made: list[Any] = []
    real = limits_page.tree

    def counting(document: Any, people: Any) -> Any:
        made.append(document)
        return real(document, people)

    monkeypatch.setattr(limits_page, "tree", counting)
    async with web.client() as client:
        for _ in range(3):
            await client.get("/limits")
        assert len(made) == 1
        await client.get("/limits", headers={"Accept-Language": "nl"})
        assert len(made) == 2
        web.site.advance()
        web.site.document["alarms"] = []
        await client.get("/limits")
    assert len(made) == 3


@pytest.mark.parametrize(
    ("value", "digits", "told"),
    [
        (1234.5, 1, ("1,234.5", "1.234,5", "1\u202f234,5", "1.234,5")),
        (-0.04, 1, ("0.0", "0,0", "0,0", "0,0")),
        (-1.5, 1, ("−1.5", "−1,5", "−1,5", "−1,5")),
        (None, 1, ("–",) * 4),
    ],
)
def test_figures_in_each_language(value: float | None, digits: int, told: tuple[str, ...]) -> None:
    """As a person of that language writes them; what is not known is a dash."""
    assert tuple(Wording(language, {}).num(value, digits) for language in LANGUAGES) == told


def test_money_and_days_in_each_language() -> None:
    """The sign of a currency before the amount or after it; a month's name as it is written there."""
    now = "2026-11-21T17:12:00+01:00"
    wordings = [Wording(language, {}, now) for language in LANGUAGES]
    assert [w.money(-1234.5) for w in wordings] == [
        "€\xa0−1,234.50",
        "€\xa0−1.234,50",
        "−1\u202f234,50\xa0€",
        "−1.234,50\xa0€",
    ]
    assert [w.money(None) for w in wordings] == ["–"] * 4
    assert [w.day("2026-03-02T09:05:10+01:00") for w in wordings] == ["2 Mar", "2 mrt", "2 mars", "2. März"]
    assert [w.soon("2026-11-23T07:30:00+01:00") for w in wordings] == [
        "Mon 07:30",
        "ma 07:30",
        "lun. 07:30",
        "Mo 07:30",
    ]


def test_moments_in_words() -> None:
    """Today's by the clock, others with their day, those of another year with the year."""
    wording = Wording("nl", {}, "2026-11-21T17:12:00+01:00")
    assert wording.moment("2026-11-21T09:05:10+01:00") == "09:05"
    assert wording.moment("2026-03-02T09:05:10+01:00", True) == "2 mrt, 09:05:10"
    assert wording.moment("2025-12-31T23:45:00+01:00") == "31 dec 2025, 23:45"
    assert wording.moment(None) == "–"


async def test_who_charges_is_told_to_those_who_are_logged_in(secured: Any, password: str) -> None:
    """The name that belongs to a card stands at its charge point, for them; others, the document and the stream get none."""
    async with furnish(secured).client() as client:
        assert "Ann" not in (await client.get("/limits")).text
        assert (await client.get("/api/v1/users")).status_code == 401
        assert (await client.post("/api/v1/session", json={"password": password})).status_code == 204
        assert "Ann &lt;3" in (await client.get("/limits")).text
        found = (await client.get("/api/v1/users")).json()
        assert found == [{"charge_point": secured.site.document["charge_points"][0]["id"], "name": "Ann <3"}]
        assert "Ann" not in (await client.get("/api/v1/state")).text
