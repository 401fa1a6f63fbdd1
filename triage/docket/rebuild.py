"""Making everything that follows from docket and mirror again: for doctor, and after a mended program."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from sqlmodel import Session

from triage.docket.projection import project_entry, project_subject
from triage.model.errors import TriageError
from triage.store import membership, projections, queue_rows
from triage.store.database import Database
from triage.store.entries import load_entries, subjects
from triage.store.pull_state import BEHIND, load_cursor, save_cursor

ZONE = "zone"
"""The cursor that keeps which zone the promises were read in."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How much was made again."""

    runs: int
    investigations: int
    enhancements: int
    queue: int


async def rebuild_if_stale(database: Database, *, now: Callable[[], datetime], zone: tzinfo = UTC) -> None:
    """Make again what is behind: everything after a migration that added tables, promises in a new zone.

    "By 16:00" in a ticket is read in the zone of the people; where that was changed, it is read again.
    """

    def marks(session: Session) -> tuple[str | None, str | None]:
        return load_cursor(session, BEHIND), load_cursor(session, ZONE)

    stale, read_in = await database.read(marks)
    if stale is not None:
        await rebuild(database, now=now)
    if read_in != str(zone):
        with suppress(TriageError):
            # A database that cannot be written to can still be read.
            await database.write(lambda session: _in_zone(session, zone, again=read_in is not None))


async def rebuild(database: Database, *, now: Callable[[], datetime]) -> Rebuilt:
    """Empty and refill projections and queue in one write; entries, mirror and outbox are only read."""
    at = now()
    return await database.write(lambda session: _rebuild(session, at))


def _in_zone(session: Session, zone: tzinfo, *, again: bool) -> None:
    if again:
        worked = {
            case_id for kind in ("case", "run", "investigation") for case_id, _ in subjects(session, kind)
        }
        promised = projections.promised_tickets(session)
        queue_rows.refresh(session, membership.members(session) | worked | promised)
    save_cursor(session, ZONE, str(zone))


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
    save_cursor(session, BEHIND, None)
    members = membership.members(session)
    touched = {case_id for case_id, _ in (*runs, *investigations, *subjects(session, "case"))}
    queue_rows.refresh(session, members | touched)
    return Rebuilt(len(runs), len(investigations), len(enhancements), len(members))
