"""The plan in a real browser: it fits, it is accessible, blocks move by mouse and by keyboard, a goal takes three taps."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.web.browsing import against_wcag
from tests.web.planned import with_plan

pytestmark = pytest.mark.browser
PAGES = ("/plan", "/plan/left", "/savings", "/forecasts")


def furnished(builder: Any, documents: Any) -> Any:
    """The household with a plan, as a demonstration."""
    document = documents["household"]()
    document["demo"] = {**documents["carpark"]()["demo"], "faults": []}
    return with_plan(builder(document, demo=True))


def settled_width(page: Any) -> int:
    """How wide the page is once its pictures have followed the window; the page's policy lets no test wait inside it."""
    seen = -1
    for _ in range(20):
        width: int = page.evaluate("document.documentElement.scrollWidth")
        if width == seen:
            break
        seen = width
        page.wait_for_timeout(150)
    return seen


@pytest.mark.parametrize(("scheme", "locale"), [("light", "de"), ("dark", "fr")])
def test_fits_and_is_accessible(
    builder: Any, documents: Any, serve: Any, view: Any, scheme: str, locale: str
) -> None:
    """Nothing scrolls sideways at any width, and axe finds nothing against WCAG 2.2 AA."""
    with serve(furnished(builder, documents)) as served:
        page = view(
            f"{served.url}/plan?refresh=off", color_scheme=scheme, locale=locale, reduced_motion="reduce"
        )
        expect(page.locator(".u-over")).to_have_count(3)
        for path in PAGES:
            page.goto(f"{served.url}{path}{'' if path == '/plan/left' else '?refresh=off'}")
            expect(page.locator("h1")).to_be_visible()
            if path == "/plan/left":
                expect(page.locator("#preview-body b").first).to_be_visible()
            for width in (1280, 360, 320):
                page.set_viewport_size({"width": width, "height": 740})
                assert settled_width(page) <= width, (path, width)
            assert against_wcag(page) == [], path
        page.goto(f"{served.url}/")
        expect(page.locator(".modes").first.get_by_role("button")).to_have_count(4)
        assert settled_width(page) <= 320
        tallest = "Math.max(...[...document.querySelectorAll('.modes button')].map(b => b.offsetHeight))"
        assert page.evaluate(tallest) < 48, "the name of a mode is broken in two"


def test_a_goal_in_three_taps(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """From the dashboard of a phone: the card's plan, the goal, save. What it costs stands there before saving."""
    with serve(furnished(builder, documents)) as served:
        page = view(served.url, 360, has_touch=True)
        card = page.get_by_role("article", name="Garage left")
        expect(card).to_contain_text("80 % by")
        card.get_by_role("link", name="Plan").tap()
        page.get_by_role("button", name="100 %").tap()
        expect(page.locator("#preview-body")).to_contain_text("4.2 kWh will be missing")
        expect(page.locator("#brief")).to_contain_text("4.2 kWh will be missing")
        expect(page.locator("#preview-body")).to_contain_text("2.49")
        page.get_by_role("button", name="Save").tap()
        expect(page).to_have_url(re.compile(r"/plan$"))
        expect(page.locator("#g-left")).to_contain_text("100 %")
    asked = served.web.app.state.plan.asked[-1]
    assert (asked.target, asked.unit, asked.mode) == (100, "pct", "smart")


def test_a_mode_needs_no_goal(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """With Sun chosen the fields of the goal go away, by keyboard too, and only the mode is sent."""
    with serve(furnished(builder, documents)) as served:
        page = view(f"{served.url}/plan/left")
        page.get_by_role("radio", name="Smart").focus()
        page.keyboard.press("ArrowLeft")
        expect(page.get_by_role("radio", name="Sun")).to_be_checked()
        expect(page.get_by_label("By what time")).to_be_hidden()
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#g-left")).to_contain_text("Sun")
    assert served.web.app.state.plan.asked[-1].target is None


def test_blocks_move_by_mouse_and_by_keys(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """A dragged block says where it goes and stays there; arrows and Enter do the same; Escape does nothing; what was
    moved is given back."""
    with serve(furnished(builder, documents)) as served:
        page = view(f"{served.url}/plan")
        plan = served.web.app.state.plan
        piece = page.locator("button.piece")
        box = piece.bounding_box()
        track = page.locator(".track").first.bounding_box()
        hour_px = track["width"] / 48
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] / 2 + 2 * hour_px, box["y"] + 10, steps=4)
        expect(page.locator(".bubble")).to_have_text("03:45 – 06:45")
        page.mouse.up()
        expect(page.locator("#b-car-1 th")).to_have_text("03:45 – 06:45", timeout=9000)
        assert plan.shifted[-1].shift_s == 7200
        piece = page.locator("button.piece.held")
        piece.focus()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Escape")
        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        expect(page.locator("#b-car-1 th")).to_have_text("02:30 – 05:30", timeout=9000)
        assert [s.shift_s for s in plan.shifted] == [7200, -4500]
        expect(page.get_by_role("status")).to_contain_text("moved to 02:30")
        page.locator("#b-car-1").get_by_role("button", name="Give back").click()
        expect(page.locator("button.piece.held")).to_have_count(0)


def test_the_picture_follows_the_table(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """A new plan shows in both without a reload, and the figures of a moment stand there in words."""
    with serve(furnished(builder, documents)) as served:
        page = view(f"{served.url}/plan")
        expect(page.locator(".readout")).to_contain_text("Grid")
        page.get_by_role("button", name="24 hours").click()
        left = page.locator("button.piece").evaluate("e => e.style.left")
        site = served.web.app.state.plan
        block = next(b for b in site.document["blocks"] if b["movable"])
        block |= {
            "start_s": block["start_s"] + 3600,
            "end_s": block["end_s"] + 3600,
            "start": "2026-11-22T02:45:00+01:00",
            "end": "2026-11-22T05:45:00+01:00",
        }
        expect(page.locator("#b-car-1 th")).to_have_text("02:45 – 05:45", timeout=9000)
        page.wait_for_function(
            f"document.querySelector('button.piece').style.left !== '{left}'", timeout=3000
        )


def test_without_javascript(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """The tables say all, the form shows what a goal comes to, and a block moves by its buttons."""
    with serve(furnished(builder, documents)) as served:
        page = view(f"{served.url}/plan", 360, java_script_enabled=False)
        expect(page.locator("#b-car-1")).to_contain_text("the peak of 3.9 kW is already paid")
        page.get_by_role("button", name="+1 h").click()
        expect(page.locator("#b-car-1 th")).to_have_text("02:45 – 05:45")
        page.get_by_role("link", name="Change").click()
        page.get_by_role("button", name="Look first").click()
        expect(page.locator("#preview-body")).to_contain_text("22.20 kWh")
        page.get_by_role("navigation").get_by_role("link", name="Savings").click()
        expect(page.locator("main")).to_contain_text("Capacity tariff")


FROM_CALENDAR = {
    "en": ("From the calendar: Dentist,", "Ready by", "cannot be read now", "the goals of each week"),
    "nl": ("Uit de agenda: Dentist,", "Klaar tegen", "nu niet te lezen", "wekelijkse doelen"),
    "fr": ("Selon l'agenda : Dentist,", "Prêt pour", "illisible", "objectifs hebdomadaires"),
    "de": ("Aus dem Kalender: Dentist,", "Fertig bis", "nicht lesbar", "Wochenziele"),
}


def test_where_a_goal_is_from(builder: Any, documents: Any, serve: Any, view: Any) -> None:
    """A goal of a calendar that cannot be read now: what it is for, and until when it holds, on a phone."""
    site = furnished(builder, documents)
    plan = site.app.state.plan
    goal = next(g for g in plan.document["goals"] if g["charge_point_id"] == "left")
    plan.events["left"] = {"title": "Dentist", "at": goal["due"]}
    held = {"state": "held", "read_at": goal["due"], "until": goal["due"], "problem": None, "faults": []}
    goal |= {"origin": "calendar", "calendar": held}
    with serve(site) as served:
        for locale, words in FROM_CALENDAR.items():
            page = view(f"{served.url}/plan/left", 360, locale=locale)
            text = f"{page.locator('#origin').inner_text()} {page.locator('#calendar').inner_text()}"
            assert [w for w in words if w not in text] == [], text
            assert page.locator("button[value=remove]").count() == 0, "only what was set here is removed here"
            if locale == "de":  # the longest words
                assert settled_width(page) <= 360
