"""Real kills: a process that syncs with the embedded helpdesk in bad weather dies by SIGKILL, over and over.

Each life is a fork of this process, in which everything is imported already, so that a kill costs a fraction
of a second. What is committed is looked at from outside after each kill; every so often the sync is left
alone until the outbox is empty, and the notes on the helpdesk are counted.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Coroutine
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.reliability.records import ROOT, Record, code, commit
from triage.demo.child import DemoProcess, start_demo
from triage.desk import wiring
from triage.desk.desk import Desk
from triage.desk.first_frame import ALL
from triage.model.errors import TriageError
from triage.store import sqlite_database
from triage.store.database_file import JournalMode
from triage.store.sqlite_database import damage

KILLS_A_BATCH = 25
NOTES_A_KILL = 3
TICKETS = 30
LATEST_KILL_S = 0.5
"""After the start of a process: anywhere in opening, pulling, sending."""
LATEST_ANSWER_S = 0.06
"""After a request was begun: before or after the helpdesk has it, or while its answer is written down."""
ROUNDS_TO_REST = 200
SETTLE_S = "1"
"""Longer than the helpdesk needs for a write that it applies late."""
FAULTS = r"""
- match: {method: PUT, path: '^/api/v2/tickets/', probability: 0.12}
  fault: drop_reply
- match: {method: PUT, path: '^/api/v2/tickets/', probability: 0.10}
  fault: drop_request
- match: {method: PUT, path: '^/api/v2/tickets/', probability: 0.08}
  fault: late_apply
  seconds: 0.4
- match: {method: PUT, path: '^/api/v2/tickets/', probability: 0.08}
  fault: status
  status: 503
"""


@dataclass
class Toll:
    """What the kills came to."""

    kills: int = 0
    while_sending: int = 0
    notes: int = 0
    batches: int = 0
    broken: list[str] = field(default_factory=list)


def run(count: int, seed: int, say: Callable[[str], None]) -> Record:
    """``count`` kills, half of them in each journal mode."""
    begun, at_start, toll, rng = time.monotonic(), (commit(), code()), Toll(), random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "faults.yaml").write_text(FAULTS)
        demo = start_demo(
            folder / "helpdesk", tickets=TICKETS, seed=7, faults=folder / "faults.yaml",
            rate_limit=1_000_000, comment_limit=1_000_000,
        )  # fmt: skip
        stop = _asked_to_stop()
        with demo:
            while toll.kills < count and not toll.broken and not stop:
                journal: JournalMode = "wal" if toll.batches % 2 else "delete"
                _batch(
                    folder / f"home-{journal}",
                    demo,
                    journal,
                    min(KILLS_A_BATCH, count - toll.kills),
                    rng,
                    toll,
                )
                toll.batches += 1
                say(f"{toll.kills} kills, {toll.while_sending} while sending, {toll.notes} notes, "
                    f"{len(toll.broken)} broken, {time.monotonic() - begun:.0f} s")  # fmt: skip
    for line in toll.broken:
        say(f"BROKEN --seed {seed}: {line}")
    return Record.of(
        "kills",
        toll.kills,
        len(toll.broken),
        time.monotonic() - begun,
        seeds=(seed, seed),
        commit=at_start[0],
        code=at_start[1],
        details={"after it had begun a request": toll.while_sending, "notes written": toll.notes},
    )


def _asked_to_stop() -> list[int]:
    """Filled by SIGTERM: the run ends with the batch in hand, and what it did is counted."""
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
    return asked


def _batch(
    home: Path, demo: DemoProcess, journal: JournalMode, kills: int, rng: random.Random, toll: Toll
) -> None:
    _use(home, demo, journal)
    if not home.exists():
        _set_up(demo)
    first = toll.notes
    toll.notes += kills * NOTES_A_KILL
    _finish(_fork(lambda: _propose(first, toll.notes, rng.randrange(1 << 30))))
    path = home / "data" / "kills" / "triage.db"
    for _ in range(kills):
        before = _requests(path)
        life = _fork(_sync)
        if rng.random() < 0.5:
            time.sleep(rng.uniform(0.0, LATEST_KILL_S))
        else:
            _wait_for_a_request(path, before)
            time.sleep(rng.uniform(0.0, LATEST_ANSWER_S))
        os.kill(life, signal.SIGKILL)
        _, status = os.waitpid(life, 0)
        if not os.WIFSIGNALED(status):
            continue  # it had nothing left to send, and ended before the kill
        toll.kills += 1
        toll.while_sending += _requests(path) > before
        if wrong := damage(path, thorough=True):
            toll.broken.append(f"after kill {toll.kills}: {wrong[0]}")
            return
    _finish(_fork(_until_sent))
    _count(path, demo, first, toll)


def _use(home: Path, demo: DemoProcess, journal: JournalMode) -> None:
    os.environ.update(TRIAGE_HOME=str(home), TRIAGE_TOKEN=demo.token, TRIAGE_SETTLE_S=SETTLE_S)
    sqlite_database.safe_journal = lambda version: journal


def _set_up(demo: DemoProcess) -> None:
    words = ["init", "--no-input", "--profile", "kills", "--helpdesk", "zendesk", "--url", demo.url]
    command = [sys.executable, "-m", "triage", *words, "--token-env", "TRIAGE_TOKEN"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    _finish(_fork(_sync))


def _fork(work: Callable[[], Coroutine[Any, Any, None]]) -> int:
    """A process that does ``work`` and ends; its id."""
    life = os.fork()
    if life:
        return life
    ended = 1
    try:
        asyncio.run(work())
        ended = 0
    except TriageError as trouble:
        sys.stderr.write(f"{trouble}\n")
        ended = trouble.exit_code
    except BaseException:  # os._exit would leave it unsaid
        traceback.print_exc()
    finally:
        os._exit(ended)


def _finish(life: int) -> None:
    _, status = os.waitpid(life, 0)
    if status:
        raise RuntimeError(f"a process that nobody killed ended with {os.waitstatus_to_exitcode(status)}")


async def _with_desk(work: Callable[[Desk], Coroutine[Any, Any, None]]) -> None:
    desk = await wiring.wire(None)
    try:
        await work(desk)
    finally:
        await desk.aclose()


async def _sync() -> None:
    async def work(desk: Desk) -> None:
        await desk.sync.run()

    await _with_desk(work)


async def _until_sent() -> None:
    """Rounds, not seconds: a slow machine is no fault of the sync."""

    async def work(desk: Desk) -> None:
        for _ in range(ROUNDS_TO_REST):
            waiting = await desk.outbox.list()
            if not waiting:
                return
            for operation in waiting:
                if operation.state in ("parked", "conflict", "rejected"):
                    await desk.outbox.retry(operation.id)
            await desk.sync.run()
            await asyncio.sleep(0.3)

    await _with_desk(work)


async def _propose(first: int, after: int, seed: int) -> None:
    async def work(desk: Desk) -> None:
        rng = random.Random(seed)
        window = await desk.queue.window(ALL, offset=0, limit=TICKETS)
        tickets = [item.id for item in window.items]
        for number in range(first, after):
            text = f"Killed note {number:06d}."
            operation = await desk.cases.propose_note(rng.choice(tickets), text, "internal")
            await desk.outbox.confirm(operation.id)

    await _with_desk(work)


def _wait_for_a_request(path: Path, before: int) -> None:
    ends = time.monotonic() + 3.0
    while _requests(path) == before and time.monotonic() < ends:
        time.sleep(0.004)


def _requests(path: Path) -> int:
    """How many requests were ever begun, as the outbox has them."""
    query = "SELECT coalesce(sum(attempts), 0) FROM steps"
    with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=5)) as database:
        return int(database.execute(query).fetchone()[0])


def _count(path: Path, demo: DemoProcess, first: int, toll: Toll) -> None:
    """Every note of this batch once, on its ticket, internal; and known here as arrived."""
    with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=5)) as database:
        unfinished = database.execute(
            "SELECT o.id, o.state, o.problem, s.attempts, s.problem FROM operations AS o "
            "JOIN steps AS s ON s.operation_id = o.id WHERE o.state NOT IN ('verified', 'dropped')"
        ).fetchall()
        rows = database.execute("SELECT ticket_id, change FROM operations").fetchall()
    toll.broken += [f"a write never arrived: {row}" for row in unfinished]
    tickets = sorted({row[0] for row in rows})
    comments: dict[str, list[dict[str, Any]]] = {}
    with httpx.Client(base_url=demo.url, headers={"Authorization": f"Bearer {demo.token}"}) as client:
        for ticket in tickets:
            comments[ticket] = _comments(client, ticket)
    for number in range(first, toll.notes):
        text = f"Killed note {number:06d}."
        [home] = [ticket for ticket, change in rows if text in change]
        found = [(one, note["public"]) for one in tickets for note in comments[one] if text in note["body"]]
        if found != [(home, False)]:
            toll.broken.append(f"{text} wanted on {home} once and internal, found {found}")


def _comments(client: httpx.Client, ticket: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    url: str | None = f"/api/v2/tickets/{ticket}/comments.json?page[size]=100"
    while url:
        document = client.get(url).raise_for_status().json()
        found += document["comments"]
        meta = document.get("meta") or {}
        url = (document.get("links") or {}).get("next") if meta.get("has_more") else None
    return found
