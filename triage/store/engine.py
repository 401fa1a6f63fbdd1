"""The SQLAlchemy engine for each kind of database, and their troubles in a person's words."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc
from sqlalchemy.pool import StaticPool

from triage.model.errors import Invalid, Stopped, TriageError
from triage.store.database_file import JournalMode

WRITE = "triage_write"
"""Execution option: whether a transaction is going to write."""

BUSY_TIMEOUT_MS = 5_000


class Busy(Stopped):
    """Others held the database all the while; nothing was written."""


def sqlite_engine(path: Path, journal: JournalMode) -> Engine:
    """One connection to ``path``, made on the thread that first uses it."""
    engine = create_engine(
        f"sqlite:///{path}", poolclass=StaticPool, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # The driver's own idea of when to begin would start writes as reads (BUSY_SNAPSHOT without waiting).
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.execute(f"PRAGMA journal_mode = {journal}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def server_engine(url: str) -> Engine:
    """A PostgreSQL engine; like on SQLite, one connection serves the one thread."""
    return create_engine(
        url, pool_size=1, max_overflow=0, pool_pre_ping=True, isolation_level="REPEATABLE READ"
    )


# EXTRA: with FULL a power loss may bring a removed journal back, and with it the state before the commit.
_PRAGMAS = (
    f"busy_timeout = {BUSY_TIMEOUT_MS}",
    "synchronous = EXTRA",
    "foreign_keys = ON",
    "trusted_schema = OFF",
)

_BROKEN = ("the database is broken", "triage backup restore puts a backup in its place")
_SQLITE_TROUBLES: tuple[tuple[str, str, str], ...] = (
    ("disk is full", "the disk is full: nothing was written", "Free some space and try again"),
    ("file too big", "the disk is full: nothing was written", "Free some space and try again"),
    ("disk i/o error", "the disk does not take what is written", "Check space and state of the disk"),
    (
        "readonly database",
        "cannot write: the database is read-only",
        "Give yourself the right to write there",
    ),
    ("unable to open database", "the database cannot be opened", "Check the folder's rights"),
    ("could not decode", *_BROKEN),
    ("malformed", *_BROKEN),
    ("not a database", "this file is not a database", "Move it away, or set another database"),
)


_LOST_RACES = frozenset({"40001", "40P01", "55P03"})
"""PostgreSQL: serialization failure, deadlock, lock not available."""


def trouble(error: Exception, where: str) -> Exception:
    """``error`` as one line for a person where it is the database's state that is at fault, else as it is."""
    if isinstance(error, TriageError):
        return error
    cause: Any = error.orig if isinstance(error, exc.DBAPIError) else error
    if isinstance(cause, UnicodeDecodeError):  # SQLite quotes a broken database as it stands there
        return Invalid(_BROKEN[0], where=where, do=_BROKEN[1])
    if isinstance(cause, sqlite3.Error):
        return _sqlite_trouble(cause, where) or error
    if getattr(cause, "sqlstate", "") in _LOST_RACES:
        return Stopped("another program changed the same at the same time", where=where, do="Try again")
    if isinstance(error, exc.OperationalError):
        return Invalid(f"the database does not answer: {str(cause).splitlines()[0]}", where=where,
                       do="Check the server and the address in the profile")  # fmt: skip
    return error


def _sqlite_trouble(error: sqlite3.Error, where: str) -> TriageError | None:
    message = str(error).lower()
    if "locked" in message or "busy" in message:
        return Busy("another program kept the database busy", where=where, do="Try again in a moment")
    for part, what, todo in _SQLITE_TROUBLES:
        if part in message:
            return Invalid(what, where=where, do=todo)
    return None
