"""Every adapter beside a server of its kind, ready to be asked; in this process, or over loopback."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from tests.helpdesk.fake_github import INSIDE, FakeGitHub
from tests.helpdesk.fake_jira import FakeJira
from tests.helpdesk.fake_pagerduty import ME, FakePagerDuty
from tests.helpdesk.fake_redmine import FakeRedmine
from tests.helpdesk.fake_request_tracker import FakeRequestTracker
from tests.helpdesk.fake_zammad import FakeZammad
from tests.helpdesk.loopback import Request
from tests.helpdesk.loopback import reply as on_the_wire
from triage.config.profiles import Profile
from triage.config.secret import Secret
from triage.demo import schema
from triage.demo.app import create_app
from triage.demo.helpdesk_state import HelpdeskState, Settings
from triage.demo.opening import open_records
from triage.demo.records import Records
from triage.helpdesk import registry
from triage.helpdesk.port import Helpdesk
from triage.helpdesk.zendesk.adapter import open_helpdesk as open_zendesk

Watch = Callable[[httpx.Request], httpx.Response | None]

TICKETS = 12
"""In every stand, but in the embedded helpdesk, which is born with its cases."""
FIELD = ("esc_verdict", "bug")
TAGS = {"redmine": "esc-bug"}
"""A tag that a helpdesk takes, where it does not take any."""
FIELDLESS = frozenset({"github"})
TOKENS: Mapping[str, str] = {
    "redmine": "c0ffee" * 6, "request_tracker": "1-46-" + "ab" * 16, "jira cloud": "t0ken",
    "jira data center": "t0ken", "zendesk": "a-token-of-the-tests",
}  # fmt: skip
PATHS = {"github": "/repos/acme/desk"}
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "github": INSIDE, "pagerduty": {"account": ME}, "jira cloud": {"account": "bot@acme.test"},
    "zendesk": {"auth": "bearer"},
}  # fmt: skip
"""What a profile says beside the address."""


@dataclass
class Stand:
    """A fake with a few tickets, and its adapter."""

    server: Any
    desk: Helpdesk

    async def pause(self, seconds: float) -> None:
        """Time passes on the server's clock."""
        if hasattr(self.server, "now"):
            self.server.now += timedelta(seconds=seconds)

    async def answered(self, request: httpx.Request) -> httpx.Response:
        """What the server says to ``request``, its body read."""
        if isinstance(self.server, EmbeddedZendesk):
            answer = await self.server.handle_async_request(request)
            await answer.aread()
            return answer
        handle = getattr(self.server, "_handle", None) or self.server._answer
        reply: httpx.Response = handle(request)
        return reply


class EmbeddedZendesk(httpx.AsyncBaseTransport):
    """The embedded helpdesk in this process; like the real one it takes a bare comment for a public one."""

    def __init__(self, memory: sqlite3.Connection) -> None:
        self.ids = frozenset(str(row[0]) for row in memory.execute("SELECT id FROM tickets"))
        self.asked: list[httpx.Request] = []
        self._ahead = timedelta(0)
        settings = Settings(TOKENS["zendesk"], rate_limit=1_000_000, comment_limit=1_000_000)
        app = create_app(HelpdeskState(Records(memory), settings, self._seconds))
        self.app = httpx.ASGITransport(app)
        self.before: Watch = lambda request: None
        self.after: Watch = lambda request: None

    @property
    def now(self) -> datetime:
        """By its clock, which goes on by itself."""
        return datetime.now(UTC) + self._ahead

    @now.setter
    def now(self, now: datetime) -> None:
        self._ahead = now - datetime.now(UTC)

    def _seconds(self) -> float:
        return self.now.timestamp()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As the weather has it."""
        self.asked.append(request)
        if (trouble := self.before(request)) is not None:
            return trouble
        answer = await self.app.handle_async_request(request)
        return self.after(request) or answer


def as_asked(request: Request) -> httpx.Request:
    """A request from the wire, as a fake takes it."""
    address = f"https://fake.test{request.target}"
    return httpx.Request(request.method, address, headers=request.headers, content=request.body)


def as_sent(reply: httpx.Response) -> bytes:
    """A fake's answer, for the wire."""
    kept = {
        name: reply.headers[name] for name in ("location", "etag", "date", "link") if name in reply.headers
    }
    return on_the_wire(reply.status_code, reply.content, **kept)


def redmine() -> Stand:
    """Issues, one with a private note."""
    server = FakeRedmine()
    for number in range(1, TICKETS + 1):
        server.add_issue(number)
    server.add_journal(1, notes="Only for us.", private=True)
    server.issues[1].custom[4] = ["vip"]
    return Stand(server, server.desk())


def jira(*, cloud: bool) -> Stand:
    """Issues of a service project, one with a question."""
    server = FakeJira(cloud=cloud)
    for number in range(1, TICKETS + 1):
        server.add_issue(number)
    server.add_comment(1, "Hello?", "u-ilse")
    return Stand(server, server.desk())


def zammad() -> Stand:
    """Tickets with a question each."""
    server = FakeZammad()
    for number in range(1, TICKETS + 1):
        server.add_ticket(number)
        server.add_article(number, "Hello?", sender="Customer")
    return Stand(server, server.desk())


def github() -> Stand:
    """Issues of a private repository, one with a question."""
    server = FakeGitHub()
    for number in range(1, TICKETS + 1):
        server.add_issue(number)
    server.add_comment(1, "Hello?", "ilse")
    return Stand(server, server.desk(**INSIDE))


def pagerduty() -> Stand:
    """Incidents that were triggered."""
    server = FakePagerDuty()
    for number in range(1, TICKETS + 1):
        server.add_incident(number)
        server.add_log(number, "trigger")
    return Stand(server, server.desk())


def request_tracker() -> Stand:
    """Tickets of the queue for escalations."""
    server = FakeRequestTracker()
    for number in range(1, TICKETS + 1):
        server.add_ticket(number)
    return Stand(server, server.desk())


def zendesk() -> Stand:
    """The embedded helpdesk with its written cases."""
    memory = sqlite3.connect(":memory:", isolation_level=None)
    memory.deserialize(_born())
    server = EmbeddedZendesk(memory)
    profile = Profile(
        name="demo", helpdesk="zendesk", url="http://127.0.0.1:8080", folder=Path(), database="",
        auth="bearer",
    )  # fmt: skip
    return Stand(server, open_zendesk(profile, Secret(TOKENS["zendesk"]), transport=server))


@cache
def _born() -> bytes:
    """The embedded helpdesk's file as it is at the beginning."""
    with tempfile.TemporaryDirectory() as home:
        open_records(Path(home), now=datetime.now(UTC), zone="UTC", tickets=30, seed=7).close()
        connection = sqlite3.connect(Path(home) / schema.FILE_NAME)
        connection.execute("PRAGMA journal_mode=DELETE")
        content = connection.serialize()
        connection.close()
    return content


def known_ids(stand: Stand) -> frozenset[str]:
    """Every ticket of a stand as it was made."""
    if isinstance(stand.server, EmbeddedZendesk):
        return stand.server.ids
    letter = "Q" if stand.desk.name == "pagerduty" else ""
    return frozenset(f"{letter}{number}" for number in range(1, TICKETS + 1))


OURS: Mapping[str, Callable[[], Stand]] = {
    "redmine": redmine, "jira cloud": lambda: jira(cloud=True), "jira data center": lambda: jira(cloud=False),
    "zammad": zammad, "github": github, "pagerduty": pagerduty, "request_tracker": request_tracker,
    "zendesk": zendesk,
}  # fmt: skip


def helpdesk_name(name: str) -> str:
    """What a profile calls the helpdesk of a stand."""
    return "jira" if name.startswith("jira") else name


def first_ticket(name: str) -> str:
    """A ticket that is there."""
    return {"pagerduty": "Q1", "zendesk": "10015"}.get(name, "1")


@asynccontextmanager
async def opened(name: str, url: str) -> AsyncIterator[Helpdesk]:
    """The adapter of the stand ``name`` at ``url``, as a profile opens it."""
    at = url + PATHS.get(name, "")
    profile = Profile("f", helpdesk_name(name), at, Path(), "", **SETTINGS.get(name, {}))
    desk = registry.open_helpdesk(profile, Secret(TOKENS.get(name, "t")))
    try:
        yield desk
    finally:
        await desk.aclose()
