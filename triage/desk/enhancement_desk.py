"""Enhancement cases: from a wish on a ticket to the people who are told that it has shipped."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from triage.desk.facts import read_facts, read_ticket
from triage.desk.parts import Parts
from triage.insight.alike_wishes import alike_wishes
from triage.model.enhancement import EnhancementCase, EnhancementState
from triage.model.entry import NewEntry
from triage.model.errors import NotFound
from triage.model.investigation import Investigation
from triage.model.ticket import Ticket
from triage.retrospective import enhancement
from triage.retrospective.fold import fold as fold_investigation
from triage.store import mirror
from triage.store.enhancement_rows import list_enhancements, load_enhancement
from triage.store.entries import case_of, load_entries
from triage.store.running_number import next_number

LIST = "triage enhancement list shows them"
Act = Callable[[EnhancementCase], NewEntry | Sequence[NewEntry]]


@dataclass(slots=True)
class EnhancementDesk:
    """Verbs on enhancement cases; a name is ``ENH-019``."""

    parts: Parts

    async def list(self) -> tuple[EnhancementCase, ...]:
        """All of them: most votes first, then most companies asking."""
        found = await self.parts.database.read(list_enhancements)
        return tuple(sorted(found, key=lambda one: (-one.votes, -one.asked_by, one.id)))

    async def show(self, name: str) -> EnhancementCase:
        """One case. Raises `NotFound`."""
        wanted = name.strip().upper()
        found = await self.parts.database.read(lambda session: load_enhancement(session, wanted))
        if found is None:
            raise NotFound(f"no enhancement case {name}", do=LIST)
        return found

    async def alike(self, name: str) -> tuple[EnhancementCase, ...]:
        """Others that may be the same wish, to be bundled."""
        return alike_wishes(await self.show(name), await self.list())

    async def of_investigation(self, investigation_id: str) -> tuple[EnhancementCase, ...]:
        """The cases that came from one investigation."""
        return tuple(one for one in await self.list() if investigation_id in one.investigations)

    async def new(self, title: str, sources: Sequence[str]) -> EnhancementCase:
        """Open one from tickets and investigations; of an investigation, with what was answered there.

        Raises `NotFound` for a source that is not here, `Invalid` without any or without a title.
        """
        now = self.parts.now()

        def read(session: Session) -> list[tuple[Ticket, Investigation | None]]:
            return [_source(session, one, now) for one in sources]

        found = await self.parts.database.read(read)
        held = next((it for _, it in found if it is not None), None)
        wish: dict[str, Any] = dict(held.enhancement) if held else {}
        name = await self._number()
        tickets = list({ticket.id: ticket for ticket, _ in found}.values())
        words = title or str(wish.get("title", ""))
        entries = enhancement.opened(name, words, tickets, held.id if held else "")
        await self.parts.docket.append(tickets[0].id, entries)
        for act in _seeds(wish, held.id if held else ""):
            await self._do(name, act)
        return await self.show(name)

    async def ask(self, name: str, ticket: str, question: str) -> EnhancementCase:
        """One more ticket asks for it, perhaps with a prospect's question."""
        found = await self.parts.database.read(lambda session: _ticket(session, ticket))
        return await self._do(name, lambda it: enhancement.asked(it.id, found, question=question))

    async def screen(self, name: str, aligned: str, note: str) -> EnhancementCase:
        """Say whether it fits where the product goes; what does not fit is screened out."""
        return await self._do(name, lambda it: enhancement.screened(it, aligned, note))

    async def quantify(self, name: str, expected: int, basis: str) -> EnhancementCase:
        """Say how many would use it."""
        return await self._do(name, lambda it: enhancement.quantified(it, expected, basis))

    async def value(
        self, name: str, risk: str, level: str, revenue: int | None, currency: str
    ) -> EnhancementCase:
        """Say what is lost without it."""
        return await self._do(name, lambda it: enhancement.valued(it, risk, level, revenue, currency))

    async def bundle(self, name: str, others: Sequence[str]) -> EnhancementCase:
        """Name the cases that one piece of work would answer."""
        known = [one.id for one in await self.list()]
        named = [other.strip().upper() for other in others]
        return await self._do(name, lambda it: enhancement.bundled(it, named, known))

    async def recruit(self, name: str, forum: str, votes: int, comments: int) -> EnhancementCase:
        """Say where customers can vote, and how many did."""
        return await self._do(name, lambda it: enhancement.recruited(it, forum, votes, comments))

    async def move(self, name: str, state: EnhancementState, words: str = "") -> EnhancementCase:
        """Ready, presented, accepted, declined, shipped; or drafted again."""
        return await self._do(name, lambda it: enhancement.moved(it, state, words))

    async def told(self, name: str, ticket: str) -> EnhancementCase:
        """Those of a ticket have heard what came of it."""
        return await self._do(name, lambda it: enhancement.told(it, ticket.strip()))

    def missing(self, it: EnhancementCase) -> tuple[str, ...]:
        """What is missing before it is ready, in plain words."""
        return enhancement.missing(it)

    def next_states(self, it: EnhancementCase) -> tuple[tuple[EnhancementState, str], ...]:
        """What it may become, each with what still stands in the way (empty: nothing)."""
        return enhancement.next_states(it)

    async def reply(self, name: str) -> str:
        """Words for those who asked: to copy, never sent from here."""
        return enhancement.reply_draft(await self.show(name))

    async def _number(self) -> str:
        number = await self.parts.database.write(lambda session: next_number(session, "ENH"))
        return f"ENH-{number:03d}"

    async def _held(self, name: str) -> tuple[EnhancementCase, str]:
        """The case as the docket itself tells it, to act on, and its newest entry."""
        wanted = name.strip().upper()

        def read(session: Session) -> tuple[EnhancementCase, str]:
            if case_of(session, "enhancement", wanted) is None:
                raise NotFound(f"no enhancement case {name}", do=LIST)
            entries = load_entries(session, subject="enhancement", subject_id=wanted)
            return enhancement.fold(entries), entries[-1].id

        return await self.parts.database.read(read)

    async def _do(self, name: str, act: Act) -> EnhancementCase:
        it, last = await self._held(name)
        said = act(it)
        entries = [said] if isinstance(said, NewEntry) else list(said)
        await self.parts.docket.append_if(it.case_id, "enhancement", it.id, last, entries)
        return await self.show(it.id)


def _ticket(session: Session, reference: str) -> Ticket:
    ticket_id = mirror.find_ticket_id(session, reference.strip())
    if ticket_id is None:
        raise NotFound(f"no ticket {reference} here", do="triage sync pulls the queue")
    return read_ticket(session, ticket_id)


def _source(session: Session, reference: str, now: datetime) -> tuple[Ticket, Investigation | None]:
    """The ticket that ``reference`` names, and the investigation where it names one."""
    case_id = case_of(session, "investigation", reference.strip().upper())
    if case_id is None:
        return _ticket(session, reference), None
    told = load_entries(session, subject="investigation", subject_id=reference.strip().upper())
    return read_ticket(session, case_id), fold_investigation(told, read_facts(session, case_id, now), now)


def _seeds(wish: dict[str, Any], source: str) -> list[Act]:
    """What an investigation has answered about the wish, as verbs."""
    acts: list[Act] = []
    if wish.get("aligned") in ("yes", "no"):
        note = str(wish.get("note") or f"answered in {source}")
        acts.append(lambda it: enhancement.screened(it, str(wish["aligned"]), note))
    if wish.get("expected") and wish.get("basis"):
        acts.append(lambda it: enhancement.quantified(it, int(wish["expected"]), str(wish["basis"])))
    if wish.get("risk") and wish.get("level"):
        acts.append(lambda it: enhancement.valued(it, str(wish["risk"]), str(wish["level"]), None, ""))
    if wish.get("recruit"):
        acts.append(lambda it: enhancement.recruited(it, str(wish["recruit"]), *_votes(str(wish["recruit"]))))
    return acts


def _votes(text: str) -> tuple[int, int]:
    """Votes and comments as people write them: ``14 votes, 6 comments``."""
    found = {what: int(number) for number, what in re.findall(r"(\d{1,6}) (votes|comments)", text)}
    return found.get("votes", 0), found.get("comments", 0)
