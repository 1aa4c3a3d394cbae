"""The gate in front of a bus, and the waits between attempts."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from kwartier.devices.backoff import Backoff
from kwartier.devices.transports.gate import READ, WRITE, Gate


@given(st.lists(st.sampled_from([READ, WRITE]), min_size=1, max_size=12), st.sets(st.integers(0, 11)))
def test_urgent_first_then_in_order(urgencies: list[int], cancelled: set[int]) -> None:
    """Writes go before reads, equals in order of arrival, one at a time, whoever gives up in between."""

    async def scene() -> list[int]:
        gate, order, inside = Gate(), [], 0

        async def enter(number: int, urgency: int) -> None:
            nonlocal inside
            await gate.enter(urgency)
            inside += 1
            assert inside == 1
            order.append(number)
            await asyncio.sleep(0)
            inside -= 1
            gate.leave()

        await gate.enter(READ)
        tasks = [asyncio.create_task(enter(i, urgency)) for i, urgency in enumerate(urgencies)]
        await asyncio.sleep(0)
        for i in cancelled & set(range(len(tasks))):
            tasks[i].cancel()
        gate.leave()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.wait_for(gate.enter(READ), 1)  # it is free again
        return order

    left = [(urgency, i) for i, urgency in enumerate(urgencies) if i not in cancelled]
    assert asyncio.run(scene()) == [i for _, i in sorted(left)]


async def test_turn_given_to_someone_who_just_gave_up_is_passed_on() -> None:
    """A turn that comes in the moment of cancelling is not lost."""
    gate = Gate()
    await gate.enter(READ)
    one, other = (asyncio.create_task(gate.enter(READ)) for _ in range(2))
    await asyncio.sleep(0)
    gate.leave()
    one.cancel()
    await asyncio.wait_for(other, 1)
    assert one.cancelled() or await asyncio.wait({one})


def test_waits_double_up_to_half_a_minute() -> None:
    """1, 2, 4, 8, 16, 30, 30 s; after a success from the start."""
    backoff = Backoff()
    assert [backoff.next_s() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    backoff.reset()
    assert backoff.next_s() == 1
