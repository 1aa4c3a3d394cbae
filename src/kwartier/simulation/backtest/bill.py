"""What a run has cost, made comparable: same energy for the cars, same energy left in the battery."""

from dataclasses import dataclass

import numpy as np

from kwartier.simulation.backtest.case import HOURS, Case, FloatArray

_MISSING_EUR_PER_KWH = 1.0
"""A kWh that a car went without is charged at what a public charger asks, and its share is reported besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a controller did, step by step."""

    name: str
    grid_w: FloatArray
    car_w: FloatArray
    soc_kwh: FloatArray
    """At the end of each step."""
    discharged_kwh: float
    """Out of the cells."""
    missing_kwh: float = 0.0
    stays_short: int = 0
    """Stays that ended with less than 95 % of their energy."""
    plans: int = 0
    plan_seconds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """EUR over the period."""

    energy_eur: float
    capacity_eur: float
    wear_eur: float
    battery_eur: float
    """Correction: what the energy left in the battery is worth less (or more) than at the start."""
    missing_eur: float
    month_peaks_w: tuple[float, ...]
    car_kwh: float
    met_pct: float

    @property
    def total_eur(self) -> float:
        """All of it."""
        return self.energy_eur + self.capacity_eur + self.wear_eur + self.battery_eur + self.missing_eur

    @property
    def mean_peak_w(self) -> float:
        """Mean of the billed month peaks: the twelve-month mean, once a year is over."""
        return float(np.mean(self.month_peaks_w))


def bill(case: Case, run: Run) -> Bill:
    """Settle a run. The capacity part is the mean of the months' highest clock quarters, floor included."""
    house = case.house
    taken = np.maximum(run.grid_w, 0.0)
    given = np.maximum(-run.grid_w, 0.0)
    energy = float((taken * case.import_price - given * case.export_price).sum()) * HOURS / 1000.0
    months = case.calendar.month
    peaks = [float(taken[months == month].max()) for month in range(int(months[-1]) + 1)]
    billed = [max(peak, house.peak_floor_w) for peak in peaks]
    parts = [float((months == month).sum()) * HOURS / 24.0 for month in range(int(months[-1]) + 1)]
    whole = [min(part / 28.0, 1.0) for part in parts]
    """A month of which only a part is in the period is billed in part."""
    capacity = sum(
        peak / 1000.0 * house.peak_eur_per_kw_month * part for peak, part in zip(billed, whole, strict=True)
    )
    wanted = sum(stay.energy_kwh for stay in case.stays)
    left = float(run.soc_kwh[-1]) - house.battery_kwh / 2.0
    return Bill(
        energy_eur=energy,
        capacity_eur=capacity,
        wear_eur=house.wear_eur_per_kwh * run.discharged_kwh,
        battery_eur=-left * float(case.import_price.mean()),
        missing_eur=_MISSING_EUR_PER_KWH * run.missing_kwh,
        month_peaks_w=tuple(billed),
        car_kwh=wanted,
        met_pct=100.0 * (1.0 - run.missing_kwh / wanted) if wanted else 100.0,
    )
