"""Bills and prices: pure functions of a tariff, quarter-hours, spot prices and a time zone."""

from kwartier.planning.billing.bill import bill, monthly_bills
from kwartier.planning.billing.prices import PeakTerms, peak_for_plan, peak_terms, step_prices
from kwartier.planning.billing.series import NO_SPOT, Flows, Spot
from kwartier.planning.billing.values import Bill, Line, MonthPeakUsed, cents

__all__ = [
    "NO_SPOT",
    "Bill",
    "Flows",
    "Line",
    "MonthPeakUsed",
    "PeakTerms",
    "Spot",
    "bill",
    "cents",
    "monthly_bills",
    "peak_for_plan",
    "peak_terms",
    "step_prices",
]
