"""`/savings`: with and without Kwartier, by component; `/forecasts`: how good the forecasts are."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from kwartier.site.errors import StorageError
from kwartier.web.api import live_of
from kwartier.web.live import Document
from kwartier.web.plan import plan_of
from kwartier.web.sheets import sheet

router = APIRouter(include_in_schema=False)
REFRESH_S = 60
WIDE, HIGH = 960.0, 220.0
"""The box in which a forecast is drawn."""


@router.get("/savings")
async def savings_page(request: Request) -> Response:
    """The saving, and how it is reckoned."""
    found: Document | None
    try:
        found = await plan_of(request).savings()
    except StorageError:
        found = None
    values: dict[str, Any] = {
        "savings": found,
        "days": [] if found is None else bars(found["days"]),
        "parts": [] if found is None else part_bars(found["parts"]),
        "currency": live_of(request).state()["site"]["currency"],
    }
    return await sheet(request, "savings.html", refresh_s=REFRESH_S, **values)


@router.get("/forecasts")
async def forecasts_page(request: Request) -> Response:
    """Bands against measurements."""
    found: Document | None
    try:
        found = await plan_of(request).forecasts()
    except StorageError:
        found = None
    scores = [] if found is None else [{**s, "picture": picture(s)} for s in found["scores"]]
    return await sheet(
        request,
        "forecasts.html",
        refresh_s=REFRESH_S,
        scores=scores,
        notes=None if found is None else found["notes"],
    )


def bars(days: list[Document]) -> list[Document]:
    """Days, newest first, each with the lengths of its two bars, per cent."""
    most = max((max(abs(d["with_eur"]), abs(d["without_eur"])) for d in days), default=0.0) or 1.0
    return [
        {
            **day,
            "with_bar": round(100 * max(0.0, day["with_eur"]) / most, 1),
            "without_bar": round(100 * max(0.0, day["without_eur"]) / most, 1),
        }
        for day in reversed(days)
    ]


def part_bars(parts: list[Document]) -> list[Document]:
    """Components with the lengths of their bars."""
    most = max((max(abs(p["with_eur"]), abs(p["without_eur"])) for p in parts), default=0.0) or 1.0
    return [
        {
            **part,
            "with_bar": round(100 * abs(part["with_eur"]) / most, 1),
            "without_bar": round(100 * abs(part["without_eur"]) / most, 1),
        }
        for part in parts
    ]


def picture(score: Document) -> Document | None:
    """A band with what was measured, as paths in a box of `WIDE` by `HIGH`; None where there is nothing to draw."""
    known = [v for name in ("high_w", "measured_w") for v in score[name] if v is not None]
    if not known or len(score["at_s"]) < 2:
        return None
    top_w = max(*known, 100.0) * 1.05
    low_w = min(*(v for v in (*score["low_w"], *score["measured_w"]) if v is not None), 0.0)
    begin_s, end_s = score["at_s"][0], score["at_s"][-1]

    def place(at_s: int, value_w: float) -> str:
        return f"{WIDE * (at_s - begin_s) / (end_s - begin_s):.1f} {HIGH * (top_w - value_w) / (top_w - low_w):.1f}"

    def path(values: list[float | None]) -> str:
        out, pen = [], "M"
        for at_s, value_w in zip(score["at_s"], values, strict=True):
            if value_w is None:
                pen = "M"
                continue
            out.append(f"{pen}{place(at_s, value_w)}")
            pen = "L"
        return "".join(out)

    both = [
        (at_s, low, high)
        for at_s, low, high in zip(score["at_s"], score["low_w"], score["high_w"], strict=True)
        if low is not None and high is not None
    ]
    upper = [place(at_s, high) for at_s, _, high in both]
    lower = [place(at_s, low) for at_s, low, _ in reversed(both)]
    days = [at_s for at_s in score["at_s"] if (at_s - begin_s) % 86400 == 0 and at_s > begin_s]
    return {
        "band": "M" + "L".join([*upper, *lower]) + "Z" if both else "",
        "mid": path(score["mid_w"]),
        "measured": path(score["measured_w"]),
        "top_w": top_w,
        "zero": round(HIGH * top_w / (top_w - low_w), 1),
        "days": [round(WIDE * (at_s - begin_s) / (end_s - begin_s), 1) for at_s in days],
        "wide": WIDE,
        "high": HIGH,
    }
