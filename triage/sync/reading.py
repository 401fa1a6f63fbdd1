"""Reading a ticket with its timeline, and pages that must get somewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from triage.helpdesk.port import Helpdesk, Page
from triage.helpdesk.seats import Seats
from triage.model.errors import HelpdeskFailed
from triage.model.ticket import Ticket
from triage.model.timeline import TimelineEvent

T = TypeVar("T")
R = TypeVar("R")

OVERLAP = timedelta(minutes=5)
"""A ticket whose version cannot tell two changes of one second apart is read again while its last change
is this young: long enough for clocks that disagree by minutes."""

LIST_LAG = timedelta(minutes=1)
"""A ticket whose last change was this young when it was read is read once more, however exact its
version: the list of its comments may have been behind it."""

_MOST_EMPTY_PAGES = 100


@dataclass(frozen=True, slots=True)
class Reading:
    """What the helpdesk said about one ticket at one time."""

    ticket: Ticket
    timeline: tuple[TimelineEvent, ...] | None = None
    """Oldest first; None where only the ticket was read."""
    complete: bool = True
    """False when a ceiling of the helpdesk cut the timeline."""
    ceiling: str = ""
    """What was cut, in words; empty when `complete`."""
    read_at: datetime | None = None
    """When it began to be read (UTC, our clock): what came later may be missing."""


def settled(ticket: Ticket, read_at: datetime) -> bool:
    """Whether ``ticket``, read at ``read_at`` (UTC), had rested long enough for that to be all of it."""
    return read_at - ticket.updated_at >= (LIST_LAG if ticket.version.exact else OVERLAP)


async def read_ticket(helpdesk: Helpdesk, ticket_id: str, now: Callable[[], datetime]) -> Reading:
    """One ticket and its whole timeline, straight from the helpdesk."""
    return await read_timeline(helpdesk, await helpdesk.ticket(ticket_id), now)


async def read_timeline(helpdesk: Helpdesk, ticket: Ticket, now: Callable[[], datetime]) -> Reading:
    """``ticket`` with its whole timeline; an event sent twice counts once, as it was sent last."""
    began = now()
    events: dict[str, TimelineEvent] = {}
    complete, ceiling = True, ""
    where = f"timeline of {ticket.key}"
    async for page in steady(helpdesk.timeline(ticket), lambda event: event.id, where):
        events |= {event.id: event for event in page.items}
        complete, ceiling = complete and page.complete, ceiling or page.ceiling
    return Reading(ticket, tuple(events.values()), complete, ceiling, began)


async def side_by_side(
    items: Iterable[T], read: Callable[[T], Awaitable[R]], width: Callable[[], int]
) -> list[R]:
    """``read`` of every item, ``width()`` at a time, in order; the first failure stops the others and is
    raised.
    """
    seats = Seats(width)

    async def one(item: T) -> R:
        async with seats.one():
            return await read(item)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(item)) for item in items]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


async def steady(
    pages: AsyncIterator[Page[T]],
    name: Callable[[T], Hashable],
    where: str,
    *,
    start: str | None = None,
    again: int = 0,
) -> AsyncGenerator[Page[T]]:
    """``pages`` as they come, as long as they get somewhere.

    Raises `HelpdeskFailed` when a cursor does not move (``start`` is the one we began with), a page comes
    more than ``again`` times over, or empty pages do not end: a listing like that never would.
    """
    cursor, seen, empty = start, dict[int, int](), 0
    try:
        async for page in pages:
            if not page.done:
                if page.cursor is not None and page.cursor == cursor:
                    raise _astray("the cursor does not move", where)
                mark = hash(tuple(name(item) for item in page.items))
                seen[mark] = seen.get(mark, 0) + 1 if page.items else 0
                empty = 0 if page.items else empty + 1
                if seen[mark] > again + 1:
                    raise _astray("the same page came again", where)
                if empty > _MOST_EMPTY_PAGES:
                    raise _astray(f"{empty} empty pages in a row", where)
            cursor = page.cursor
            yield page
    finally:
        # Who stops listening stops what is fetched ahead, now and not when the garbage is collected.
        if isinstance(pages, AsyncGenerator):
            await pages.aclose()


def _astray(what: str, where: str) -> HelpdeskFailed:
    return HelpdeskFailed(
        what, where=where, do="What was read so far is kept; sync again or ask its administrator"
    )
