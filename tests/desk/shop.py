"""A desk for investigations over a database in a folder."""

from __future__ import annotations

import random
from datetime import UTC, timedelta
from types import SimpleNamespace
from typing import Any

from tests.retrospective.casebook import ANSWERS
from tests.retrospective.threads import group_rename
from triage.desk.investigation_desk import InvestigationDesk
from triage.desk.recommendation_desk import RecommendationDesk
from triage.docket.docket import Docket
from triage.model.case import CaseFacts
from triage.model.entry import Person
from triage.store import mirror
from triage.store.database import Database

ANSWERED = (ANSWERS / "HL-40817.yaml").read_text("utf-8")


class Shop:
    """A desk's parts over a database in a folder; the clock is moved by hand."""

    def __init__(self, database: Database) -> None:
        self.clock = group_rename().timeline[-1].at + timedelta(hours=2)
        chance = random.Random(4)
        docket = Docket(database, Person("kim"), clock=lambda: self.clock, randomness=chance.randbytes)
        self.parts: Any = SimpleNamespace(
            database=database, docket=docket, now=lambda: self.clock, zone=UTC, person=Person("kim"),
            new_id=docket.new_id,
        )  # fmt: skip
        self.investigations = InvestigationDesk(self.parts)
        self.recommendations = RecommendationDesk(self.parts)

    async def pull(self, facts: CaseFacts) -> None:
        """Have the ticket in the mirror."""

        def keep(session: Any) -> None:
            mirror.save_tickets(session, [facts.ticket], self.clock)
            mirror.save_timeline(session, facts.ticket.id, facts.timeline)

        await self.parts.database.write(keep)

    async def adopt(self, facts: CaseFacts) -> str:
        await self.pull(facts)
        name = (await self.investigations.open(facts.ticket.id, "full")).investigation.id
        await self.investigations.answer_all(name, ANSWERED, "a.yaml")
        await self.investigations.adopt(name)
        return name
