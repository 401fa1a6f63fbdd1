"""An SQLite file as a file: whose, of which version, with which journal. Standard library only."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

APPLICATION_ID = 0x54526967
"""``TRig`` in the file's header: this database is ours."""

SCHEMA_NUMBER = 2
"""The version of the schema this program writes; the newest migration's number."""

JournalMode: TypeAlias = Literal["wal", "delete"]

JOURNALS = ("-wal", "-shm", "-journal")
"""Endings of the files that SQLite keeps beside a database."""

_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100


@dataclass(frozen=True, slots=True)
class Header:
    """What the first bytes of a database file say. Reading them changes nothing, whatever state it is in."""

    sqlite: bool
    """False for any other kind of file."""
    empty: bool
    application: int = 0
    schema: int = 0

    @property
    def ours(self) -> bool:
        """Whether Triage made it."""
        return self.sqlite and self.application == APPLICATION_ID


def header_of(path: Path) -> Header | None:
    """The header of ``path``; None when there is no file or it cannot be read.

    Offsets as in "Database File Format" of sqlite.org: user_version at 60, application_id at 68.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER_BYTES)
    except OSError:
        return None
    if not head:
        return Header(sqlite=False, empty=True)
    if len(head) < _HEADER_BYTES or not head.startswith(_MAGIC):
        return Header(sqlite=False, empty=False)
    (schema,) = struct.unpack_from(">i", head, 60)
    (application,) = struct.unpack_from(">I", head, 68)
    return Header(sqlite=True, empty=False, application=application, schema=schema)


def restoring_plan(path: Path) -> Path:
    """The file that stands beside the database ``path`` while a restore puts another one in its place."""
    return path.with_name(f"{path.name}.restoring")


def safe_journal(version: tuple[int, ...]) -> JournalMode:
    """The journal that loses nothing on SQLite ``version``.

    From 3.7.0 to 3.51.2 a race at the reset of the write-ahead log can lose commits when several
    processes write (sqlite.org/wal.html, "the WAL-reset bug"); mended in 3.51.3, 3.50.7 and 3.44.6.
    """
    mended = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    return "wal" if mended else "delete"
