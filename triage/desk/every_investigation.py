"""All investigations on this machine, read in one go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from triage.desk.facts import read_facts
from triage.desk.parts import Parts
from triage.model.case import CaseFacts
from triage.model.entry import Entry
from triage.model.investigation import Investigation
from triage.retrospective.fold import fold
from triage.store.entries import load_entries, subjects


@dataclass(frozen=True, slots=True)
class Held:
    """An investigation, what it was folded over, and the newest entry it was read from."""

    investigation: Investigation
    facts: CaseFacts
    last_entry: str
    entries: tuple[Entry, ...]


async def every_investigation(parts: Parts) -> tuple[Held, ...]:
    """Every investigation, oldest first."""
    now = parts.now()

    def read(session: Session) -> tuple[Held, ...]:
        return tuple(
            _held(session, case_id, name, now) for case_id, name in subjects(session, "investigation")
        )

    return await parts.database.read(read)


def _held(session: Session, case_id: str, name: str, now: datetime) -> Held:
    told = load_entries(session, subject="investigation", subject_id=name)
    facts = read_facts(session, case_id, now)
    return Held(fold(told, facts, now), facts, told[-1].id, told)
