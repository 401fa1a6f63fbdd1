"""Two programs on one account: its limit is one, and its answers tell both of them what is left."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.demo.app import create_app
from triage.demo.helpdesk_state import HelpdeskState, Settings
from triage.demo.opening import open_records
from triage.demo.records import Records
from triage.helpdesk import transport
from triage.helpdesk.pace import Pace
from triage.helpdesk.zendesk.adapter import Zendesk, open_helpdesk

START = datetime(2026, 3, 11, 4, 22, 40, tzinfo=UTC)
TOKEN = "a-token-of-the-tests"
LIMIT = 40


class Minute:
    """One clock for the helpdesk and both programs; it moves when a program waits."""

    def __init__(self) -> None:
        self.seconds = START.timestamp()

    def __call__(self) -> float:
        return self.seconds

    async def pause(self, seconds: float) -> None:
        until = self.seconds + seconds
        while self.seconds < until:
            await asyncio.sleep(0)
            self.seconds = min(until, self.seconds + 0.05)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = open_records(tmp_path / "demo", now=START, zone="UTC", tickets=60)
    yield opened
    opened.close()


class Account(httpx.AsyncBaseTransport):
    """The embedded helpdesk with a limit for both; every answer's status is written down."""

    def __init__(self, records: Records, minute: Minute) -> None:
        app = create_app(HelpdeskState(records, Settings(TOKEN, rate_limit=LIMIT), minute))
        self._inner = httpx.ASGITransport(app)
        self._minute = minute
        self.statuses: list[int] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._minute.pause(0.1)
        answer = await self._inner.handle_async_request(request)
        self.statuses.append(answer.status_code)
        return answer


async def read_everything(desk: Zendesk) -> int:
    count = 0
    async for page in desk.queue("search:status<closed"):
        for ticket in page.items:
            count += len([event async for told in desk.timeline(ticket) for event in told.items])
    return count


async def test_two_programs_share_a_limit_without_running_into_it_again_and_again(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    minute = Minute()

    def pace(*args: Any, **rest: Any) -> Pace:
        return Pace(*args, **{**rest, "clock": minute, "pause": minute.pause})

    monkeypatch.setattr(transport, "Pace", pace)
    account = Account(records, minute)
    profile = Profile(name="demo", helpdesk="zendesk", url="http://127.0.0.1:9", folder=Path(), database="",
                      auth="bearer")  # fmt: skip
    desks = [open_helpdesk(profile, Secret(TOKEN), transport=account) for _ in range(2)]
    first, second = await asyncio.gather(*map(read_everything, desks))
    assert first == second > 0
    minutes = (minute.seconds - START.timestamp()) / 60
    refused = account.statuses.count(429)
    assert len(account.statuses) > 3 * LIMIT
    # Neither sees what the other is about to send, so a request each may be too many; no more than that.
    assert refused <= 2 * (minutes + 1)
    assert refused < len(account.statuses) / 20
