"""Many rows in one statement: insert, or overwrite the row with the same key."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar, cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine
from sqlmodel import Session, SQLModel

from triage.store.column_types import Words

T = TypeVar("T")

CHUNK = 500
"""Ids in one ``IN (…)``: below every database's limit of parameters."""

_Column: TypeAlias = Callable[[Sequence[Any]], Sequence[Any]]


def table_of(model: type[SQLModel]) -> Table:
    """The table behind a model."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]  # set by SQLModel when table=True


def upsert(
    session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]], *, keep: Collection[str] = ()
) -> None:
    """Write ``rows`` (all with the same columns), replacing those whose primary key is there already.

    Columns named in ``keep`` stay as they are in a row that is there.
    """
    if rows:
        connection = session.connection()
        written = _statement(table_of(model), connection.dialect, tuple(rows[0]), frozenset(keep))
        connection.exec_driver_sql(written.sql, written.parameters(rows))


def in_chunks(values: Collection[T], size: int = CHUNK) -> Iterator[list[T]]:
    """``values`` in lists of at most ``size``."""
    ordered = list(values)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


@dataclass(frozen=True, slots=True)
class _Statement:
    """An upsert in the driver's own words.

    SQLAlchemy would do the same value by value and row by row, which a pull of ten thousand tickets waits
    for: here the values of a column are made ready together.
    """

    sql: str
    names: tuple[str, ...]
    columns: tuple[_Column, ...]
    positional: bool
    """Whether the driver takes values by place, or by name."""

    def parameters(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """``rows`` as the driver takes them."""
        ready = [
            made([row[name] for row in rows]) for name, made in zip(self.names, self.columns, strict=True)
        ]
        placed = list(zip(*ready, strict=True))
        return placed if self.positional else [dict(zip(self.names, one, strict=True)) for one in placed]


@lru_cache(maxsize=64)
def _statement(table: Table, dialect: Dialect, names: tuple[str, ...], keep: frozenset[str]) -> _Statement:
    keys = [column.name for column in table.primary_key.columns]
    insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    others = {name: statement.excluded[name] for name in names if name not in keep and name not in keys}
    if others:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=others)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    ordered = tuple(compiled.positiontup or names)
    made = tuple(_made_ready(table.columns[name].type, dialect) for name in ordered)
    return _Statement(str(compiled), ordered, made, positional=compiled.positional)


def _made_ready(kind: TypeEngine[Any], dialect: Dialect) -> _Column:
    """What turns the values of a column into the driver's."""
    if isinstance(kind, Words):
        return lambda values: kind.bind_all(values, dialect)
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    return (lambda values: values) if process is None else (lambda values: list(map(process, values)))
