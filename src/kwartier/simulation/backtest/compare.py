"""All controllers over one case, and what share of the possible saving each has captured."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from kwartier.simulation.backtest import rules
from kwartier.simulation.backtest.bill import Bill, Run, bill
from kwartier.simulation.backtest.case import Case, cut
from kwartier.simulation.backtest.foresight import perfect_foresight
from kwartier.simulation.backtest.household import Policy, run_plan
from kwartier.simulation.backtest.minute import replay

UNCONTROLLED = "uncontrolled"
SELF_CONSUMPTION = "self_consumption"
CHEAPEST = "cheapest_hours"
PLAN = "plan"
FORESIGHT = "foresight"
MINUTES = "one_minute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Runs and bills by name, in the order of the table."""

    case: Case
    runs: dict[str, Run]
    bills: dict[str, Bill]

    def share(self, name: str) -> float | None:
        """Of the saving from the self-consumption rules (0) to perfect foresight (1); None when nothing can be saved."""
        possible = self.bills[SELF_CONSUMPTION].total_eur - self.bills[FORESIGHT].total_eur
        if possible <= 1e-6:
            return None
        return (self.bills[SELF_CONSUMPTION].total_eur - self.bills[name].total_eur) / possible

    def peak_ratio(self, name: str) -> float:
        """Mean billed month peak against that of perfect foresight."""
        return self.bills[name].mean_peak_w / self.bills[FORESIGHT].mean_peak_w


def compare(
    case: Case,
    policies: dict[str, Policy] | None = None,
    *,
    on_day: Callable[[str, int], None] | None = None,
) -> Comparison:
    """Run the rules, our plan (and `policies` besides) and perfect foresight over `case`."""
    runs = {
        UNCONTROLLED: rules.without_battery(case),
        SELF_CONSUMPTION: rules.self_consumption(case, rules.charge_at_once(case), SELF_CONSUMPTION),
        CHEAPEST: rules.self_consumption(case, rules.charge_cheapest(case), CHEAPEST),
    }
    foresight = perfect_foresight(case).run
    peaks = bill(case, foresight).month_peaks_w
    for name, policy in ({PLAN: Policy()} | (policies or {})).items():
        told = replace(policy, peaks_w=peaks) if "peak" in policy.perfect else policy
        heard = None if on_day is None else _hearing(on_day, name)
        runs[name] = run_plan(case, told, name=name, on_day=heard)
    runs[FORESIGHT] = foresight
    return Comparison(case=case, runs=runs, bills={name: bill(case, run) for name, run in runs.items()})


def compare_minutes(case: Case, *, days: int = 7, seed: int = 1) -> Comparison:
    """The last `days` of a case in quarter-hours and, beside it, in minutes with the real loop; earlier days are history."""
    first = max(0, case.steps - 96 * days)
    part = cut(case, first, case.steps)
    at_once = rules.charge_at_once(part)
    _, minutes = replay(case, first, seed=seed)
    runs = {
        UNCONTROLLED: rules.without_battery(part),
        SELF_CONSUMPTION: rules.self_consumption(part, at_once, SELF_CONSUMPTION),
        PLAN: run_plan(case, first=first),
        MINUTES: minutes,
        FORESIGHT: perfect_foresight(part).run,
    }
    return Comparison(case=part, runs=runs, bills={name: bill(part, run) for name, run in runs.items()})


def _hearing(on_day: Callable[[str, int], None], name: str) -> Callable[[int], None]:
    def heard(day: int) -> None:
        on_day(name, day)

    return heard
