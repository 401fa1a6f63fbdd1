"""Backups of an SQLite database: one a day, the latest seven, each verified; and putting one back."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from triage.model.errors import Invalid, NotFound
from triage.model.operation import Operation
from triage.store.bringing_back import MAY_YET_ARRIVE, bring_back
from triage.store.database import Database
from triage.store.database_copy import copy_database, damage, make_durable
from triage.store.database_file import SCHEMA_NUMBER, header_of
from triage.store.engine import WRITE, sqlite_engine, trouble
from triage.store.file_lock import FileLock
from triage.store.note_journal import NoteJournal, Told
from triage.store.pull_state import BEHIND, save_cursor
from triage.store.recorded_since import OnlyThere, recorded_since
from triage.store.restoring import finish, fresh_beside, swap

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


def oldest(folder: Path) -> Backup | None:
    """The oldest backup in ``folder``, if there is one."""
    return next(reversed(taken(folder)), None)


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


@dataclass(frozen=True, slots=True)
class Restored:
    """What putting a backup back came to."""

    aside: Path | None
    """Where the database went that was there before; None where there was none."""
    writes: tuple[Operation, ...] = ()
    """Writes that the journal brought up to what became of them since the backup, as they are now."""
    only_there: tuple[OnlyThere, ...] = ()
    """What was recorded since the backup and is only in the database before."""
    unread: bool = False
    """Whether the database before was there and could not be read."""


def restore(database: Path, backup: Path, now: datetime, journal: NoteJournal | None = None) -> Restored:
    """Put ``backup`` in the place of ``database``, brought up to what ``journal`` tells.

    The old file is moved aside, never removed. What was to be sent when the backup was taken may have been
    sent since, or given up: the journal knows; nothing of what it does not know goes out before a person has
    looked. A crash leaves the old database or the new one, and what is left over is cleared up when it is
    opened next. Raises `Invalid` for a backup that is not sound, `Stopped` while another process has the
    database open; then nothing has changed.
    """
    _check(backup)
    lock = FileLock(database)
    lock.take()
    try:
        lock.need_alone("a backup cannot be put back")
        finish(database)
        fresh = fresh_beside(database)
        try:
            copy_database(backup, fresh)
            # Not before nobody else has the database open: until then they may send, and say so there.
            writes = _brought_up(fresh, journal.told() if journal else {})
            make_durable(fresh)
        except Exception:
            fresh_beside(database)
            raise
        only_there = _recorded_since(database, fresh)
        aside = swap(database, backup.name, now)
    except BaseException:
        # How the last session ended is for whoever opens it next to know.
        lock.give_back(clean=False)
        raise
    lock.give_back(clean=True)
    return Restored(aside, writes, only_there or (), unread=only_there is None)


def _recorded_since(database: Path, fresh: Path) -> tuple[OnlyThere, ...] | None:
    """What only the database before has; None where it cannot be read."""
    try:
        return recorded_since(database, fresh)
    except (sqlite3.Error, ValueError, TypeError, AttributeError, OverflowError):
        return None  # it is replaced because it is broken: anything may stand in it


def _brought_up(fresh: Path, told: Mapping[str, Told]) -> tuple[Operation, ...]:
    """The copy in this program's version, with nothing in it that would go out by itself."""
    header = header_of(fresh)
    if header is not None and header.schema < SCHEMA_NUMBER:
        from triage.store.migration import upgrade

        upgrade(fresh)
    _hold_back(fresh)
    engine = sqlite_engine(fresh, "delete").execution_options(**{WRITE: True})
    try:
        with Session(engine, expire_on_commit=False) as session:
            back = bring_back(session, told)
            # Queue and promises follow from all this: they are derived again when it is opened.
            save_cursor(session, BEHIND, "restored")
            session.commit()
    except Exception as error:
        raise trouble(error, str(fresh)) from error
    finally:
        engine.dispose()
    return back


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
        connection.execute(_LOOKED_FOR, (MAY_YET_ARRIVE // timedelta(microseconds=1),))
        connection.execute(_PARKED, (BEGUN_BROUGHT_BACK,))
        connection.execute(_PROPOSED, (BROUGHT_BACK,))
        connection.commit()


_BEGUN = "EXISTS (SELECT 1 FROM steps WHERE operation_id = operations.id AND attempts > 0)"
_LOOKED_FOR = """UPDATE steps SET state = 'unknown', absent_scans = 0, probe_after = sent_at + ?
    WHERE attempts > 0 AND state NOT IN ('landed', 'verified', 'dropped') AND operation_id IN
        (SELECT id FROM operations WHERE state NOT IN ('verified', 'dropped'))"""
_PARKED = f"""UPDATE operations SET state = 'parked', problem = ?
    WHERE state NOT IN ('verified', 'dropped') AND {_BEGUN}"""  # noqa: S608
_PROPOSED = f"""UPDATE operations
    SET state = 'proposed', confirmed_at = NULL, public_confirmed_with = '', problem = ?
    WHERE state NOT IN ('verified', 'dropped') AND NOT {_BEGUN}"""  # noqa: S608
