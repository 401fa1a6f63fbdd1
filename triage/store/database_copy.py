"""Copies of an SQLite database that can be trusted, and what is wrong inside one."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from triage.config.private_file import create_private, sync_directory
from triage.model.clean_text import clean_line
from triage.model.errors import Invalid, TriageError
from triage.store.engine import trouble

NO_TEXT = "something in it that should be text is none"
"""SQLite quotes a broken database as it stands there, and Python cannot read that."""


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
            missing = _missing_bytes(connection, path)
    except UnicodeDecodeError:
        return (NO_TEXT,)
    except sqlite3.DatabaseError as error:
        # SQLite quotes a broken schema as it stands there, with its line breaks.
        return (clean_line(str(error)),)
    lines = [clean_line(line) for line in found if line != "ok"]
    if missing:
        lines.append(f"{missing:,} bytes are missing at its end")
    return (*lines, *(f"row {row[1]} of {row[0]} points to nothing in {row[2]}" for row in broken))


def _missing_bytes(connection: sqlite3.Connection, path: Path) -> int:
    """How much of the last page is not in the file: SQLite reads it as zeros and finds nothing wrong."""
    wal = path.with_name(f"{path.name}-wal")
    if wal.exists() and wal.stat().st_size:
        return 0  # pages may stand there alone
    (pages,), (size,) = (
        connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size")
    )
    return max(0, int(pages) * int(size) - path.stat().st_size)


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
