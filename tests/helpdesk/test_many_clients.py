"""Many programs on one account with a limit: all of them finish, and hardly a request is refused twice."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from typing import Any

import httpx
import pytest

from tests.reliability.counting import sized, tell
from tests.sync import virtual_time
from triage.helpdesk import transport as transport_module
from triage.helpdesk.pace import Pace
from triage.helpdesk.transport import Transport
from triage.model.errors import TriageError

CLIENTS = 50
READS = 60
"""Of each client."""
A_SECOND = 10
"""Requests that the helpdesk answers; one more is asked to come back in a second."""
SEEDS = sized(1, 8)


class Limited:
    """A helpdesk with a limit for the whole account, which says when to come back and nothing else."""

    def __init__(self) -> None:
        self.calls = 0
        self.too_early = 0
        self._not_before: dict[str, float] = {}
        self._lately: deque[float] = deque()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer, or refuse."""
        now, client = seconds(), request.url.host
        self.calls += 1
        self.too_early += now < self._not_before.get(client, 0.0) - 1e-9
        while self._lately and self._lately[0] <= now - 1:
            self._lately.popleft()
        if len(self._lately) >= A_SECOND:
            self._not_before[client] = now + 1
            return httpx.Response(429, headers={"Retry-After": "1"})
        self._lately.append(now)
        await asyncio.sleep(0.05)
        return httpx.Response(200, json={})


def seconds() -> float:
    return asyncio.get_running_loop().time()


async def one_client(helpdesk: Limited, name: str, reads: int) -> float:
    """Reads one after the other, tries again what was given up; when it was done."""
    way = Transport(
        f"https://{name}.test", str, transport=httpx.MockTransport(helpdesk), clock=virtual_time.now,
        randomness=random.Random(name),
    )  # fmt: skip
    for _ in range(reads):
        while True:
            try:
                await way.read("tickets")
                break
            except TriageError:
                await asyncio.sleep(1)
    await way.aclose()
    return seconds()


async def everybody(seed: int) -> tuple[Limited, list[float]]:
    helpdesk, begun = Limited(), seconds()
    clients = [one_client(helpdesk, f"client-{seed}-{number}", READS) for number in range(CLIENTS)]
    return helpdesk, sorted(ended - begun for ended in await asyncio.gather(*clients))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_fifty_programs_share_ten_requests_a_second(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def pace(where: str = "", **rest: Any) -> Pace:
        return Pace(where, clock=seconds, pause=asyncio.sleep, **rest)

    monkeypatch.setattr(transport_module, "Pace", pace)
    helpdesk, ended = virtual_time.run(everybody(seed))
    needed = CLIENTS * READS
    ideal = needed / A_SECOND
    assert helpdesk.too_early == 0
    assert helpdesk.calls <= 1.3 * needed
    assert ended[int(0.95 * CLIENTS)] <= 1.5 * ideal
    tell("rate limits", needed, **{
        "calls": helpdesk.calls, "before their time": helpdesk.too_early, "clients": CLIENTS,
    })  # fmt: skip
