"""A real database in virtual time: the loop's clock stands still while its thread works."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlmodel import Session

from tests.sync import virtual_time
from tests.sync.virtual_time import VirtualLoop
from triage.model.entry import Person
from triage.model.operation import Change, Operation
from triage.store import outbox as rows
from triage.store.database import Database
from triage.sync import outbox

T = TypeVar("T")


class StillDatabase:
    """`Database`, for a virtual clock. ``at_point`` runs before and after every transaction."""

    def __init__(self, inner: Database, at_point: Callable[[str], None] = lambda where: None) -> None:
        self.inner = inner
        self.at_point = at_point
        self.writes = 0

    async def read(self, work: Callable[[Session], T]) -> T:
        self.at_point("read")
        return await still(self.inner.read(work))

    async def write(self, work: Callable[[Session], T]) -> T:
        self.at_point("write")
        result = await still(self.inner.write(work))
        self.writes += 1
        self.at_point("written")
        return result

    def seen_by(self, at_point: Callable[[str], None]) -> Database:
        """The same database from another process."""
        return cast("Database", StillDatabase(self.inner, at_point))

    @property
    def plain(self) -> Database:
        return cast("Database", self)


async def still(work: Coroutine[Any, Any, T]) -> T:
    """Await ``work`` of another thread without letting virtual time run on."""
    loop = cast("VirtualLoop", asyncio.get_running_loop())
    loop.timeless.at_work += 1
    try:
        return await work
    finally:
        loop.timeless.at_work -= 1


def with_database(path: Path, story: Callable[[StillDatabase], Coroutine[Any, Any, T]]) -> T:
    """Run ``story`` on a new database in virtual time."""

    async def main() -> T:
        database = await still(Database.open(f"sqlite:///{path / 'triage.db'}"))
        try:
            return await story(StillDatabase(database))
        finally:
            await still(database.close())

    return virtual_time.run(main())


async def confirmed(
    database: StillDatabase, ticket: Any, change: Change, id_: str, at: datetime | None = None
) -> Operation:
    """Propose and confirm ``change`` on ``ticket`` and keep it."""
    when = at or virtual_time.now()
    proposed = outbox.propose(ticket, change, Person("Robin"), id_, when, "test")
    key = ticket.key if outbox.is_public(change) else ""
    operation = outbox.confirm(proposed, when, public_key=key)
    await database.write(lambda session: rows.add_operation(session, operation))
    return operation


async def load(database: StillDatabase, id_: str) -> Operation:
    """The operation as it is kept now."""
    return await database.read(lambda session: rows.load_operation(session, id_))
