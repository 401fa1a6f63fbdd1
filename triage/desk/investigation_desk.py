"""Investigating: every verb folds the entries, asks the engine, appends what it returns, and shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from triage.desk.every_investigation import every_investigation
from triage.desk.facts import read_facts
from triage.desk.investigation_register import investigation_register
from triage.desk.parts import Parts
from triage.desk.recommendation_desk import RecommendationDesk
from triage.desk.wording_desk import WordingDesk
from triage.insight.composition import life_shares, reach
from triage.insight.excuse_split import excuse_split
from triage.model.case import CaseFacts
from triage.model.composition import LifeShare, Reach
from triage.model.entry import Entry, NewEntry
from triage.model.errors import Invalid, NotFound, Stopped
from triage.model.excuse_split import ExcuseSplit
from triage.model.investigation import Investigation, InvestigationView, LintSection, Mode, WordingHit
from triage.model.investigation_line import InvestigationLine
from triage.model.json_value import Json
from triage.model.operation import Change, Note, Operation
from triage.retrospective import (
    answers_file,
    customer_draft,
    debrief_sheet,
    fan_out,
    internal_note,
    interview,
    interview_view,
    kb_draft,
    pair,
    report,
    report_first_page,
    report_page,
    report_pdf,
    wording,
    wording_rest,
)
from triage.retrospective.docket_index import index_of
from triage.retrospective.fold import fold
from triage.store import mirror
from triage.store.entries import case_of, last_entry_id, load_entries
from triage.store.evidence_rows import list_evidence
from triage.store.outbox import list_operations, save_operation
from triage.store.projections import investigation_of
from triage.store.rested_rules import rested_rules
from triage.sync import outbox

DEEPER: Mapping[Mode, int] = {"quick": 0, "brief": 1, "full": 2}


@dataclass(frozen=True, slots=True)
class Seen:
    """An investigation as it was read, with the newest entry it was read from."""

    investigation: Investigation
    entries: tuple[Entry, ...]
    facts: CaseFacts

    @property
    def last_entry(self) -> str:
        """The id of the newest entry."""
        return self.entries[-1].id


Act = Callable[[Seen], Sequence[NewEntry]]


@dataclass(slots=True)
class InvestigationDesk:
    """Verbs on investigations."""

    parts: Parts
    trouble: Invalid | None = None
    """What is wrong with the team's own script; told when an investigation is worked on, and not before."""

    async def find(self, reference: str) -> str:
        """The investigation for its id or for its ticket's key or id. Raises `NotFound`."""
        wanted = reference.strip()

        def read(session: Session) -> str | None:
            if case_of(session, "investigation", wanted.upper()) is not None:
                return wanted.upper()
            ticket_id = mirror.find_ticket_id(session, wanted)
            held = investigation_of(session, ticket_id) if ticket_id else None
            return held.id if held else None

        found = await self.parts.database.read(read)
        if found is None:
            raise NotFound(f"no investigation {reference}", do="triage investigate TICKET opens one")
        return found

    async def open(self, ticket_id: str, mode: Mode) -> InvestigationView:
        """Open the case's investigation in ``mode``, or go on with it; a deeper mode deepens it."""
        self._may_ask()
        held = await self.parts.database.read(lambda session: investigation_of(session, ticket_id))
        if held is None:
            now = self.parts.now()
            facts = await self.parts.database.read(lambda session: read_facts(session, ticket_id, now))
            new_id = await self.parts.docket.new_investigation_id()
            entries = interview.open_investigation(facts, new_id, mode, now, zone=self.parts.zone)
            await self.parts.docket.append_if(ticket_id, "investigation", new_id, None, entries)
            return await self.view(new_id)
        if DEEPER[mode] > DEEPER[_mode(held.mode)]:
            return await self._do(held.id, lambda seen: interview.raise_mode(seen.investigation, mode))
        return await self.view(held.id)

    async def open_all(self) -> tuple[str, ...]:
        """Open every escalation of the queue that has no investigation, in quick mode; their ids.

        Numbers are given in the order of the escalations. Not done by itself with every pull: on each of
        several machines a number would be given, and a case would end up with as many investigations.
        """
        self._may_ask()
        waiting = [line for line in await self.register() if not line.id]
        keys = [line.ticket_key for line in sorted(waiting, key=lambda one: (one.opened_at, one.ticket_key))]

        def found(session: Session) -> list[str]:
            return [one for key in keys if (one := mirror.find_ticket_id(session, key)) is not None]

        tickets = await self.parts.database.read(found)
        return tuple([(await self.open(one, "quick")).investigation.id for one in tickets])

    async def view(self, investigation_id: str, prompt_id: str = "") -> InvestigationView:
        """The investigation with the next question, or with ``prompt_id`` in hand. Raises `NotFound`."""
        seen = await self._now(investigation_id)
        return interview_view.view(seen.investigation, seen.facts, self.parts.now(), at=prompt_id or None)

    async def newest(self, investigation_id: str) -> str:
        """The id of the newest entry: another one than before means that somebody wrote."""

        def read(session: Session) -> str:
            return last_entry_id(session, subject="investigation", subject_id=investigation_id) or ""

        return await self.parts.database.read(read)

    async def goto(self, investigation_id: str, prompt_id: str) -> InvestigationView:
        """The investigation with that prompt in hand."""
        return await self.view(investigation_id, prompt_id)

    async def answer(self, investigation_id: str, prompt_id: str, value: Json) -> InvestigationView:
        """Answer a prompt. Raises `Invalid` for an answer that does not fit."""
        now, zone = self.parts.now(), self.parts.zone
        return await self._do(
            investigation_id,
            lambda seen: interview.answer(seen.investigation, prompt_id, value, seen.facts, now, zone=zone),
        )

    async def answer_all(self, investigation_id: str, text: str, path: str) -> InvestigationView:
        """Give every answer of a file, or none: raises `Invalid` at the line of the first mistake."""
        now, zone = self.parts.now(), self.parts.zone
        given = answers_file.read_answers(text, path)

        def act(seen: Seen) -> Sequence[NewEntry]:
            mode = seen.investigation.mode
            return answers_file.run_answers(seen.facts, seen.entries, given, mode, now, zone=zone)

        return await self._do(investigation_id, act)

    async def save_draft(self, investigation_id: str, prompt_id: str, text: str) -> None:
        """Keep what was typed and not yet given."""
        seen = await self._now(investigation_id)
        entry = NewEntry(
            "investigation", investigation_id, "answer.drafted", {"prompt": prompt_id, "text": text}
        )
        await self.parts.docket.append(seen.investigation.case_id, [entry])

    async def park_fix(self, investigation_id: str, text: str) -> InvestigationView:
        """Keep an idea for a fix until the recommendations are written."""
        return await self._do(investigation_id, lambda seen: interview.park_fix(seen.investigation, text))

    async def wording(self, text: str, section: LintSection, investigation_id: str) -> tuple[WordingHit, ...]:
        """Places where ``text`` blames instead of describing, with the ticket's names masked."""
        seen = await self._now(investigation_id)
        return wording.hits(text, section, wording.names_of(seen.facts))

    async def silence(
        self, investigation_id: str, prompt_id: str, rule: str, reason: str
    ) -> InvestigationView:
        """Let one wording rule rest for one prompt, with a reason."""
        view = await self._do(
            investigation_id, lambda seen: interview.silence(seen.investigation, prompt_id, rule, reason)
        )
        desk = WordingDesk(self.parts)
        if await desk.rest_if_silenced_too_often(rule, view.investigation.case_id):
            return await self.view(investigation_id, prompt_id)
        return view

    async def set_navigator(self, investigation_id: str, name: str) -> InvestigationView:
        """Name who reads along; from then on both are credited."""
        person = self.parts.person.name
        return await self._do(
            investigation_id, lambda seen: pair.set_navigator(seen.investigation, name, person)
        )

    async def swap_roles(self, investigation_id: str) -> InvestigationView:
        """Driver and navigator change places."""
        return await self._do(investigation_id, lambda seen: pair.swap(seen.investigation))

    async def lock_facts(self, investigation_id: str) -> InvestigationView:
        """The facts are complete as far as known; later evidence is marked."""
        now = self.parts.now()
        return await self._do(
            investigation_id, lambda seen: interview.lock_facts(seen.investigation, seen.facts, now)
        )

    async def adopt(self, investigation_id: str) -> tuple[InvestigationView, Operation]:
        """Adopt it and propose note, tags and fields; nothing is sent before it is confirmed.

        Raises `Stopped` (4) naming what is missing. Adopting an adopted one shows its proposal again. What
        was closed as done against the same code on the same component a short while ago is opened again.
        """
        seen = await self._now(investigation_id)
        if seen.investigation.state == "adopted":
            await RecommendationDesk(self.parts).reopen_returned(investigation_id)
            return await self.view(investigation_id), await self._proposed(investigation_id, seen)
        now = self.parts.now()
        adopting = interview.adopt(seen.investigation, seen.facts, now)
        operation = self._proposal(seen, adopting)
        entries = [*adopting, *interview.note_written(seen.investigation)]
        await self.parts.docket.append_if(
            seen.investigation.case_id,
            "investigation",
            investigation_id,
            seen.last_entry,
            entries,
            [operation],
        )
        await self._give_up_older(seen, operation)
        await RecommendationDesk(self.parts).reopen_returned(investigation_id)
        return await self.view(investigation_id), operation

    async def reopen(self, investigation_id: str, reason: str) -> InvestigationView:
        """Open an adopted one again for new evidence; what was adopted can still be read."""
        return await self._do(investigation_id, lambda seen: interview.reopen(seen.investigation, reason))

    async def report(self, investigation_id: str, version: int = 0) -> str:
        """The report as Markdown, in every phase with the same numbering.

        ``version`` is an earlier final one, from 1: it says that it was superseded. Raises `NotFound`.
        """
        seen = await self._now(investigation_id)
        if version:
            seen = self._as_adopted(seen, version)
        case_id = seen.investigation.case_id
        kept = await self.parts.database.read(lambda session: list_evidence(session, case_id))
        docket = index_of(seen.entries, kept)
        return report.markdown(seen.investigation, seen.facts, self.parts.now(), docket)

    async def first_page(self, investigation_id: str) -> str:
        """What a terminal of 80 columns by 50 lines can show of it."""
        return report_first_page.first_page((await self._now(investigation_id)).investigation)

    def report_pdf(self, markdown: str) -> bytes:
        """A report on paper. Raises `Invalid` where the library for it is not installed."""
        return report_pdf.pdf(markdown, self.parts.now())

    def report_page(self, markdown: str) -> str:
        """A report as one HTML file that needs nothing else."""
        return report_page.page(markdown)

    async def fan_out(self, investigation_id: str) -> Mapping[str, str]:
        """What to tell whom, by distance from the customer. Raises `Stopped` before it is adopted."""
        seen = await self._now(investigation_id)
        return fan_out.fan_out(seen.investigation, wording.names_of(seen.facts))

    async def kb_draft(self, investigation_id: str) -> str:
        """An article for the knowledge base, as far as it is known; a draft in every phase."""
        seen = await self._now(investigation_id)
        return kb_draft.kb_markdown(kb_draft.kb_draft(seen.investigation, seen.facts))

    async def register(self) -> tuple[InvestigationLine, ...]:
        """Every escalation with its investigation, begun or not, what is due first at the top."""
        return await investigation_register(self.parts)

    async def debrief_sheet(self, investigation_id: str) -> str:
        """A sheet of paper for a conversation of thirty minutes."""
        return debrief_sheet.debrief_sheet((await self._now(investigation_id)).investigation)

    async def internal_note(self, investigation_id: str) -> str:
        """The note for the ticket as it would be proposed now."""
        seen = await self._now(investigation_id)
        return internal_note.internal_note(seen.investigation, seen.facts)

    async def customer_draft(self, investigation_id: str) -> str:
        """Words for the customer: to copy, never sent from here."""
        seen = await self._now(investigation_id)
        return customer_draft.customer_draft(seen.investigation, seen.facts, self.parts.now())

    async def verdicts(self) -> ExcuseSplit:
        """The verdicts of all adopted investigations, and what they would be if excuses were accepted."""
        return excuse_split(one.investigation for one in await every_investigation(self.parts))

    async def life_shares(self, by: str) -> tuple[LifeShare, ...]:
        """Where the time of adopted cases went, by ``code`` or ``component``."""
        return life_shares([one.investigation for one in await every_investigation(self.parts)], by)

    async def reach(self) -> tuple[Reach, ...]:
        """Which sides were heard, by component and quarter."""
        return reach([one.investigation for one in await every_investigation(self.parts)])

    def _proposal(self, seen: Seen, entries: Sequence[NewEntry]) -> Operation:
        adopted = fold([*seen.entries, *map(self._as_entry, entries)], seen.facts, self.parts.now())
        tags, fields = report.ticket_changes(adopted)
        change = Change(
            note=Note(internal_note.internal_note(adopted, seen.facts), "internal"),
            tags_add=tuple(tags),
            fields=fields,
        )
        return outbox.propose(
            seen.facts.ticket, change, self.parts.person, self.parts.new_id(), self.parts.now(),
            f"retrospective {adopted.id}",
        )  # fmt: skip

    async def _give_up_older(self, seen: Seen, newest: Operation) -> None:
        """Drop notes of earlier versions that nobody has confirmed: only the newest is worth sending."""

        def write(session: Session) -> None:
            for one in list_operations(session, ticket_id=seen.investigation.case_id):
                if one.purpose == newest.purpose and one.id != newest.id and one.state == "proposed":
                    save_operation(session, outbox.drop(one))

        await self.parts.database.write(write)

    async def _proposed(self, investigation_id: str, seen: Seen) -> Operation:
        case_id, purpose = seen.investigation.case_id, f"retrospective {investigation_id}"
        written = await self.parts.database.read(
            lambda session: list_operations(session, ticket_id=case_id, finished=True)
        )
        for operation in reversed(written):
            if operation.purpose == purpose:
                return operation
        raise Stopped(f"{investigation_id} is adopted and its note was never proposed", do="Reopen it")

    async def _do(self, investigation_id: str, act: Act) -> InvestigationView:
        seen = await self._now(investigation_id)
        entries = list(act(seen))
        if entries:
            await self.parts.docket.append_if(
                seen.investigation.case_id, "investigation", investigation_id, seen.last_entry, entries
            )
        return await self.view(investigation_id)

    def _as_adopted(self, seen: Seen, version: int) -> Seen:
        """``seen`` as it was when it was adopted for the ``version``th time."""
        ends = [at for at, one in enumerate(seen.entries) if one.kind == "investigation.adopted"]
        if not 0 < version <= len(ends):
            known = f"There are {len(ends)}" if ends else "It was never adopted"
            raise NotFound(f"{seen.investigation.id} has no final version {version}", do=known)
        entries = seen.entries[: ends[version - 1] + 1]
        then = fold(entries, seen.facts, entries[-1].at)
        if seen.investigation.adopted_at != then.adopted_at:
            then = replace(then, state="superseded")
        return Seen(then, entries, seen.facts)

    def _may_ask(self) -> None:
        if self.trouble is not None:
            raise self.trouble

    async def _now(self, investigation_id: str) -> Seen:
        self._may_ask()
        now = self.parts.now()

        def read(session: Session) -> Seen:
            case_id = case_of(session, "investigation", investigation_id)
            if case_id is None:
                raise NotFound(f"no investigation {investigation_id}")
            entries = load_entries(
                session, case_id=case_id, subject="investigation", subject_id=investigation_id
            )
            facts = read_facts(session, case_id, now)
            wording_rest.put_at_rest(rested_rules(session))
            return Seen(fold(entries, facts, now), entries, facts)

        return await self.parts.database.read(read)

    def _as_entry(self, new: NewEntry) -> Entry:
        return Entry(
            id=self.parts.new_id(), case_id="", subject=new.subject, subject_id=new.subject_id, kind=new.kind,
            at=self.parts.now(), actor=self.parts.person.name, role="driver", data=new.data,
        )  # fmt: skip


def _mode(word: str) -> Mode:
    return "full" if word == "full" else "brief" if word == "brief" else "quick"
