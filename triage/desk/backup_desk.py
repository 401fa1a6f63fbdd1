"""Backups: one a day beside the sync, on demand, and putting one back with the notes written since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session

from triage.config.paths import Paths
from triage.config.profiles import Profile, load_profile
from triage.desk.parts import Parts
from triage.model.errors import Invalid, TriageError
from triage.model.operation import Operation
from triage.store import backups, queue_rows
from triage.store.backups import Backup, Restored
from triage.store.bringing_back import bring_back
from triage.store.note_journal import NoteJournal
from triage.store.outbox import list_operations
from triage.store.recorded_since import OnlyThere

MOST_NAMED = 20
"""Cases that are named one by one after a restore."""


@dataclass(slots=True)
class BackupDesk:
    """Verbs on backups of an open database."""

    parts: Parts

    async def take(self) -> Backup:
        """A verified backup now; the oldest beyond seven goes. Raises `Invalid`."""
        _sqlite_only(self.parts.profile)
        return await backups.take(self.parts.database, self.parts.profile.backup_dir, self.parts.now())

    async def daily(self) -> tuple[str, ...]:
        """A backup where the latest is a day old. What goes wrong is told in a line and stops nothing."""
        profile = self.parts.profile
        if profile.sqlite_path is None or not backups.due(profile.backup_dir, self.parts.now()):
            return ()
        try:
            await self.take()
        except TriageError as trouble:
            return (f"no backup was made: {trouble}",)
        return ()

    async def bring_back(self) -> tuple[Operation, ...]:
        """Writes that the journal knows better than the database, as they are now.

        What never began is proposed anew: a person looks, then confirms or drops it. What may be on its
        ticket the next sync looks for there. In a database that colleagues share nothing is touched that
        is there, and what may be on its ticket waits for a person too.
        """
        shared = self.parts.profile.sqlite_path is None

        def write(session: Session) -> tuple[Operation, ...]:
            # Read in here: what another process wrote to both before is then known of both.
            back = bring_back(session, self.parts.journal.told(), shared=shared)
            waiting = {one.ticket_id for one in list_operations(session)}
            queue_rows.refresh(session, sorted(waiting))
            return back

        return await self.parts.database.write(write)


def list_backups(profile: str | None) -> tuple[Backup, ...]:
    """What there is for ``profile`` (None: the default one), latest first; the database is not opened."""
    return backups.taken(load_profile(Paths.find(), profile).backup_dir)


def restore(profile: str | None, name: str) -> tuple[Backup, Restored]:
    """Put a backup back (the latest for an empty name), brought up to what the journal knows.

    Raises `NotFound`, `Invalid` for one that is not sound, `Stopped` while the database is open elsewhere.
    """
    held = load_profile(Paths.find(), profile)
    backup = backups.chosen(held.backup_dir, name)
    journal = NoteJournal(held.journal_path)
    return backup, backups.restore(_sqlite_only(held), backup.path, datetime.now(UTC), journal)


def only_before(restored: Restored) -> tuple[str, ...]:
    """What was recorded since the backup and did not come back, a line for each case."""
    if restored.unread:
        return ("what was recorded in it since the backup could not be read",)
    lines = [_only_there(one) for one in restored.only_there[:MOST_NAMED]]
    more = len(restored.only_there) - MOST_NAMED
    return (*lines, f"only there: entries of {more} more cases") if more > 0 else tuple(lines)


def _only_there(one: OnlyThere) -> str:
    counted = f"{one.entries} {'entry' if one.entries == 1 else 'entries'}"
    span = f"{one.first_at:%Y-%m-%d %H:%M} to {one.last_at:%Y-%m-%d %H:%M} UTC"
    return f"only there: {one.case}, {counted}, {span}: {', '.join(one.kinds)}"


def _sqlite_only(profile: Profile) -> Path:
    if profile.sqlite_path is None:
        raise Invalid(
            "a database server is backed up with its own tools", where=profile.name, do="Use pg_dump"
        )
    return profile.sqlite_path
