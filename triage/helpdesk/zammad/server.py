"""One Zammad: its lists, its people and what its numbers stand for.

Lists come from a search whose index can disagree with the database. So what changed is asked for with an
overlap, and each ticket it names is read from its own address.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta

from triage.helpdesk.answer import Forbidden
from triage.helpdesk.paging import PageGuard
from triage.helpdesk.shape import Record, expecting, known_moment, line, record, whole_number
from triage.helpdesk.transport import Query, Transport
from triage.model.errors import HelpdeskFailed, NotFound

PER_PAGE = 100
"""The most every list gives; more is cut to it without a word."""
OVERLAP = timedelta(minutes=5)
"""The index of a search is behind the database."""


class ZammadServer:
    """Reads, and remembers what seldom changes."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self._me: Record | None = None
        self._states: list[Record] | None = None
        self._users: dict[int, Record] = {}

    async def me(self) -> Record:
        """Our own user."""
        if self._me is None:
            self._me = record(await self.transport.read("api/v1/users/me", {"expand": "true"}), "the account")
        return self._me

    async def listed(self, path: str, query: Query | None = None) -> list[Record]:
        """A whole short list."""
        answer = await self.transport.read(path, {"expand": "true", **(query or {})})
        return _rows(answer, path)

    async def closed_states(self) -> frozenset[str]:
        """Names of the states that end a ticket; none where an account may not list them."""
        if self._states is None:
            try:
                self._states = await self.listed("api/v1/ticket_states")
            except Forbidden:
                self._states = []
        closed = {
            line(row.get("name")) for row in self._states
            if line(row.get("state_type") or row.get("name")) in ("closed", "merged", "removed")
        }  # fmt: skip
        return frozenset(closed or {"closed", "merged", "removed"})

    async def search(self, query: str, sort: str) -> AsyncIterator[list[Record]]:
        """Pages of a search with names in place of numbers, until one is empty."""
        guard, page = PageGuard("the search"), 0
        while True:
            page += 1
            asked: Query = {
                "query": query, "sort_by": sort, "order_by": "asc", "page": page, "per_page": PER_PAGE,
                "expand": "true",
            }  # fmt: skip
            found = _rows(await self.transport.read("api/v1/tickets/search", asked), "the search")
            if found:
                guard.passed(*(line(row.get("id")) for row in found))
                yield found
            if len(found) < PER_PAGE:
                return

    async def queue(self, query: str) -> AsyncIterator[list[Record]]:
        """Every ticket of a search, once, by rising number.

        Each page asks for what is above the last number seen, so a ticket that leaves hides no other.
        """
        last, guard = 0, PageGuard("the queue")
        while True:
            asked: Query = {
                "query": f"({query}) AND id:>{last}", "sort_by": "id", "order_by": "asc", "page": 1,
                "per_page": PER_PAGE, "expand": "true",
            }  # fmt: skip
            found = _rows(await self.transport.read("api/v1/tickets/search", asked), "the queue")
            with expecting("the queue"):
                fresh = [row for row in found if whole_number(row["id"]) > last]
                if fresh:
                    yield fresh
                    last = max(whole_number(row["id"]) for row in fresh)
            if len(found) < PER_PAGE:
                return
            guard.passed(last)

    async def updated(self, since: datetime) -> AsyncIterator[tuple[list[Record], datetime]]:
        """Tickets updated since, oldest update first, with the time reached."""
        start, guard = since - OVERLAP, PageGuard("the updated tickets")
        while True:
            reached = start
            async for found in self.search(f"updated_at:[{start:%Y-%m-%dT%H:%M:%SZ} TO *]", "updated_at"):
                with expecting("the updated tickets"):
                    reached = max(known_moment(row["updated_at"]) for row in found)
                yield found, max(since, reached)
                # Rows move while they are read: begin again at the time reached.
                if len(found) == PER_PAGE and reached.replace(microsecond=0) > start:
                    break
            else:
                return
            start = reached.replace(microsecond=0)
            guard.passed(start)

    async def raw(self, ticket_id: str) -> Record:
        """One ticket from the database. Raises `NotFound`."""
        if not ticket_id.isascii() or not ticket_id.isdigit():
            raise NotFound(f"{ticket_id!r} is no ticket of this helpdesk", do="Its tickets have numbers")
        try:
            answer = await self.transport.read(f"api/v1/tickets/{ticket_id}", {"expand": "true"})
        except NotFound as error:
            raise NotFound(f"the helpdesk has no ticket {ticket_id}", do="It may be deleted") from error
        return record(answer, "a ticket")

    async def articles(self, ticket_id: str) -> list[Record]:
        """All articles of a ticket by rising number."""
        return await self.listed(f"api/v1/ticket_articles/by_ticket/{ticket_id}")

    async def history(self, ticket_id: str) -> list[Record]:
        """The changes of a ticket; none where the account may not see them."""
        try:
            answer = record(await self.transport.read(f"api/v1/ticket_history/{ticket_id}"), "the history")
        except Forbidden:
            return []
        return _rows(answer.get("history"), "the history")

    async def tags(self, ticket_id: str) -> tuple[str, ...]:
        """The tags of a ticket, which it does not carry itself."""
        answer = record(
            await self.transport.read("api/v1/tags", {"object": "Ticket", "o_id": ticket_id}), "the tags"
        )
        with expecting("the tags"):
            return tuple(map(line, answer.get("tags") or ()))

    async def user(self, number: int) -> Record:
        """Somebody by number; empty for one we may not see."""
        if number not in self._users:
            try:
                answer = await self.transport.read(f"api/v1/users/{number}", {"expand": "true"})
                self._users[number] = record(answer, "a user")
            except (NotFound, Forbidden):
                self._users[number] = {}
        return self._users[number]


def names_of(user: Mapping[str, object]) -> Sequence[str]:
    """What people call somebody, then the login."""
    full = " ".join(filter(None, (line(user.get("firstname")), line(user.get("lastname")))))
    return [name for name in (full, line(user.get("login"))) if name and name != "-"]


def _rows(answer: object, what: str) -> list[Record]:
    if not isinstance(answer, list):
        raise HelpdeskFailed(f"{what} came in a shape we do not know", do="Check that the url is a Zammad")
    return [row for row in answer if isinstance(row, Mapping)]
