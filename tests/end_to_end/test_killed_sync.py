"""A sync killed over and over by SIGKILL, on a helpdesk that misbehaves: every note arrives, and once."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import Session

from tests.end_to_end.shell import ROOT, Shell
from triage.demo.child import DemoProcess, start_demo
from triage.desk.opening import open_desk
from triage.store import lease

pytestmark = pytest.mark.end_to_end

SETTLE_S = "2"
"""Longer than the helpdesk needs for a write that it applies late."""

PATIENCE_S = 600.0
"""All syncs of one test together, each bounded by it too: for what never ends, not for what is slow."""

KILLED_AFTER_S = (0.0, 0.02, 0.05)
"""From the first new request of a sync to its end, slept: when it is killed is what the tests are about."""

FAULTS = r"""
- match: {method: PUT, path: '^/api/v2/tickets/', nth: 1}
  fault: drop_reply
- match: {method: PUT, path: '^/api/v2/tickets/', nth: 2}
  fault: late_apply
  seconds: 1
- match: {method: PUT, path: '^/api/v2/tickets/', nth: 3}
  fault: drop_request
- match: {method: PUT, path: '^/api/v2/tickets/', nth: 4}
  fault: status
  status: 503
"""

UNANSWERED = r"""
- match: {method: PUT, path: '^/api/v2/tickets/', nth: 1}
  fault: delay
  seconds: 20
"""
"""The first write is under way for so long that whoever is to be killed with it cannot have ended before."""


@pytest.fixture
def demo(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[DemoProcess]:
    """The embedded helpdesk with faults on its writes."""
    faults = tmp_path / "faults.yaml"
    faults.write_text(getattr(request, "param", FAULTS))
    with start_demo(tmp_path / "helpdesk", faults=faults) as running:
        yield running


def environment(shell: Shell) -> dict[str, str]:
    return {**os.environ, "TRIAGE_HOME": str(shell.home), "TRIAGE_SETTLE_S": SETTLE_S, **shell.env}


def confirmed_notes(shell: Shell, monkeypatch: pytest.MonkeyPatch, count: int) -> dict[str, str]:
    """Internal notes on as many tickets, confirmed and not sent: text to ticket."""
    for name in ("TRIAGE_HOME", "TRIAGE_TOKEN", "TRIAGE_SETTLE_S"):
        monkeypatch.setenv(name, environment(shell)[name])
    tickets = [row["id"] for row in shell.must("queue", "--json").document[:count]]

    async def propose() -> dict[str, str]:
        desk = await open_desk()
        try:
            for number, ticket in enumerate(tickets):
                operation = await desk.cases.propose_note(ticket, f"Killed note {number}.", "internal")
                await desk.outbox.confirm(operation.id)
        finally:
            await desk.aclose()
        return {f"Killed note {number}.": ticket for number, ticket in enumerate(tickets)}

    return asyncio.run(propose())


def begin_sync(shell: Shell) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "triage", "sync"],
        cwd=ROOT,
        env=environment(shell),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def killed_while_sending(shell: Shell, after_s: float) -> bool:
    """A sync ended by SIGKILL ``after_s`` past the first new request; False when it had nothing to send."""
    before = attempts(shell)
    deadline = time.monotonic() + PATIENCE_S
    sync = begin_sync(shell)
    try:
        while sync.poll() is None and attempts(shell) == before:
            assert time.monotonic() < deadline, "the sync neither sent nor ended"
            time.sleep(0.005)
        time.sleep(after_s)
    finally:
        sync.send_signal(signal.SIGKILL)
    return sync.wait() == -signal.SIGKILL


def kept(shell: Shell, query: str) -> list[tuple[Any, ...]]:
    """What the database holds, read from outside; `rw`, for a kill may have left a journal to roll back."""
    path = shell.home / "data" / "demo" / "triage.db"
    with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=60)) as database:
        return database.execute(query).fetchall()


def attempts(shell: Shell) -> int:
    """Requests that were begun, as the outbox has them."""
    return int(kept(shell, "SELECT coalesce(sum(attempts), 0) FROM steps")[0][0])


def hold_outbox(shell: Shell, owner: str, until: datetime) -> None:
    """Let ``owner`` have the sender's lease."""

    def take(session: Session) -> None:
        now = datetime.now(UTC)
        assert lease.acquire(session, "sender", owner, until - now, now)

    async def hold() -> None:
        desk = await open_desk()
        try:
            await desk.parts.database.write(take)
        finally:
            await desk.aclose()

    asyncio.run(hold())


def states(shell: Shell) -> Counter[str]:
    """How many writes stand where; read straight from the database, which is quicker than a command."""
    return Counter(dict(kept(shell, "SELECT state, count(*) FROM operations GROUP BY state")))


def notes_on(demo: DemoProcess, ticket: str) -> list[dict[str, Any]]:
    with httpx.Client(base_url=demo.url, headers={"Authorization": f"Bearer {demo.token}"}) as client:
        answer = client.get(f"/api/v2/tickets/{ticket}/comments.json", params={"page[size]": 100})
    return [one for one in answer.raise_for_status().json()["comments"] if "Killed note" in one["body"]]


def test_three_notes_arrive_once_each_however_often_the_sync_is_killed(
    shell: Shell, demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.must("sync")
    notes = confirmed_notes(shell, monkeypatch, 3)
    begun, kills = time.monotonic(), 0
    while states(shell) != {"verified": 3}:
        assert time.monotonic() - begun < PATIENCE_S, states(shell)
        if kills < len(KILLED_AFTER_S):
            kills += killed_while_sending(shell, KILLED_AFTER_S[kills])
        else:
            shell.must("sync", TRIAGE_SETTLE_S=SETTLE_S)
    assert kills >= 2, "the kills must come in the middle of the sending"
    for text, ticket in notes.items():
        assert [(one["body"].count(text), one["public"]) for one in notes_on(demo, ticket)] == [(1, False)]


@pytest.mark.parametrize("demo", [UNANSWERED], indirect=True, ids=["unanswered"])
def test_the_outbox_of_a_killed_sync_is_free_at_once(
    shell: Shell, demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.must("sync")
    confirmed_notes(shell, monkeypatch, 1)
    assert killed_while_sending(shell, 0.0)
    [(owner, fence)] = kept(shell, "SELECT owner, fence FROM leases WHERE name = 'sender'")
    shell.must("sync", TRIAGE_SETTLE_S=SETTLE_S)
    [(heir, higher)] = kept(shell, "SELECT owner, fence FROM leases WHERE name = 'sender'")
    assert heir != owner
    assert higher > fence


def test_a_sync_held_up_by_another_sender_says_so(
    shell: Shell, demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.must("sync")
    confirmed_notes(shell, monkeypatch, 1)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=100)
    hold_outbox(shell, "elsewhere:4711/1", until)
    [notice] = shell.must("sync", "--json").document["notices"]
    assert f"another sender holds the outbox until {until:%H:%M:%S} UTC" in notice
    assert states(shell) == {"pending": 1}
