"""What one database has that an older one lacks: for naming what a backup does not bring back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from triage.model.clean_text import clean_line

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATER = """
    SELECT entries.case_id, coalesce(tickets.key, ''), count(*), min(entries.at), max(entries.at),
        group_concat(DISTINCT entries.kind)
    FROM main.entries AS entries LEFT JOIN main.tickets AS tickets ON tickets.id = entries.case_id
    WHERE entries.id NOT IN (SELECT id FROM older.entries)
    GROUP BY entries.case_id ORDER BY min(entries.at)
"""


@dataclass(frozen=True, slots=True)
class OnlyThere:
    """Entries of one case that are only in the newer database."""

    case: str
    """What people call its ticket, or its id."""
    entries: int
    first_at: datetime
    last_at: datetime
    """Of the entries (UTC)."""
    kinds: tuple[str, ...]


def recorded_since(newer: Path, older: Path) -> tuple[OnlyThere, ...]:
    """Entries that ``newer`` has and ``older`` lacks, by case; empty where there is no ``newer``.

    Changes neither: a journal that would have to be rolled back first makes ``newer`` unreadable. Raises
    `sqlite3.Error` where it cannot be read.
    """
    if not newer.exists():
        return ()
    with closing(sqlite3.connect(f"{newer.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("ATTACH ? AS older", (f"{older.absolute().as_uri()}?mode=ro",))
        rows = connection.execute(_LATER).fetchall()
    return tuple(
        OnlyThere(
            clean_line(key or case),
            count,
            _EPOCH + timedelta(microseconds=first),
            _EPOCH + timedelta(microseconds=last),
            tuple(sorted(kinds.split(","))),
        )
        for case, key, count, first, last, kinds in rows
    )
