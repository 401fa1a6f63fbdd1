from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from triage.demo.app import create_app
from triage.demo.helpdesk_state import HelpdeskState, Settings
from triage.demo.opening import open_records
from triage.demo.records import Records

START = datetime(2026, 3, 11, 4, 22, 40, tzinfo=UTC)
TOKEN = "a-token-of-the-tests"


class Clock:
    """A clock that only moves when told to."""

    def __init__(self) -> None:
        self.seconds = START.timestamp()

    def __call__(self) -> float:
        return self.seconds

    def forward(self, seconds: float) -> None:
        self.seconds += seconds


class Desk:
    """The demo in this process, over ASGI, as the account that owns the token."""

    def __init__(self, records: Records, clock: Clock, settings: Settings) -> None:
        self.records, self.clock = records, clock
        transport = httpx.ASGITransport(create_app(HelpdeskState(records, settings, clock)))
        headers = {"Authorization": f"Bearer {settings.token}"}
        self.http = httpx.AsyncClient(transport=transport, base_url="http://desk.test:8080", headers=headers)

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.http.get(f"/api/v2/{path}", params=query)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    async def put(self, ticket_id: int, **fields: Any) -> httpx.Response:
        return await self.http.put(f"/api/v2/tickets/{ticket_id}", json={"ticket": fields})

    async def ticket(self, key: str) -> dict[str, Any]:
        found = await self.get("tickets", external_id=key)
        (ticket,) = found["tickets"]
        return dict(ticket)

    async def audits(self, ticket_id: int) -> list[dict[str, Any]]:
        return list((await self.get(f"tickets/{ticket_id}/audits"))["audits"])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = open_records(tmp_path / "demo", now=START, zone="UTC")
    yield opened
    opened.close()


@pytest.fixture
async def desk(records: Records, clock: Clock) -> AsyncIterator[Desk]:
    made = Desk(records, clock, Settings(TOKEN))
    yield made
    await made.http.aclose()
