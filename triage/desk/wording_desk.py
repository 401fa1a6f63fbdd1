"""The wording of any text, and how the rules have done so far."""

from __future__ import annotations

from dataclasses import dataclass

from triage.desk.every_investigation import every_investigation
from triage.desk.parts import Parts
from triage.model.investigation import LintSection, WordingHit
from triage.retrospective import wording
from triage.retrospective.wording_use import RuleUse, use_of


def wording_of(text: str, section: LintSection) -> tuple[WordingHit, ...]:
    """Places where ``text`` blames or judges, as a text of ``section``; needs no profile."""
    return wording.hits(text, section)


@dataclass(slots=True)
class WordingDesk:
    """What the wording rules have said in the investigations on this machine."""

    parts: Parts

    async def use(self) -> tuple[RuleUse, ...]:
        """Every rule with its hits and how many of them people silenced."""
        held = await every_investigation(self.parts)
        return use_of((one.investigation, one.facts) for one in held)
