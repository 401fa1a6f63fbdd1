"""What a pull reads and keeps, each call in one transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from sqlmodel import Session

from triage.store import membership, mirror, pull_state, queue_rows
from triage.store.database import Database
from triage.store.mirror import MirroredTicket
from triage.sync.mirroring import keep_readings, save_unread, unread
from triage.sync.reading import Reading

MOST_LOOKED_AT_AGAIN = 1_000
"""Tickets outside the queue that are read again when the stream of changes was lost."""


@dataclass(frozen=True, slots=True)
class Closing:
    """How a pull ends well: what is in the queue now, and what became of those that left it."""

    members: frozenset[str]
    before: frozenset[str]
    """Who was in the queue at the beginning; who entered since, by another pull, stays."""
    readings: Sequence[Reading]
    gone: frozenset[str]
    complete: bool
    notices: tuple[str, ...]


class Books(Protocol):
    """The mirror, the queue's members and the cursor of one selector."""

    async def members(self) -> frozenset[str]:
        """Ids of the tickets in the queue."""
        ...

    async def cursor(self) -> str | None:
        """Where the stream of changes goes on; None before it has begun."""
        ...

    async def forget_cursor(self) -> None:
        """Begin the stream of changes anew."""
        ...

    async def known(self, ticket_ids: Collection[str]) -> Mapping[str, MirroredTicket]:
        """Those of ``ticket_ids`` that the mirror has."""
        ...

    async def unread(self) -> frozenset[str]:
        """Tickets to be read again: their timeline could not be read when it changed, or was too fresh."""
        ...

    async def enter(self, ticket_ids: Collection[str]) -> None:
        """Known tickets that came (back) into the queue."""
        ...

    async def keep(
        self, readings: Sequence[Reading], entered: Collection[str], cursor: str | None
    ) -> frozenset[str]:
        """Keep ``readings``, who entered the queue, and the cursor (unless None) together.

        With the first cursor of a stream known tickets outside the queue count as unread, the
        `MOST_LOOKED_AT_AGAIN` that changed last: nobody tells what became of them before it.
        Returns the ids of tickets that are new or not as they were.
        """
        ...

    async def close(self, closing: Closing) -> frozenset[str]:
        """Write down the end of a pull, all of it or nothing; returns what `keep` does."""
        ...

    async def record(self, result: Literal["failed", "stopped"], message: str) -> None:
        """Remember why a pull did not end well."""
        ...


class StoreBooks:
    """`Books` in a database."""

    def __init__(self, database: Database, selector: str, now: Callable[[], datetime]) -> None:
        self._database = database
        self._selector = selector
        self._now = now

    @property
    def _cursor_name(self) -> str:
        return f"changes {self._selector}"

    async def members(self) -> frozenset[str]:
        """See `Books.members`."""
        return await self._database.read(lambda session: membership.members(session, self._selector))

    async def cursor(self) -> str | None:
        """See `Books.cursor`."""
        return await self._database.read(lambda session: pull_state.load_cursor(session, self._cursor_name))

    async def forget_cursor(self) -> None:
        """See `Books.forget_cursor`."""
        await self._database.write(lambda session: pull_state.save_cursor(session, self._cursor_name, None))

    async def known(self, ticket_ids: Collection[str]) -> Mapping[str, MirroredTicket]:
        """See `Books.known`."""
        return await self._database.read(lambda session: mirror.load_many(session, ticket_ids))

    async def unread(self) -> frozenset[str]:
        """See `Books.unread`."""
        return await self._database.read(unread)

    async def enter(self, ticket_ids: Collection[str]) -> None:
        """See `Books.enter`."""

        def write(session: Session) -> None:
            new = frozenset(ticket_ids) - membership.among(session, ticket_ids)
            membership.add_members(session, self._selector, new, self._now())
            queue_rows.refresh(session, new)

        def needed(session: Session) -> bool:
            return len(membership.among(session, ticket_ids)) < len(ticket_ids)

        if await self._database.read(needed):
            await self._database.write(write)

    async def keep(
        self, readings: Sequence[Reading], entered: Collection[str], cursor: str | None
    ) -> frozenset[str]:
        """See `Books.keep`."""

        def write(session: Session) -> frozenset[str]:
            now = self._now()
            membership.add_members(session, self._selector, entered, now)
            differing = keep_readings(session, readings, now)
            if cursor is not None:
                if pull_state.load_cursor(session, self._cursor_name) is None:
                    outside = mirror.latest_outside(
                        session, membership.members(session), MOST_LOOKED_AT_AGAIN
                    )
                    save_unread(session, unread(session) | set(outside))
                pull_state.save_cursor(session, self._cursor_name, cursor)
            return differing

        return await self._database.write(write)

    async def close(self, closing: Closing) -> frozenset[str]:
        """See `Books.close`."""

        def write(session: Session) -> frozenset[str]:
            now = self._now()
            changed = membership.set_members(
                session, self._selector, closing.members, now, looked_at=closing.before
            )
            differing = keep_readings(session, closing.readings, now)
            mark_gone(session, closing.gone)
            save_unread(session, unread(session) - closing.gone)
            queue_rows.refresh(session, changed.left | changed.entered)
            pull_state.record_pull(session, "done", now, complete=closing.complete, notices=closing.notices)
            return differing

        return await self._database.write(write)

    async def record(self, result: Literal["failed", "stopped"], message: str) -> None:
        """See `Books.record`."""
        await self._database.write(
            lambda session: pull_state.record_pull(session, result, self._now(), message=message)
        )


def mark_gone(session: Session, ticket_ids: Collection[str]) -> None:
    """Remember that the helpdesk no longer shows ``ticket_ids``, and that the queue shows it too."""
    mirror.mark_gone(session, ticket_ids)
    queue_rows.refresh(session, ticket_ids)
