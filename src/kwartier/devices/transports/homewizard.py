"""P1 telegrams from a HomeWizard P1 meter: `GET /api/v1/telegram` answers the newest one as text."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from kwartier.devices.transports.byte_source import SILENT_AFTER_S, words
from kwartier.site.clock import Clock
from kwartier.site.errors import DeviceUnreachable

POLL_S = 1.0
TIMEOUT_S = 5.0
MAX_ANSWER_BYTES = 65536
ADVICE = {
    403: "switch on Local API in the HomeWizard Energy app",
    404: "only a HomeWizard P1 meter has telegrams; check that this is one and that its firmware is new",
}


@dataclass(frozen=True, slots=True)
class HomeWizardSource:
    """One HomeWizard P1 meter, asked once a second."""

    address: str
    """`host` or `host:port`."""
    clock: Clock
    silent_after_s: float = SILENT_AFTER_S

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield each answer as one telegram, also when it is the same as the one before."""
        import httpx  # noqa: PLC0415 - heavy, and only this source needs it

        url = f"http://{self.address}/api/v1/telegram"
        # trust_env: a proxy of the machine is no way to a device on this network.
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            while True:
                asked_s = self.clock.monotonic_s()
                try:
                    answer = await client.get(url)
                except httpx.HTTPError as error:
                    raise DeviceUnreachable(
                        f"HomeWizard {self.address} does not answer ({words(error)}): check the "
                        "address and that it is on this network"
                    ) from error
                yield self._telegram(answer.status_code, answer.content)
                await self.clock.sleep(max(0.0, POLL_S - (self.clock.monotonic_s() - asked_s)))

    def _telegram(self, status: int, content: bytes) -> bytes:
        if status != 200:
            advice = ADVICE.get(status, "restart it when this stays so")
            raise DeviceUnreachable(f"HomeWizard {self.address} refuses with HTTP status {status}: {advice}")
        if len(content) > MAX_ANSWER_BYTES:
            raise DeviceUnreachable(
                f"HomeWizard {self.address} sent {len(content)} bytes for one telegram: check the address"
            )
        return content if content.endswith(b"\n") else content + b"\r\n"
