"""Making everything that follows from docket and mirror again: for doctor, and after a mended program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from triage.docket.projection import project_entry, project_subject
from triage.store import membership, projections, queue_rows
from triage.store.database import Database
from triage.store.entries import load_entries, subjects
from triage.store.pull_state import load_cursor, save_cursor

PROJECTIONS = "projections"
"""A cursor of this name says that the tables are behind the docket."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How much was made again."""

    runs: int
    investigations: int
    enhancements: int
    queue: int


async def rebuild_if_stale(database: Database, *, now: Callable[[], datetime]) -> None:
    """Make everything again where a migration has added tables that it could not fill itself."""
    if await database.read(lambda session: load_cursor(session, PROJECTIONS)) is not None:
        await rebuild(database, now=now)


async def rebuild(database: Database, *, now: Callable[[], datetime]) -> Rebuilt:
    """Empty and refill projections and queue in one write; entries, mirror and outbox are only read."""
    at = now()
    return await database.write(lambda session: _rebuild(session, at))


def _rebuild(session: Session, now: datetime) -> Rebuilt:
    projections.forget_all(session)
    queue_rows.forget_all(session)
    for entry in load_entries(session, kinds=["evidence.added", "case.seen"]):
        project_entry(session, entry)
    runs, investigations = subjects(session, "run"), subjects(session, "investigation")
    for _, run_id in runs:
        project_subject(session, "run", run_id, now)
    for _, investigation_id in investigations:
        project_subject(session, "investigation", investigation_id, now)
    enhancements, rules = subjects(session, "enhancement"), subjects(session, "wording")
    for _, name in enhancements:
        project_subject(session, "enhancement", name, now)
    for rule in sorted({rule for _, rule in rules}):
        project_subject(session, "wording", rule, now)
    save_cursor(session, PROJECTIONS, None)
    members = membership.members(session)
    touched = {case_id for case_id, _ in (*runs, *investigations, *subjects(session, "case"))}
    queue_rows.refresh(session, members | touched)
    return Rebuilt(len(runs), len(investigations), len(enhancements), len(members))
