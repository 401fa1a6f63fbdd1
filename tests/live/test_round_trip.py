"""Two hundred notes go out and come back: neither one less nor one more, however often we sync."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.live.redmine_server import RedmineServer
from tests.live.request_tracker_server import RequestTrackerServer
from triage.desk.desk import Desk
from triage.desk.opening import open_desk
from triage.desk.setting_up import NewProfile, write_profile

pytestmark = pytest.mark.live

NOTES = 200
MOST_ROUNDS = 20
TICKETS = 20
PROFILE = "live"


@dataclass(frozen=True)
class Server:
    """What the story needs of either server."""

    helpdesk: str
    url: str
    token: str
    queue: str
    new_ticket: Callable[[str], str]
    notes: Callable[[str], list[str]]
    """Internal notes of a ticket, as the server holds them."""
    public: Callable[[str], list[str]]


def _request_tracker(server: RequestTrackerServer) -> Server:
    return Server(
        "request_tracker", server.url, server.tokens["triage-bot"], "Queue='General' AND Status='__Active__'",
        lambda subject: server.new_ticket(subject, "General"), server.comments, server.replies,
    )  # fmt: skip


def _redmine(server: RedmineServer) -> Server:
    return Server(
        "redmine", server.url, server.keys["triage-bot"], "project_id=escalations&status_id=open",
        server.new_issue, lambda number: [text for text, private in server.notes(number) if private],
        lambda number: [text for text, private in server.notes(number) if not private],
    )  # fmt: skip


@pytest.fixture(params=["request_tracker", "redmine"])
def server(request: pytest.FixtureRequest) -> Server:
    running = request.getfixturevalue(request.param)
    return _request_tracker(running) if request.param == "request_tracker" else _redmine(running)


@contextmanager
def a_home(folder: Path, server: Server) -> Iterator[None]:
    """A TRIAGE_HOME with one profile for ``server``."""
    before = dict(os.environ)
    os.environ |= {"TRIAGE_HOME": str(folder), "TRIAGE_LIVE_TOKEN": server.token, "TRIAGE_SETTLE_S": "2"}
    try:
        new = NewProfile(name=PROFILE, helpdesk=server.helpdesk, url=server.url, queue=server.queue,
                         token_env="TRIAGE_LIVE_TOKEN")  # fmt: skip
        write_profile(new, default=True)
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


async def write_notes(desk: Desk, tickets: list[str]) -> list[str]:
    """Confirm the notes, spread over the tickets; returns their texts."""
    texts = [f"Note {number:03} of this round." for number in range(NOTES)]
    for number, text in enumerate(texts):
        proposed = await desk.cases.propose_note(tickets[number % len(tickets)], text, "internal")
        await desk.outbox.confirm(proposed.id)
    return texts


async def pushed(desk: Desk) -> int:
    """Sync until nothing waits; a busy server may drop a connection, and then its note is looked for."""
    brought = 0
    for _ in range(MOST_ROUNDS):
        run = await desk.sync.run()
        brought += run.pushed
        assert (run.parked, run.conflicts) == (0, 0)
        if not run.waiting:
            break
        await asyncio.sleep(
            5
        )  # the server's own time: a write in doubt may be looked for only once it settled
    return brought


BODIES = (
    "A line.   \r\n\r\n\tIndented, with a tab and spaces at the end.  \n\n\n\nFour lines below.\n",
    "<b>bold</b> & <script>alert('x')</script> &amp; &lt; <!-- not a comment --> <a href='https://a.example'>a</a>",
    "*bold* _italic_ +x+ h1. Heading\n\nbq. quoted\n\n|a|b|\n# one\n# two\n{{collapse}} [[Page]] #1 @user",
    "# Heading\n\n```python\nprint('=3D =\\n')\n```\n\n> quoted\n\n[a](https://a.example/b?c=d&e=f)\n\n---\n",
    "größer “quoted” – dash … 🚚 👩‍👩‍👧 日本語 עברית \u00a0hard\u200bzero",
    "From the start of a line\n.\n.. dots\n-- \na signature\n\nOn Monday somebody wrote:\n> a reply\n",
    f"one long line {'word ' * 8_000}end",
    "\n".join(f"{number:05} of a long log: {'=' * 60} {number * 7919}" for number in range(2_000)),
)


async def test_a_note_with_anything_in_it_reads_back_whole(server: Server, tmp_path: Path) -> None:
    tickets = [server.new_ticket(f"Whole {number}") for number in range(len(BODIES))]
    with a_home(tmp_path, server):
        desk = await open_desk(PROFILE)
        try:
            await desk.sync.run()
            for ticket, body in zip(tickets, BODIES, strict=True):
                proposed = await desk.cases.propose_note(ticket, body, "internal")
                await desk.outbox.confirm(proposed.id)
            await pushed(desk)
            operations = await desk.outbox.list(finished=True)
        finally:
            await desk.aclose()
    assert [(one.state, one.problem) for one in operations] == [("verified", "")] * len(BODIES)


async def test_two_hundred_notes_stay_two_hundred_on_both_sides(server: Server, tmp_path: Path) -> None:
    tickets = [server.new_ticket(f"Round trip {number}") for number in range(TICKETS)]
    with a_home(tmp_path, server):
        desk = await open_desk(PROFILE)
        try:
            await desk.sync.run()
            texts = await write_notes(desk, tickets)
            assert await pushed(desk) == NOTES
            again = [await desk.sync.run() for _ in range(4)]  # pull, push, then pull three times more
            assert [(run.pushed, run.waiting) for run in again] == [(0, 0)] * 4
            cases = [await desk.cases.open(ticket) for ticket in tickets]
            operations = await desk.outbox.list(finished=True)
        finally:
            await desk.aclose()
    here = Counter(
        event.text.partition("\n")[0]
        for case in cases
        for event in case.facts.timeline
        if event.kind == "message" and event.visibility == "internal"
    )
    there = Counter(text.partition("\n")[0] for number in tickets for text in server.notes(number))
    assert here == Counter(texts)
    assert there == Counter(texts)
    assert not [text for number in tickets for text in server.public(number) if "of this round" in text]
    assert {operation.state for operation in operations} == {"verified"}
    ours = [event for case in cases for event in case.facts.timeline if event.marker]
    assert len(ours) == NOTES
