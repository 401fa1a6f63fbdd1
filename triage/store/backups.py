"""Backups of an SQLite database: one a day, the latest seven, each verified; and putting one back."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from triage.config.private_file import sync_directory
from triage.model.errors import Invalid, NotFound
from triage.store.database import Database
from triage.store.database_copy import copy_database, damage, make_durable
from triage.store.database_file import SCHEMA_NUMBER, header_of
from triage.store.file_lock import FileLock

KEEP = 7
EVERY = timedelta(days=1)
BROUGHT_BACK = "brought back from a backup; look at the ticket, then confirm or drop it"
BEGUN_BROUGHT_BACK = (
    "brought back from a backup, and it had begun to be sent; look at the ticket, then retry or drop it"
)
_NAME = re.compile(r"triage-(\d{8}T\d{6})Z\.db")
_STAMP = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup."""

    path: Path
    at: datetime
    """When it was taken (UTC)."""
    size: int


def taken(folder: Path) -> tuple[Backup, ...]:
    """The backups in ``folder``, latest first."""
    found = []
    for path in folder.glob("triage-*.db") if folder.is_dir() else ():
        if named := _NAME.fullmatch(path.name):
            at = datetime.strptime(named[1], _STAMP).replace(tzinfo=UTC)
            found.append(Backup(path, at, path.stat().st_size))
    return tuple(sorted(found, key=lambda one: one.at, reverse=True))


def due(folder: Path, now: datetime) -> bool:
    """Whether the latest backup is a day old, or is of a time to come (the clock was set back)."""
    latest = next(iter(taken(folder)), None)
    return latest is None or not timedelta() <= now - latest.at < EVERY


async def take(database: Database, folder: Path, now: datetime) -> Backup:
    """A verified backup of everything acknowledged until now; older ones beyond `KEEP` go.

    Raises `Invalid` when it cannot be written or is not sound; then nothing is left of it.
    """
    path = folder / f"triage-{now.astimezone(UTC).strftime(_STAMP)}Z.db"
    await database.backup(path)
    # Those before a clock was set back look later than the one just taken; it stays whatever they say.
    for old in [one for one in taken(folder) if one.path != path][KEEP - 1 :]:
        old.path.unlink(missing_ok=True)
    return Backup(path, now, path.stat().st_size)


def chosen(folder: Path, name: str) -> Backup:
    """The backup called ``name`` (the latest for an empty name). Raises `NotFound`."""
    for backup in taken(folder):
        if name in ("", backup.path.name, str(backup.path)):
            return backup
    raise NotFound(
        f"no backup {name}".rstrip(), where=str(folder), do="triage backup list shows what there is"
    )


def restore(database: Path, backup: Path, now: datetime) -> Path | None:
    """Put ``backup`` in the place of ``database``; where the old one went, None where there was none.

    The old file is moved aside, never removed. What was to be sent when the backup was taken may have been
    sent since, or given up: nothing of it goes out before a person has looked. Raises `Invalid` for a backup
    that is not sound, `Stopped` while another process has the database open.
    """
    _check(backup)
    lock = FileLock(database)
    lock.take()
    try:
        lock.need_alone("a backup can be put back only")
        fresh = database.with_name(f"{database.name}.restored")
        fresh.unlink(missing_ok=True)
        copy_database(backup, fresh)
        _hold_back(fresh)
        aside = _set_aside(database, now)
        fresh.replace(database)
        make_durable(database)
    finally:
        lock.give_back(clean=True)
    return aside


def _check(backup: Path) -> None:
    header = header_of(backup)
    if header is None or not header.ours:
        raise Invalid("this is not a backup of Triage", where=str(backup))
    if header.schema > SCHEMA_NUMBER:
        raise Invalid("this backup is of a newer Triage", where=str(backup), do="Update Triage first")
    if wrong := damage(backup, thorough=True):
        raise Invalid(f"this backup is not sound: {wrong[0]}", where=str(backup), do="Choose an older one")
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("SELECT count(*) FROM operations").fetchone()


def _hold_back(database: Path) -> None:
    """Let every unfinished write wait for a person: a second one must not follow the first.

    What had not begun is proposed anew. What had is parked, and each request of it that is not known to have
    landed counts as one of unknown outcome: tried again, it is looked for on the ticket before it is sent.
    """
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(_LOOKED_FOR)
        connection.execute(_PARKED, (BEGUN_BROUGHT_BACK,))
        connection.execute(_PROPOSED, (BROUGHT_BACK,))
        connection.commit()


_BEGUN = "EXISTS (SELECT 1 FROM steps WHERE operation_id = operations.id AND attempts > 0)"
_LOOKED_FOR = """UPDATE steps SET state = 'unknown', absent_scans = 0, probe_after = NULL
    WHERE attempts > 0 AND state NOT IN ('landed', 'verified', 'dropped') AND operation_id IN
        (SELECT id FROM operations WHERE state NOT IN ('verified', 'dropped'))"""
_PARKED = f"""UPDATE operations SET state = 'parked', problem = ?
    WHERE state NOT IN ('verified', 'dropped') AND {_BEGUN}"""  # noqa: S608
_PROPOSED = f"""UPDATE operations
    SET state = 'proposed', confirmed_at = NULL, public_confirmed_with = '', problem = ?
    WHERE state NOT IN ('verified', 'dropped') AND NOT {_BEGUN}"""  # noqa: S608


def _set_aside(database: Path, now: datetime) -> Path | None:
    """Move the database and its journals away together: a journal belongs to its file."""
    stamp = now.astimezone(UTC).strftime(_STAMP)
    aside = database.with_name(f"{database.name}.set-aside-{stamp}Z")
    moved = None
    for suffix in ("-wal", "-shm", "-journal", ""):
        part = database.with_name(database.name + suffix)
        if part.exists():
            target = aside.with_name(aside.name + suffix)
            part.replace(target)
            moved = aside
    sync_directory(database.parent)
    return moved
