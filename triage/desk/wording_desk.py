"""The wording of any text, and how the rules have done so far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from triage.desk.every_investigation import every_investigation
from triage.desk.parts import Parts
from triage.model.entry import NewEntry
from triage.model.errors import Invalid, NotFound
from triage.model.investigation import LintSection, WordingHit
from triage.model.json_value import Json
from triage.retrospective import wording
from triage.retrospective.wording_use import FEWEST_SILENCED, RuleUse, use_of
from triage.store.entries import case_of, load_entries
from triage.store.rested_rules import rested_rules


def wording_of(text: str, section: LintSection) -> tuple[WordingHit, ...]:
    """Places where ``text`` blames or judges, as a text of ``section``; needs no profile."""
    return wording.hits(text, section)


@dataclass(slots=True)
class WordingDesk:
    """What the wording rules have said in the investigations on this machine."""

    parts: Parts

    async def use(self) -> tuple[RuleUse, ...]:
        """Every rule with its hits, and how many of them people heeded and silenced."""
        held = await every_investigation(self.parts)
        resting, woken = await self.parts.database.read(_rested_and_woken)
        return use_of(((one.investigation, one.facts, one.entries) for one in held), resting, woken)

    async def rest_if_silenced_too_often(self, rule: str, case_id: str) -> bool:
        """Let ``rule`` only inform where people keep silencing it; whether that was done now."""

        def silenced(session: Session) -> int:
            told = load_entries(session, subject="investigation", kinds=["wording.silenced"])
            return sum(one.data.get("rule") == rule for one in told)

        if await self.parts.database.read(silenced) < FEWEST_SILENCED:
            return False
        used = next((one for one in await self.use() if one.rule == rule), None)
        if used is None or not used.demote or used.at_rest_since is not None:
            return False
        record: dict[str, Json] = {"hits": used.hits, "silenced": used.silenced}
        await self.parts.docket.append(case_id, [NewEntry("wording", rule, "wording.rested", record)])
        return True

    async def wake(self, rule: str) -> RuleUse:
        """Let ``rule`` speak at its own level again. Raises `NotFound`, or `Invalid` where it does."""
        name = rule.strip().upper()
        used = next((one for one in await self.use() if one.rule.upper() == name), None)
        if used is None:
            raise NotFound(f"no wording rule {rule}", do="triage wording stats lists them")
        if used.at_rest_since is None:
            raise Invalid(f"{used.rule} is not at rest", do="triage wording stats shows which are")
        case_id = await self.parts.database.read(lambda session: case_of(session, "wording", used.rule))
        record: dict[str, Json] = {"hits": used.hits, "silenced": used.silenced}
        await self.parts.docket.append(
            case_id or "", [NewEntry("wording", used.rule, "wording.woken", record)]
        )
        return replace(used, at_rest_since=None, demote=False)


def _rested_and_woken(session: Session) -> tuple[dict[str, datetime], dict[str, tuple[int, int]]]:
    """Rules at rest and since when; rules that were woken, with their record at that time."""
    woken = {
        one.subject_id: (int(str(one.data["hits"])), int(str(one.data["silenced"])))
        for one in load_entries(session, subject="wording", kinds=["wording.woken"])
    }
    return rested_rules(session), woken
