"""How far pulling got, and how old what we show is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, select
from sqlmodel import Field, Session, SQLModel

from triage.model.queue import Freshness
from triage.store.column_types import Instant, JsonText, Words
from triage.store.pull_age import STALE_AFTER, judged
from triage.store.upsert import table_of, upsert

_ONLY = "pull"


class CursorRow(SQLModel, table=True):
    """Where one stream of changes goes on."""

    __tablename__ = "cursors"

    name: str = Field(primary_key=True, sa_type=Words)
    cursor: str = Field(sa_type=Words)


class PullRow(SQLModel, table=True):
    """The latest pull; there is one row."""

    __tablename__ = "pulls"

    name: str = Field(primary_key=True, sa_type=Words)
    result: str = Field(sa_type=Words)
    tried_at: datetime = Field(sa_type=Instant)
    last_pull_at: datetime | None = Field(default=None, sa_type=Instant)
    message: str = Field(sa_type=Words)
    complete: bool
    notices: Any = Field(sa_type=JsonText)


BEHIND = "projections"
"""A cursor of this name says that the tables which follow from docket and mirror are behind them."""

_CURSORS = table_of(CursorRow)
_PULLS = table_of(PullRow)


def load_cursor(session: Session, name: str) -> str | None:
    """Where the stream ``name`` goes on, or None when it has not begun."""
    return session.connection().execute(select(_CURSORS.c.cursor).where(_CURSORS.c.name == name)).scalar()


def save_cursor(session: Session, name: str, cursor: str | None) -> None:
    """Keep where to go on, in the same write as the rows it belongs to; None forgets it."""
    if cursor is None:
        session.connection().execute(delete(_CURSORS).where(_CURSORS.c.name == name))
    else:
        upsert(session, CursorRow, [{"name": name, "cursor": cursor}])


def record_pull(
    session: Session,
    result: Literal["done", "failed", "stopped"],
    at: datetime,
    *,
    message: str = "",
    complete: bool = True,
    notices: Sequence[str] = (),
) -> None:
    """Remember how the latest pull ended; ``failed`` and ``stopped`` keep the time of the last good one."""
    earlier = session.connection().execute(select(_PULLS.c.last_pull_at, _PULLS.c.complete)).first()
    last, was_complete = earlier or (None, True)
    row = {
        "name": _ONLY,
        "result": result,
        "tried_at": at,
        "last_pull_at": at if result == "done" else last,
        "message": message,
        "complete": complete if result == "done" else was_complete,
        "notices": tuple(notices),
    }
    upsert(session, PullRow, [row])


def freshness(session: Session, now: datetime, stale_after: timedelta = STALE_AFTER) -> Freshness:
    """How old the mirror is at ``now``."""
    row = session.connection().execute(select(_PULLS)).first()
    if row is None:
        return Freshness("never", None)
    return judged(
        row.result, row.last_pull_at, row.message, bool(row.complete), row.notices, now, stale_after
    )
