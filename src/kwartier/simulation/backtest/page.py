"""One HTML page that needs nothing else: tables and our own SVG charts."""

from collections.abc import Sequence
from html import escape

import numpy as np

from kwartier.simulation.backtest.case import FloatArray
from kwartier.simulation.backtest.compare import FORESIGHT, PLAN, SELF_CONSUMPTION, Comparison
from kwartier.simulation.backtest.report import NAMES

_COLOURS = {SELF_CONSUMPTION: "#b8b2a7", PLAN: "#1d7a5f", FORESIGHT: "#2b4c8c"}
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 900, 240, 48, 12, 26
_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1c1a;background:#fff}
table{border-collapse:collapse;width:100%}td,th{padding:.25rem .5rem;text-align:right;border-bottom:1px solid #ddd}
td:first-child,th:first-child{text-align:left}svg{width:100%;height:auto}.key span{display:inline-block;margin-right:1.2rem}
.key i{display:inline-block;width:.8rem;height:.8rem;margin-right:.35rem}.scroll{overflow-x:auto}
@media(prefers-color-scheme:dark){body{background:#161615;color:#eee}td,th{border-color:#444}}
"""


def page(found: Sequence[Comparison], title: str) -> str:
    """All cases on one page."""
    body = "".join(_case(each) for each in found)
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        f"<title>{escape(title)}</title><style>{_STYLE}</style><h1>{escape(title)}</h1>{body}</html>\n"
    )


def _case(found: Comparison) -> str:
    share = found.share(PLAN)
    said = "" if share is None else f"{100 * share:.0f} % of the possible saving, "
    ratio = found.peak_ratio(PLAN)
    return (
        f"<h2>{escape(found.case.name)}</h2><p>{said}mean month peak {ratio:.2f} times that of perfect foresight, "
        f"{found.bills[PLAN].met_pct:.2f} % of the cars' energy at departure.</p>"
        + _table(found)
        + "<h3>Month peaks</h3>"
        + _key()
        + _peaks(found)
        + "<h3>The week with the highest load</h3>"
        + _key()
        + _week(found)
    )


def _table(found: Comparison) -> str:
    rows = ""
    for name, each in found.bills.items():
        share = found.share(name)
        cells = (
            each.total_eur,
            each.energy_eur + each.battery_eur + each.missing_eur,
            each.capacity_eur,
            each.wear_eur,
        )
        money = "".join(f"<td>{value:.0f}</td>" for value in cells)
        saved = "" if share is None else f"{100 * share:.0f} %"
        rows += (
            f"<tr><td>{escape(NAMES.get(name, name))}</td>{money}<td>{each.mean_peak_w / 1000:.2f}</td>"
            f"<td>{each.met_pct:.2f}</td><td>{saved}</td></tr>"
        )
    head = "".join(
        f"<th>{word}</th>"
        for word in ("", "total EUR", "energy", "capacity", "wear", "peak kW", "car %", "saved")
    )
    return f"<div class='scroll'><table><tr>{head}</tr>{rows}</table></div>"


def _key() -> str:
    return (
        "<p class='key'>"
        + "".join(
            f"<span><i style='background:{colour}'></i>{escape(NAMES[name])}</span>"
            for name, colour in _COLOURS.items()
        )
        + "</p>"
    )


def _peaks(found: Comparison) -> str:
    months = len(found.bills[PLAN].month_peaks_w)
    most = max(max(found.bills[name].month_peaks_w) for name in _COLOURS) / 1000.0
    wide = (_WIDTH - _LEFT) / months
    bars = ""
    for place, (name, colour) in enumerate(_COLOURS.items()):
        for month, peak in enumerate(found.bills[name].month_peaks_w):
            high = (_HEIGHT - _TOP - _BOTTOM) * peak / 1000.0 / most
            left = _LEFT + wide * (month + 0.1 + 0.27 * place)
            bars += (
                f"<rect x='{left:.1f}' y='{_HEIGHT - _BOTTOM - high:.1f}' width='{0.24 * wide:.1f}' "
                f"height='{high:.1f}' fill='{colour}'><title>{escape(NAMES[name])}, month {month + 1}: "
                f"{peak / 1000:.2f} kW</title></rect>"
            )
    for month in range(months):
        bars += (
            f"<text x='{_LEFT + wide * (month + 0.5):.0f}' y='{_HEIGHT - 8}' text-anchor='middle' "
            f"font-size='12' fill='currentColor'>{month + 1}</text>"
        )
    return _svg(bars + _scale(0.0, most, "kW"))


def _week(found: Comparison) -> str:
    """Import in each quarter-hour of the week in which the rules drew most."""
    grid = found.runs[SELF_CONSUMPTION].grid_w
    steps = min(7 * 96, len(grid))
    first = max(0, min(int(np.argmax(grid)) - steps // 2, len(grid) - steps))
    cut = {name: found.runs[name].grid_w[first : first + steps] / 1000.0 for name in _COLOURS}
    low = min(float(course.min()) for course in cut.values())
    most = max(float(course.max()) for course in cut.values())
    drawn = "".join(
        f"<polyline fill='none' stroke='{_COLOURS[name]}' stroke-width='1.4' points='{_points(course, low, most)}'/>"
        for name, course in cut.items()
    )
    return _svg(drawn + _scale(low, most, "kW"))


def _points(course: FloatArray, low: float, most: float) -> str:
    wide = (_WIDTH - _LEFT) / len(course)
    high = (_HEIGHT - _TOP - _BOTTOM) / max(most - low, 1e-9)
    return " ".join(
        f"{_LEFT + wide * place:.1f},{_HEIGHT - _BOTTOM - high * (value - low):.1f}"
        for place, value in enumerate(course.tolist())
    )


def _scale(low: float, most: float, unit: str) -> str:
    marks = ""
    for part in (0.0, 0.5, 1.0):
        y = _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * part
        value = low + (most - low) * part
        marks += (
            f"<line x1='{_LEFT}' x2='{_WIDTH}' y1='{y:.1f}' y2='{y:.1f}' stroke='currentColor' stroke-opacity='.2'/>"
            f"<text x='{_LEFT - 6}' y='{y + 4:.1f}' text-anchor='end' font-size='12' fill='currentColor'>"
            f"{value:.1f} {unit if part == 1.0 else ''}</text>"
        )
    return marks


def _svg(inside: str) -> str:
    return f"<svg viewBox='0 0 {_WIDTH} {_HEIGHT}' role='img'>{inside}</svg>"
