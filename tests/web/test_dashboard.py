"""The dashboard in a real browser: both widths, both schemes, live values, changes, loss of connection."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.web.browsing import against_wcag

pytestmark = pytest.mark.browser
PARTS = [".flow", ".quarter", ".circuits", ".points", ".chart", ".messages", ".meters"]


@pytest.mark.parametrize(
    ("name", "scheme", "locale"), [("household", "light", "fr"), ("carpark", "dark", "de")]
)
def test_everything_fits(
    builder: Any, documents: Any, serve: Any, view: Any, name: str, scheme: str, locale: str
) -> None:
    """All parts are on the page at each width (320 is 640 zoomed in to 200 %), in both schemes, without
    scrolling sideways, also where the page is turned or narrowed while it is open."""
    with serve(builder(documents[name](), demo=name == "carpark")) as served:
        page = view(served.url, color_scheme=scheme, locale=locale)
        expect(page.locator(".u-over")).to_be_visible()
        for width in (1280, 360, 320):
            page.set_viewport_size({"width": width, "height": 740})
            for part in PARTS:
                expect(page.locator(part)).to_be_visible()
            page.wait_for_function(f"document.documentElement.scrollWidth <= {width}", timeout=2000)
        assert page.locator("html").get_attribute("lang") == locale
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 20, 18)"
        assert dark is (scheme == "dark")


def test_says_what_is_so(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """Values, limits, states and reasons stand there in words and figures, not in colour alone."""
    document = documents["household"]()
    document["circuits"][0]["limit_sources"] = ["static", "capacity peak", "fuse"]
    with serve(builder(document)) as served:
        page = view(served.url)
        label = page.locator(".flow svg").get_attribute("aria-label")
        assert (
            label
            == "Sun: producing 1.85 kW, Grid: import 3.24 kW, House: using 970 W, Cars: charging 4.12 kW"
        )
        main = page.locator(".circuit").first
        expect(main).to_contain_text("12.1 of 25 A")
        expect(main).to_contain_text("over the limit: 25.9 of 25 A")
        expect(main).to_contain_text("limit by capacity peak, the fuse")
        expect(page.locator(".circuit").nth(1)).to_contain_text("Safe current 10 A")
        card = page.get_by_role("article", name="Garage left")
        for text in ("Charging", "C2", "9.6 A", "8.9 A", "4.12 kW", "11.37 kWh", "Main board is full on L2"):
            expect(card).to_contain_text(text)
        expect(card).to_contain_text("confirmed")
        expect(page.get_by_role("article", name="Garage right")).to_contain_text("not confirmed yet")
        expect(page.locator(".quarter")).to_contain_text("Stays below the month peak by 2.06 kW")
        expect(page.locator(".messages")).to_contain_text("Communication warning for meter")
        page.locator(".chart summary").click()
        expect(page.locator(".chart details table")).to_contain_text("13:00")


def test_names_only_for_those_who_may_know(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """Who charges stands on his card for those who are logged in (here: an open demonstration), and as text."""
    for demo in (True, False):
        document = documents["household"]()
        document["demo"] = {**documents["carpark"]()["demo"], "faults": []} if demo else None
        with serve(builder(document, demo=demo)) as served:
            card = view(served.url).get_by_role("article", name="Garage left")
            expect(card).to_contain_text("4.12 kW")
            if demo:
                expect(card).to_contain_text("Ann <3")
            else:
                expect(card).not_to_contain_text("Ann")


def test_language_switch(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """One press shows everything in Dutch, with a decimal comma, and it stays so."""
    with serve(builder(documents["household"]())) as served:
        page = view(served.url)
        page.get_by_role("link", name="Nederlands").click()
        expect(page.locator("h2").first).to_have_text("Energie nu")
        expect(page.get_by_role("article", name="Garage left")).to_contain_text("9,6 A")
        page.goto(served.url)
        expect(page.locator("h2").first).to_have_text("Energie nu")
        others = page.get_by_role("list", name="Taal").get_by_role("link")
        expect(others).to_have_text(["EN English", "FR Français", "DE Deutsch"])
        others.nth(1).click()
        expect(page.locator("h2").first).to_have_text("L'énergie maintenant")
        page.goto(f"{served.url}/peaks")
        page.get_by_role("list", name="Langue").get_by_role("link", name="Deutsch").click()
        expect(page.locator("h1")).to_have_text("Spitzen")


def test_values_live_without_shift(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """A new document shows at once, and nothing on the page moves."""

    def brighter(document: Any) -> None:
        document["flow"]["production_w"] = -2950.0
        document["charge_points"][0]["allowed_a"] = 14.5

    with serve(builder(documents["household"]())) as served:
        page = view(served.url)
        expect(page.locator(".u-over")).to_be_visible()
        places = "[...document.querySelectorAll('.card')].map(c => c.getBoundingClientRect().toJSON())"
        before = page.evaluate(places)
        served.advance(brighter)
        expect(page.locator(".flow .production")).to_contain_text("2.95 kW")
        expect(page.get_by_role("article", name="Garage left")).to_contain_text("14.5 A")
        assert page.evaluate(places) == before


def test_setting_mode_and_limit(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """With keyboard alone a person switches a charge point off and limits it; the page shows it at once,
    keeps showing it while older documents arrive, and then what the site made of it."""
    with serve(builder(documents["household"](), demo=True)) as served:
        page = view(served.url)
        card = page.get_by_role("article", name="Garage left")
        off = card.get_by_role("button", name="Off")
        off.focus()
        page.keyboard.press("Enter")
        expect(off).to_have_attribute("aria-pressed", "true")
        slider = card.get_by_label("Own limit")
        slider.focus()
        for _ in range(4):
            page.keyboard.press("ArrowLeft")
        expect(card.locator("output")).to_have_text("12 A")
        for _ in range(100):
            if served.web.site.wished("left").limit_a == 12:
                break
            page.wait_for_timeout(50)
        assert (served.web.site.wished("left").mode, served.web.site.wished("left").limit_a) == ("off", 12)
        served.advance()
        expect(off).to_have_attribute("aria-pressed", "true")
        expect(card.locator("output")).to_have_text("12 A")
        slider.focus()
        page.keyboard.press("End")
        expect(card.locator("output")).to_have_text("none")


def test_refused_change_is_told(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """A wish that the site refuses goes back to what is in force, with the site's sentence."""
    document = documents["household"]()
    document["charge_points"][0].update(max_a=40.0, limit_a=20.0)
    with serve(builder(document, demo=True)) as served:
        page = view(served.url)
        card = page.get_by_role("article", name="Garage left")
        card.get_by_label("Own limit").fill("35")
        expect(card.get_by_role("alert")).to_contain_text("gives at most 32 A")
        expect(card.locator("output")).to_have_text("20 A")


def test_password_before_changes(builder: Any, documents: Any, serve: Any, view: Any, tmp_path: Path) -> None:
    """Without a password the controls are locked and the way is shown; after choosing one they work."""
    with serve(builder(documents["household"](), tmp_path / "password.json")) as served:
        page = view(served.url)
        assert page.get_by_role("button", name="Off").first.is_disabled()
        page.get_by_role("link", name="Choose a password").click()
        page.get_by_label("New password").fill("correct horse battery")
        page.get_by_role("button", name="Choose this password").click()
        page.get_by_role("button", name="Off").first.click()
        expect(page.get_by_role("button", name="Off").first).to_have_attribute("aria-pressed", "true")
        page.get_by_role("button", name="Log out").click()
        page.get_by_role("link", name="Log in to change").click()
        expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_car_park(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """Many charge points are tiles; one opens with everything about it and closes with Escape."""
    with serve(builder(documents["carpark"](), demo=True)) as served:
        page = view(served.url, 360)
        assert page.locator(".tile").count() == 24
        expect(page.locator(".summary")).to_contain_text("13 charging, 4 waiting, 6 free, 1 in trouble")
        page.get_by_role("button", name="Bay 19").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("The charge point has not answered for 74 s")
        dialog.get_by_role("button", name="Off").click()
        expect(dialog.get_by_role("button", name="Off")).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()


def test_tree_order(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """Each circuit stands below the one that feeds it, whatever the order of the document; estimates say so."""
    with serve(builder(documents["carpark"](), demo=True)) as served:
        page = view(served.url)
        names = ["Transformer", "Car park", "Board south", "Board north"]
        assert page.locator(".circuit h3").all_inner_texts() == names
        expect(page.locator(".circuit").nth(3)).to_contain_text("≈ estimated 76.4 of 100 A")
        expect(page.locator(".circuit").first).not_to_contain_text("estimated")


def test_no_sun_no_sun(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """A site without a production meter shows none; one whose meter is silent says that it is not known."""
    document = documents["household"]()
    document["flow"]["production_w"] = None
    with serve(builder(document)) as served:
        page = view(served.url)
        expect(page.locator(".flow .production")).to_contain_text("not known")

        def remove(document: Any) -> None:
            document["meters"] = document["meters"][:1]

        served.advance(remove)
        expect(page.locator(".flow .production")).to_have_count(0)


def test_demo_plug(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """The demonstration says what it is, and its plug can be pulled and put back."""
    with serve(builder(documents["carpark"](), demo=True)) as served:
        page = view(served.url)
        expect(page.locator(".banner.demo")).to_contain_text("Changes need no password here")
        with page.expect_response(lambda answer: "/demo/" in answer.url):
            page.get_by_role("button", name="Pull the meter's plug").click()
        served.advance()
        expect(page.get_by_role("button", name="Plug the meter in again")).to_be_visible()


def test_alarms(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """What is lost is told on top of the page with its name and since when, its old values say how old they
    are, and the page says so no longer once it is back."""

    def lose(document: Any) -> None:
        meter, point = document["meters"][0], document["charge_points"][0]
        meter.update(
            status="lost", age_s=420.0, fault={"kind": "unreachable", "what": "no answer", "raw": ""}
        )
        document["circuits"][0]["safe"] = True
        point.update(status="silent", age_s=420.0, power_w=None)

    def find(document: Any) -> None:
        document["meters"][0].update(status="fresh", age_s=0.4, fault=None)
        document["circuits"][0]["safe"] = False
        document["charge_points"][0].update(status="ok", age_s=0.4, power_w=4120.0)

    with serve(builder(documents["household"]())) as served:
        page = view(served.url)
        alarms = page.locator(".alarms")
        expect(alarms.locator("p")).to_have_count(0)
        served.advance(lose)
        expect(alarms).to_contain_text(
            "Digital meter has not been heard since 17:05. All cars behind Main board"
        )
        expect(alarms).to_contain_text("No answer from Garage left since 17:05")
        expect(page.locator(".quarter")).to_contain_text("these are its last figures")
        card = page.get_by_role("article", name="Garage left")
        expect(card).to_contain_text("Measured, 7 min ago")
        expect(card).to_contain_text("Falls back to6.0 A")
        expect(card).not_to_contain_text("confirmed")
        meter = page.locator(".meters li").first
        expect(meter).to_contain_text("last 3.24 kW")
        meter.locator("summary").click()
        expect(meter).to_contain_text("Cannot be reached")
        served.advance(find)
        expect(alarms.locator("p")).to_have_count(0)


def test_folds(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """Behind folds stand a meter's line with its counts, and what a charge point was allowed before and why."""
    document = documents["household"]()
    document["meters"][0]["health"] = {
        "telegrams": 86400,
        "repaired": 3,
        "bad": 2,
        "noise_bytes": 118,
        "reconnects": 1,
    }
    with serve(builder(document)) as served:
        page = view(served.url, locale="nl")
        meter = page.locator(".meters li").first
        meter.locator("summary").click()
        for text in ("/dev/ttyUSB0", "86.400 3 hersteld", "2 118 bytes ruis", "Verbroken verbindingen"):
            expect(meter).to_contain_text(text)
        expect(page.locator(".meters li").nth(1)).not_to_contain_text("telegrammen")
        card = page.get_by_role("article", name="Garage left")
        card.locator("summary").click()
        expect(card.locator(".history li")).to_contain_text("9,6 A")
        expect(card.locator(".history li")).to_contain_text("Hoofdbord zit vol op L2")


def test_chart_from_the_stream(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """Before the first minute is recorded the chart already draws what the stream tells."""
    web = builder(documents["household"]())

    async def nothing(name: str, from_s: float, to_s: float, step_s: float) -> Any:
        return {"name": name, "step_s": step_s, "at_s": [], "values": []}

    web.site.series = nothing
    with serve(web) as served:
        page = view(served.url)
        expect(page.locator(".chart")).to_contain_text("Nothing was recorded yet")
        served.advance(seconds_s=6.0)
        expect(page.locator(".u-over")).to_be_visible()
        expect(page.locator(".u-legend")).to_contain_text("3.24 kW")


def test_loss_is_told(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """A recording problem and a silent controller are banners in words; both go when all is well."""

    def full(document: Any) -> None:
        document["recording"] = {"ok": False, "problem": "the disk is full.", "queued": 12}

    def fine(document: Any) -> None:
        document["recording"] = {"ok": True, "problem": None, "queued": 0}

    with serve(builder(documents["household"]())) as served:
        page = view(served.url)
        served.advance(full)
        expect(page.locator(".banner.warning").first).to_contain_text("the disk is full. Control goes on. 12")
        lost = page.locator(".banner.error")
        expect(lost).to_contain_text("No news from the controller for", timeout=9000)
        expect(page.locator(".live")).to_contain_text("No connection")
        served.advance(fine)
        expect(lost).to_have_count(0)
        expect(page.locator(".live")).to_contain_text("Live")


def test_reduced_motion(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """Who asked for less motion sees none."""
    with serve(builder(documents["household"]())) as served:
        page = view(served.url)
        name = "getComputedStyle(document.querySelector('.dots')).animationName"
        assert page.evaluate(name) == "run"
        page.emulate_media(reduced_motion="reduce")
        assert page.evaluate(name) == "none"


@pytest.mark.parametrize(
    ("name", "path", "scheme"),
    [
        ("household", "/", "light"),
        ("carpark", "/", "dark"),
        ("household", "/simple?refresh=off", "light"),
        ("household", "/setup", "dark"),
    ],
)
def test_accessible(
    builder: Any, documents: Any, serve: Any, view: Any, name: str, path: str, scheme: str
) -> None:
    """Axe finds nothing against WCAG 2.2 AA."""
    with serve(builder(documents[name](), demo=name == "carpark")) as served:
        page = view(served.url + path, color_scheme=scheme, reduced_motion="reduce")
        expect(page.locator(".u-over" if path == "/" else "h1")).to_be_visible()
        assert against_wcag(page) == []
