"""Devices whose figures contradict each other: what is safe instead, and a word about it."""

import math
from dataclasses import replace

from kwartier.planning.tidy_figures import MOST_EUR, MOST_KWH, MOST_W, Tidy
from kwartier.site.plans import BatteryTask, BufferTask, CarTask, CircuitLimit, Problem, RunTask, Series

_LEAST_EFFICIENCY = 0.05


class TidyDevices:
    """Each device of one problem."""

    def __init__(self, fix: Tidy, problem: Problem) -> None:
        self._fix = fix
        self._steps = len(problem.import_price)
        self._hours = problem.step_s / 3600.0
        self._circuits = {circuit.id for circuit in problem.circuits}

    def _efficiency(self, device: str, name: str, value: float) -> float:
        return self._fix.number(device, name, value, _LEAST_EFFICIENCY, 1.0, 1.0)

    def _circuit(self, device: str, circuit: str | None) -> str | None:
        if circuit is None or circuit in self._circuits:
            return circuit
        self._fix.say(device, "circuit", None, f"there is no circuit {circuit!r}; taken as behind none")
        return None

    def _phases(self, device: str, phases: tuple[int, ...]) -> tuple[int, ...]:
        if phases and set(phases) <= {1, 2, 3} and len(set(phases)) == len(phases):
            return phases
        self._fix.say(device, "phases", None, "give some of 1, 2, 3; taken as all three")
        return (1, 2, 3)

    def battery(self, task: BatteryTask) -> BatteryTask:
        fix, name = self._fix, task.id
        capacity = fix.number(name, "capacity_kwh", task.capacity_kwh, 0.0, MOST_KWH, 0.0)
        soc = fix.number(name, "soc_kwh", task.soc_kwh, 0.0, capacity, 0.0)
        final = task.final_soc_kwh
        if final is not None:
            final = fix.number(name, "final_soc_kwh", final, 0.0, capacity, 0.0)
        return replace(
            task,
            capacity_kwh=capacity,
            soc_kwh=soc,
            min_soc_kwh=fix.number(name, "min_soc_kwh", task.min_soc_kwh, 0.0, capacity, 0.0),
            final_soc_kwh=final,
            charge_w=fix.number(name, "charge_w", task.charge_w, 0.0, MOST_W, 0.0),
            discharge_w=fix.number(name, "discharge_w", task.discharge_w, 0.0, MOST_W, 0.0),
            charge_efficiency=self._efficiency(name, "charge_efficiency", task.charge_efficiency),
            discharge_efficiency=self._efficiency(name, "discharge_efficiency", task.discharge_efficiency),
            wear_eur_per_kwh=fix.number(name, "wear_eur_per_kwh", task.wear_eur_per_kwh, 0.0, MOST_EUR, 0.0),
            final_value_eur_per_kwh=fix.number(
                name, "final_value_eur_per_kwh", task.final_value_eur_per_kwh, -MOST_EUR, MOST_EUR, 0.0
            ),
            reserve_kwh=(
                fix.series(name, "reserve_kwh", task.reserve_kwh, 0.0, MOST_KWH, 0.0)
                if task.reserve_kwh
                else ()
            ),
            reserve_eur_per_kwh=fix.number(
                name, "reserve_eur_per_kwh", task.reserve_eur_per_kwh, 0.0, MOST_EUR, 0.0
            ),
            circuit=self._circuit(name, task.circuit),
            phases=self._phases(name, task.phases),
        )

    def car(self, task: CarTask) -> CarTask:
        fix, name = self._fix, task.id
        energy = fix.number(name, "energy_kwh", task.energy_kwh, 0.0, MOST_KWH, 0.0)
        room = task.room_kwh
        if room is not None:
            room = fix.number(name, "room_kwh", room, 0.0, MOST_KWH, energy)
            if energy > room:
                fix.say(
                    name,
                    "energy_kwh",
                    None,
                    f"{energy:g} kWh do not fit: its battery takes {room:g} kWh more; planned up to full",
                    what="car_goal",
                    amount=energy - room,
                )
                energy = room
        most = fix.number(name, "max_w", task.max_w, 0.0, MOST_W, 0.0)
        least = fix.number(name, "min_w", task.min_w, 0.0, MOST_W, 0.0)
        if least > most:
            fix.say(name, "min_w", None, f"{least:g} W is above max_w, {most:g} W: it cannot charge at all")
            least, most = 0.0, 0.0
        if energy > 0.0 and task.depart_step <= 0:
            fix.say(
                name, "depart_step", None, "the departure is in the past; nothing is planned for this car"
            )
        elif energy > 0.0 and task.depart_step <= task.arrive_step:
            fix.say(name, "depart_step", None, "it leaves before it arrives; nothing is planned for this car")
        elif energy > 0.0 and task.arrive_step >= self._steps:
            fix.say(
                name, "arrive_step", None, "it arrives after the end of the plan; nothing is planned for it"
            )
        goals = []
        for step, kwh in task.goals:
            by = fix.number(name, "goals", kwh, 0.0, MOST_KWH, 0.0)
            if not task.arrive_step < step <= task.depart_step or step > self._steps:
                fix.say(
                    name,
                    "goals",
                    step,
                    "this goal is not between arrival and departure; moved to the nearest step",
                )
            full = energy if room is None else max(room, energy)
            goals.append((max(step, 0), min(by, full)))
        return replace(
            task,
            energy_kwh=energy,
            min_w=least,
            max_w=most,
            efficiency=self._efficiency(name, "efficiency", task.efficiency),
            shortfall_eur_per_kwh=fix.number(
                name, "shortfall_eur_per_kwh", task.shortfall_eur_per_kwh, 0.0, MOST_EUR, 50.0
            ),
            goals=tuple(goals),
            room_kwh=room,
            extra_eur_per_kwh=fix.number(
                name, "extra_eur_per_kwh", task.extra_eur_per_kwh, -MOST_EUR, MOST_EUR, 0.0
            ),
            at_once_kwh=fix.number(name, "at_once_kwh", task.at_once_kwh, 0.0, MOST_KWH, 0.0),
            circuit=self._circuit(name, task.circuit),
            phases=self._phases(name, task.phases),
        )

    def run(self, task: RunTask) -> RunTask:
        fix, name = self._fix, task.id
        length = task.run_steps
        if length <= 0:
            fix.say(name, "run_steps", None, f"{length} steps are nothing to run", what="run_once")
            length = 0
        elif length > self._steps:
            fix.say(name, "run_steps", None, f"{length} steps are longer than the plan", what="run_once")
        elif task.latest_step < max(task.earliest_step, 0):
            fix.say(
                name, "latest_step", None, "it may start at the latest before the earliest", what="run_once"
            )
        elif task.earliest_step > self._steps - length:
            fix.say(name, "earliest_step", None, "it would end after the plan", what="run_once")
        return replace(
            task,
            power_w=fix.number(name, "power_w", task.power_w, 0.0, MOST_W, 0.0),
            run_steps=length,
            circuit=self._circuit(name, task.circuit),
        )

    def buffer(self, task: BufferTask) -> BufferTask:
        fix, name = self._fix, task.id
        most = fix.number(name, "power_w", task.power_w, 0.0, MOST_W, 0.0)
        least = fix.number(name, "min_w", task.min_w, 0.0, MOST_W, 0.0)
        if least > most:
            fix.say(name, "min_w", None, f"{least:g} W is above power_w, {most:g} W: it cannot run at all")
            least, most = 0.0, 0.0
        heat = fix.number(name, "heat_kwh_per_c", task.heat_kwh_per_c, 1e-3, MOST_KWH, 1.0)
        fastest = 1000.0 * heat / self._hours
        return replace(
            task,
            power_w=most,
            min_w=least,
            temperature_c=fix.number(name, "temperature_c", task.temperature_c, -100.0, 200.0, 20.0),
            low_c=self._each(name, "low_c", task.low_c, -273.0, 500.0, 19.0),
            high_c=self._each(name, "high_c", task.high_c, -273.0, 500.0, 22.0),
            ambient_c=self._each(name, "ambient_c", task.ambient_c, -100.0, 200.0, 10.0),
            heat_kwh_per_c=heat,
            loss_w_per_c=fix.number(name, "loss_w_per_c", task.loss_w_per_c, 0.0, fastest, 0.0),
            cop=self._each(name, "cop", task.cop, 0.0, 20.0, 1.0),
            demand_w=fix.series(name, "demand_w", task.demand_w, 0.0, MOST_W, 0.0) if task.demand_w else (),
            discomfort_eur_per_ch=fix.number(
                name, "discomfort_eur_per_ch", task.discomfort_eur_per_ch, 0.0, MOST_EUR, 1.0
            ),
            circuit=self._circuit(name, task.circuit),
        )

    def _each(
        self, device: str, name: str, value: Series | float, least: float, most: float, absent: float
    ) -> Series | float:
        if isinstance(value, tuple):
            return self._fix.series(device, name, value, least, most, absent)
        return self._fix.number(device, name, value, least, most, absent)

    def circuit(self, circuit: CircuitLimit) -> CircuitLimit:
        fix, name = self._fix, circuit.id
        parent = circuit.parent
        if parent is not None and parent not in self._circuits:
            fix.say(name, "parent", None, f"there is no circuit {parent!r}; taken as the top one")
            parent = None
        return replace(
            circuit,
            parent=parent,
            limit_w=tuple(
                MOST_W if w == math.inf else fix.number(name, "limit_w", w, 0.0, MOST_W, 0.0)
                for w in circuit.limit_w
            ),
            base_load_w=tuple(
                fix.series(name, "base_load_w", base, -MOST_W, MOST_W) for base in circuit.base_load_w
            ),
        )
