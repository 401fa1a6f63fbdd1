"""Wording rules that only inform for now, because people kept silencing them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Field, Session, SQLModel

from triage.store.column_types import Instant, Words
from triage.store.upsert import table_of, upsert


class RestedRuleRow(SQLModel, table=True):
    """One rule at rest, with the record that put it there."""

    __tablename__ = "rested_rules"

    rule: str = Field(primary_key=True, sa_type=Words)
    since: datetime = Field(sa_type=Instant)
    hits: int
    silenced: int


_RESTED = table_of(RestedRuleRow)


def rest_rule(session: Session, rule: str, since: datetime, hits: int, silenced: int) -> None:
    """Let ``rule`` only inform from ``since`` on."""
    upsert(session, RestedRuleRow, [{"rule": rule, "since": since, "hits": hits, "silenced": silenced}])


def wake_rule(session: Session, rule: str) -> None:
    """Let ``rule`` speak at its own level again."""
    session.connection().execute(delete(_RESTED).where(_RESTED.c.rule == rule))


def rested_rules(session: Session) -> dict[str, datetime]:
    """Every rule at rest and since when."""
    rows = session.connection().execute(select(_RESTED.c.rule, _RESTED.c.since).order_by(_RESTED.c.rule))
    return {row.rule: row.since for row in rows}


def forget_all(session: Session) -> None:
    """Wake every rule, before a rebuild."""
    session.connection().execute(delete(_RESTED))
