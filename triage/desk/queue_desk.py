"""Looking at the queue."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from triage.config.profile_writer import save_views
from triage.desk.facts import read_facts
from triage.desk.first_frame import views_of
from triage.desk.parts import Parts
from triage.desk.views import CasePreview
from triage.model.errors import NotFound
from triage.model.queue import Freshness, QueueCounts, QueueView, QueueWindow
from triage.store import mirror, pull_state, queue_rows, seen

SUGGESTIONS = 3


@dataclass(slots=True)
class QueueDesk:
    """Verbs on the queue as a whole."""

    parts: Parts

    async def views(self) -> tuple[QueueView, ...]:
        """The tabs."""
        return views_of(self.parts.profile.views)

    async def save_views(self, views: tuple[QueueView, ...]) -> None:
        """Keep these as the profile's own tabs."""
        save_views(self.parts.paths, self.parts.profile.name, views)

    async def window(
        self, view: QueueView, offset: int, limit: int, *, typed_filter: str = ""
    ) -> QueueWindow:
        """A stretch of the queue, what is due first at the top."""
        now, filters, me = self.parts.now(), (view.filter, typed_filter), self.parts.own_names

        def read(session: Session) -> QueueWindow:
            return queue_rows.window(session, now, offset=offset, limit=limit, filters=filters, me=me)

        return await self.parts.database.read(read)

    async def position(self, view: QueueView, ticket_id: str, *, typed_filter: str = "") -> int | None:
        """Where a ticket stands in the order, or None when the filters hide it."""
        now, filters, me = self.parts.now(), (view.filter, typed_filter), self.parts.own_names

        def read(session: Session) -> int | None:
            return queue_rows.position(session, ticket_id, now, filters=filters, me=me)

        return await self.parts.database.read(read)

    async def counts(self) -> QueueCounts:
        """The numbers of the headline."""
        now = self.parts.now()
        return await self.parts.database.read(lambda session: queue_rows.counts(session, now))

    async def freshness(self) -> Freshness:
        """How old what we show is, and why."""
        now = self.parts.now()
        return await self.parts.database.read(lambda session: pull_state.freshness(session, now))

    async def preview(self, ticket_id: str) -> CasePreview:
        """What the pane under the queue shows. Raises `NotFound`."""
        now = self.parts.now()

        def read(session: Session) -> CasePreview:
            item = queue_rows.load_item(session, ticket_id)
            if item is None:
                raise NotFound(f"no ticket {ticket_id} in the queue")
            facts = read_facts(session, ticket_id, now)
            said = [e for e in facts.timeline if e.kind == "message" and e.visibility == "public"]
            passed = [e for e in facts.timeline if e.kind == "escalation"]
            suggested = self.parts.library.suggest(facts, self.parts.profile.config)
            return CasePreview(
                item=item,
                last_words=next((e for e in reversed(said) if e.actor_role == "customer"), None),
                escalation=passed[-1] if passed else None,
                promises=facts.promises,
                suggestions=tuple(s.playbook.id for s in suggested[:SUGGESTIONS]),
                earlier=facts.earlier,
            )

        return await self.parts.database.read(read)

    async def seen(self, ticket_id: str) -> None:
        """Take the new or changed mark off a row."""
        now = self.parts.now()

        def write(session: Session) -> None:
            ticket = mirror.load_ticket(session, ticket_id)
            if ticket is not None:
                seen.mark_seen(session, ticket_id, ticket.version.token, now)
                queue_rows.refresh(session, [ticket_id])

        await self.parts.database.write(write)
