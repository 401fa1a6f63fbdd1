"""Opening an SQLite database: the only place that knows its file, its journal and its quirks."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from triage.config.private_file import create_private, private_directory, sync_directory
from triage.model.errors import Invalid, TriageError
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
    _refuse_foreign(path, header_of(path))
    lock = FileLock(path)
    alone = lock.take()
    try:
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
    return OpenFile(path, engine, journal, lock)


def _refuse_foreign(path: Path, header: Header | None) -> None:
    if header is None:
        if path.exists():
            raise Invalid("the database cannot be read", where=str(path), do="Check the file's rights")
        return
    if not header.empty and not header.ours:
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
        if header is None or header.empty:
            create(path)
        elif header.schema < SCHEMA_NUMBER:
            migrate(path)
    elif alone and lock.unclean and (wrong := damage(path)):
        raise Invalid(f"the database is broken: {wrong[0]}", where=str(path),
                      do="Put a backup in its place, or move it away and pull again")  # fmt: skip


def _close_to_others(path: Path) -> None:
    """0600, whatever made it more open; on files of somebody else that is not ours to change."""
    with contextlib.suppress(OSError):
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)


def copy_database(source: Path, target: Path) -> None:
    """A consistent, verified copy of ``source`` at ``target``, mode 0600. Raises `Invalid`.

    ``VACUUM INTO`` reads through SQLite, so rows that still stand in a journal are in the copy too.
    """
    _told(source, lambda: _refuse_taken(target))
    try:
        with closing(sqlite3.connect(source, timeout=5.0, isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
        make_durable(target)
        wrong = damage(target)
    except Exception as error:
        target.unlink(missing_ok=True)
        raise trouble(error, str(target)) from error
    if wrong:
        target.unlink(missing_ok=True)
        raise Invalid(f"the copy is not sound: {wrong[0]}", where=str(target), do="Check the disk")


def make_durable(path: Path) -> None:
    """Have ``path`` and its name on disk before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_directory(path.parent)


def damage(path: Path, *, thorough: bool = False) -> tuple[str, ...]:
    """What is wrong inside ``path``, one line each; empty when all is well."""
    check = "integrity_check" if thorough else "quick_check"
    try:
        with closing(sqlite3.connect(path, timeout=5.0, isolation_level=None)) as connection:
            found = [row[0] for row in connection.execute(f"PRAGMA {check}")]
            broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError as error:
        return (str(error),)
    lines = [line for line in found if line != "ok"]
    return (*lines, *(f"row {row[1]} of {row[0]} points to nothing in {row[2]}" for row in broken))


def _refuse_taken(target: Path) -> None:
    try:
        create_private(target)
    except FileExistsError as error:
        raise Invalid("there is a file already", where=str(target), do="Choose another name") from error


def _told(path: Path, work: Callable[[], None]) -> None:
    try:
        work()
    except TriageError:
        raise
    except Exception as error:
        raise trouble(error, str(path)) from error
