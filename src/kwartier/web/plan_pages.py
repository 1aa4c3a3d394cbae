"""`/plan`: the one time axis, what is planned when, and why; `/plan/<charge point>`: the mode and the goal of a car.

Both are whole without JavaScript. With it `static/plan.js` draws the axis out of the data block in the page and lets
blocks be dragged, and `static/goal.js` shows what a goal comes to while it is being typed.
"""

import json
from typing import Any
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from kwartier.web import access
from kwartier.web.api import find, live_of
from kwartier.web.api_session import session_info
from kwartier.web.assets import language_of
from kwartier.web.live import Document
from kwartier.web.pages import SEE_OTHER, assets_of
from kwartier.web.plan import Unfit, goal_of, plan_of
from kwartier.web.plan_schemas import GoalChange, OverrideChange
from kwartier.web.problems import Problem, sentence
from kwartier.web.sheets import sheet

router = APIRouter(include_in_schema=False)
REFRESH_S = 5
SHIFTS_S = (-3600, -900, 900, 3600)
MODES = ("off", "sun", "smart", "fast")
STYLES = ("cheapest", "late", "unbroken")
UNITS = ("pct", "kwh", "km")
NUMBERS = ("target", "at_once", "battery_kwh", "level_pct", "kwh_per_100km")
MOST_FIELDS = 40
WORDS = ("plan.", "age.")
"""Words that the scripts of the axis need."""
MODULES = (
    "plan.js", "axis.js", "lanes.js", "api.js", "store.js", "words.js", "vendor/htm-preact.js", "vendor/htm.js",
    "vendor/preact.js", "vendor/preact-hooks.js", "vendor/signals.js", "vendor/signals-core.js", "vendor/uplot.js",
)  # fmt: skip
"""What the axis loads, for the browser to fetch at once."""


@router.get("/plan")
async def plan_page(request: Request) -> Response:
    """The axis and the table by blocks."""
    return await _show(request)


@router.post("/plan/shift")
async def shift(request: Request) -> Response:
    """Moves a block by the buttons beside it."""
    form = await _form(request)
    fields: dict[str, Any] = {name: form.get(name, [""])[-1] for name in ("start", "end", "shift_s")}
    try:
        await access.writer(request)
        asked = OverrideChange(charge_point_id=form.get("charge_point_id", [""])[-1], **fields)
        find(live_of(request).state(), asked.charge_point_id)
        plan_of(request).override(asked)
    except (Unfit, ValidationError, Problem) as error:
        return _login(request, "/plan") or await _show(request, error)
    return RedirectResponse("/plan", SEE_OTHER)


@router.post("/plan/give-back")
async def give_back(request: Request) -> Response:
    """Gives a block back to the plan."""
    form = await _form(request)
    try:
        await access.writer(request)
        plan_of(request).give_back(form.get("charge_point_id", [""])[-1], form.get("override_id", [""])[-1])
    except (KeyError, Problem) as error:
        return _login(request, "/plan") or await _show(request, error)
    return RedirectResponse("/plan", SEE_OTHER)


@router.get("/plan/{charge_point_id}")
async def goal_page(request: Request, charge_point_id: str) -> Response:
    """The mode and the goal of one charge point."""
    return await _edit(request, charge_point_id)


@router.post("/plan/{charge_point_id}")
async def change_goal(request: Request, charge_point_id: str) -> Response:
    """Shows what a goal comes to, takes it, or forgets it."""
    form = await _form(request)
    does = form.get("do", ["save"])[-1]
    where = f"/plan/{quote(charge_point_id, safe='')}"
    try:
        await access.writer(request)
        site = plan_of(request)
        goal_of(request, site, charge_point_id)
        if does == "remove":
            site.remove_goal(charge_point_id)
            return RedirectResponse("/plan", SEE_OTHER)
        asked = _asked(form)
        if does == "preview":
            return await _edit(
                request, charge_point_id, form=form, preview=await site.preview(charge_point_id, asked)
            )
        site.set_goal(charge_point_id, asked)
    except (Unfit, ValidationError, Problem) as error:
        return _login(request, where) or await _edit(request, charge_point_id, form=form, error=error)
    return RedirectResponse("/plan", SEE_OTHER)


async def _show(request: Request, error: Exception | None = None) -> Response:
    """The page; `error`: what somebody asked and could not have."""
    language = language_of(request)
    words = assets_of(request).words[language]
    document = live_of(request).state()
    found = await plan_of(request).plan()
    boot = {
        "state": {"site": document["site"]},
        "words": {k: v for k, v in words.items() if k.startswith(WORDS)},
        "language": language,
        "session": session_info(request).model_dump(),
    }
    faults = (document["demo"] or {}).get("faults", [])
    values: dict[str, Any] = {
        "plan": found,
        "days": by_day(found["blocks"]),
        "boot": _block(boot),
        "data": _block({"plan": found, "faults": faults}),
        "modules": MODULES,
        "shifts": SHIFTS_S,
        "error": None if error is None else _why(error, words, language),
        "has_vendor": assets_of(request).has_vendor,
    }
    status = 200 if error is None else _status(error)
    return await sheet(request, "plan.html", status, refresh_s=REFRESH_S if error is None else None, **values)


async def _edit(
    request: Request,
    charge_point_id: str,
    *,
    form: dict[str, list[str]] | None = None,
    preview: Document | None = None,
    error: Exception | None = None,
) -> Response:
    language = language_of(request)
    words = assets_of(request).words[language]
    goal = goal_of(request, plan_of(request), charge_point_id)
    values: dict[str, Any] = {
        "goal": goal,
        "form": _filled(goal) if form is None else form,
        "preview": preview,
        "modes": MODES,
        "styles": STYLES,
        "units": UNITS,
        "error": None if error is None else _why(error, words, language),
        "currency": live_of(request).state()["site"]["currency"],
        "preview_url": f"/api/v1/plan/goals/{quote(charge_point_id, safe='')}/preview",
        "may_write": session_info(request).may_write,
    }
    status = 200 if error is None else _status(error)
    return await sheet(request, "goal.html", status, **values)


def _block(value: object) -> str:
    """A data block: only "<" could end its element early."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def by_day(blocks: list[Document]) -> list[tuple[str, list[Document]]]:
    """Blocks by the day on which they begin, in order of time."""
    days: dict[str, list[Document]] = {}
    for block in sorted(blocks, key=lambda b: (b["start_s"], b["name"])):
        days.setdefault(block["start"][:10], []).append(block)
    return list(days.items())


def _asked(form: dict[str, list[str]]) -> GoalChange:
    """The fields of the form; empty ones are left out. Raises ValidationError."""
    mode = form.get("mode", [""])[-1]
    found: dict[str, Any] = {"mode": mode} if mode else {}
    if mode == "smart" or not mode:
        found |= {
            name: form[name][-1].replace(",", ".") for name in NUMBERS if form.get(name, [""])[-1].strip()
        }
        found |= {
            name: form[name][-1] for name in ("unit", "at", "style") if form.get(name, [""])[-1].strip()
        }
        found["weekdays"] = form.get("weekdays", [])
        if "target" not in found:  # only the mode is wanted
            found = {name: value for name, value in found.items() if name in {"mode", "style"}}
    return GoalChange(**found)


def _filled(goal: Document) -> dict[str, list[str]]:
    """A goal as the form shows it."""
    out = {name: [_plain(goal[name])] for name in NUMBERS}
    out |= {"mode": [goal["mode"]], "unit": [goal["unit"] or "pct"], "style": [goal["style"]]}
    out["at"] = [goal["at"] or "07:30"]
    out["weekdays"] = [str(day) for day in goal["weekdays"]]
    return out


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}".removesuffix(".0")


async def _form(request: Request) -> dict[str, list[str]]:
    """The fields of a form that was sent, each with all its values."""
    text = (await request.body()).decode("utf-8", "replace")
    return parse_qs(text, max_num_fields=MOST_FIELDS)


def _login(request: Request, where: str) -> Response | None:
    """The way to log in, for those who may not write."""
    session = session_info(request)
    if session.may_write:
        return None
    return RedirectResponse(f"/login?next={where}" if session.has_password else "/setup", SEE_OTHER)


def _status(error: Exception) -> int:
    return error.status if isinstance(error, Problem) else 404 if isinstance(error, KeyError) else 422


def _why(error: Exception, words: dict[str, str], language: str) -> str:
    """A refusal in the reader's language."""
    if isinstance(error, Unfit):
        return error.why.text(language)
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        field = str(first["loc"][-1]) if first["loc"] else ""
        return words["goal.bad_field"].format(field=words.get(f"goal.{field}", field))
    return error.detail if isinstance(error, Problem) else sentence(error)
