"""What the peak page shows: the running quarter against its target, the month's peak and who caused it, thirteen
months, and euros. The shape is in docs/api.md; nothing is decided here.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from kwartier.control.decision import Decision
from kwartier.control.rows.budget import Allowance, why
from kwartier.edge.account import Account
from kwartier.edge.views.moments import iso
from kwartier.edge.views.snapshot import Document, words
from kwartier.metering.causes import Cause
from kwartier.metering.ledger import Ledger, MonthEntry, bill, billed_w, from_quarters, shown
from kwartier.metering.peaks import month_at, month_of
from kwartier.metering.quarters import ClosedQuarter
from kwartier.site.errors import StorageError
from kwartier.site.intervals import QUARTER_S
from kwartier.site.quarters import FLOOR_W, QuarterSettings, RunningQuarter
from kwartier.site.topology import Site

NO_GOAL = QuarterSettings(follow="none")
MONTHS_BACK = 13
FREE_FROM_S = 60.0
"""With less than this left the kW still free are no figure for people: a little energy over a few seconds."""


class Recorded(Protocol):
    """Where closed quarters are kept."""

    def quarters(self, meter_id: str, from_s: float, to_s: float) -> list[ClosedQuarter]:
        """Oldest first. Raises StorageError."""
        ...


async def seed(account: Account, meter_id: str, recorded: Recorded, now_utc_s: float) -> None:
    """Take the recorded quarters of the last thirteen months into the ledger, a month at a time and beside the
    cycle. What cannot be read is left out: the meter's own history has most of it."""
    month = month_of(now_utc_s, account.zone)
    for back in range(MONTHS_BACK, -1, -1):
        number = 12 * month.year + month.month - 1 - back
        past = month_at(number // 12, number % 12 + 1, account.zone)
        try:
            found = await asyncio.to_thread(recorded.quarters, meter_id, past.start_s, past.end_s)
        except StorageError:
            continue
        account.merge(from_quarters(found, account.zone))


def goal_of(site: Site) -> QuarterSettings:
    """What the grid connection's quarter-hours are to stay under."""
    return site.root.quarter or NO_GOAL


def allowed(site: Site, decision: Decision | None) -> Allowance | None:
    """What the newest decision allowed for the grid connection's quarter."""
    if decision is None:
        return None
    return next((v.allowance for v in decision.circuits if v.circuit_id == site.root.id), None)


def goal(quarter: RunningQuarter | None, allowance: Allowance | None, zone: ZoneInfo) -> Document:
    """The running quarter against its target; `null` where there is none or it is not known, what is left too where
    the budget is that of another quarter already, because the meter is silent."""
    target_w = None if allowance is None else allowance.target_w
    left_s = None if quarter is None else max(0.0, QUARTER_S - quarter.elapsed_s)
    free_w = None
    same = allowance is not None and quarter is not None and allowance.end_s == quarter.start_s + QUARTER_S
    if same and quarter is not None and target_w is not None and left_s is not None and left_s >= FREE_FROM_S:
        free_w = round((target_w - quarter.projected_w) * QUARTER_S / left_s, 1)
    told = None if allowance is None else why(allowance, zone)
    return {
        "left_s": None if left_s is None else round(left_s, 1),
        "status": "free" if allowance is None else allowance.status,
        "target_w": target_w,
        "budget_kwh": None if target_w is None else round(target_w / 4000, 4),
        "left_kwh": None
        if not same or target_w is None or allowance is None
        else round(allowance.left_kwh, 4),
        "free_w": free_w,
        "chargers_w": None if allowance is None else _rounded(allowance.power_w),
        "without_chargers_w": None if not same or allowance is None else _rounded(allowance.without_w),
        "reason": None if told is None else words(told),
    }


def page(
    site: Site, account: Account, quarter: Mapping[str, Any] | None, export_kwh: float | None
) -> Document:
    """The answer of `/api/v1/peaks`. `quarter`: as in the state document; `export_kwh`: what was fed back in the
    quarter of the month's peak, where it is recorded."""
    settings, zone = goal_of(site), account.zone
    floor_w = settings.floor_w if settings.follow in {"month_peak", "plan"} else FLOOR_W
    price = settings.eur_per_kw_year
    out: Document = {
        "target": settings.follow,
        "floor_w": floor_w,
        "eur_per_kw_year": price,
        "currency": site.currency,
        "quarter": quarter,
        "month": None,
        "months": [],
        "mean_w": None,
        "months_counted": 0,
        "eur_per_year": None,
        "eur_per_kw_more": None,
    }
    month = account.month()
    if month is None:
        return out
    ledger: Ledger = account.months()
    name = f"{month.month.year:04}-{month.month.month:02}"
    entries = shown(ledger, month.month)
    out["months"] = [_month(n, e, floor_w, zone, running=n == name) for n, e in entries]
    total = bill(ledger, month.month, price, floor_w)
    out |= {
        "mean_w": _rounded(total.mean_w),
        "months_counted": total.counted,
        "eur_per_year": None if total.eur_per_year is None else round(total.eur_per_year, 2),
        "eur_per_kw_more": None if total.eur_per_kw_more is None else round(total.eur_per_kw_more, 2),
    }
    now = entries[-1][1]
    if now is not None:
        found = next((c for c in account.causes if c.start_s == now.start_s), None)
        out["month"] = {
            "month": name,
            "peak_w": now.peak_w,
            "billed_w": billed_w(now.peak_w, floor_w),
            "start": None if now.start_s is None else iso(now.start_s, zone),
            "end": None if now.start_s is None else iso(now.start_s + QUARTER_S, zone),
            "source": now.source,
            "cause": None if found is None else _cause(site, found, now, export_kwh),
        }
    return out


def _month(name: str, entry: MonthEntry | None, floor_w: float, zone: ZoneInfo, *, running: bool) -> Document:
    return {
        "month": name,
        "peak_w": None if entry is None else entry.peak_w,
        "billed_w": None if entry is None else billed_w(entry.peak_w, floor_w),
        "start": None if entry is None or entry.start_s is None else iso(entry.start_s, zone),
        "source": None if entry is None else entry.source,
        "running": running,
    }


def _cause(site: Site, found: Cause, peak: MonthEntry, export_kwh: float | None) -> Document:
    """Who drew, largest first; `other` is what nobody measured."""
    names = {p.id: p.name for p in site.charge_points}
    import_kwh = peak.peak_w / 4000
    parts = [
        {"id": i, "name": names.get(i, i), "kind": "charge_point", "kwh": kwh, "mean_w": round(kwh * 4000, 1)}
        for i, kwh in found.points_kwh.items()
        if kwh
    ]
    parts += [
        {
            "id": i,
            "name": site.meter[i].name,
            "kind": site.meter[i].role,
            "kwh": kwh,
            "mean_w": round(kwh * 4000, 1),
        }
        for i, kwh in found.meters_kwh.items()
        if kwh and i in site.meter
    ]
    known = sum(p["kwh"] for p in parts if isinstance(p["kwh"], float))
    other = round(import_kwh - (export_kwh or 0.0) - known, 4)
    parts.append({"id": None, "name": None, "kind": "other", "kwh": other, "mean_w": round(other * 4000, 1)})
    parts.sort(key=lambda p: -p["kwh"] if isinstance(p["kwh"], float) else 0.0)
    return {"import_kwh": round(import_kwh, 4), "parts": parts}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
