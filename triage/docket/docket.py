"""Appending to the docket and reading it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlmodel import Session

from triage.docket.entry_id import next_entry_id
from triage.docket.projection import project
from triage.model.entry import Entry, NewEntry, Person, Subject
from triage.model.errors import Stopped
from triage.model.operation import Operation
from triage.store import outbox
from triage.store.database import Database
from triage.store.entries import add_entries, last_entry_id, load_entries
from triage.store.note_journal import NoteJournal
from triage.store.running_number import next_number


class Docket:
    """What one person writes, and what everybody wrote.

    ``clock`` gives the time (aware UTC), ``randomness`` so many random bytes; ``journal`` holds notes a
    second time until they have arrived.
    """

    def __init__(
        self,
        database: Database,
        person: Person,
        *,
        clock: Callable[[], datetime],
        randomness: Callable[[int], bytes],
        journal: NoteJournal | None = None,
    ) -> None:
        self._journal = journal
        self._database = database
        self._clock = clock
        self._randomness = randomness
        self.person = person
        """Who acts; replaced when driver and navigator change places."""

    async def append(
        self, case_id: str, new_entries: Sequence[NewEntry], operations: Sequence[Operation] = ()
    ) -> tuple[Entry, ...]:
        """Write entries, what follows from them, and proposed writes, all or nothing.

        After return it is on disk. Raises what `Database.write` raises; then nothing was written.
        """
        person, now = self.person, self._clock()
        await self._note_down(operations)
        return await self._database.write(
            lambda session: self._append(session, person, now, case_id, new_entries, operations)
        )

    async def append_if(
        self,
        case_id: str,
        subject: Subject,
        subject_id: str,
        last_id: str | None,
        new_entries: Sequence[NewEntry],
        operations: Sequence[Operation] = (),
    ) -> tuple[Entry, ...]:
        """`append`, if ``last_id`` is still the newest entry of the subject (None: it has none yet).

        What a person decided was decided on what they saw. Raises `Stopped` when another window went on
        with the same run or investigation meanwhile; read it again, then decide.
        """
        person, now = self.person, self._clock()

        def write(session: Session) -> tuple[Entry, ...]:
            newest = last_entry_id(session, subject=subject, subject_id=subject_id)
            if newest != last_id:
                raise Stopped(f"another window went on with this {subject}", where=subject_id,
                              do="It is read again now; look, then repeat what still fits")  # fmt: skip
            return self._append(session, person, now, case_id, new_entries, operations)

        await self._note_down(operations)
        return await self._database.write(write)

    async def entries(
        self,
        *,
        case_id: str | None = None,
        subject: Subject | None = None,
        subject_id: str | None = None,
        kinds: Collection[str] | None = None,
        after: str | None = None,
    ) -> tuple[Entry, ...]:
        """Entries that match everything given, oldest first; ``after`` is an entry id."""
        return await self._database.read(
            lambda session: load_entries(
                session, case_id=case_id, subject=subject, subject_id=subject_id, kinds=kinds, after=after
            )
        )

    def new_id(self) -> str:
        """A fresh UUIDv7, for runs, operations and evidence."""
        return next_entry_id(self._clock(), self._randomness, None)

    def now(self) -> datetime:
        """The docket's clock (aware UTC)."""
        return self._clock()

    async def new_investigation_id(self) -> str:
        """A number nobody has: ``ESC-2026-0031``. One that is not used afterwards leaves a gap."""
        series = f"ESC-{self._clock().year}"
        number = await self._database.write(lambda session: next_number(session, series))
        return f"{series}-{number:04d}"

    async def _note_down(self, operations: Sequence[Operation]) -> None:
        """In the journal first: what the database says it has, the journal has too."""
        if self._journal is not None and operations:
            await asyncio.to_thread(self._journal.write, operations)

    def _append(
        self,
        session: Session,
        person: Person,
        now: datetime,
        case_id: str,
        new_entries: Sequence[NewEntry],
        operations: Sequence[Operation],
    ) -> tuple[Entry, ...]:
        written: list[Entry] = []
        last = last_entry_id(session)
        for new in new_entries:
            last = next_entry_id(now, self._randomness, last)
            written.append(_entry(last, case_id, new, person, now))
        add_entries(session, written)
        for operation in operations:
            outbox.add_operation(session, operation)
        project(session, case_id, written, now, refresh=bool(operations))
        return tuple(written)


def _entry(entry_id: str, case_id: str, new: NewEntry, person: Person, now: datetime) -> Entry:
    return Entry(
        id=entry_id,
        case_id=case_id,
        subject=new.subject,
        subject_id=new.subject_id,
        kind=new.kind,
        at=now,
        actor=person.name,
        role=person.role,
        navigator=person.navigator,
        data=new.data,
    )
