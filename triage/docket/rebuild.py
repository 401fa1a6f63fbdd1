"""Making everything that follows from docket and mirror again: for doctor, and after a mended program."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from sqlmodel import Session

from triage.config.zone import NAMELESS, zone_named
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

    "By 16:00" in a ticket is read in the zone of the people. On this machine alone that is ``zone``, and
    where it was changed the promises are read again. A database that a team shares has one of its own, the
    zone of who came first: a promise falls due at one moment, whoever looks. Raises `Invalid` where this
    machine does not know that zone.
    """

    def marks(session: Session) -> tuple[str | None, str | None]:
        return load_cursor(session, BEHIND), load_cursor(session, ZONE)

    stale, read_in = await database.read(marks)
    if database.shared:
        zone = await _shared_zone(database, zone, read_in)
    if stale is not None:
        await rebuild(database, now=now)
    if read_in != str(zone) and not database.shared:
        with suppress(TriageError):
            # A database that cannot be written to can still be read.
            await database.write(lambda session: _in_zone(session, zone, again=read_in is not None))


async def read_again_in(database: Database, zone: tzinfo) -> None:
    """From now on promises are read in ``zone``, those there are too. Other programs that have a shared
    database open take it up when they are started next.
    """
    database.read_promises_in(zone)
    await database.write(lambda session: _in_zone(session, zone, again=True))


async def _shared_zone(database: Database, zone: tzinfo, read_in: str | None) -> tzinfo:
    """The zone of a shared database; ``zone`` becomes it where there is none yet."""
    if read_in is None and str(zone) != NAMELESS:
        read_in = await database.write(lambda session: _claimed(session, zone))
    if read_in is not None:
        zone = zone_named(read_in)
        database.read_promises_in(zone)
    return zone


def _claimed(session: Session, zone: tzinfo) -> str:
    kept = load_cursor(session, ZONE)
    if kept is None:
        save_cursor(session, ZONE, str(zone))
    return kept or str(zone)


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
