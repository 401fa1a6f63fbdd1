"""The embedded helpdesk's own SQLite file: created whole or not at all, held by one server at a time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from triage.model.errors import Invalid, Stopped

FILE_NAME = "helpdesk.sqlite"
LAYOUT = "1"
_UPLOADS = """
CREATE TABLE IF NOT EXISTS uploads (
    attachment_id INTEGER PRIMARY KEY, token TEXT NOT NULL, author_id INTEGER NOT NULL, at REAL NOT NULL);
"""
_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE groups (id INTEGER PRIMARY KEY, doc TEXT NOT NULL);
CREATE TABLE ticket_fields (id INTEGER PRIMARY KEY, doc TEXT NOT NULL);
CREATE TABLE organizations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE users (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE tickets (
    id INTEGER PRIMARY KEY, external_id TEXT, rank INTEGER NOT NULL, priority INTEGER NOT NULL, type TEXT,
    assignee_id INTEGER, group_id INTEGER, requester_id INTEGER NOT NULL, organization_id INTEGER,
    problem_id INTEGER, subject TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL,
    changed_ms INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE TABLE ticket_tags (
    tag TEXT NOT NULL, ticket_id INTEGER NOT NULL, PRIMARY KEY (tag, ticket_id)) WITHOUT ROWID;
CREATE TABLE audits (
    id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL, commented INTEGER NOT NULL, doc TEXT NOT NULL);
CREATE TABLE ratings (
    id INTEGER PRIMARY KEY, ticket_id INTEGER NOT NULL, score TEXT NOT NULL, doc TEXT NOT NULL);
CREATE TABLE attachments (
    id INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, media_type TEXT NOT NULL, content BLOB NOT NULL,
    doc TEXT NOT NULL);
"""
AT = "json_extract(doc, '$.created_at')"
"""When an audit was made, as text that sorts by time; there is an index on just these words."""
_INDEXES = f"""
CREATE UNIQUE INDEX users_by_email ON users (email);
CREATE INDEX tickets_by_change ON tickets (changed_ms, id);
CREATE INDEX tickets_by_key ON tickets (external_id);
CREATE INDEX tickets_by_problem ON tickets (problem_id) WHERE problem_id IS NOT NULL;
CREATE INDEX tags_of_ticket ON ticket_tags (ticket_id);
CREATE INDEX audits_of_ticket ON audits (ticket_id, id);
CREATE INDEX audits_by_time ON audits ({AT}, id);
"""


def create(path: Path, fill: Callable[[sqlite3.Connection], None]) -> None:
    """Make the file at ``path`` with what ``fill`` puts in; a crash half-way leaves no file there.

    Raises `OSError` or `sqlite3.Error` where the folder cannot be written.
    """
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    connection = sqlite3.connect(new, isolation_level=None)
    try:
        new.chmod(0o600)
        # Until the rename below nobody reads this file, so speed may come before safety.
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _TABLES + _UPLOADS)
        connection.execute("BEGIN")
        fill(connection)
        connection.execute("INSERT INTO meta VALUES ('layout', ?)", (LAYOUT,))
        connection.execute("COMMIT")
        connection.executescript(_INDEXES)
    finally:
        connection.close()
    with new.open("rb") as written:
        os.fsync(written.fileno())
    new.replace(path)


def connect(path: Path) -> sqlite3.Connection:
    """Open the file for the one server that may hold it.

    Raises `Stopped` when another server holds it, `Invalid` when it is not a file of this layout.
    """
    connection = sqlite3.connect(path, isolation_level=None, timeout=0.2)
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA cache_size=-32768")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("COMMIT")
        layout = connection.execute("SELECT value FROM meta WHERE name = 'layout'").fetchone()
    except sqlite3.OperationalError as trouble:
        connection.close()
        if "locked" not in str(trouble):
            raise Invalid(
                f"the demo's file cannot be used ({trouble})", where=str(path), do="Start with --reset"
            ) from None
        raise Stopped(
            "another demo holds this state", where=str(path.parent), do="End it or use another folder"
        ) from None
    except sqlite3.DatabaseError:
        connection.close()
        raise Invalid("this is not a demo's file", where=str(path), do="Start with --reset") from None
    if layout is None or layout[0] != LAYOUT:
        connection.close()
        raise Invalid("the demo's file is of another version", where=str(path), do="Start with --reset")
    # A file from before there were uploads.
    connection.executescript(_UPLOADS)
    return connection


def remove(path: Path) -> None:
    """Forget the file at ``path`` with its journals; nothing happens where there is none."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
