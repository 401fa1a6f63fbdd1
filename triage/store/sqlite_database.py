"""Opening an SQLite database: the only place that knows its file, its journal and its quirks."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from triage.config.private_file import private_directory
from triage.model.errors import Invalid
from triage.store import restoring
from triage.store.database_copy import copy_database, damage
from triage.store.database_file import SCHEMA_NUMBER, Header, JournalMode, header_of, safe_journal
from triage.store.engine import sqlite_engine, trouble
from triage.store.file_lock import FileLock


@dataclass
class OpenFile:
    """An SQLite database in use."""

    path: Path
    engine: Engine
    journal: JournalMode
    lock: FileLock
    told: str = ""
    """What was cleared up on the way in, for a person; empty for nothing."""

    def backup(self, path: Path) -> None:
        """A verified copy at ``path``. Raises `Invalid`; a failed copy leaves no file."""
        private_directory(path.parent)
        copy_database(self.path, path)

    def check(self) -> tuple[str, ...]:
        """What SQLite and the foreign keys find wrong."""
        return damage(self.path, thorough=True)

    def close(self) -> None:
        """Close the file and say that it was closed."""
        self.engine.dispose()
        self.lock.give_back(clean=True)


def open_file(path: Path) -> OpenFile:
    """Open ``path``, made or migrated if need be. See `triage.store.database.Database.open`."""
    private_directory(path.parent)
    if not restoring.left_over(path):
        _refuse_foreign(path, header_of(path))
    lock = FileLock(path)
    alone = lock.take()
    try:
        told = _finish_restore(path, lock)
        # Once more: a restore that was under way may have ended while we waited for the lock.
        _refuse_foreign(path, header_of(path))
        _bring_up_to_date(path, lock, alone=alone)
        journal = safe_journal(sqlite3.sqlite_version_info)
        engine = sqlite_engine(path, journal)
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
        except Exception as error:
            engine.dispose()
            raise trouble(error, str(path)) from error
        _close_to_others(path)
        lock.share()
    except BaseException:
        lock.give_back(clean=False)
        raise
    return OpenFile(path, engine, journal, lock, told)


def _finish_restore(path: Path, lock: FileLock) -> str:
    """What a restore that was broken off came to; empty when there was none."""
    if not restoring.left_over(path):
        return ""
    lock.need_alone("a restore was broken off, and it cannot be finished")
    return restoring.finish(path)


def _refuse_foreign(path: Path, header: Header | None) -> None:
    if header is None:
        if path.exists():
            raise Invalid("the database cannot be read", where=str(path), do="Check the file's rights")
        return
    if header.empty:
        raise Invalid(
            "the database is an empty file: what was in it is lost", where=str(path),
            do="triage backup restore puts a backup back; or move it away to begin anew",
        )  # fmt: skip
    if not header.ours:
        raise Invalid("this file is not a Triage database", where=str(path),
                      do="Move it away, or set another database in the profile")  # fmt: skip
    if header.schema > SCHEMA_NUMBER:
        raise Invalid(
            f"this database is of version {header.schema}; this Triage knows versions up to {SCHEMA_NUMBER}",
            where=str(path), do="Update Triage: python3 -m pip install --upgrade triage-desk",
        )  # fmt: skip


def _bring_up_to_date(path: Path, lock: FileLock, *, alone: bool) -> None:
    header = header_of(path)
    current = header is not None and header.schema == SCHEMA_NUMBER and header.ours
    if not current:
        # Alembic costs more than everything else at start: it is imported only when there is work for it.
        lock.need_alone("the database must be brought to this version, which is not possible")
        from triage.store.migration import create, migrate

        # Another process may have done it while we waited for the lock.
        header = header_of(path)
        _refuse_foreign(path, header)
        if header is None:
            create(path)
        elif header.schema < SCHEMA_NUMBER:
            migrate(path)
    elif alone and lock.unclean and (wrong := damage(path)):
        raise Invalid(f"the database is broken: {wrong[0]}", where=str(path),
                      do="triage backup restore puts a backup in its place")  # fmt: skip


def _close_to_others(path: Path) -> None:
    """0600, whatever made it more open; on files of somebody else that is not ours to change."""
    with contextlib.suppress(OSError):
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
