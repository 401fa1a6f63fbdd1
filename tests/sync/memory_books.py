"""Books in memory: one process's way to what `Kept` has of the mirror, the queue and the cursor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal

from tests.sync.memory_ledger import Kept
from triage.store.mirror import MirroredTicket
from triage.sync.books import Closing
from triage.sync.reading import Reading


class MemoryBooks:
    """`triage.sync.books.Books` on `Kept`; ``at_point`` runs before and after every transaction."""

    def __init__(
        self, kept: Kept, now: Callable[[], datetime], at_point: Callable[[str], None] = lambda where: None
    ) -> None:
        self.kept = kept
        self.now = now
        self.at_point = at_point

    async def members(self) -> frozenset[str]:
        await self._enter("members")
        return frozenset(self.kept.members)

    async def cursor(self) -> str | None:
        await self._enter("cursor")
        return self.kept.cursor

    async def forget_cursor(self) -> None:
        await self._enter("forget cursor")
        self.kept.cursor = None
        self.at_point("cursor forgotten")

    async def known(self, ticket_ids: Collection[str]) -> Mapping[str, MirroredTicket]:
        await self._enter("known")
        kept = self.kept
        return {
            one: MirroredTicket(kept.mirror[one].ticket, kept.pulled_at[one], one in kept.gone)
            for one in ticket_ids
            if one in kept.mirror
        }

    async def unread(self) -> frozenset[str]:
        await self._enter("unread")
        return frozenset(self.kept.unread)

    async def enter(self, ticket_ids: Collection[str]) -> None:
        if self.kept.members.issuperset(ticket_ids):
            return
        await self._enter("enter")
        self.kept.members |= set(ticket_ids)
        self.at_point("entered")

    async def keep(
        self, readings: Sequence[Reading], entered: Collection[str], cursor: str | None
    ) -> frozenset[str]:
        await self._enter("keep readings")
        self.kept.members |= set(entered)
        differing = self._keep(readings)
        if cursor is not None:
            if self.kept.cursor is None:
                self.kept.unread |= set(self.kept.mirror) - self.kept.members - self.kept.gone
            self.kept.cursor = cursor
        self.at_point("readings kept")
        return differing

    async def close(self, closing: Closing) -> frozenset[str]:
        await self._enter("close")
        taken = (closing.before & self.kept.members) - closing.members
        self.kept.takings.append(frozenset(taken))
        self.kept.members = (self.kept.members - taken) | closing.members
        differing = self._keep(closing.readings)
        self.kept.gone |= closing.gone
        self.kept.unread -= closing.gone
        self.at_point("closed")
        return differing

    async def record(self, result: Literal["failed", "stopped"], message: str) -> None:
        await self._enter("record")
        self.kept.troubles.append(f"{result}: {message}")

    def _keep(self, readings: Sequence[Reading]) -> frozenset[str]:
        return frozenset(
            reading.ticket.id for reading in readings if self.kept.keep_reading(reading, self.now())
        )

    async def _enter(self, where: str) -> None:
        self.at_point(where)
        await asyncio.sleep(0.002)
