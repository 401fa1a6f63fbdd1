"""Many rows in one statement: insert, or overwrite the row with the same key."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

T = TypeVar("T")

CHUNK = 500
"""Ids in one ``IN (…)``: below every database's limit of parameters."""


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]  # set by SQLModel when table=True


def upsert(
    session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]], *, keep: Collection[str] = ()
) -> None:
    """Write ``rows`` (all with the same columns), replacing those whose primary key is there already.

    Columns named in ``keep`` stay as they are in a row that is there.
    """
    if not rows:
        return
    table = table_of(model)
    keys = [column.name for column in table.primary_key.columns]
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    others = {name: statement.excluded[name] for name in rows[0] if name not in {*keys, *keep}}
    if others:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=others)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    session.connection().execute(statement, list(rows))


def in_chunks(values: Collection[T], size: int = CHUNK) -> Iterator[list[T]]:
    """``values`` in lists of at most ``size``."""
    ordered = list(values)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]
