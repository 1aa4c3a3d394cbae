"""Forecasts against simple rivals and published figures, walk-forward on recorded data.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/bench_forecast.py [--full] [--part load|pv|site|sessions|speed] [--data DIR]

Without `--full` gradient boosting is trained once a week of the fortnight and fewer days are asked: a minute and a half of processor time
for all parts; with it about ten minutes. Every forecast is made with rows before its own start only (`tests/planning/forecast` poisons the rest). Nothing is
random but LightGBM's sampling, whose seed is 1 (one thread, deterministic). Data: `household/`, `pv/`, `ev_sessions/`
of the folder of recorded data, which is no part of the project; figures only. What peers reach is quoted as they
state it, not measured here.
"""

import argparse
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.parquet as pq

from kwartier.planning.forecast import Band, LoadHistory, fit_load, ml
from kwartier.planning.forecast.band import FloatArray
from kwartier.planning.forecast.correction import learn_correction
from kwartier.planning.forecast.scoring import naive
from kwartier.planning.forecast.sessions import (
    SessionHistory,
    SessionNow,
    predict_departure,
    predict_energy,
    proven,
    session_book,
)
from kwartier.planning.sitescores import scores
from kwartier.planning.situation import Past, Sky

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
DAY_S = 86_400
PAST_DAYS = 200
QUOTED = (
    "quoted from EMHASS' own study of the same fortnight, RMSE W: gradient boosting 735, transformer ensemble 729, "
    "Toto (313 M weights) 717, FlowState 700, Granite 691"
)


@dataclass
class Tally:
    """Errors, and how often the truth lay below and above the band."""

    errors: list[FloatArray] = field(default_factory=list)
    below: list[float] = field(default_factory=list)
    above: list[float] = field(default_factory=list)

    def add(self, mid: FloatArray, truth: FloatArray, band: Band | None = None) -> None:
        """One forecast."""
        known = ~np.isnan(truth) & ~np.isnan(mid)
        self.errors.append((mid - truth)[known])
        if band is not None and known.any():
            self.below.append(float(np.mean(truth[known] < band.low[known])))
            self.above.append(float(np.mean(truth[known] > band.high[known])))

    def line(self, name: str, unit: str = "W") -> None:
        """Print it."""
        error = np.concatenate(self.errors)
        text = f"  {name:<28} RMSE {np.sqrt(np.mean(error**2)):7.1f} {unit}  MAE {np.mean(np.abs(error)):7.1f} {unit}"
        if self.below:
            low, high = float(np.mean(self.below)), float(np.mean(self.above))
            text += f"  P10-P90 holds {100 * (1 - low - high):4.1f} % (below {100 * low:.1f}, above {100 * high:.1f})"
        print(text, flush=True)


def column(table: "pq.Table", name: str) -> FloatArray:
    """As float, NaN for nothing."""
    return np.asarray(table[name], dtype=np.float64)


def seconds(table: "pq.Table", name: str) -> FloatArray:
    """A moment as UTC seconds."""
    return np.asarray(table[name].cast("int64"), dtype=np.float64) / 1000


def loads(data: Path) -> dict[str, tuple[LoadHistory, ZoneInfo]]:
    """Series with their zone; zero in EMHASS' series means that nothing was measured."""
    table = pq.read_table(data / "household/emhass_household_30min.parquet")
    power = column(table, "load_w")
    found = {
        "EMHASS household": (
            LoadHistory(int(seconds(table, "utc")[0]), 1800, np.where(power == 0, np.nan, power)),
            ZoneInfo("Europe/Paris"),
        )
    }
    table = pq.read_table(data / "household/nl_small_site_2023.parquet")
    found["small Dutch business"] = (
        LoadHistory(int(seconds(table, "utc")[0]), 900, column(table, "import_kw") * 1000),
        ZoneInfo("Europe/Amsterdam"),
    )
    table = pq.read_table(data / "household/htw_load_aligned_2024.parquet")
    for name in ("htw39", "htw44", "htw70"):
        found[name] = (
            LoadHistory(int(seconds(table, "utc")[0]), 900, column(table, name) * 1000),
            ZoneInfo("Etc/GMT-1"),
        )
    return found


def load_part(data: Path, full: bool) -> None:
    """The last fortnight day by day, and other series over the last 140 days, each fifth (else each twentieth). What gradient boosting
    has learnt is used for a week (with `full` for a day), on what was measured since."""
    trained_days = 1 if full else 7
    for name, (history, zone) in loads(data).items():
        first = name == "EMHASS household"
        per_day = DAY_S // history.step_s
        end_s = history.start_s + len(history.power_w) * history.step_s
        days = range(14, 0, -1) if first else range(140, 1, -5 if full else -20)
        tallies = {key: Tally() for key in ("yesterday", "last week", "edge", "boosted")}
        boosted = first and ml.available() is None
        strong: ml.BoostedModel | None = None
        for back in days:
            now_s = end_s - back * DAY_S
            known = (now_s - history.start_s) // history.step_s
            truth = history.power_w[known : known + per_day]
            for key, ago in (("yesterday", 1), ("last week", 7)):
                tallies[key].add(naive(history.power_w[:known], per_day, ago, per_day), truth)
            model = fit_load(history, now_s=now_s, zone=zone)
            band = model.predict(history, now_s=now_s, steps=per_day, zone=zone)
            tallies["edge"].add(band.mid, truth, band)
            if boosted:
                if strong is None or back % trained_days == 0:
                    strong = ml.train(history, now_s=now_s, zone=zone)
                band = strong.predict(history, now_s=now_s, steps=per_day, zone=zone)
                tallies["boosted"].add(band.mid, truth, band)
        print(f"load, day ahead at local midnight: {name}, {len(days)} days")
        for key, tally in tallies.items():
            if tally.errors:
                tally.line(key)
        if first:
            print(
                f"  boosted: trained every {trained_days} day(s). Goals: edge 775 W, boosted 730 W, P10-P90 78 to 82 %"
            )
            print("  " + QUOTED)


def pv_part(data: Path, full: bool) -> None:
    """The forecast as it came, the same corrected by the site's own last two hundred days (older ones are forgotten), and yesterday; at
    midnight UTC."""
    table = pq.read_table(data / "household/emhass_household_30min.parquet")
    roof = (
        int(seconds(table, "utc")[0]),
        1800,
        np.maximum(column(table, "pv_w"), 0),
        np.maximum(column(table, "pv_forecast_w"), 0),
    )
    table = pq.read_table(data / "pv/be_pv_elia_15min.parquet")
    utc = seconds(table, "utc")
    year = (utc >= 1_672_531_200) & (utc < 1_735_689_600)  # 2023 and 2024
    share = 1e6 / column(table, "capacity_mw")[year]  # W of one MW of panels
    country = (
        int(utc[year][0]),
        900,
        column(table, "measured_mw")[year] * share,
        column(table, "dayahead_mw")[year] * share,
    )
    for name, (start_s, step_s, power, told) in (
        ("EMHASS' roof", roof),
        ("Belgium (Elia), per MWp", country),
    ):
        per_day = DAY_S // step_s
        tallies = {key: Tally() for key in ("yesterday", "forecast as it came", "corrected")}
        midnights = [i for i in range(len(power)) if (start_s + i * step_s) % DAY_S == 0][
            100 : -2 : 3 if full else 9
        ]
        for known in midnights:
            truth, coming = power[known : known + per_day], told[known : known + per_day]
            since = max(0, known - PAST_DAYS * per_day)
            learnt = learn_correction(start_s + since * step_s, step_s, told[since:known], power[since:known])
            slot = np.arange(per_day)
            mid = learnt.apply(np.nan_to_num(coming), slot)
            mid = np.where(np.isnan(coming), np.nan, mid)
            low, high = learnt.edges.around(np.nan_to_num(mid), slot, np.full(per_day, per_day // 2))
            day = np.nan_to_num(mid) > 0.01 * np.nanmax(power)
            tallies["yesterday"].add(power[known - per_day : known], truth)
            tallies["forecast as it came"].add(coming, truth)
            tallies["corrected"].add(mid, truth)
            both = day & ~np.isnan(truth)
            if both.any():
                tallies["corrected"].below.append(float(np.mean(truth[both] < low[both])))
                tallies["corrected"].above.append(float(np.mean(truth[both] > high[both])))
        print(f"sun, day ahead: {name}, {len(midnights)} days; the band is counted by day only")
        for key, tally in tallies.items():
            tally.line(key)


def site_part(data: Path, full: bool) -> None:
    """What a site would have chosen: all ways to forecast the sun, each at ten midnights, on five kWp of Belgian panels that nobody
    described, with the recorded weather of Brussels (what came, as no forecast of it is recorded) and Elia's own day-ahead."""
    table = pq.read_table(data / "weather/brussels_hourly.parquet")
    hour = seconds(table, "utc").astype(np.int64).tolist()
    light, warmth = (
        dict(zip(hour, column(table, name).tolist(), strict=True))
        for name in ("shortwave_radiation", "temperature_2m")
    )
    table = pq.read_table(data / "pv/be_pv_elia_15min.parquet")
    utc = seconds(table, "utc").astype(np.int64).tolist()
    share = 5000.0 / column(table, "capacity_mw")
    measured, dayahead = (
        dict(zip(utc, (column(table, name) * share).tolist(), strict=True))
        for name in ("measured_mw", "dayahead_mw")
    )
    zone = ZoneInfo("Europe/Brussels")
    months = range(3, 13) if full else (3, 6, 9, 12)
    errors: dict[str, list[tuple[float, float, float]]] = {}
    chosen: list[str] = []
    for with_service in (True, False):
        for month in months:
            end_s = int(datetime(2024, month, 20, tzinfo=zone).timestamp())
            quarters = range(end_s - 61 * DAY_S, end_s, 900)
            sky = Sky(
                start_s=quarters.start,
                native_step_s=3600,
                latitude=50.85,
                longitude=4.35,
                global_w_per_m2=tuple(plain(light.get(s - s % 3600 + 3600)) for s in quarters),
                temperature_c=tuple(plain(warmth.get(s - s % 3600)) for s in quarters),
                pv_w=tuple(plain(dayahead.get(s)) for s in quarters) if with_service else (),
            )
            seen = tuple(plain(measured.get(s)) for s in quarters)
            past = Past(
                now_s=end_s, zone=zone.key, house_start_s=quarters.start, house_w=(), sun_w=seen, sky=sky
            )
            scored = scores(past).scores[0]
            chosen.append(scored.used)
            for tried in scored.methods if with_service else ():
                if tried.mae_w is not None and tried.rmse_w is not None:
                    held = float("nan") if tried.covered_pct is None else tried.covered_pct
                    errors.setdefault(tried.method, []).append((tried.mae_w, tried.rmse_w, held))
    print(f"the sun of a site, day ahead at local midnight: {len(months)} times ten days of 2024, 5 kWp")
    for method, rows in errors.items():
        mae, rmse, held = np.mean(np.array(rows), axis=0)
        text = "" if np.isnan(held) else f"  P10-P90 holds {held:4.1f} %"
        print(f"  {method:<28} RMSE {rmse:7.1f} W  MAE {mae:7.1f} W{text}", flush=True)
    print(f"  chosen with a service: {', '.join(chosen[: len(months)])}")
    print(f"  chosen without:        {', '.join(chosen[len(months) :])}", flush=True)


def plain(value: float | None) -> float | None:
    """As a question carries it."""
    return None if value is None or not np.isfinite(value) else round(value, 1)


def sessions_part(data: Path, _full: bool) -> None:
    """ACN JPL. Walk-forward: each session is asked of those that had ended. What an unclaimed session carries as declared
    is a copy of the truth in this data set, so it is left out there."""
    table = pq.read_table(data / "ev_sessions/acn_jpl_workplace.parquet")
    arrive, depart, energy = (
        seconds(table, "arrival_utc"),
        seconds(table, "departure_utc"),
        column(table, "delivered_kwh"),
    )
    claimed = np.asarray(table["claimed"], dtype=bool)
    said_s = np.where(claimed, seconds(table, "estimated_departure_utc"), np.nan)
    said_kwh = np.where(claimed, column(table, "requested_kwh"), np.nan)
    points = tuple(str(point) for point in np.asarray(table["station"]))
    month = np.asarray(table["arrival_local"].cast("timestamp[s]")).astype("datetime64[M]").astype(str)
    zone = ZoneInfo("America/Los_Angeles")
    trained = np.flatnonzero(month <= "2019-09")
    whole = SessionHistory(arrive, depart, energy, (), points, said_s, said_kwh)
    frozen = SessionHistory(
        arrive[trained],
        depart[trained],
        energy[trained],
        (),
        tuple(points[i] for i in trained),
        said_s[trained],
        said_kwh[trained],
    )
    for name, first, last, source in (
        ("Oct-Dec 2019, walk-forward", "2019-10", "2019-12", whole),
        ("Oct-Dec 2019, nothing learnt after September", "2019-10", "2019-12", frozen),
        ("Feb-May 2020, walk-forward", "2020-02", "2020-05", whole),
    ):
        rows = np.flatnonzero((month >= first) & (month <= last))[::3]
        book = session_book(source, zone)
        misses: list[tuple[float, float, float, float, bool, bool]] = []
        proven_s = 0.0
        for row in rows.tolist():
            if arrive[row] - proven_s > 14 * DAY_S:
                book, proven_s = proven(book, now_s=arrive[row]), float(arrive[row])
            session = SessionNow(
                float(arrive[row]),
                None,
                points[row],
                float(said_s[row]) if claimed[row] else None,
                float(said_kwh[row]) if claimed[row] else None,
            )
            leave = predict_departure(book, session, now_s=session.arrive_s)
            takes = predict_energy(book, session, now_s=session.arrive_s)
            misses.append(
                (
                    abs(leave.mid - depart[row]) / 3600,
                    abs(takes.mid - energy[row]),
                    abs(said_s[row] - depart[row]) / 3600,
                    abs(said_kwh[row] - energy[row]),
                    leave.low <= depart[row] <= leave.high,
                    takes.low <= energy[row] <= takes.high,
                )
            )
        figures = np.nanmean(np.array(misses, dtype=np.float64), axis=0)
        print(f"cars at work (ACN JPL), {name}: {len(rows)} sessions")
        print(
            f"  declared by drivers          departure MAE {figures[2]:.2f} h  energy MAE {figures[3]:.1f} kWh"
        )
        print(
            f"  alike                        departure MAE {figures[0]:.2f} h  energy MAE {figures[1]:.1f} kWh  P10-P90 holds {100 * figures[4]:.1f} % / {100 * figures[5]:.1f} %",
            flush=True,
        )
    print(
        "  measured before on Oct-Dec, nothing learnt after September: median by hour 1.53 h; LightGBM 1.42 h and 4.6 kWh"
    )
    homes(data)


def homes(data: Path) -> None:
    """Trondheim: cars at home, by user, walk-forward over the second half."""
    table = pq.read_table(data / "ev_sessions/trondheim_residential.parquet")
    arrive, depart, energy = (
        seconds(table, "plugin_local"),
        seconds(table, "plugout_local"),
        column(table, "kwh"),
    )
    users = tuple(str(user) for user in np.asarray(table["user"]))
    results: dict[bool, list[tuple[float, float, bool]]] = {}
    for by_user in (False, True):
        book = session_book(SessionHistory(arrive, depart, energy, users if by_user else ()), ZoneInfo("UTC"))
        order = np.argsort(arrive)
        for row in order[len(order) // 2 :: 3].tolist():
            if not 0 < depart[row] - arrive[row] < 7 * DAY_S or not np.isfinite(energy[row]):
                continue
            session = SessionNow(float(arrive[row]), users[row])
            leave = predict_departure(book, session, now_s=session.arrive_s)
            takes = predict_energy(book, session, now_s=session.arrive_s)
            results.setdefault(by_user, []).append(
                (
                    abs(leave.mid - depart[row]) / 3600,
                    abs(takes.mid - energy[row]),
                    leave.low <= depart[row] <= leave.high,
                )
            )
    for by_user, rows in results.items():
        figures = np.mean(np.array(rows, dtype=np.float64), axis=0)
        label = "by user" if by_user else "all alike"
        print(
            f"cars at home (Trondheim), {label}: {len(rows)} sessions, departure MAE {figures[0]:.2f} h, energy MAE {figures[1]:.1f} kWh, P10-P90 holds {100 * figures[2]:.1f} %",
            flush=True,
        )


def speed_part(_data: Path, _full: bool) -> None:
    """Thirteen months of quarter-hours made up: a fit, and 192 steps; processor time, the shortest of five."""
    rng = np.random.default_rng(1)
    end_s = 1_767_225_600
    history = LoadHistory(end_s - 395 * DAY_S, 900, 300 + 500 * rng.random(395 * 96))
    zone = ZoneInfo("Europe/Brussels")
    fits, asks = [], []
    for _ in range(5):
        begin = time.process_time()
        model = fit_load(history, now_s=end_s, zone=zone)
        fits.append(time.process_time() - begin)
        begin = time.process_time()
        model.predict(history, now_s=end_s, steps=192, zone=zone)
        asks.append(time.process_time() - begin)
    print(f"speed: nightly fit {min(fits):.2f} s, 192 steps {1000 * min(asks):.1f} ms (goal 30 ms)")


PARTS = {"load": load_part, "pv": pv_part, "site": site_part, "sessions": sessions_part, "speed": speed_part}


def main() -> int:
    """Run all parts, or one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--full", action="store_true")
    arguments = parser.parse_args()
    if not (arguments.data / "MANIFEST.csv").exists() and arguments.part != "speed":
        print(f"No recorded data in {arguments.data}: only the part `speed` is measured. Give --data.")
        arguments.part = "speed"
    begin = time.process_time()
    for name, part in PARTS.items():
        if arguments.part in {None, name}:
            part(arguments.data, arguments.full)
    print(f"{time.process_time() - begin:.0f} s of processor time")
    return 0


if __name__ == "__main__":
    sys.exit(main())
