"""The parties of an investigation: invited, heard, and allowed to differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from triage.desk.every_investigation import Held, every_investigation
from triage.desk.parts import Parts
from triage.model.entry import NewEntry
from triage.model.errors import NotFound
from triage.model.investigation import Investigation, Party
from triage.retrospective import party_letters
from triage.retrospective.phase_clock import working_days_after

DAYS_TO_ANSWER = 2
Act = Callable[[Investigation], NewEntry]


@dataclass(slots=True)
class PartyDesk:
    """Verbs on parties; a party is a side such as ``engineering`` or ``customer``, never a person."""

    parts: Parts

    async def invite(
        self, investigation_id: str, kind: str, *, component: str = "", rep: str = ""
    ) -> Investigation:
        """Ask a side for its account; ``rep`` is who speaks for it and is never exported."""
        return await self._write(
            investigation_id, lambda it: party_letters.invite(it, kind, component=component, rep=rep)
        )

    async def submit(
        self, investigation_id: str, kind: str, *, findings: str, cause: str, recommendations: str
    ) -> Investigation:
        """Write down what a side proposes."""
        return await self._write(
            investigation_id,
            lambda it: party_letters.submit(
                it, kind, findings=findings, cause=cause, recommendations=recommendations
            ),
        )

    async def decline(self, investigation_id: str, kind: str, *, silent: bool = False) -> Investigation:
        """A side has nothing to say, or (``silent``) never answered."""
        return await self._write(investigation_id, lambda it: party_letters.decline(it, kind, silent=silent))

    async def dissent(self, investigation_id: str, kind: str, text: str) -> Investigation:
        """A side sees it differently; the verdict stands."""
        return await self._write(investigation_id, lambda it: party_letters.dissent(it, kind, text))

    def answer_due(self, party: Party) -> datetime | None:
        """When a side that was invited should have answered: after `DAYS_TO_ANSWER` working days."""
        if party.submission != "invited" or party.invited_at is None:
            return None
        return working_days_after(party.invited_at, DAYS_TO_ANSWER, self.parts.zone)

    async def _held(self, investigation_id: str) -> Held:
        for one in await every_investigation(self.parts):
            if one.investigation.id == investigation_id:
                return one
        raise NotFound(f"no investigation {investigation_id}")

    async def _write(self, investigation_id: str, act: Act) -> Investigation:
        held = await self._held(investigation_id)
        it = held.investigation
        await self.parts.docket.append_if(it.case_id, "investigation", it.id, held.last_entry, [act(it)])
        return (await self._held(investigation_id)).investigation
