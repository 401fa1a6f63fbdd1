"""One repository on GitHub: its requests, its limits and its lists.

GitHub asks for writes a second apart, and says "too many" as 403 as often as 429.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx

from triage.helpdesk.answer import Answer
from triage.helpdesk.github.token_scopes import NEEDED, TokenScopes
from triage.helpdesk.paging import PageGuard, each_once
from triage.helpdesk.shape import Record, expecting, known_moment, line, record
from triage.helpdesk.spoken_errors import SpokenErrors
from triage.model.errors import HelpdeskFailed, Invalid

PER_PAGE = 100
OVERLAP = timedelta(minutes=1)
"""Lists are behind by seconds."""
WRITES_APART_S = 1.0
DEFAULT_PAUSE_S = 60
"""When GitHub says "too many" and not for how long, its documentation asks for a minute."""
_OURS = frozenset({"page", "per_page", "sort", "direction", "since"})


class GitHubTransport(SpokenErrors):
    """Understands all of GitHub's ways to say "not now", and which permission a token lacks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.token = TokenScopes()
        """What answers said of the token."""

    async def _exchange(self, client: httpx.AsyncClient, request: httpx.Request, deadline_s: float) -> Answer:
        answer = await super()._exchange(client, request, deadline_s)
        self.token.heard(answer.headers)
        if (seconds := _asked_to_wait(answer, self.server_now())) is None:
            return _with_permission(answer)
        headers = httpx.Headers(answer.headers)
        headers["Retry-After"] = str(seconds)
        return replace(answer, status=429, headers=headers)


def _with_permission(answer: Answer) -> Answer:
    """A refusal with the permission that a fine-grained token would need, which stands in a header."""
    lacks = answer.headers.get(NEEDED, "")
    if answer.status != 403 or not lacks:
        return answer
    said = [*answer.error_words(), f"the token needs {lacks}"]
    return replace(answer, body=json.dumps({"message": said}).encode())


def _asked_to_wait(answer: Answer, now: datetime) -> int | None:
    """Seconds to wait, where this is about too many requests; None for everything else."""
    if answer.status not in (403, 429):
        return None
    if (after := answer.headers.get("Retry-After", "")).isdigit():
        return int(after)
    if answer.headers.get("X-RateLimit-Remaining") == "0":
        reset = answer.headers.get("X-RateLimit-Reset", "")
        if reset.isascii() and reset.isdigit():
            return max(1, int(int(reset) - now.timestamp()) + 1)
        return DEFAULT_PAUSE_S
    return DEFAULT_PAUSE_S if answer.status == 429 or b"rate limit" in answer.body else None


class WriteSpacing:
    """Keeps writes a second apart."""

    def __init__(
        self,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pause = pause
        self._clock = clock
        self._turn = asyncio.Lock()
        self._last: float | None = None

    async def wait(self) -> None:
        """Return when the next write may go."""
        async with self._turn:
            if self._last is not None and (left := self._last + WRITES_APART_S - self._clock()) > 0:
                await self._pause(left)
            self._last = self._clock()


class Repository:
    """Reads of one repository."""

    def __init__(self, transport: GitHubTransport) -> None:
        self.transport = transport
        self._me: Record | None = None

    async def me(self) -> Record:
        """Our own user; a token of an installed app has none. Raises `HelpdeskFailed`."""
        if self._me is None:
            base = self.transport.base
            root = base.copy_with(path=base.path.partition("/repos/")[0] + "/user")
            self._me = record(await self.transport.read(str(root)), "the account")
        return self._me

    async def itself(self) -> Record:
        """The repository as it is now."""
        return record(await self.transport.read(str(self.transport.base).rstrip("/")), "the repository")

    async def is_private(self) -> bool:
        """Whether only its members see it. Asked anew each time: a repository can be opened any day."""
        return (await self.itself()).get("private") is True

    async def rows(self, path: str, query: Mapping[str, str]) -> AsyncIterator[list[Record]]:
        """Pages until one is short."""
        guard, page = PageGuard(path), 0
        while True:
            page += 1
            found = await self._page(path, {**query, "page": str(page)})
            if found:
                yield found
            if len(found) < PER_PAGE:
                return
            guard.passed(*(line(row.get("id")) for row in found))

    async def _page(self, path: str, query: Mapping[str, str]) -> list[Record]:
        answer = await self.transport.read(path, {**query, "per_page": PER_PAGE})
        if not isinstance(answer, list):
            raise HelpdeskFailed(f"{path} is no list", do="Check that the url ends in /repos/OWNER/NAME")
        return [row for row in answer if isinstance(row, Mapping)]

    async def issues(self, selector: str) -> AsyncIterator[list[Record]]:
        """Every issue of the queue, once.

        The list is counted in pages, so an issue that leaves it hides another.
        """
        query = {**_parameters(selector), "sort": "created", "direction": "asc"}
        async for page in each_once(lambda: self.rows("issues", query), "the queue"):
            yield [row for row in page if "pull_request" not in row]

    async def updated(self, since: datetime) -> AsyncIterator[tuple[list[Record], datetime]]:
        """Issues updated since, oldest update first, with the time reached.

        Asked from the last time seen and not by page: what is updated meanwhile is met at the end.
        """
        guard, start, page = PageGuard("the updated issues"), since - OVERLAP, 1
        while True:
            query = {"state": "all", "sort": "updated", "direction": "asc",
                     "since": f"{start:%Y-%m-%dT%H:%M:%SZ}", "page": str(page)}  # fmt: skip
            found = await self._page("issues", query)
            with expecting("the updated issues"):
                reached = max((known_moment(row["updated_at"]) for row in found), default=since)
            yield [row for row in found if "pull_request" not in row], max(since, reached)
            if len(found) < PER_PAGE:
                return
            guard.passed(start, *(line(row.get("id")) for row in found))
            start, page = (reached, 1) if reached > start else (start, page + 1)

    async def comments(self, number: str, since: datetime | None) -> AsyncIterator[list[Record]]:
        """All pages of an issue's comments that changed since."""
        query = {"since": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"} if since else {}
        async for page in self.rows(f"issues/{number}/comments", query):
            yield page


def _parameters(selector: str) -> dict[str, str]:
    """The parameters of the list that ``selector`` stands for. Raises `Invalid`."""
    asked = dict(parse_qsl(selector.strip().lstrip("?") or urlencode({"labels": "escalated"})))
    if not asked or _OURS & asked.keys():
        raise Invalid("the queue is not a list of GitHub's parameters", where="queue",
                      do="Write it like labels=escalated&state=open")  # fmt: skip
    return asked
