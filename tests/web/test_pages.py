"""Pages without JavaScript, static files, catalogues, and what machines probe."""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from kwartier.site.reasons import LANGUAGES
from kwartier.web import device_schemas, limit_schemas, peak_schemas, schemas, session_schemas
from kwartier.web.assets import LOCALES, STATIC, Assets

WEIGHT = 100_000
TEMPLATES = STATIC.parent / "templates"
MODES = {
    "en": ["Off", "Sun", "Smart", "Fast"],
    "nl": ["Uit", "Zon", "Slim", "Snel"],
    "fr": ["Arrêt", "Soleil", "Futé", "Rapide"],
    "de": ["Aus", "Sonne", "Schlau", "Schnell"],
}


async def test_simple_page_shows_and_switches(secured: Any, password: str) -> None:
    """The plain page has a row per value, refreshes itself, and its buttons work after log-in."""
    async with secured.client() as client:
        page = (await client.get("/simple")).text
        assert '<meta http-equiv="refresh"' in page
        assert "<script" not in page
        assert '<meta http-equiv="refresh"' not in (await client.get("/simple?refresh=off")).text
        assert "<td>4321.123 kWh</td>" in page
        assert "Garage left Charging Allowed" in page
        first = await client.post("/simple/switch/left/toggle")
        assert (first.status_code, first.headers["location"]) == (303, "/login?next=/simple")
        form = {"password": password, "next": "/simple"}
        entered = await client.post("/login", data=form)
        assert (entered.status_code, entered.headers["location"]) == (303, "/simple")
        await client.post("/simple/switch/left/toggle")
        assert secured.site.wished("left").mode == "off"
        await client.post("/logout")
        await client.post("/simple/switch/left/toggle")
        assert secured.site.wished("left").mode == "off"


async def test_simple_in_dutch(web: Any) -> None:
    """The plain page speaks the browser's language, and the one chosen is remembered."""
    async with web.client() as client:
        by_browser = await client.get("/simple", headers={"Accept-Language": "nl-BE,nl;q=0.9,en;q=0.5"})
        assert '<html lang="nl">' in by_browser.text
        assert "Injectie tarief 1" in by_browser.text
        assert "Hoofdbord zit vol op L2" in by_browser.text
        assert "<td>ja</td>" in by_browser.text
        assert "<td>ON</td>" not in by_browser.text
        assert '<html lang="en">' in (await client.get("/simple?lang=en")).text
        again = await client.get("/simple", headers={"Accept-Language": "nl"})
        assert '<html lang="en">' in again.text


@pytest.mark.parametrize(
    ("asked", "language", "words"),
    [
        ("fr-BE,fr;q=0.9,nl;q=0.8", "fr", ("Injection tarif 1", "Main board est plein", "<td>oui</td>")),
        (
            "de-BE,de;q=0.9,fr;q=0.8",
            "de",
            ("Einspeisung Tarif 1", "Main board ist auf L2 voll", "<td>ja</td>"),
        ),
        ("it, de-AT;q=0.7, en;q=0.5", "de", ("Zustände",)),
        ("it", "en", ("States",)),
    ],
)
async def test_simple_in_the_language_of_the_browser(
    web: Any, asked: str, language: str, words: tuple[str, ...]
) -> None:
    """The first of the browser's languages that Kwartier speaks; the others are one press away."""
    async with web.client() as client:
        text = (await client.get("/simple", headers={"Accept-Language": asked})).text
    assert f'<html lang="{language}">' in text
    for word in words:
        assert word in text
    assert re.findall(r'<a href="\?lang=(..)"', text) == [other for other in LANGUAGES if other != language]


async def test_setup_and_login_pages(web: Any, password: str) -> None:
    """The first visit leads to choosing a password; refusals are shown in words; then one is logged in."""
    async with web.client("192.168.1.20") as client:
        assert (await client.get("/login")).headers["location"] == "/setup"
        assert 'name="code"' in (await client.get("/setup")).text
        code = web.auth.setup_code
        weak = await client.post("/setup", data={"password": "aaaaaaaaaaa", "code": code})
        assert weak.status_code == 422
        assert "too easy to guess" in weak.text
        made = await client.post("/setup", data={"password": password, "code": code})
        assert (made.status_code, made.headers["location"]) == (303, "/")
        assert (await client.get("/api/v1/session")).json()["may_write"] is True
        assert (await client.get("/setup")).headers["location"] == "/login"
    async with web.client() as near:
        assert 'name="code"' not in (await near.get("/login")).text
        wrong = await near.post("/login", data={"password": "no"}, headers={"Accept-Language": "nl"})
        assert (wrong.status_code, "Dat klopt niet" in wrong.text) == (401, True)
        soon = await near.post("/login", data={"password": password})
        assert (soon.status_code, "Try again in 1 s" in soon.text) == (429, True)


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil", "/api/v1/state"])
async def test_login_leads_only_to_our_pages(secured: Any, password: str, target: str) -> None:
    """The log-in page cannot be used to lead people elsewhere."""
    async with secured.client() as client:
        answer = await client.post("/login", data={"password": password, "next": target})
        shown = await client.get("/login", params={"next": target})
    assert answer.headers["location"] == "/"
    assert "evil" not in shown.text


async def test_dashboard_carries_the_first_state(web: Any) -> None:
    """The page brings state and words with it, and no text of a device can end the data block early."""

    def nasty(document: Any) -> None:
        document["site"]["name"] = "</script><script>alert(1)</script>"

    web.site.advance(nasty)
    async with web.client() as client:
        page = (await client.get("/")).text
    block = re.search(r'<script type="application/json" id="boot">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    boot = json.loads(block[1])
    assert boot["state"] == web.site.document
    assert boot["words"]["point.fast"] == "Fast"
    assert "<script>alert" not in page


async def test_without_libraries_the_dashboard_says_so(
    builder: Callable[..., Any], documents: Any, tmp_path: Path
) -> None:
    """Where npm was missing at build time, / explains it and leads to the page that always works."""
    for path in STATIC.glob("*.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    web = builder(documents["household"](), assets=Assets(tmp_path))
    async with web.client() as client:
        page = (await client.get("/")).text
        assert (await client.get("/simple")).status_code == 200
    assert "npm was missing" in page
    assert 'href="/simple"' in page
    assert "app.js" not in page


async def test_files_have_etags_and_are_packed(web: Any) -> None:
    """Static files and catalogues are sent once, compressed, and confirmed with 304 after that."""
    async with web.client() as client:
        for path in ("/static/app.js", "/static/base.css", "/locales/nl.json", "/static/vendor/preact.js"):
            first = await client.get(path)
            assert first.headers["content-encoding"] == "gzip"
            again = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
            plain = await client.get(path, headers={"Accept-Encoding": "identity"})
            assert plain.text == first.text
        for missing in (
            "/static/nope.js",
            "/static/../app.py",
            "/static/%2e%2e/app.py",
            "/static/document.d.ts",
        ):
            assert (await client.get(missing)).status_code == 404


async def test_page_weight(demo: Any) -> None:
    """Everything a first visit loads is at most 100 kB, with 24 charge points on the page."""
    weight = 0
    async with demo.client() as client:
        page = (await client.get("/")).text
        weight += len(gzip.compress(page.encode(), 5))
        loaded = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
        assert "/static/vendor/uplot.js" in loaded
        for path in loaded:
            weight += len(gzip.compress((await client.get(path)).content, 9))
    assert weight <= WEIGHT, f"{weight} bytes"


async def test_probes(web: Any) -> None:
    """Monitoring learns whether the program answers, whether the cycle runs, and its figures."""
    async with web.client() as client:
        assert (await client.get("/healthz")).text == "ok\n"
        assert (await client.get("/readyz")).status_code == 200
        web.site.is_ready = False
        late = await client.get("/readyz")
        assert (late.status_code, late.json()["detail"]) == (503, "The cycle has not run for 12 s.")
        metrics = await client.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "kwartier_cycle_number 4711" in metrics.text


def _words() -> dict[str, dict[str, str]]:
    return {p.stem: json.loads(p.read_text(encoding="utf-8")) for p in LOCALES.glob("*.json")}


def test_catalogues_are_complete() -> None:
    """Each language has the keys of English in the same order, each with the same parameters, none empty."""
    words = _words()
    assert set(words) == set(LANGUAGES)
    for language, catalogue in words.items():
        assert list(catalogue) == list(words["en"]), language
        for key, text in catalogue.items():
            asked = sorted(re.findall(r"\{.*?\}", words["en"][key]))
            assert sorted(re.findall(r"\{.*?\}", text)) == asked, (language, key)
            assert text.strip() == text != "", (language, key)


def test_languages_are_told_apart() -> None:
    """A catalogue that was copied and not translated does not pass: few texts are the same as the English ones."""
    words = _words()
    long = {key for key, text in words["en"].items() if len(text) > 25}
    for language in LANGUAGES[1:]:
        assert {key for key in long if words[language][key] == words["en"][key]} == set(), language
        modes = [words[language][f"mode.{mode}"] for mode in ("off", "sun", "smart", "fast")]
        assert modes == MODES[language]
        assert modes == [words[language][f"point.{mode}"] for mode in ("off", "sun", "smart", "fast")]


def test_every_key_is_used_and_known() -> None:
    """No page asks for a key that the catalogues lack, and the catalogues hold none that nobody asks for."""
    sources = [*STATIC.glob("*.js"), *TEMPLATES.glob("*.html"), *STATIC.parent.glob("*.py")]
    text = "\n".join(p.read_text(encoding="utf-8") for p in sources)
    keys = set(_words()["en"])
    asked = set(re.findall(r"""\bt\(["']([a-z]+\.[A-Za-z_.0-9]+)["']""", text))
    asked |= set(re.findall(r"""\bt\[["']([a-z]+\.[a-z_]+)["']\]""", text))
    assert asked - keys == set()
    # Keys made of parts: `state.${code}`, f"row.energy_{way}", "language." ~ other.
    stems = tuple(set(re.findall(r"""[`"']([a-z]+\.\w*)(?:\$?\{|" ~)""", text)))
    unused = {key for key in keys - asked if f'"{key}"' not in text and not key.startswith(stems)}
    assert unused == set()


def test_typescript_declares_what_the_document_has() -> None:
    """The dashboard's types name only fields that the published model has."""
    text = (STATIC / "document.d.ts").read_text()
    models: dict[str, type[BaseModel]] = {
        "SiteInfo": schemas.SiteInfo,
        "Flow": schemas.Flow,
        "Circuit": limit_schemas.Circuit,
        "Meter": device_schemas.Meter,
        "LineHealth": device_schemas.LineHealth,
        "Fault": device_schemas.Fault,
        "DemoFault": schemas.DemoFault,
        "Decision": device_schemas.Decision,
        "ChargePoint": device_schemas.ChargePoint,
        "Battery": device_schemas.Battery,
        "Quarter": peak_schemas.QuarterNow,
        "Message": schemas.MessageText,
        "State": schemas.State,
        "Recording": schemas.Recording,
        "Demo": schemas.Demo,
        "SessionInfo": session_schemas.SessionInfo,
        "Series": schemas.SeriesAnswer,
    }
    for name, model in models.items():
        found = re.search(rf"interface {name}\b[^{{]*\{{(.*?)\n?\}}", text, re.DOTALL)
        assert found is not None, name
        fields = set(re.findall(r"(?:^|;)\s*(\w+)\??:", re.sub(r"\{[^}]*\}", "{}", found[1]), re.MULTILINE))
        assert fields, name
        assert fields <= set(model.model_fields), name
