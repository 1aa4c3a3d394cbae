"""The step against a world that means ill: random trees, laggards, liars by silence, losses, restarts."""

from math import inf

import pytest
from tests.control.adversary import Frame, Row, Socket, World, contract_a

from kwartier.control.decision import Decision
from kwartier.site.topology import Circuit

EPS_A = 1e-6
REACTION_S = 8.0
"""Meter 1 s late, station 1 s, car 5 s, the second in which we decide."""
BLIND_S = 20.0
"""Until the meter counts as lost (10 s), and the reaction to that."""
BUDGETS = ((1.13, 60.0), (1.45, 30.0), (inf, 10.0))


class Watcher:
    """Judges by the true currents what the controller can be blamed for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.spent: dict[Row, float] = {}
        self.granted = {p.id: 0.0 for p in world.site.charge_points}

    def judge(self, frame: Frame, decision: Decision) -> None:
        world = self.world
        granted = {s.charge_point_id: s.current_a for s in decision.setpoints}
        raised = [p for p, a in granted.items() if a > self.granted[p] + EPS_A]
        for row in frame.base:
            self._overload(row, frame)
        for circuit in world.site.circuits:
            if circuit.contract_w is not None:
                self._contract(circuit, frame)
        for point_id in raised:
            self._raise(point_id, frame, granted)
            self._raise_within_contracts(point_id, granted)
            self._raise_keeps_even(point_id, granted)
        self._groups(granted)
        for setpoint in decision.setpoints:
            point = world.site.charge_point[setpoint.charge_point_id]
            assert setpoint.current_a == 0.0 or 6.0 <= setpoint.current_a <= point.max_a
            assert len(setpoint.reason.text("en")) > 10
            assert len(setpoint.reason.text("nl")) > 10
        self.granted = granted

    def _age_s(self, meter: str | None) -> float:
        return 0.0 if meter is None else self.world.now_s - self.world.heard_s[meter]

    def _overload(self, row: Row, frame: Frame) -> None:
        """No circuit-phase is above its limit for longer than its budget on account of cars that obey."""
        circuit_id, phase = row
        world = self.world
        limit_a = world.site.circuit[circuit_id].limit_a[phase - 1]
        flows = frame.base[row] + frame.cars[row]
        stubborn = frame.base[row]
        for socket in world.sockets.values():
            if circuit_id in world.site.path[socket.point.circuit] and phase in socket.phases():
                beyond = socket.car is not None and socket.car.ignores
                stubborn += socket.drawn_a if beyond or socket.deaf(world.now_s) else 0.0
        blind = any(
            3.0 < self._age_s(world.site.circuit[c].meter) < BLIND_S for c in world.site.path[circuit_id]
        )
        if flows <= limit_a + 0.01 or stubborn > limit_a or blind:
            self.spent.pop(row, None)
            return
        budget_s = next(s for ratio, s in BUDGETS if flows <= ratio * limit_a)
        self.spent[row] = self.spent.get(row, 0.0) + 1.0 / max(budget_s, REACTION_S)
        assert self.spent[row] <= 1.0, f"{row}: {flows:.2f} A of {limit_a} A for too long"

    def _contract(self, circuit: Circuit, frame: Frame) -> None:
        """No contract is passed for longer than devices need to follow, on account of cars that obey."""
        world, row = self.world, (circuit.id, 0)
        flows = stubborn = sum(frame.base[circuit.id, p] for p in (1, 2, 3))
        for socket in world.sockets.values():
            if circuit.id in world.site.path[socket.point.circuit]:
                drawn_a = socket.drawn_a * len(socket.phases())
                flows += drawn_a
                ignores = socket.car is not None and socket.car.ignores
                stubborn += drawn_a if ignores or socket.deaf(world.now_s) else 0.0
        blind = any(
            3.0 < self._age_s(world.site.circuit[c].meter) < BLIND_S for c in world.site.path[circuit.id]
        )
        if flows <= contract_a(circuit) + 0.03 or stubborn > contract_a(circuit) or blind:
            self.spent.pop(row, None)
            return
        self.spent[row] = self.spent.get(row, 0.0) + 1.0 / REACTION_S
        assert self.spent[row] <= 1.0, f"{circuit.id}: {flows:.1f} of {contract_a(circuit):.1f} A together"

    def _raise_within_contracts(self, point_id: str, granted: dict[str, float]) -> None:
        """Nor is anybody raised into one that is not free with everybody booked."""
        world = self.world
        for circuit_id in world.site.path[world.sockets[point_id].point.circuit]:
            circuit = world.site.circuit[circuit_id]
            if circuit.contract_w is None or self._age_s(circuit.meter) > 2.0:
                continue
            total = min(sum(seen.base[circuit_id, p] for p in (1, 2, 3)) for seen in list(world.frames)[-2:])
            for other in world.sockets.values():
                if circuit_id in world.site.path[other.point.circuit]:
                    total += self._booked_a(other, granted[other.point.id], True) * len(other.phases())
            assert total <= contract_a(circuit) + 0.9, f"{point_id} raised: {circuit_id} booked {total:.2f} A"

    def _raise_keeps_even(self, point_id: str, granted: dict[str, float]) -> None:
        """Nor beyond a limit on imbalance, with everybody at the least that he may draw against it."""
        world = self.world
        mine = world.sockets[point_id]
        for circuit_id in world.site.path[mine.point.circuit]:
            circuit = world.site.circuit[circuit_id]
            if circuit.imbalance_a is None or circuit.meter is None or self._age_s(circuit.meter) > 2.0:
                continue
            behind = [s for s in world.sockets.values() if circuit_id in world.site.path[s.point.circuit]]
            if any(world.now_s - s.narrowed_s < REACTION_S for s in behind):
                continue  # that is seen when it is seen
            for p in mine.phases():
                for q in {1, 2, 3} - set(mine.phases()):
                    apart = min(
                        seen.base[circuit_id, p] - seen.base[circuit_id, q]
                        for seen in list(world.frames)[-2:]
                    )
                    for other in behind:
                        on_p, on_q = p in other.phases(), q in other.phases()
                        if on_p and not on_q:
                            apart += self._booked_a(other, granted[other.point.id], True)
                        elif on_q and not on_p:
                            drawn = max(seen.drawn[other.point.id][0] for seen in list(world.frames)[-2:])
                            deaf = other.car is None or other.car.ignores or other.deaf(world.now_s)
                            apart -= drawn if deaf else min(drawn, granted[other.point.id])
                    assert apart <= circuit.imbalance_a + 0.9, (
                        f"{point_id} raised: {circuit_id} L{p} is {apart:.2f} A above L{q}"
                    )

    def _raise(self, point_id: str, frame: Frame, granted: dict[str, float]) -> None:
        """Whoever is raised, is raised into what is free with everybody booked; never on an old value."""
        world = self.world
        socket = world.sockets[point_id]
        path = world.site.path[socket.point.circuit]
        for circuit_id in path:
            age_s = self._age_s(world.site.circuit[circuit_id].meter)
            metered = world.site.circuit[circuit_id].meter is not None
            if metered and age_s > 2.0:
                # 2 s more than 5: a clock that goes back stands still for the step
                if age_s > 7.0:
                    self._group(world.site.circuit[circuit_id], granted)
                continue
            for phase in socket.phases():
                row = (circuit_id, phase)
                # some meters tell what was so a second ago
                total = min(seen.base[row] for seen in list(world.frames)[-2:])
                for other in world.sockets.values():
                    if circuit_id in world.site.path[other.point.circuit] and phase in other.phases():
                        total += self._booked_a(other, granted[other.point.id], metered)
                limit_a = world.site.circuit[circuit_id].limit_a[phase - 1]
                assert total <= limit_a + 0.3, f"{point_id} raised: {row} booked {total:.2f} of {limit_a} A"

    def _booked_a(self, socket: Socket, told_a: float, metered: bool) -> float:
        """What a charge point may draw from now on, by all that anybody knows of it."""
        car, deaf = socket.car, socket.deaf(self.world.now_s)
        if car is not None and car.ignores and deaf and not metered:
            return 0.0  # nobody can know
        if car is None or car.ignores or deaf:
            return min(seen.drawn[socket.point.id][0] for seen in list(self.world.frames)[-2:])
        return max(told_a, socket.drawn_a, min(socket.applied_a, socket.point.max_a))

    def _groups(self, granted: dict[str, float]) -> None:
        """Ten seconds after its meter was lost, a group is told no more than the safe current together."""
        for c in self.world.site.circuits:
            if self._age_s(c.meter) >= 12.0:
                self._group(c, granted)

    def _group(self, circuit: Circuit, granted: dict[str, float]) -> None:
        for phase in (1, 2, 3):
            together = sum(
                granted[s.point.id]
                for s in self.world.sockets.values()
                if circuit.id in self.world.site.path[s.point.circuit]
                and phase in s.phases()
                # who does not listen, or does not obey, is booked, not told
                and not self.world.memory.points[s.point.id].unheard
                and not self.world.memory.points[s.point.id].disobeys
            )
            assert together <= circuit.safe_current_a + EPS_A, (
                f"{circuit.id} L{phase}: {together} A while lost"
            )


def run(
    seed: int, seconds: int, *, calm: bool = False, contracts: bool = False, everything: bool = False
) -> World:
    world = World(seed, calm=calm, contracts=contracts, everything=everything)
    watcher = Watcher(world)
    for _ in range(seconds):
        frame = world.advance()
        decision = world.decide()
        try:
            watcher.judge(frame, decision)
            if calm and world.account is not None and world.ended_w is not None:
                assert world.ended_w <= world.account.target_w + 1.0, f"a quarter of {world.ended_w:.0f} W"
            assert not any(s.torn for s in world.sockets.values()), "a contactor changed phases under load"
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, {world.now_s - 5000:.0f} s: {error}") from error
    return world


@pytest.mark.parametrize("seed", range(12))
def test_no_ill_will_breaks_a_limit(seed: int) -> None:
    """Random sites with every trouble at once: the watcher finds nothing to blame the controller for."""
    for n in range(3):
        run(seed * 3 + n, 220)


@pytest.mark.parametrize("seed", range(4))
def test_no_honest_site_breaks_a_limit(seed: int) -> None:
    """The same without faults: cars, houses and meters in several levels that all do as they should."""
    for n in range(3):
        run(1000 + seed * 3 + n, 220, calm=True)


@pytest.mark.parametrize("calm", [False, True])
@pytest.mark.parametrize("seed", range(5))
def test_no_world_breaks_a_contract(seed: int, calm: bool) -> None:
    """The same with contracts in kW on some circuits: admission, turns and raises all respect the sums."""
    for n in range(2):
        run(3000 + 2 * seed + n, 220, calm=calm, contracts=True)


@pytest.mark.parametrize("calm", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_no_world_with_everything_at_once_breaks_a_limit(seed: int, calm: bool) -> None:
    """The same with all that a site can have: contracts, fuses, imbalance, a quarter-hour goal, changing phases, cars
    that need more to begin, people with cards and departures. Changing contactors carry no current."""
    for n in range(2):
        run(5000 + 2 * seed + n, 220, calm=calm, everything=True)


# -- single cases: each was a hole once ---------------------------------------------------------------
