"""What a check stands on, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeAlias, TypeVar

from triage.helpdesk.port import Helpdesk, Page
from triage.model.errors import NotFound
from triage.model.note_file import PLAIN_TEXT, NoteFile
from triage.model.operation import Change, Operation
from triage.model.ticket import Ticket
from triage.model.timeline import TimelineEvent

T = TypeVar("T")
State: TypeAlias = Literal["passed", "failed", "not_applicable"]
LOOKED_AT = 3
"""How many tickets of the queue are looked at one by one."""
TAG = "triage-check"
"""Added and taken away again where no other tag is named."""
SMALL_FILE = NoteFile("triage-check.txt", PLAIN_TEXT, "triage adapter check: größe ✓\r\n" * 3)
"""Goes with a note of its own where the helpdesk keeps such files from the customer."""
MOST_PAGES = 200
"""A queue is read this far; a helpdesk with more is not examined better by reading on."""


class FailedError(Exception):
    """The adapter does not do what the port promises; the words say what it did."""


class NotApplicableError(Exception):
    """The check has nothing to look at here; the words say why."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one check ended."""

    name: str
    about: str
    """What is checked, in one line."""
    state: State
    text: str
    """What was seen, or why it does not apply."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the writing checks may use on the named ticket."""

    ticket_id: str = ""
    write: bool = False
    tag: str = TAG
    field: tuple[str, str] | None = None
    """A field and the value to set for a moment; without it fields are not written."""


@dataclass(slots=True)
class Ground:
    """The helpdesk under examination, and what the checks have found out by now."""

    helpdesk: Helpdesk
    selector: str
    wishes: Wishes
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    new_id: Callable[[], str] = lambda: ""
    _queue: list[Ticket] | None = None

    async def queue(self) -> list[Ticket]:
        """The tickets of the queue, read once."""
        if self._queue is None:
            pages = stopping(self.helpdesk.queue(self.selector), lambda ticket: ticket.id)
            self._queue = [ticket async for page in pages for ticket in page.items]
        return self._queue

    async def some(self) -> list[Ticket]:
        """A few tickets to look at: the named one, then the first of the queue."""
        named = [await self.helpdesk.ticket(self.wishes.ticket_id)] if self.wishes.ticket_id else []
        others = [one for one in await self.queue() if one.id not in {two.id for two in named}]
        if not (found := [*named, *others][:LOOKED_AT]):
            raise NotApplicableError("the queue is empty, and no ticket was named")
        return found

    async def target(self) -> Ticket:
        """The ticket that may be written to, as it is now."""
        return await self.helpdesk.ticket(self.wishes.ticket_id)

    async def timeline(self, ticket: Ticket) -> list[TimelineEvent]:
        """Every event of a ticket."""
        pages = stopping(self.helpdesk.timeline(ticket), lambda event: event.id)
        return [event async for page in pages for event in page.items]

    def operation(self, ticket: Ticket, change: Change) -> Operation:
        """A confirmed write of ``change``."""
        return Operation(
            id=self.new_id(),
            ticket_id=ticket.id,
            change=change,
            state="pending",
            created_at=self.now(),
            created_by="triage adapter check",
            base_version=ticket.version,
        )


def demand(holds: bool, words: str) -> None:
    """Raise `FailedError` with ``words`` unless it ``holds``."""
    if not holds:
        raise FailedError(words)


async def stopping(
    pages: AsyncIterator[Page[T]], name: Callable[[T], Hashable], *, start: str | None = None
) -> AsyncIterator[Page[T]]:
    """``pages``, held to what the port says about pages: they move, do not repeat, and one is the last."""
    cursor, before, done = start, None, False
    count = 0
    async for page in pages:
        demand(not done, "pages go on after the last one")
        names = tuple(name(item) for item in page.items)
        moved = page.cursor is None or page.cursor != cursor
        demand(moved or page.done, "a page that is not the last carries the cursor of the one before it")
        demand(not names or names != before, "the same page comes twice in a row")
        cursor, before, done, count = page.cursor or cursor, names or before, page.done, count + 1
        yield page
        if count >= MOST_PAGES:
            return
    demand(done, "no page says that it is the last")


def aware(at: datetime, what: str) -> None:
    """Fail unless ``at`` is a time in UTC."""
    offset = at.utcoffset()
    demand(offset is not None and not offset, f"{what} is {at.isoformat()}, which is not UTC")


async def absent(work: Awaitable[object], what: str) -> str:
    """The words of the `NotFound` that ``work`` has to end in."""
    try:
        await work
    except NotFound as problem:
        return str(problem)
    raise FailedError(f"{what} that does not exist is answered with one")
