"""The queue's first page with the standard library alone.

Importing the ORM takes longer than drawing the screen, so the first frame reads its rows with ``sqlite3``;
the query texts are `triage.store.queue_order`'s, the same the store runs later.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from triage.model.queue import Freshness, QueueCounts, QueueWindow
from triage.model.queue_filter import parse_filter
from triage.store.database_file import SCHEMA_NUMBER, header_of, restoring_plan
from triage.store.pull_age import judged
from triage.store.queue_match import sql_match
from triage.store.queue_order import Match, read_counts, read_window

_PATIENCE_S = 0.2
"""How long to wait for another process's write before drawing without rows."""


@dataclass(frozen=True, slots=True)
class FirstPage:
    """What the first frame shows."""

    window: QueueWindow
    counts: QueueCounts
    freshness: Freshness


def first_page(
    path: Path | None,
    *,
    now: datetime,
    limit: int = 60,
    filters: Sequence[str] = (),
    me: str | tuple[str, ...] = (),
) -> FirstPage | None:
    """The first ``limit`` rows at ``now``; None when nothing was ever pulled into ``path``.

    Never raises for the state of the file: a missing, locked, foreign, newer or broken database gives None,
    and opening the store properly a moment later says what is wrong with it.
    """
    if path is None or not _ours(path):
        return None
    try:
        with closing(_connect(path)) as connection:
            return _read(connection, now, limit, sql_match(parse_filter(*filters), me))
    except (sqlite3.Error, ValueError, TypeError):
        return None


def _ours(path: Path) -> bool:
    header = header_of(path)
    if header is None or not header.ours or header.schema != SCHEMA_NUMBER:
        return False
    # Half-way through a restore the file and its journals may be of two different databases.
    return not restoring_plan(path).exists()


def _connect(path: Path) -> sqlite3.Connection:
    # A journal left by a killed process must be rolled back before anything can be read; that is a write.
    mode = "rw" if path.with_name(f"{path.name}-journal").exists() else "ro"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=_PATIENCE_S, isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _read(connection: sqlite3.Connection, now: datetime, limit: int, match: Match) -> FirstPage | None:
    def query(sql: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        return connection.execute(sql, parameters).fetchall()

    connection.execute("BEGIN")
    freshness = _freshness(
        query("SELECT result, last_pull_at, message, complete, notices FROM pulls", {}), now
    )
    if freshness is None:
        return None
    window = read_window(query, 0, limit, now, match)
    return FirstPage(window, read_counts(query, now), freshness)


def _freshness(rows: Sequence[Sequence[Any]], now: datetime) -> Freshness | None:
    if not rows:
        return None
    result, last, message, complete, notices = rows[0]
    epoch = datetime.fromtimestamp(0, now.tzinfo)
    last_pull_at = None if last is None else epoch + timedelta(microseconds=last)
    return judged(result, last_pull_at, message, bool(complete), json.loads(notices), now)
