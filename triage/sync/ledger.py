"""What the sender keeps: the lease and the operations, each change in one transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from sqlmodel import Session

from triage.model.errors import Stopped
from triage.model.operation import NEEDS_A_PERSON, Operation
from triage.store import lease as leases
from triage.store import lease_owner, outbox, queue_rows
from triage.store.database import Database
from triage.store.note_journal import NoteJournal
from triage.sync.mirroring import keep_readings
from triage.sync.reading import Reading
from triage.sync.sending import in_line

Move: TypeAlias = Callable[[Operation], Operation]

LEASE_NAME = "sender"

LEASE_S = 180.0
"""How long the lease holds without being renewed, in seconds: longer than the longest write, with room to
commit what came of it."""


class LeaseLost(Stopped):
    """Another sender took the outbox over; ours must not write another byte."""


class MovedError(Exception):
    """Somebody changed the operation since it was read; read it again."""


class Ledger(Protocol):
    """The outbox under a lease. Everything but `take` raises `LeaseLost` once the lease is not ours."""

    async def take(self) -> datetime | None:
        """Take the lease: None when it is ours, else the time (UTC) until which another sender holds it."""
        ...

    async def keep(self) -> None:
        """Prolong the lease."""
        ...

    async def give_back(self) -> None:
        """Let the next sender in at once."""
        ...

    async def unfinished(self) -> Sequence[Operation]:
        """Confirmed operations that are neither verified nor dropped, in the order they were confirmed."""
        ...

    async def of_ticket(self, ticket_id: str) -> Sequence[Operation]:
        """Every operation on one ticket, finished ones too."""
        ...

    async def change(self, operation_id: str, move: Move, reading: Reading | None = None) -> Operation:
        """Apply ``move`` to the operation as it is kept now, and ``reading`` to the mirror, or neither."""
        ...


class StoreLedger:
    """The outbox in a database. ``owner`` names this process; ``now`` is the clock all senders share.

    ``journal`` hears of every attempt, and of every stop after one, before the database does: an older
    database that comes back from a backup learns from it what may be on its ticket.
    """

    def __init__(
        self,
        database: Database,
        owner: str,
        now: Callable[[], datetime],
        journal: NoteJournal | None = None,
    ) -> None:
        self._journal = journal
        self._database = database
        self._owner = owner
        self._now = now
        self._lease: leases.Lease | None = None

    async def take(self) -> datetime | None:
        """See `Ledger.take`."""

        def acquire(session: Session) -> leases.Lease | datetime:
            now, ttl = self._now(), timedelta(seconds=LEASE_S)
            lease = leases.acquire(session, LEASE_NAME, self._owner, ttl, now, gone=lease_owner.gone)
            if lease is not None:
                return lease
            held = leases.holder(session, LEASE_NAME, now)
            if held and held.expires_at > now + ttl:
                # The clock was set back since: nobody's lease is longer than from now on.
                held = leases.renew(session, held, ttl, now)
            return held.expires_at if held else now

        got = await self._database.write(acquire)
        self._lease = got if isinstance(got, leases.Lease) else None
        return got if isinstance(got, datetime) else None

    async def keep(self) -> None:
        """See `Ledger.keep`. Writes only once half of the lease is used up."""
        if self._lease and self._lease.expires_at - self._now() > timedelta(seconds=LEASE_S / 2):
            return
        self._lease = await self._database.write(self._renewed)

    async def give_back(self) -> None:
        """See `Ledger.give_back`."""
        lease, self._lease = self._lease, None
        if lease is not None:
            await self._database.write(lambda session: leases.release(session, lease, self._now()))

    async def unfinished(self) -> Sequence[Operation]:
        """See `Ledger.unfinished`."""
        return in_line(await self._database.read(outbox.list_operations))

    async def of_ticket(self, ticket_id: str) -> Sequence[Operation]:
        """See `Ledger.of_ticket`."""
        return await self._database.read(
            lambda session: outbox.list_operations(session, ticket_id=ticket_id, finished=True)
        )

    async def change(self, operation_id: str, move: Move, reading: Reading | None = None) -> Operation:
        """See `Ledger.change`."""

        def write(session: Session) -> tuple[leases.Lease, Operation]:
            lease = self._renewed(session)
            before = outbox.load_operation(session, operation_id)
            after = move(before)
            if self._journal is not None and _tells(before, after):
                self._journal.begun(after)
            outbox.save_operation(session, after)
            if reading is not None:
                keep_readings(session, [reading], self._now())
            else:
                queue_rows.refresh(session, [after.ticket_id])
            return lease, outbox.load_operation(session, operation_id)

        self._lease, after = await self._database.write(write)
        return after

    def _renewed(self, session: Session) -> leases.Lease:
        ttl = timedelta(seconds=LEASE_S)
        renewed = leases.renew(session, self._lease, ttl, self._now()) if self._lease else None
        if renewed is None:
            raise LeaseLost("another sender took the outbox over", do="It goes on where this one stopped")
        return renewed


def _tells(before: Operation, after: Operation) -> bool:
    """Whether an attempt begins, or what began comes to a stop that a person must end."""
    stops = after.state in NEEDS_A_PERSON and after.state != before.state
    return _attempts(after) > _attempts(before) or (stops and _attempts(after) > 0)


def _attempts(operation: Operation) -> int:
    return sum(step.attempts for step in operation.steps)
