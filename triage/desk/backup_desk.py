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
from triage.store.backups import Backup
from triage.store.note_journal import bring_back
from triage.store.outbox import list_operations


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
        """Notes that only the journal has, proposed anew: a person looks, then confirms or drops them."""
        unsent = self.parts.journal.unsent()

        def write(session: Session) -> tuple[Operation, ...]:
            back = bring_back(session, unsent)
            waiting = {one.ticket_id for one in list_operations(session)}
            queue_rows.refresh(session, sorted(waiting))
            return back

        return await self.parts.database.write(write)


def list_backups(profile: str | None) -> tuple[Backup, ...]:
    """What there is for ``profile`` (None: the default one), latest first; the database is not opened."""
    return backups.taken(load_profile(Paths.find(), profile).backup_dir)


def restore(profile: str | None, name: str) -> tuple[Backup, Path | None]:
    """Put a backup back (the latest for an empty name), and where the file it replaces went.

    Raises `NotFound`, `Invalid` for one that is not sound, `Stopped` while the database is open elsewhere.
    """
    held = load_profile(Paths.find(), profile)
    backup = backups.chosen(held.backup_dir, name)
    return backup, backups.restore(_sqlite_only(held), backup.path, datetime.now(UTC))


def _sqlite_only(profile: Profile) -> Path:
    if profile.sqlite_path is None:
        raise Invalid(
            "a database server is backed up with its own tools", where=profile.name, do="Use pg_dump"
        )
    return profile.sqlite_path
