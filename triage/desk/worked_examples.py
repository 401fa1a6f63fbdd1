"""Working examples out for real: every verb a person would use, at the times of the example.

The docket is written as it would have been written then, so that dates, lateness and the watch after a close
are those of a week of work and not of one second. The times lie in the past; none lies ahead.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from triage.desk.enhancement_desk import EnhancementDesk
from triage.desk.facts import read_facts
from triage.desk.investigation_desk import InvestigationDesk
from triage.desk.outbox_desk import OutboxDesk
from triage.desk.parts import Parts
from triage.desk.recommendation_desk import RecommendationDesk
from triage.docket.docket import Docket
from triage.model.entry import NewEntry
from triage.model.errors import NotFound
from triage.model.worked_example import ExampleLetter, WorkedExample
from triage.store import mirror
from triage.store.projections import investigation_of


@dataclass(slots=True)
class ExampleDesk:
    """The verb that finishes the investigations of a demo."""

    parts: Parts

    async def work_out(self, examples: Sequence[WorkedExample]) -> tuple[str, ...]:
        """Open, answer, adopt and follow each of ``examples``; the ids of the investigations made.

        A case that has an investigation already is left as it is. The internal notes are confirmed and wait
        to be sent. Raises what the verbs raise; what was finished until then is kept.
        """
        made = []
        for example in examples:
            name = await self._finish(example)
            if name:
                made.append(name)
        return tuple(made)

    async def _finish(self, example: WorkedExample) -> str:
        ticket_id, last = await self._opening(example)
        if not ticket_id:
            return ""
        adopted = min(last + example.adopted_after, self.parts.now())
        then = self._at(adopted)
        desk = InvestigationDesk(then)
        name = (await desk.open(ticket_id, "full")).investigation.id
        await desk.answer_all(name, example.answers, example.name)
        minutes = NewEntry("investigation", name, "minutes.added", {"minutes": example.minutes})
        await then.docket.append(ticket_id, [minutes])
        _, note = await desk.adopt(name)
        await OutboxDesk(then).confirm(note.id)
        for letter in example.letters:
            await _write(RecommendationDesk(self._at(adopted + letter.after)), name, letter)
        if example.wish_decided:
            await _decide(EnhancementDesk(self._at(adopted + example.wish_after)), name, example.wish_decided)
        return name

    async def _opening(self, example: WorkedExample) -> tuple[str, datetime]:
        """The ticket and its last event; no ticket where an investigation is there already."""
        now = self.parts.now()

        def read(session: Session) -> tuple[str, datetime]:
            ticket_id = mirror.find_ticket_id(session, example.ticket_key)
            if ticket_id is None:
                raise NotFound(f"no ticket {example.ticket_key} here", do="triage sync pulls the queue")
            if investigation_of(session, ticket_id) is not None:
                return "", now
            facts = read_facts(session, ticket_id, now)
            return ticket_id, max((one.at for one in facts.timeline), default=now)

        return await self.parts.database.read(read)

    def _at(self, moment: datetime) -> Parts:
        """The same parts at another time, never ahead of now."""
        at = min(moment, self.parts.now())
        docket = Docket(self.parts.database, self.parts.person, clock=lambda: at, randomness=os.urandom)
        return replace(self.parts, now=lambda: at, docket=docket)


async def _decide(desk: EnhancementDesk, investigation: str, words: str) -> None:
    """Take the wish of an investigation to its acceptance; those who asked are still to be told."""
    wish = (await desk.new("", [investigation])).id
    await desk.move(wish, "ready")
    await desk.move(wish, "presented")
    await desk.move(wish, "accepted", words)


async def _write(desk: RecommendationDesk, investigation: str, letter: ExampleLetter) -> None:
    name = f"{investigation}-{letter.about}"
    match letter.verb:
        case "respond":
            await desk.respond(name, letter.text)
        case "judge":
            await desk.judge(name, letter.status, letter.text)
        case "close":
            await desk.close(name, letter.status, letter.text)
        case "track":
            await desk.track(name, letter.text)
