"""The peak in the model: one row per quarter-hour that counts, columns for what lies above what is paid already."""

from dataclasses import dataclass

import numpy as np

from kwartier.planning.program import INFINITE, Builder, Floats, Ints
from kwartier.planning.quarters import Quarters, base_kw, excess_base_kw, segments
from kwartier.site.plans import Peak

NOTHING: Ints = np.zeros(0, dtype=np.int32)
_NOISE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakColumns:
    """Rows whose duals say what a kW of import in each quarter costs through the peak."""

    rows: Ints
    quarter: Ints
    """Per row, or per column of `capped`: the quarter it is about."""
    paid: tuple["Paid", ...]
    capped: Ints
    """Without rows: imports that are held at what is paid by their own bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """Steps that are quarters by themselves: imports above `base_kw` need `above` to be as large."""

    steps: Ints
    base_kw: float
    above: Ints
    price: float
    """Of the first kW above, in the model's money."""
    capped: Ints
    """Without rows: imports whose own bound is what is paid."""


def add_peak(
    builder: Builder, peak: Peak, found: Quarters, imports: Ints, over: tuple[Ints, Ints], money: float
) -> PeakColumns | None:
    """`over` are the columns of import above the operator's limit, with their steps."""
    if not found.count:
        return None
    made_rows: list[Ints] = []
    made_quarters: list[Ints] = []
    paid: list[Paid] = []
    plain = found.whole or bool((found.weight == 1.0).all())
    plain = plain and len(peak.largest_w) <= 1 and not found.running_kw
    place = np.full(len(imports), -1, dtype=np.int32)
    place[over[1]] = over[0]
    for month in range(int(found.month.max()) + 1):
        mine = np.flatnonzero(found.month == month).astype(np.int32)
        parts = segments(peak, month)
        limits = []
        if any(price > 0.0 for _, price in parts):
            columns = [builder.add_columns(1, price * money, width) for width, price in parts]
            limits.append((base_kw(peak, month), np.concatenate(columns)))
        if peak.contracted_w is not None and peak.excess_eur_per_kw > 0.0:
            columns = [builder.add_columns(1, peak.excess_eur_per_kw * money)]
            limits.append((excess_base_kw(peak, month), np.concatenate(columns)))
        for base, columns_above in limits:
            rows = _rows(builder, found, mine, base, imports, place)
            _above(builder, peak, found, rows, mine, columns_above, month)
            if plain:
                steps = mine if found.whole else found.step[found.month[found.quarter] == month]
                paid.append(
                    Paid(
                        steps=steps,
                        base_kw=base,
                        above=columns_above,
                        price=parts[0][1] * money,
                        capped=NOTHING,
                    )
                )
            made_rows.append(rows)
            made_quarters.append(mine)
    if not made_rows:
        return None
    return PeakColumns(
        rows=np.concatenate(made_rows),
        quarter=np.concatenate(made_quarters),
        paid=tuple(paid),
        capped=NOTHING,
    )


def capped_peak(
    builder: Builder, peak: Peak, found: Quarters, imports: Ints, least_kw: Floats, money: float
) -> PeakColumns | None:
    """The peak as bounds on imports instead of rows, a third of a household's rows less: a program whose peak stays what it is.
    `peak_stays` says whether its solution is that of the program with rows.

    None: the peak does more than one bound can say, or `least_kw` of import says that it will rise."""
    simple = found.whole and found.count > 0 and len(peak.largest_w) <= 1
    if not simple or (peak.contracted_w is not None and peak.excess_eur_per_kw > 0.0):
        return None
    paid, quarters = [], []
    for month in range(int(found.month.max()) + 1):
        mine = np.flatnonzero(found.month == month).astype(np.int32)
        price, base = segments(peak, month)[0][1], base_kw(peak, month)
        if price <= 0.0 or (least_kw[mine] > base).any():
            return None
        capped = mine[builder.cap_columns(imports[mine], base)]
        quarters.append(capped)
        paid.append(
            Paid(steps=mine, base_kw=base, above=NOTHING, price=price * money, capped=imports[capped])
        )
    every = np.concatenate([each.capped for each in paid])
    return PeakColumns(rows=NOTHING, quarter=np.concatenate(quarters), paid=tuple(paid), capped=every)


def peak_stays(peak: PeakColumns, dual: Floats, reduced: Floats, cuts: list[Ints]) -> bool:
    """Whether no kW of peak is worth its price: what the bounds of a month's imports, and its rows of `cuts` in which what
    lies above would stand, save together, by their duals, is at most what the first kW costs."""
    for paid, rows in zip(peak.paid, cuts, strict=True):
        worth = np.maximum(-reduced[paid.capped], 0.0).sum() + dual[rows].sum()
        if worth > paid.price * (1.0 + _NOISE):
            return False
    return True


def _rows(builder: Builder, found: Quarters, mine: Ints, base: float, imports: Ints, place: Ints) -> Ints:
    paid: Floats = np.full(len(mine), base)
    if len(mine) and mine[0] == 0:
        paid[0] -= found.running_kw
    rows = builder.add_rows(len(mine), -INFINITE, paid, name="quarters", steps=mine)
    if found.whole:
        builder.put(rows, imports[mine], 1.0)
        also = place[mine] >= 0
        builder.put(rows[also], place[mine[also]], 1.0)
        return rows
    row_of = np.full(found.count, -1, dtype=np.int32)
    row_of[mine] = rows
    entries = row_of[found.quarter] >= 0
    at, step, weight = row_of[found.quarter[entries]], found.step[entries], found.weight[entries]
    builder.put(at, imports[step], weight)
    also = place[step] >= 0
    builder.put(at[also], place[step[also]], weight[also])
    return rows


def _above(
    builder: Builder, peak: Peak, found: Quarters, rows: Ints, mine: Ints, columns: Ints, month: int
) -> None:
    """The highest quarter lies `columns` above what is paid. Where the k-th largest is billed, the mean of the k
    largest takes its place: never below it, and linear."""
    rank = len(peak.largest_w)
    if rank <= 1:
        for column in columns:
            builder.put(rows, np.repeat(column, len(rows)), -1.0)
        return
    level = builder.add_columns(1, 0.0, INFINITE, -INFINITE)
    beyond = builder.add_columns(len(rows), 0.0)
    builder.put(rows, np.repeat(level, len(rows)), -1.0)
    builder.put(rows, beyond, -1.0)
    past = np.asarray(peak.largest_w if month == 0 else (), dtype=np.float64) / 1000.0
    base = base_kw(peak, month)
    past_beyond = builder.add_columns(len(past), 0.0)
    past_rows = builder.add_rows(len(past), past - base, INFINITE)
    builder.put(past_rows, past_beyond, 1.0)
    builder.put(past_rows, np.repeat(level, len(past)), 1.0)
    paid = float(np.maximum(past - base, 0.0).mean()) if len(past) else 0.0
    row = builder.add_rows(1, -INFINITE, paid)
    builder.put(row, level, 1.0)
    builder.put(np.repeat(row, len(beyond)), beyond, 1.0 / rank)
    builder.put(np.repeat(row, len(past_beyond)), past_beyond, 1.0 / rank)
    builder.put(np.repeat(row, len(columns)), columns, -1.0)
