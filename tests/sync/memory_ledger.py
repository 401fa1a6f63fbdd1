"""A ledger in memory: what survives a crash is `Kept`; a `MemoryLedger` is one process's way to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from triage.model.operation import Operation
from triage.sync.ledger import LEASE_S, LeaseLost, Move
from triage.sync.mirroring import again, as_unread
from triage.sync.own_notes import stamped
from triage.sync.reading import Reading
from triage.sync.sending import in_line


@dataclass
class Kept:
    """The committed state."""

    operations: dict[str, Operation] = field(default_factory=dict)
    mirror: dict[str, Reading] = field(default_factory=dict)
    holder: str = ""
    fence: int = 0
    held_until: datetime | None = None
    members: set[str] = field(default_factory=set)
    cursor: str | None = None
    gone: set[str] = field(default_factory=set)
    takings: list[frozenset[str]] = field(default_factory=list)
    """What each pull took out of the queue."""
    unread: set[str] = field(default_factory=set)
    pulled_at: dict[str, datetime] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)

    def keep_reading(self, reading: Reading, at: datetime) -> bool:
        """Keep it as the mirror does; whether it said anything new."""
        at = reading.read_at or at
        id_ = reading.ticket.id
        before = self.mirror.get(id_)
        timeline = reading.timeline
        if timeline is None:
            reading = as_unread(reading)
            timeline = before.timeline if before else None
        else:
            ours = [one for one in self.operations.values() if one.ticket_id == id_]
            timeline = stamped(timeline, ours)
        self.mirror[id_] = Reading(reading.ticket, timeline)
        self.pulled_at[id_] = at
        self.unread = (self.unread - {id_}) | again([reading], at)
        was_gone = id_ in self.gone
        self.gone.discard(id_)
        return was_gone or self.mirror[id_] != before

    def edit(self, operation_id: str, move: Move) -> Operation:
        """What a person does, in a transaction of its own."""
        self.operations[operation_id] = move(self.operations[operation_id])
        return self.operations[operation_id]


class MemoryLedger:
    """`triage.sync.ledger.Ledger` on `Kept`; ``at_point`` runs before and after every transaction."""

    def __init__(
        self,
        kept: Kept,
        owner: str,
        now: Callable[[], datetime],
        at_point: Callable[[str], None] = lambda where: None,
    ) -> None:
        self.kept = kept
        self.owner = owner
        self.now = now
        self.at_point = at_point
        self.fence = 0

    async def take(self) -> datetime | None:
        await self._enter("take")
        kept = self.kept
        if kept.holder and kept.holder != self.owner and kept.held_until and kept.held_until > self.now():
            return kept.held_until
        kept.fence += 1
        self.fence = kept.fence
        kept.holder = self.owner
        self._prolong()
        self.at_point("taken")
        return None

    async def keep(self) -> None:
        await self._enter("keep")
        self._fenced()
        self.at_point("kept")

    async def give_back(self) -> None:
        await self._enter("give back")
        if self.kept.fence == self.fence:
            self.kept.holder = ""
        self.at_point("given back")

    async def unfinished(self) -> Sequence[Operation]:
        await self._enter("unfinished")
        return in_line(self.kept.operations.values())

    async def of_ticket(self, ticket_id: str) -> Sequence[Operation]:
        await self._enter("of ticket")
        return [one for one in self.kept.operations.values() if one.ticket_id == ticket_id]

    async def change(self, operation_id: str, move: Move, reading: Reading | None = None) -> Operation:
        await self._enter(f"change {operation_id}")
        self._fenced()
        after = move(self.kept.operations[operation_id])
        self.kept.operations[operation_id] = after
        if reading is not None:
            self.kept.keep_reading(reading, self.now())
        self.at_point(f"changed {operation_id} {after.state}")
        return after

    async def _enter(self, where: str) -> None:
        self.at_point(where)
        await asyncio.sleep(0.002)

    def _fenced(self) -> None:
        kept = self.kept
        if kept.fence != self.fence or kept.held_until is None or kept.held_until <= self.now():
            raise LeaseLost("the lease is gone")
        self._prolong()

    def _prolong(self) -> None:
        self.kept.held_until = self.now() + timedelta(seconds=LEASE_S)
