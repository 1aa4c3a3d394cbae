"""The pages of the server in a real browser: both widths and schemes, with and without JavaScript, live, by keyboard."""

from typing import Any

import pytest
from playwright.sync_api import expect
from tests.web.browsing import against_wcag
from tests.web.recorded import RecordedProof, book, lines_of_a_week, proven
from tests.web.sites import hostile, wide

from kwartier.web.live import Document

pytestmark = pytest.mark.browser
SHEETS = ("/limits", "/peaks", "/alarms", "/fire", "/proof", "/simple")


def furnished(builder: Any, document: Document) -> Any:
    """A demonstration of this document with alarms and a failed proof."""
    document["charge_points"][0].update(status="silent", age_s=90.0)
    document["recording"] = {"ok": True, "problem": None, "queued": 0}
    web = builder(document, demo=True)
    web.app.state.alarms = book(web.clock, document, lines_of_a_week(document), proof_problems=2)
    web.app.state.proof = RecordedProof(proven(False, circuits=7))
    return web


@pytest.mark.parametrize("path", SHEETS)
def test_pages_fit(builder: Any, serve: Any, view: Any, path: str) -> None:
    """200 charge points on six levels with names that mean ill: nothing scrolls sideways at any width, and
    nothing runs."""
    with serve(furnished(builder, hostile(wide()))) as served:
        page = view(f"{served.url}{path}?refresh=off", locale="de")
        expect(page.locator("h1")).to_be_visible()
        for width in (1280, 360, 320):
            page.set_viewport_size({"width": width, "height": 740})
            page.wait_for_function(f"document.documentElement.scrollWidth <= {width}", timeout=5000)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_accessible(builder: Any, documents: Any, serve: Any, view: Any, scheme: str, width: int) -> None:
    """Axe finds nothing against WCAG 2.2 AA."""
    with serve(furnished(builder, documents["household"]())) as served:
        page = view(served.url, width, color_scheme=scheme, reduced_motion="reduce")
        for path in SHEETS:
            page.goto(f"{served.url}{path}?refresh=off")
            assert against_wcag(page) == [], path


def test_values_live_and_the_reader_keeps_his_place(builder: Any, serve: Any, view: Any) -> None:
    """A new cycle shows by itself; open folds, focus and what somebody types stay."""

    def more(document: Document) -> None:
        document["circuits"][0]["load_a"] = [233.3, 12.0, 13.0]
        document["circuits"][0]["limit_a"] = [230.0, 250.0, 250.0]
        document["charge_points"][8]["name"] = "Bay renamed"

    with serve(furnished(builder, wide())) as served:
        page = view(f"{served.url}/limits", 360)
        fold = page.locator("#d-grid-0-0-0-0-1")
        expect(fold).not_to_have_attribute("open", "")
        fold.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(fold.locator(".cp").first).to_be_visible()
        served.advance(more)
        expect(page.locator("#c-grid .row").first).to_contain_text(
            "over the limit: 233.3 of 230 A", timeout=9000
        )
        expect(fold.locator(".cp").first).to_be_visible()
        assert page.evaluate("document.activeElement.parentElement.id") == "d-grid-0-0-0-0-1"

        page.goto(f"{served.url}/alarms")
        page.get_by_label("Your name").fill("Ann")
        before = page.locator("#active li").count()

        def heal(document: Document) -> None:
            document["charge_points"][0].update(status="ok", state="C2")
            document["alarms"] = served.web.app.state.alarms.look(document)

        served.advance(heal)
        expect(page.locator("#active li")).to_have_count(before - 1, timeout=9000)
        expect(page.get_by_label("Your name")).to_have_value("Ann")


def test_loss_is_told(builder: Any, serve: Any, view: Any) -> None:
    """When the controller is gone the page says so, and no longer once it is back."""
    with serve(furnished(builder, wide())) as served:
        page = view(f"{served.url}/peaks")
        page.route("**/peaks", lambda route: route.abort())
        expect(page.locator("#live")).to_contain_text("No connection", timeout=9000)
        page.unroute("**/peaks")
        expect(page.locator("#live")).to_contain_text("As of", timeout=9000)


def test_without_javascript(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """Every page is whole, folds open, and an alarm is taken note of, with scripts switched off."""
    with serve(furnished(builder, documents["carpark"]())) as served:
        page = view(f"{served.url}/limits", 360, java_script_enabled=False)
        expect(page.locator(".cp")).to_have_count(24)
        for name in ("Peaks", "Alarms", "Fire", "Proof", "Table", "Alarms"):
            page.get_by_role("navigation").get_by_role("link", name=name).click()
            expect(page.locator("h1")).to_be_visible()
        page.get_by_label("Your name").fill("Ann")
        page.get_by_role("button", name="Take note").first.click()
        expect(page.locator(".alarm").first).to_contain_text("Ann took note")
        page.get_by_role("link", name="Errors", exact=True).click()
        expect(page.locator(".past li.info")).to_have_count(0)
        page.get_by_label("Device").select_option("proof")
        page.get_by_role("button", name="Show").click()
        expect(page.locator("main")).to_contain_text("No message of this kind")
        page.get_by_role("navigation").get_by_role("link", name="Proof").click()
        page.get_by_role("button", name="Prove again").click()
        expect(page.locator("main")).to_contain_text("It does not hold")
        assert served.web.app.state.proof.asked == 1


def test_the_dashboard_leads_to_the_pages(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """By keyboard: skip link first, then the pages; the count of alarms follows the stream."""
    with serve(furnished(builder, documents["carpark"]())) as served:
        page = view(served.url, 360)
        pages = page.get_by_role("navigation", name="Pages")
        served.advance()
        expect(pages.get_by_role("link", name="Overview")).to_have_attribute("aria-current", "page")
        expect(pages.get_by_role("link", name="Alarms")).to_contain_text(
            str(len(served.web.site.document["alarms"]))
        )
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        served.advance(lambda document: document.update(alarms=[]))
        expect(pages.locator(".count")).to_have_count(0)
        pages.get_by_role("link", name="Limits").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Limits")).to_be_visible()
