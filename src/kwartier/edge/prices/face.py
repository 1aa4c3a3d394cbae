"""Prices as `/api/v1/prices` shows them."""

from dataclasses import asdict
from datetime import timedelta
from zoneinfo import ZoneInfo

from kwartier.devices.services.market import EXPECTED, LATE, MarketService, SourceState
from kwartier.edge.views.moments import iso
from kwartier.planning.price_outlook import PriceOutlook
from kwartier.site.intervals import QUARTER_S
from kwartier.site.moments import MARKET_ZONE, day_of, day_start_s, next_day
from kwartier.site.prices import PriceSeries
from kwartier.web.live import Document

OLD_S = timedelta(hours=36).total_seconds()
"""Older than this no answer of a day-ahead market is about tomorrow."""


def describe(service: MarketService, guess: PriceOutlook, now_s: float, zone: ZoneInfo) -> Document:
    """`web.price_schemas.Prices`."""
    prices = service.prices
    return {
        "at": iso(now_s, zone),
        "step_s": QUARTER_S,
        "tomorrow": _tomorrow(service, now_s),
        "series": None if prices is None else _series(prices, now_s, zone),
        "outlook": _guess(guess, zone),
        "faults": [asdict(f) for f in (() if prices is None else prices.faults)],
        "sources": [_source(s, zone) for s in service.states.values()],
        "kept_problem": service.kept_problem,
    }


def _tomorrow(service: MarketService, now_s: float) -> str:
    """`known`, `not_yet` (nobody has them), `expected` (any minute), `late`."""
    day = next_day(day_of(now_s, MARKET_ZONE))
    span = day_start_s(day, MARKET_ZONE), day_start_s(next_day(day), MARKET_ZONE)
    prices = service.prices
    if prices is not None and prices.holes(*span) == 0:
        return "known"
    if not service.after(EXPECTED):
        return "not_yet"
    return "late" if service.after(LATE) else "expected"


def _series(prices: PriceSeries, now_s: float, zone: ZoneInfo) -> Document:
    """From yesterday on."""
    from_s = day_start_s(next_day(day_of(now_s, zone), -1), zone)
    shown = prices.window(max(from_s, prices.start_s), max(from_s, prices.end_s))
    age_s = max(0.0, now_s - prices.fetched_at_s)
    return {
        "source": prices.source,
        "currency": prices.currency,
        "fetched_at": iso(prices.fetched_at_s, zone),
        "age_s": round(age_s, 1),
        "old": age_s > OLD_S,
        "native_step_s": prices.native_step_s,
        "start": iso(shown.start_s, zone),
        "start_s": shown.start_s,
        "known_until": iso(prices.known_until_s, zone),
        "now_eur_per_kwh": prices.at(now_s),
        "eur_per_kwh": list(shown.eur_per_kwh),
    }


def _guess(guess: PriceOutlook, zone: ZoneInfo) -> Document:
    return {
        "start": iso(guess.start_s, zone),
        "start_s": guess.start_s,
        "p10_eur_per_kwh": [round(v, 6) for v in guess.p10],
        "p50_eur_per_kwh": [round(v, 6) for v in guess.p50],
        "p90_eur_per_kwh": [round(v, 6) for v in guess.p90],
        "known": list(guess.known),
        "method": guess.method,
        "history_days": guess.history_days,
        "miss_eur_per_kwh": guess.miss_eur_per_kwh,
    }


def _source(state: SourceState, zone: ZoneInfo) -> Document:
    asked, answered = state.asked_at_s, state.answered_at_s
    return {
        "name": state.name,
        "ok": not state.problem and answered is not None,
        "asked_at": None if asked is None else iso(asked, zone),
        "answered_at": None if answered is None else iso(answered, zone),
        "problem": state.problem,
        "code": state.code,
    }
