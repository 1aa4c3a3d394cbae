"""The contract in kW of a circuit as a row on the sum of its phases."""

from kwartier.control.memory import SumMemory
from kwartier.control.rows.sums import Looked, SumRow
from kwartier.safety.power import Volts, amperes
from kwartier.site.phases import PhaseVector, add
from kwartier.site.topology import Circuit


def contract_row(
    at: Looked, circuit: Circuit, contract_w: float, u: Volts, base_a: PhaseVector
) -> tuple[SumRow, float | None]:
    """The row, and the room for chargers to remember: on meter loss they never get more than there was."""
    remembered = at.memory.sums.get(circuit.id, SumMemory()).room_a
    safe = at.room.safe_a.get(circuit.id)
    if safe is None:
        limit_a = amperes(contract_w, base_a, u)
        room_a = max(0.0, limit_a - sum(at.room.total_base_a[circuit.id])) if circuit.meter else None
        return SumRow(source="contract", limit_a=limit_a, limit_w=contract_w, volts=u, base_a=base_a), room_a
    # What its meter tells while it proves itself, and those below it, may leave less.
    known_a = at.room.known_base_a[circuit.id]
    left_a = amperes(contract_w, add(known_a, at.extra_a[circuit.id]), u) - sum(known_a)
    share_a = max(0.0, min(sum(safe), contract_w / u.most_v, left_a))
    if remembered is not None:
        share_a = min(share_a, remembered)
    limit_a = sum(at.room.total_base_a[circuit.id]) + share_a
    return SumRow(
        source="contract", limit_a=limit_a, limit_w=contract_w, volts=u, base_a=base_a, safe_a=share_a
    ), remembered
