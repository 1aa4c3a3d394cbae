"""The fire banner and the fire page in a real browser."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.web.browsing import AXE
from tests.web.test_fire import PANEL, RecordedInputs

from kwartier.web.live import Document

pytestmark = pytest.mark.browser
needs_axe = pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed (this test was NOT run)")


def serious(page: Page) -> list[str]:
    """What axe finds serious or worse."""
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [v["id"] for v in found if v["impact"] in {"serious", "critical"}]


def test_the_banner_follows_the_input(builder: Any, documents: Any, serve: Any, browser: Browser) -> None:
    """Red and in words while it stops, calmer while charge points return, gone when all is well."""

    def with_panel(**changes: object) -> Any:
        def change(document: Document) -> None:
            document["inputs"] = [PANEL | changes]

        return change

    with serve(builder(documents["carpark"](), demo=True, fire=RecordedInputs())) as served:
        page = browser.new_page(viewport={"width": 360, "height": 800}, locale="en")
        page.goto(served.url)
        expect(page.locator(".banner.demo")).to_be_visible()
        expect(page.locator(".banner.fire")).to_have_count(0)
        served.advance(with_panel(level="alarm"))
        banner = page.get_by_role("alert").filter(has_text="FIRE ALARM")
        expect(banner).to_contain_text("FIRE ALARM: Fire <panel>. 24 charge points are stopped.")
        expect(banner).to_contain_text("The input says alarm now.")
        assert (
            page.locator(".banner.fire").evaluate("e => getComputedStyle(e).backgroundColor")
            == "rgb(176, 0, 32)"
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        served.advance(with_panel(state="returning", stopped=False, returned=3))
        expect(page.locator(".banner.warning").filter(has_text="Fire")).to_contain_text(
            "3 of 24 charge points may run again"
        )
        expect(page.locator(".banner.fire")).to_have_count(0)
        served.advance(with_panel(state="quiet", stopped=False, returned=24))
        expect(page.locator(".banner.warning").filter(has_text="Fire")).to_have_count(0)
        page.close()


def test_from_the_banner_to_the_reset(builder: Any, documents: Any, serve: Any, browser: Browser) -> None:
    """The link leads to the form; filled in and sent, the site is asked to reset."""
    inputs = RecordedInputs()
    document = documents["carpark"]() | {"inputs": [PANEL]}
    with serve(builder(document, demo=True, fire=inputs)) as served:
        page = browser.new_page(viewport={"width": 360, "height": 800}, locale="nl-BE")
        page.goto(served.url)
        page.get_by_role("link", name="Naar de reset").click()
        page.get_by_label("Uw naam").fill("Ann")
        page.get_by_label("Uw rol").fill("Brandweer")
        page.get_by_label("Waarom het gereset mag worden").fill("veilig")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.get_by_role("button", name="Alarm resetten").click()
        expect(page.get_by_role("heading", name="Brand- en noodingangen")).to_be_visible()
        page.close()
    assert inputs.asked == [("reset", "Ann", "Brandweer", "veilig")]


@needs_axe
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "fire"])
def test_an_alarm_can_be_read_by_everybody(
    builder: Any, documents: Any, serve: Any, browser: Browser, path: str, scheme: Any
) -> None:
    """axe finds nothing serious on the dashboard with the banner and on the page with the form."""
    document = documents["carpark"]() | {"inputs": [PANEL]}
    with serve(builder(document, demo=True, fire=RecordedInputs())) as served:
        # Our own rules forbid foreign scripts; axe is one.
        context = browser.new_context(bypass_csp=True, color_scheme=scheme)
        page = context.new_page()
        page.goto(f"{served.url.rstrip('/')}/{path}")
        page.wait_for_selector(".banner.fire" if not path else ".fire.stopped")
        assert serious(page) == []
        context.close()
