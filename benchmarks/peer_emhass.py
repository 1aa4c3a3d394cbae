"""Runs inside an environment with EMHASS: a household on standard input, its plan and its times on standard output.

EMHASS cannot modulate a car: it is a deferrable load of nominal power, on or off, as many hours as its energy needs.
"""

import json
import logging
import sys
import time
from pathlib import Path

import emhass
import pandas as pd
from emhass.optimization import Optimization


def main() -> None:
    problem = json.load(sys.stdin)
    steps = len(problem["import_price"])
    index = pd.date_range("2026-01-15", periods=steps, freq="15min", tz="Europe/Brussels")
    battery, car = problem["battery"], problem["car"]
    hours = round(4 * car["energy_kwh"] / car["efficiency"] / (car["max_w"] / 1000.0) + 0.499) / 4
    quiet = logging.getLogger("emhass")
    quiet.addHandler(logging.NullHandler())
    quiet.setLevel(logging.CRITICAL)
    root = Path(emhass.__file__).parent
    settings = {
        "delta_forecast_daily": pd.Timedelta(hours=steps / 4),
        "num_threads": 1,
        "set_use_battery": True,
        "set_use_pv": True,
        "set_total_pv_sell": False,
        "set_nocharge_from_grid": False,
        "set_nodischarge_to_grid": False,
        "set_battery_dynamic": False,
        "set_battery_first_priority": False,
        "battery_dynamic_max": 0.9,
        "battery_dynamic_min": -0.9,
        "weight_battery_discharge": battery["wear_eur_per_kwh"],
        "weight_battery_charge": 0.0,
        "battery_soc_deficit_threshold": 0.0,
        "battery_soc_deficit_cost": 0.0,
        "battery_soc_surplus_threshold": 1.0,
        "battery_soc_surplus_cost": 0.0,
        "number_of_deferrable_loads": 1,
        "nominal_power_of_deferrable_loads": [car["max_w"]],
        "treat_deferrable_load_as_semi_cont": [True],
        "set_deferrable_load_single_constant": [False],
        "set_deferrable_startup_penalty": [0.0],
        "operating_hours_of_each_deferrable_load": [hours],
        "start_timesteps_of_each_deferrable_load": [car["arrive_step"]],
        "end_timesteps_of_each_deferrable_load": [car["depart_step"]],
        "capacity_cost_per_kw": problem["eur_per_kw"],
        "lp_solver": "HiGHS",
        "lp_solver_timeout": 60,
        "lp_solver_mip_rel_gap": problem["gap"],
    }
    plant = {
        "inverter_is_hybrid": False,
        "compute_curtailment": False,
        "maximum_power_from_grid": problem["import_limit_w"],
        "maximum_power_to_grid": problem["export_limit_w"],
        "battery_discharge_power_max": battery["discharge_w"],
        "battery_charge_power_max": battery["charge_w"],
        "battery_minimum_state_of_charge": battery["min_soc_kwh"] / battery["capacity_kwh"],
        "battery_maximum_state_of_charge": 1.0,
        "battery_target_state_of_charge": battery["final_soc_kwh"] / battery["capacity_kwh"],
        "battery_nominal_energy_capacity": 1000.0 * battery["capacity_kwh"],
        "battery_discharge_efficiency": battery["discharge_efficiency"],
        "battery_charge_efficiency": battery["charge_efficiency"],
        "battery_stress_cost": 0.0,
        "battery_stress_segments": 10,
    }
    optimization = Optimization(
        {
            "optimization_time_step": pd.to_timedelta(15, "minutes"),
            "time_zone": "Europe/Brussels",
            "sensor_power_photovoltaics": "pv",
            "sensor_power_load_no_var_loads": "load",
        },
        settings,
        plant,
        "unit_load_cost",
        "unit_prod_price",
        "cost",
        {"root_path": root, "data_path": root / "data"},
        quiet,
        opt_time_delta=round(steps / 4),
    )
    prices = pd.DataFrame(index=index)
    prices["unit_load_cost"] = problem["import_price"]
    prices["unit_prod_price"] = problem["export_price"]
    times, plans = [], []
    for turn in problem["turns"]:
        began = time.process_time()
        found = optimization.perform_dayahead_forecast_optim(
            prices,
            pd.Series(turn["pv_w"], index=index),
            pd.Series(turn["load_w"], index=index),
            soc_init=battery["soc_kwh"] / battery["capacity_kwh"],
            soc_final=battery["final_soc_kwh"] / battery["capacity_kwh"],
            current_period_peak=problem["paid_w"],
        )
        times.append(time.process_time() - began)
        plans.append(
            {
                "status": str(optimization.optim_status),
                "grid_w": [float(w) for w in found["P_grid"]],
                "battery_w": [-float(w) for w in found["P_batt"]],
                "car_w": [float(w) for w in found["P_deferrable0"]],
            }
        )
    print(json.dumps({"version": getattr(emhass, "__version__", "?"), "seconds": times, "plans": plans}))


if __name__ == "__main__":
    main()
