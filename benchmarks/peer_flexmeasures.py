"""Runs inside an environment with FlexMeasures: car parks on standard input, plans and times on standard output.

Its `device_scheduler` is called as its own tests do, without a database: a device per car, one for the battery, one for
load and sun; a commitment for energy, one for the peak, one for the battery's wear. Stocks are in kW times steps.
"""

import json
import sys
import time
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import pandas as pd
from flask import Flask
from flexmeasures.data.models.planning import FlowCommitment
from flexmeasures.data.models.planning.linear_optimization import device_scheduler
from flexmeasures.data.models.planning.utils import initialize_df

COLUMNS = [
    "equals",
    "max",
    "min",
    "efficiency",
    "derivative equals",
    "derivative max",
    "derivative min",
    "derivative down efficiency",
    "derivative up efficiency",
    "stock delta",
]
PER_HOUR = 4
START = pd.Timestamp("2026-01-15T00:00:00")


def frame(steps: int) -> pd.DataFrame:
    return initialize_df(COLUMNS, START, START + timedelta(hours=steps / PER_HOUR), timedelta(minutes=15))


def battery_frame(battery: dict[str, Any], steps: int) -> pd.DataFrame:
    made = frame(steps)
    made["max"] = PER_HOUR * (battery["capacity_kwh"] - battery["soc_kwh"])
    made["min"] = PER_HOUR * (battery["min_soc_kwh"] - battery["soc_kwh"])
    made.loc[made.index[-1], "min"] = PER_HOUR * (battery["final_soc_kwh"] - battery["soc_kwh"])
    made["derivative max"] = battery["charge_w"] / 1000.0
    made["derivative min"] = -battery["discharge_w"] / 1000.0
    made["derivative up efficiency"] = battery["charge_efficiency"]
    made["derivative down efficiency"] = battery["discharge_efficiency"]
    return made


def car_frame(car: dict[str, Any], steps: int) -> pd.DataFrame:
    made = frame(steps)
    there = slice(made.index[car["arrive_step"]], made.index[car["depart_step"] - 1])
    made["derivative max"] = 0.0
    made.loc[there, "derivative max"] = car["max_w"] / 1000.0
    made["derivative min"] = 0.0
    made["derivative up efficiency"] = car["efficiency"]
    made["max"] = PER_HOUR * car["energy_kwh"]
    made["min"] = 0.0
    made.loc[made.index[car["depart_step"] - 1] :, "min"] = PER_HOUR * car["energy_kwh"]
    return made


def arguments(problem: dict[str, Any], *, least: bool) -> dict[str, Any]:
    """`least`: with the cars' least power, as bands of power."""
    steps = len(problem["import_price"])
    base = frame(steps)
    base["derivative equals"] = [
        (load - sun) / 1000.0 for load, sun in zip(problem["load_w"], problem["pv_w"], strict=True)
    ]
    battery, cars = problem["battery"], problem["cars"]
    site = frame(steps)
    site["derivative max"] = problem["import_limit_w"] / 1000.0
    index = site.index
    wear = battery["wear_eur_per_kwh"] / battery["discharge_efficiency"] / PER_HOUR
    commitments = [
        FlowCommitment(
            name="energy",
            index=index,
            quantity=0.0,
            upwards_deviation_price=pd.Series(problem["import_price"], index=index) / PER_HOUR,
            downwards_deviation_price=pd.Series(problem["export_price"], index=index) / PER_HOUR,
        ),
        FlowCommitment(
            name="peak",
            index=index,
            _type="any",
            quantity=problem["paid_w"] / 1000.0,
            upwards_deviation_price=problem["eur_per_kw"],
            downwards_deviation_price=0.0,
        ),
        FlowCommitment(
            name="wear",
            index=index,
            device=pd.Series(1, index=index),
            quantity=0.0,
            upwards_deviation_price=0.0,
            downwards_deviation_price=-wear,
        ),
    ]
    made: dict[str, Any] = {
        "device_constraints": [base, battery_frame(battery, steps), *(car_frame(car, steps) for car in cars)],
        "ems_constraints": site,
        "commitments": commitments,
        "initial_stock": 0,
    }
    if least:
        bands = [[(0.0, 0.0), (car["min_w"] / 1000.0, car["max_w"] / 1000.0)] for car in cars]
        made["device_power_bands"] = [None, None, *bands]
    return made


def main() -> None:
    question = json.load(sys.stdin)
    app = Flask("bench")
    options = {"mip_rel_gap": str(question["gap"]), "time_limit": str(question["limit_s"])}
    app.config.update(
        FLEXMEASURES_LP_SOLVER="highspy", FLEXMEASURES_LP_SOLVER_OPTIONS=options, LOGGING_LEVEL="INFO"
    )
    seconds, plans = [], []
    with app.app_context():
        for problem in question["problems"]:
            asked = arguments(problem, least=question["least"])
            began = time.process_time()
            flows, _, results, _ = device_scheduler(**asked)
            seconds.append(time.process_time() - began)
            plans.append(
                {
                    "ended": str(results.solver.termination_condition),
                    "battery_w": [1000.0 * kw for kw in flows[1]],
                    "cars_w": [[1000.0 * kw for kw in flow] for flow in flows[2:]],
                }
            )
    print(json.dumps({"version": version("flexmeasures"), "seconds": seconds, "plans": plans}))


if __name__ == "__main__":
    main()
