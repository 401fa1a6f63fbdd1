"""Every escalation with its investigation. Each has one: what nobody has begun is listed as not begun.

An investigation gets its number and its first entry when somebody opens it; until then all of it can be read
from the ticket, so nothing is written down for tickets that nobody has looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from sqlmodel import Session

from triage.desk.facts import read_facts
from triage.desk.parts import Parts
from triage.model.clean_text import clean_line
from triage.model.entry import Entry
from triage.model.investigation_line import InvestigationLine
from triage.retrospective.fold import fold
from triage.retrospective.phase_clock import next_step
from triage.store import membership, mirror
from triage.store.entries import load_entries, subjects

LATEST = datetime.max.replace(tzinfo=UTC)


async def investigation_register(parts: Parts) -> tuple[InvestigationLine, ...]:
    """All of them, what is due first first and the adopted ones last."""
    now, zone = parts.now(), parts.zone

    def read(session: Session) -> list[InvestigationLine]:
        begun = subjects(session, "investigation")
        return [*_begun(session, begun, now, zone), *_not_begun(session, {case for case, _ in begun}, zone)]

    lines = await parts.database.read(read)
    return tuple(sorted(lines, key=lambda line: (line.next_due or LATEST, line.id, line.ticket_key)))


def _begun(
    session: Session, begun: tuple[tuple[str, str], ...], now: datetime, zone: tzinfo
) -> Iterator[InvestigationLine]:
    for case_id, name in begun:
        told: tuple[Entry, ...] = load_entries(session, subject="investigation", subject_id=name)
        it = fold(told, read_facts(session, case_id, now), now)
        step, due = next_step(it.phase, it.state, it.mode, it.opened_at, told[-1].at, zone)
        yield InvestigationLine(
            it.id, it.ticket_key, it.title, it.mode, it.phase, it.state, it.opened_at, step, due
        )


def _not_begun(session: Session, begun: set[str], zone: tzinfo) -> Iterator[InvestigationLine]:
    known = mirror.load_many(session, sorted(membership.members(session) - begun))
    timelines = mirror.load_timelines(session, known)
    for case_id, mirrored in known.items():
        ticket = mirrored.ticket
        passed = [one.at for one in timelines.get(case_id, ()) if one.kind == "escalation"]
        opened = passed[-1] if passed else ticket.created_at
        step, due = next_step("preliminary", "not_begun", "", opened, None, zone)
        title = clean_line(ticket.subject)
        yield InvestigationLine("", ticket.key, title, "-", "preliminary", "not_begun", opened, step, due)
