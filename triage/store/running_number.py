"""Running numbers for things people call by number: ``ESC-2026-0031``."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Field, Session, SQLModel

from triage.store.column_types import Words
from triage.store.upsert import table_of, upsert


class NumberRow(SQLModel, table=True):
    """The last number given out in a series."""

    __tablename__ = "numbers"

    series: str = Field(primary_key=True, sa_type=Words)
    last: int


_NUMBERS = table_of(NumberRow)


def next_number(session: Session, series: str) -> int:
    """The next number of ``series``, from 1. Call it in a write: no number is given out twice."""
    chosen = select(_NUMBERS.c.last).where(_NUMBERS.c.series == series).with_for_update()
    number: int = (session.connection().execute(chosen).scalar() or 0) + 1
    upsert(session, NumberRow, [{"series": series, "last": number}])
    return number
