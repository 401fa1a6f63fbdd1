"""Which tickets: Zendesk's views, searches, tags, and what changed since."""

from __future__ import annotations

import asyncio
import difflib
import re
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from triage.helpdesk.answer import Forbidden, NotUnderstood
from triage.helpdesk.paging import PageGuard
from triage.helpdesk.port import QueueChoice
from triage.helpdesk.shape import Record, expecting, known_moment, line, record, records
from triage.helpdesk.transport import Query, Transport
from triage.helpdesk.zendesk.people import as_id
from triage.helpdesk.zendesk.reading import ESCALATED_TAG
from triage.model.errors import HelpdeskFailed, Invalid, NotFound

PAGE = 100
SAYS_ESCALATED = re.compile("escalat", re.IGNORECASE)
START_LAG = timedelta(minutes=5)
"""The export refuses a start in the last minute, and leaves the last minute out; the rest is margin."""
INDEX_LAG = timedelta(minutes=15)
"""How far back a search overlaps: its index may be minutes behind."""


BY_NUMBER = "Zendesk tells only the first 10,000 tickets of a list in numbered pages; narrow the queue"
BY_SEARCH = "Zendesk's search tells only its first 1,000 tickets; narrow the queue"


class Cut(HelpdeskFailed):
    """The helpdesk does not tell a list to its end; `what` says so for a person."""


@dataclass(frozen=True, slots=True)
class Selector:
    """A queue as the profile names it: ``view:…``, ``search:…`` or ``tag:…``."""

    kind: Literal["view", "search", "tag"]
    value: str

    @classmethod
    def parse(cls, text: str) -> Selector:
        """Raises `Invalid` for anything else."""
        kind, colon, value = text.partition(":")
        value = value.strip()
        if colon and value:
            if kind == "view":
                return cls("view", value)
            if kind == "search":
                return cls("search", value)
            if kind == "tag" and not re.search(r"\s", value):
                return cls("tag", value)
        raise Invalid(
            f"{text!r} names no queue", where="queue", do="Write view:TITLE, search:QUERY or tag:NAME"
        )

    @property
    def query(self) -> str:
        """The search behind ``search`` and ``tag``; the export of searches wants no ``type:``."""
        if self.kind == "tag":
            return f"tags:{self.value} status<solved"
        return re.sub(r"\btype:ticket\b\s*", "", self.value).strip()


class Queues:
    """Raw tickets of one account, page by page."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def choices(self) -> list[QueueChoice]:
        """Active views, escalated ones first, and the tag."""
        views = [view async for view in self._views() if view.get("active", True)]
        found = [
            QueueChoice(
                selector=f"view:{line(view.get('id'))}",
                title=line(view.get("title")),
                escalated=bool(SAYS_ESCALATED.search(line(view.get("title")))),
            )
            for view in views
        ]
        found.sort(key=lambda choice: not choice.escalated)
        tag = QueueChoice(f"tag:{ESCALATED_TAG}", f"Tickets tagged {ESCALATED_TAG}", escalated=True)
        first_plain = sum(choice.escalated for choice in found)
        return [*found[:first_plain], tag, *found[first_plain:]]

    async def resolve(self, text: str) -> Selector:
        """The selector, with a view's title turned into its number; without one, the first choice.

        Raises `NotFound` when there is no such view, `Invalid` for an unreadable selector.
        """
        if not text.strip():
            text = (await self.choices())[0].selector
        selector = Selector.parse(text)
        if selector.kind != "view" or selector.value.isdigit():
            return selector
        titles = []
        async for view in self._views():
            titles.append(line(view.get("title")))
            if titles[-1].casefold() == selector.value.casefold():
                return Selector("view", line(view.get("id")))
        near = difflib.get_close_matches(selector.value, titles, n=1)
        raise NotFound(
            f"there is no view {selector.value!r}", where="queue",
            do=f"Did you mean {near[0]!r}?" if near else "triage init lists the views",
        )  # fmt: skip

    def _views(self) -> AsyncIterator[Record]:
        return self._each("api/v2/views.json", "views", {"page[size]": PAGE})

    async def _each(self, path: str, key: str, query: Query) -> AsyncIterator[Record]:
        async for page in pages(self._transport, path, key, query):
            for item in page:
                yield item

    async def tickets(self, selector: Selector) -> AsyncGenerator[list[Record]]:
        """Every page of the queue.

        Raises `NotFound` for a view that does not exist, and `Cut` behind the last page that was told.
        """
        if selector.kind != "view":
            async for page in self._found(selector.query):
                yield page
            return
        try:
            path = f"api/v2/views/{selector.value}/tickets.json"
            async for page in pages(self._transport, path, "tickets", {"page[size]": PAGE}):
                yield page
        except NotFound as error:
            raise NotFound(f"there is no view {selector.value}", where="queue",
                           do="triage init lists the views") from error  # fmt: skip

    async def _found(self, query: str) -> AsyncIterator[list[Record]]:
        """Tickets found by ``query``: by the export of searches, or by the plain search with its ceiling."""
        told = False
        exported: Query = {"query": query, "filter[type]": "ticket", "page[size]": PAGE}
        try:
            async for page in pages(self._transport, "api/v2/search/export.json", "results", exported):
                told = True
                yield page
            return
        except (Forbidden, NotFound):
            if told:
                raise
        plain: Query = {"query": f"type:ticket {query}", "per_page": PAGE}
        async for page in pages(self._transport, "api/v2/search.json", "results", plain, ceiling=BY_SEARCH):
            yield page

    async def extent(self, selector: Selector) -> tuple[int, datetime | None]:
        """How many tickets are in the queue, and when the oldest of them was created (UTC)."""
        oldest: Query = {"sort_by": "created_at", "sort_order": "asc", "per_page": 1}
        if selector.kind == "view":
            path = f"api/v2/views/{selector.value}"
            answer = record(await self._transport.read(f"{path}/count.json"), "the count of a view")
            count = as_id(record(answer.get("view_count"), "the count of a view").get("value"))
            found = records(await self._transport.read(f"{path}/tickets.json", oldest), "tickets", "a view")
        else:
            query = f"type:ticket {selector.query}"
            count = await self._count(query)
            path = "api/v2/search.json"
            found = records(
                await self._transport.read(path, {"query": query, **oldest}), "results", "a search"
            )
        with expecting("a ticket"):
            return count or 0, known_moment(found[0]["created_at"]) if found else None

    async def created_since(self, moment: datetime) -> int:
        """How many tickets the account got since ``moment``."""
        return await self._count(f"type:ticket created>={_stamp(moment)}")

    async def _count(self, query: str) -> int:
        answer = record(await self._transport.read("api/v2/search/count.json", {"query": query}), "a count")
        return as_id(answer.get("count")) or 0

    def start_cursor(self) -> str:
        """A cursor for "from now on", by the server's clock."""
        return f"start:{int((self._transport.server_now() - START_LAG).timestamp())}"

    async def changes(self, cursor: str) -> AsyncIterator[tuple[list[Record], str, bool]]:
        """Changed tickets with the cursor behind them, and whether that was the last page.

        The cursor is ``start:SECONDS`` or ``at:CURSOR``. Raises `Forbidden` when the account is no
        administrator.
        """
        guard = PageGuard("the export of changes")
        while True:
            kind, _, value = cursor.partition(":")
            answer = await self._export({"start_time": int(value)} if kind == "start" else {"cursor": value})
            found = records(answer, "tickets", "the export of changes")
            after, done = line(answer.get("after_cursor")), bool(answer.get("end_of_stream"))
            if not after and not done:
                raise HelpdeskFailed("the export of changes gave no place to go on from")
            moved = f"at:{after}" if after else cursor
            if not done:
                guard.passed(moved)
            yield found, moved, done
            if done:
                return
            cursor = moved

    async def _export(self, query: Query) -> Record:
        return record(
            await self._transport.read("api/v2/incremental/tickets/cursor.json", query),
            "the export of changes",
        )

    async def compared(
        self, selector: Selector, since: datetime
    ) -> AsyncIterator[tuple[list[Record], str | None, bool]]:
        """The way without the export: the whole queue again, then everything updated since ``since``.

        Only the end has a cursor: a piece of a queue cannot be gone on from, and neither can updates that
        were not all told. Found tickets are fetched afresh, because a search answers from an index. Raises
        `Cut` at the end where a ceiling cut something.
        """
        began, cut = self._transport.server_now(), None
        try:
            async for page in self.tickets(selector):
                yield page, None, False
        except Cut as met:
            cut = met
        async for page in self._found(f"updated>={_stamp(since - INDEX_LAG)}"):
            if page:
                yield await self.show_many([line(ticket.get("id")) for ticket in page]), None, False
        yield [], f"compare:{_stamp(began)}", cut is None
        if cut is not None:
            raise cut

    async def show_many(self, ids: list[str]) -> list[Record]:
        """Up to 100 tickets straight from the database."""
        answer = await self._transport.read("api/v2/tickets/show_many.json", {"ids": ",".join(ids)})
        return records(answer, "tickets", "the list of tickets")


def compared_since(cursor: str, fallback: datetime) -> datetime:
    """The moment in a cursor, whichever way it was made."""
    kind, _, value = cursor.partition(":")
    with expecting("a cursor of our own"):
        if kind == "compare":
            return known_moment(value)
        if kind == "start":
            return datetime.fromtimestamp(int(value), UTC)
    return fallback


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def pages(
    transport: Transport, path: str, key: str, query: Query, *, ceiling: str = BY_NUMBER
) -> AsyncIterator[list[Record]]:
    """The pages of a list, by Zendesk's cursors, or by its ``next_page`` links where it has no cursors.

    The next page is asked for while one is looked at. Such links lead too far at some point: then `Cut` is
    raised, with ``ceiling`` for its words. Raises `HelpdeskFailed` when the pages repeat.
    """
    guard = PageGuard(path)
    asked: Query | None = query
    asking = asyncio.create_task(transport.read(path, query))
    try:
        while True:
            try:
                answer = record(await asking, "a list")
            except NotUnderstood as error:
                if asked is None:  # a link of theirs, nothing of ours
                    raise Cut(ceiling, where=path) from error
                raise
            found = records(answer, key, "a list")
            following, asked = _next(answer, path, query)
            if following is not None:
                asking = asyncio.create_task(_followed(transport, guard, following, asked))
            yield found
            if following is None:
                return
    finally:
        asking.cancel()  # nobody has to hear of it either, if it failed by now


async def _followed(transport: Transport, guard: PageGuard, link: str, query: Query | None) -> Any:
    guard.passed(link, tuple(query.items()) if query else None)
    return await transport.read(link, query)


def _next(answer: Record, path: str, query: Query) -> tuple[str | None, Query | None]:
    meta = answer.get("meta")
    if isinstance(meta, dict):
        after = meta.get("after_cursor")
        return (
            (path, {**query, "page[after]": str(after)}) if meta.get("has_more") and after else (None, None)
        )
    link = answer.get("next_page")
    return (link, None) if isinstance(link, str) and link else (None, None)
