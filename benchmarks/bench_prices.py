"""The price outlook against persistence, walk-forward over recorded day-ahead prices.

Each day at 12:00 local, when only today is known, tomorrow and the day after are guessed from the 42 days before, as the edge
would; the misses stand beside those of yesterday's same quarter-hour and of the last day of the same kind.

    python benchmarks/bench_prices.py [PARQUET] [--every N]     prices in EUR/MWh with their starts in UTC; needs pyarrow
"""

import argparse
import sys
from datetime import UTC, date, datetime, timedelta
from math import isnan
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

from kwartier.planning.price_outlook import outlook
from kwartier.site.moments import day_start_s, next_day
from kwartier.site.prices import PriceSeries

DATA = Path(__file__).parents[2] / "shared/data/prices/be_dayahead_15min.parquet"
ZONE = ZoneInfo("Europe/Brussels")
HISTORY_DAYS = 42


def read(path: Path) -> dict[int, float]:
    """EUR/kWh by the start of each quarter-hour."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - only here

    table = pq.read_table(path).to_pydict()
    stamps = next(v for v in table.values() if isinstance(v[0], datetime))
    values = next(v for v in table.values() if isinstance(v[0], float))
    return {
        int((t if t.tzinfo else t.replace(tzinfo=UTC)).timestamp()): v / 1000
        for t, v in zip(stamps, values, strict=True)
        if v is not None and not isnan(v)
    }


def series(prices: dict[int, float], from_s: int, to_s: int) -> PriceSeries:
    """A window of the recording."""
    values = tuple(prices.get(s) for s in range(from_s, to_s, 900))
    return PriceSeries(start_s=from_s, eur_per_kwh=values, source="recording", fetched_at_s=float(to_s))


class Score:
    """Sums of misses."""

    def __init__(self) -> None:
        self.steps = 0
        self.ours = self.yesterday = self.kind = 0.0
        self.inside = 0

    def row(self, name: str) -> str:
        """One line."""
        n = max(1, self.steps)
        mean = [1000 * x / n for x in (self.ours, self.yesterday, self.kind)]
        return (
            f"{name:24} {self.steps:7} {mean[0]:8.1f} {mean[1]:10.1f} {mean[2]:10.1f} "
            f"{mean[0] / mean[1] if mean[1] else 0:8.2f} {100 * self.inside / n:9.1f} %"
        )


def judge(prices: dict[int, float], today: date, scores: dict[tuple[int, int], Score]) -> None:
    """Guess two days from one noon."""
    known_to_s = day_start_s(next_day(today), ZONE)
    past = series(prices, day_start_s(next_day(today, -HISTORY_DAYS), ZONE), known_to_s)
    end_s = day_start_s(next_day(today, 3), ZONE)
    guess = outlook(past, known_to_s, (end_s - known_to_s) // 900, ZONE)
    for i, p50 in enumerate(guess.p50):
        utc_s = known_to_s + 900 * i
        truth = prices.get(utc_s)
        lead = 1 if utc_s < day_start_s(next_day(today, 2), ZONE) else 2
        target = next_day(today, lead)
        back_days = next(
            k
            for k in range(lead, 12)
            if ((target - timedelta(days=k)).weekday() >= 5) == (target.weekday() >= 5)
        )
        same = prices.get(utc_s - lead * 86400)
        kind = prices.get(utc_s - back_days * 86400)
        if truth is None or same is None or kind is None:
            continue
        score = scores.setdefault((target.year, lead), Score())
        score.steps += 1
        score.ours += abs(truth - p50)
        score.yesterday += abs(truth - same)
        score.kind += abs(truth - kind)
        score.inside += guess.p10[i] <= truth <= guess.p90[i]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parquet", nargs="?", type=Path, default=DATA)
    parser.add_argument("--every", type=int, default=1, help="only every so many days")
    given = parser.parse_args()
    if not given.parquet.exists():
        print(f"skipped: {given.parquet} is missing; name a recording")
        return 0
    prices = read(given.parquet)
    first = datetime.fromtimestamp(min(prices), ZONE).date() + timedelta(days=HISTORY_DAYS + 1)
    last = datetime.fromtimestamp(max(prices), ZONE).date() - timedelta(days=3)
    scores: dict[tuple[int, int], Score] = {}
    began_s, count = process_time(), 0
    day = first
    while day <= last:
        if day_start_s(day, ZONE) in prices and day_start_s(next_day(day, -1), ZONE) in prices:
            judge(prices, day, scores)
            count += 1
        day += timedelta(days=given.every)
    print("mean absolute miss, EUR/MWh (persistence: the same quarter-hour of the last known day)")
    print(
        f"{'':24} {'steps':>7} {'outlook':>8} {'last day':>10} {'same kind':>10} {'ratio':>8} {'in band':>11}"
    )
    for (year, lead), score in sorted(scores.items()):
        print(score.row(f"{year}, {'tomorrow' if lead == 1 else 'the day after'}"))
    for lead in (1, 2):
        whole = Score()
        for (_, of), score in scores.items():
            if of == lead:
                whole.steps += score.steps
                whole.ours += score.ours
                whole.yesterday += score.yesterday
                whole.kind += score.kind
                whole.inside += score.inside
        print(whole.row(f"all, {'tomorrow' if lead == 1 else 'the day after'}"))
    print(
        f"{1000 * (process_time() - began_s) / max(1, count):.1f} ms of processor time for each outlook of two days"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
