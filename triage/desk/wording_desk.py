"""The wording of any text, and how the rules have done so far."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from triage.desk.facts import read_facts
from triage.desk.parts import Parts
from triage.model.investigation import LintSection, WordingHit
from triage.retrospective import wording
from triage.retrospective.fold import fold
from triage.retrospective.wording_use import RuleUse, use_of
from triage.store.entries import load_entries, subjects


def wording_of(text: str, section: LintSection) -> tuple[WordingHit, ...]:
    """Places where ``text`` blames or judges, as a text of ``section``; needs no profile."""
    return wording.hits(text, section)


@dataclass(slots=True)
class WordingDesk:
    """What the wording rules have said in the investigations on this machine."""

    parts: Parts

    async def use(self) -> tuple[RuleUse, ...]:
        """Every rule with its hits and how many of them people silenced."""
        now = self.parts.now()

        def read(session: Session) -> tuple[RuleUse, ...]:
            written = []
            for case_id, name in subjects(session, "investigation"):
                facts = read_facts(session, case_id, now)
                told = load_entries(session, subject="investigation", subject_id=name)
                written.append((fold(told, facts, now), facts))
            return use_of(written)

        return await self.parts.database.read(read)
