"""A plan as advice for the fast loop, with the prices by which it deals with what the plan did not foresee."""

from kwartier.planning.horizon.state import HorizonState
from kwartier.site.advice import Advice
from kwartier.site.plans import Plan


def advice_of(state: HorizonState, plan: Plan, *, version: str, valid_s: float = 7200.0) -> Advice:
    """Advice that holds for `valid_s` from the start of the plan.

    `peak_w` is the month's peak that the plan keeps to: what is paid for already, or what it has decided to pay for.
    """
    cars = {car.id for car in state.cars}
    batteries = {battery.id for battery in state.batteries}
    devices = plan.devices
    points = {name: device.power_w for name, device in devices.items() if name in cars}
    points |= {car.id: (0.0,) * len(plan.grid_w) for car in state.cars if car.id not in points}
    known = state.prices
    return Advice(
        version=version,
        made_s=float(state.start_s),
        valid_until_s=state.start_s + valid_s,
        start_s=plan.start_s,
        step_s=plan.step_s,
        points_w=points,
        why={},
        batteries_w={name: device.power_w for name, device in devices.items() if name in batteries},
        batteries_kwh={name: device.soc_kwh for name, device in devices.items() if name in batteries},
        loads_w={},
        grid_w=plan.grid_w,
        import_price=tuple(known.import_eur_per_kwh.tolist()),
        export_price=tuple(known.export_eur_per_kwh.tolist()),
        marginal_eur_per_kwh=plan.marginal_eur_per_kwh,
        values_eur_per_kwh={
            name: device.value_eur_per_kwh for name, device in devices.items() if device.value_eur_per_kwh
        },
        peak_w=max(state.target_w, plan.peak_w),
        peak_eur_per_kw=state.peak_eur_per_kw,
    )
