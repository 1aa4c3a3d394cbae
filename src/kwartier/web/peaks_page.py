"""`/peaks`: the quarter-hour that runs, the month's peak and what caused it, thirteen months, euros."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from kwartier.site.errors import StorageError
from kwartier.web.api import live_of
from kwartier.web.live import Document
from kwartier.web.sheets import sheet

router = APIRouter(include_in_schema=False)
REFRESH_S = 3
HEADROOM = 1.08
PRICE_KEY = "quarter: { eur_per_kw_year: ... }"


@router.get("/peaks")
async def peaks_page(request: Request) -> Response:
    """All about peaks."""
    live = live_of(request)
    unreadable = False
    try:
        peaks = await live.peaks()
    except StorageError:
        peaks, unreadable = None, True
    values: dict[str, Any] = {
        "peaks": peaks,
        "unreadable": unreadable,
        "grid": _grid(live.state()),
        "gauge": None if peaks is None or peaks["quarter"] is None else gauge(peaks["quarter"]),
        "months": [] if peaks is None else months(peaks),
        "lines": {} if peaks is None else lines(peaks),
        "price_key": PRICE_KEY,
        "cause": [] if peaks is None else cause(peaks),
    }
    return await sheet(request, "peaks.html", refresh_s=REFRESH_S, **values)


def _grid(document: Document) -> Document | None:
    """The meter at the connection."""
    return next((m for m in document["meters"] if m["role"] == "grid"), None)


def _share(value: float, scale: float) -> float:
    return round(min(100.0, max(0.0, 100.0 * value / scale)), 1)


def gauge(quarter: Document) -> Document:
    """Places on the bar of the running quarter, per cent of its width."""
    certain_w, ends_w, target_w = quarter["demand_w"], quarter["projected_w"], quarter["target_w"]
    scale = max(certain_w or 0.0, ends_w or 0.0, target_w or 0.0, 1.0) * HEADROOM
    return {
        "certain": _share(certain_w or 0.0, scale),
        "ends": _share(ends_w or 0.0, scale),
        "target": None if target_w is None else _share(target_w, scale),
        "above": target_w is not None and ends_w is not None and ends_w > target_w,
        "passed_pct": _share(quarter["elapsed_s"], quarter["elapsed_s"] + quarter["left_s"]),
    }


def scale_of(peaks: Document) -> float:
    """What a whole bar of the months stands for, W."""
    known: list[float] = [m["peak_w"] for m in peaks["months"] if m["peak_w"] is not None]
    return max(*known, float(peaks["floor_w"]), float(peaks["mean_w"] or 0.0), 1.0) * HEADROOM


def months(peaks: Document) -> list[Document]:
    """The months, newest first, each with the length of its bar and the year and number of its name."""
    scale = scale_of(peaks)
    found = [
        {
            **month,
            "year": int(month["month"][:4]),
            "number": int(month["month"][5:7]),
            "bar": None if month["peak_w"] is None else _share(month["peak_w"], scale),
        }
        for month in peaks["months"]
    ]
    return found[::-1]


def lines(peaks: Document) -> dict[str, float]:
    """Where the floor and the mean stand on the bars of the months."""
    scale = scale_of(peaks)
    out = {"floor": _share(peaks["floor_w"], scale)}
    if peaks["mean_w"] is not None:
        out["mean"] = _share(peaks["mean_w"], scale)
    return out


def cause(peaks: Document) -> list[Document]:
    """Who drew in the quarter-hour of the month's peak, largest first, each with the length of its bar."""
    told = (peaks["month"] or {}).get("cause")
    if told is None:
        return []
    parts = sorted(told["parts"], key=lambda p: -p["mean_w"])
    most = max((abs(p["mean_w"]) for p in parts), default=0.0) or 1.0
    return [{**part, "bar": _share(abs(part["mean_w"]), most), "gives": part["mean_w"] < 0} for part in parts]
