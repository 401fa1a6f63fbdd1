"""Many timelines from the stream of events, where one request for each ticket would take longer.

While a queue is read and most of its tickets are new to us, the stream of the whole account is fetched once,
into a file of our own without a name. A timeline is told from there as soon as the stream has come past the
ticket's latest update. Nothing else changes: a ticket whose events do not reach from its creation to its
latest update, or that has one the stream does not tell whole, is read by its audits as ever.
"""

from __future__ import annotations

import asyncio
import marshal
import sqlite3
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta

from triage.helpdesk.answer import Forbidden
from triage.helpdesk.shape import Record, expecting, known_moment, line, whole_number
from triage.helpdesk.transport import Transport
from triage.helpdesk.zendesk.event_stream import EventStream, as_audit
from triage.helpdesk.zendesk.queue import Queues, Selector
from triage.model.errors import HelpdeskFailed, NotFound
from triage.model.ticket import Ticket

ASKED_BEFORE = 50
"""Tickets of a queue that are read one by one before the stream is thought of."""
SMALLEST = 200
"""Fewer tickets than this to come are not worth it."""
WORTH_ONE_OF = 2
"""The stream tells of every ticket of the account: it is worth it where at least one of so many is wanted.
A ticket has about ten updates, so that a page of a thousand tells a hundred tickets; but only ten such pages
a minute may be asked for, and several hundred tickets."""
AT_REST = timedelta(minutes=2)
"""Who changed this shortly before the stream ended is read by the audits: it leaves out the last minute."""


class ReadAhead:
    """The timelines of one account that were fetched ahead, while there are any.

    ``say`` is told how many updates were fetched.
    """

    def __init__(self, transport: Transport, queues: Queues, say: Callable[[int], None]) -> None:
        self._say = say
        self._stream = EventStream(transport)
        self._queues = queues
        self._spool: Spool | None = None
        self._until: datetime | None = None
        self._filling: asyncio.Task[None] | None = None
        self._moved = asyncio.Event()
        self._waiting = 0
        self._selector: Selector | None = None
        self._page: frozenset[str] = frozenset()
        self._listed = 0
        self._asked = 0
        self._decided = True
        self._deciding = asyncio.Lock()
        self._may_export = True

    async def along(
        self, selector: Selector, pages: AsyncGenerator[Sequence[Record]]
    ) -> AsyncGenerator[Sequence[Record]]:
        """``pages`` of the queue; while they are read, timelines may be fetched ahead."""
        self._forget()
        self._selector, self._listed, self._asked = selector, 0, 0
        self._decided = not self._may_export
        try:
            async with aclosing(pages):
                async for page in pages:
                    self._page = frozenset(line(ticket.get("id")) for ticket in page)
                    yield page
                    self._listed += len(page)
        finally:
            self._decided, self._page = True, frozenset()
            self._forget()

    async def told(self, ticket: Ticket) -> list[Record] | None:
        """The audits of ``ticket``, oldest first; None where they must be asked for."""
        self._asked += 1
        if not self._decided and self._asked > ASKED_BEFORE:
            async with self._deciding:
                if not self._decided:
                    await self._decide()
        spool = await self._past(ticket.updated_at + AT_REST, waits=ticket.id in self._page)
        if spool is None:
            return None
        try:
            audits = spool.of(ticket.id)
        except sqlite3.Error:
            # The file fails while it is read: the audits are still there.
            self._forget()
            return None
        return _whole(audits, ticket)

    async def _past(self, moment: datetime, *, waits: bool) -> Spool | None:
        """What was told, once the stream has come past ``moment``; None where it never will, and where
        nobody ``waits`` for it: who opens a ticket meanwhile wants to see it now.
        """
        self._waiting += waits
        try:
            while self._spool is not None and (self._until is None or self._until < moment):
                if not waits or self._filling is None:
                    return None
                if self._filling.done():
                    self._filling.result()  # a fault of our own is no reason to go another way
                    return None
                await self._moved.wait()
        except asyncio.CancelledError:
            self._forget()  # whom it was fetched for is no longer there
            raise
        finally:
            self._waiting -= waits
        return self._spool

    async def _decide(self) -> None:
        self._decided = True
        try:
            since = await self._worth_it_since()
            if since is not None:
                self._spool = Spool()
                self._filling = asyncio.create_task(self._fill(since, self._spool))
                self._filling.add_done_callback(lambda _: self._wake())
        except (HelpdeskFailed, NotFound, sqlite3.Error) as why:
            self._give_up(why)

    def _give_up(self, why: Exception) -> None:
        """What ails the helpdesk, or a full disk, will show where it matters; this was only a shorter way."""
        self._may_export = self._may_export and not isinstance(why, Forbidden)
        self._forget()

    async def _worth_it_since(self) -> datetime | None:
        """Since when the stream is worth reading; None where it is not."""
        if self._selector is None:
            return None
        count, oldest = await self._queues.extent(self._selector)
        # As many of those to come as there were of those that came.
        came = self._listed
        wanted = (count - came) * min(self._asked, came) // came if came else count
        if oldest is None or wanted < SMALLEST:
            return None
        around = await self._queues.created_since(oldest)
        return oldest if wanted * WORTH_ONE_OF >= around else None

    async def _fill(self, since: datetime, spool: Spool) -> None:
        """Fetch the stream. Timelines are told while it goes on: up to ``_until`` everything is there."""
        try:
            await self._fetch(since, spool)
        except (HelpdeskFailed, NotFound, sqlite3.Error) as why:
            self._give_up(why)

    async def _fetch(self, since: datetime, spool: Spool) -> None:
        fetched = 0
        async with aclosing(self._stream.pages(since)) as pages:
            async for events, until in pages:
                await asyncio.to_thread(spool.keep, events)
                if self._spool is not spool:
                    return  # forgotten meanwhile: nobody will read what is still to come
                self._until = until
                fetched += len(events)
                if self._waiting:
                    self._say(fetched)
                self._wake()

    def _forget(self) -> None:
        if self._spool is not None:
            self._spool.close()
            self._spool = self._until = None
        if self._filling is not None:
            self._filling.cancel()
            self._filling = None
        self._wake()

    def _wake(self) -> None:
        """Whoever waits looks for themselves how far it has come."""
        self._moved.set()
        self._moved = asyncio.Event()


class Spool:
    """Audits by ticket, in a database of SQLite's own that nobody else can open and that ends with us."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._lock = threading.Lock()
        self._closed = False
        self._db.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE TABLE told (id INTEGER PRIMARY KEY, ticket TEXT NOT NULL, audit BLOB);"
            "CREATE INDEX by_ticket ON told (ticket);"
        )

    def keep(self, events: Sequence[Record]) -> None:
        """Keep a page of the stream; an event that came before replaces itself.

        Raises `HelpdeskFailed` for what is no event, `sqlite3.Error` for a full disk.
        """
        rows = []
        for event in events:
            audit = as_audit(event)
            told = None if audit is None else marshal.dumps(audit)
            with expecting("an event"):
                rows.append((whole_number(event["id"]), str(event["ticket_id"]), told))
        with self._lock, expecting("an event"):
            if not self._closed:
                self._db.execute("BEGIN")
                self._db.executemany("INSERT OR REPLACE INTO told VALUES (?, ?, ?)", rows)
                self._db.execute("COMMIT")

    def of(self, ticket_id: str) -> list[Record] | None:
        """The audits of a ticket in their order; None where one of them is not told whole.

        Raises `sqlite3.Error` where the file cannot be read.
        """
        with self._lock:
            rows = self._db.execute("SELECT audit FROM told WHERE ticket = ? ORDER BY id", (ticket_id,))
            found = [row[0] for row in rows]
        return None if None in found else [marshal.loads(text) for text in found]  # noqa: S302 (our own)

    def close(self) -> None:
        """Let go of it; the file is gone with it."""
        with self._lock:
            self._closed = True
            self._db.close()


def _whole(audits: list[Record] | None, ticket: Ticket) -> list[Record] | None:
    """``audits`` if they reach from the creation of ``ticket`` to its latest update."""
    if not audits or not audits[0]["born"]:
        return None
    return audits if known_moment(audits[-1]["created_at"]) >= ticket.updated_at else None
