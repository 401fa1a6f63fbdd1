"""A desk in memory with the surface that the screens use. Deterministic; every verb is noted in ``calls``."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from triage.desk.first_frame import FirstFrame
from triage.desk.next_promise import NextPromise, wanted
from triage.desk.outbox_desk import REMARKS, in_short
from triage.desk.views import (
    CasePreview,
    ConflictRow,
    ProfileView,
    Progress,
    SendResult,
    SyncResult,
    WriteLine,
    WritePage,
)
from triage.model.capabilities import Capabilities
from triage.model.case import Case, CaseFacts, RunSummary
from triage.model.errors import NotFound, Refused
from triage.model.operation import Change, Note, Operation, Step
from triage.model.promise import Promise, PromiseKind
from triage.model.queue import Freshness, QueueCounts, QueueItem, QueueView, QueueWindow
from triage.model.run import EvidenceItem, PlaybookSummary, Suggestion
from triage.model.ticket import PRIORITIES, Ticket, Version
from triage.model.timeline import TimelineEvent, Visibility
from triage.sync import masking

NOW = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
VIEWS = (
    QueueView("Escalated to engineering"),
    QueueView("Mine", "owner:me"),
    QueueView("Identity", "identity"),
)

_CUSTOMERS = ("Cobalt Freight", "Harrow & Pike", "Lindqvist AB", "Pemba Air", "Ostrava Glass")
_SUBJECTS = (
    "212 people lost access after we renamed two groups in our directory",
    "Audit extract broken since upgrade to 4.1",
    "Monthly export stops at about 5 minutes",
    "Webhooks arrive twice since Tuesday",
    "Cannot sign in after certificate change",
)
_STATES = ("new", "investigating", "playbook 4/11", "unacknowledged", "adopted")


def make_items(count: int, *, now: datetime = NOW, seed: int = 7) -> list[QueueItem]:
    """``count`` rows that differ in everything the queue shows."""
    rng = random.Random(seed)
    dues = (None, timedelta(hours=-2), timedelta(minutes=25), timedelta(hours=5), timedelta(days=3))
    rows = []
    for n in range(count):
        due = dues[n % len(dues)] if n < 5 else rng.choice(dues)
        waited = timedelta(minutes=rng.choice((8, 42, 190, 1560)))
        rows.append(
            QueueItem(
                id=str(1000 + n),
                key=f"HL-{40000 + n}",
                subject=_SUBJECTS[n % 5],
                status="open",
                priority=PRIORITIES[n % 4],
                customer=_CUSTOMERS[n % 5],
                product="Harbourlight",
                assignee=("", "mara", "me")[n % 3],
                created_at=now - timedelta(days=2),
                updated_at=now - timedelta(minutes=n % 50),
                waiting_since=now - waited,
                next_promise_due=None if due is None else now + due,
                unacknowledged=n % 5 == 3,
                url=f"https://acme.example/agent/tickets/{1000 + n}",
                local_state=_STATES[n % 5],
                marked=n % 6 == 1,
                fresh=("", "new", "", "changed")[n % 4],
                to_send=1 if n == 0 else 0,
            )
        )
    return rows


def make_timeline(ticket_id: str, now: datetime = NOW) -> tuple[TimelineEvent, ...]:
    """A thread with a promise, a log of 20 lines, a silence and an escalation."""
    start = now - timedelta(hours=7)
    log = "Log shows 2 groups deleted, 2 created, 431 grants removed.\n" + "\n".join(
        f"2026-03-09T18:{n:02}:00Z sync[{n}]: grant {n} removed" for n in range(20)
    )

    def event(n: int, after: timedelta, **more: Any) -> TimelineEvent:
        values: dict[str, Any] = {"kind": "message", "visibility": "public", "actor_role": "customer"} | more
        return TimelineEvent(id=f"c{n}", ticket_id=ticket_id, at=start + after, **values)

    return (
        event(1, timedelta(), actor="Ines Duarte", text="Since we renamed two groups, 212 people are out."),
        event(
            2,
            timedelta(minutes=38),
            actor="jun",
            actor_role="support_frontline",
            text="Thank you, I am on this. Next update by 20:30.",
        ),
        event(
            3, timedelta(hours=3), actor="mara", actor_role="support_tier2", visibility="internal", text=log
        ),
        event(
            4,
            timedelta(hours=6),
            kind="escalation",
            actor_role="helpdesk",
            visibility="internal",
            text="Escalated to engineering: identity",
        ),
        event(
            5,
            timedelta(hours=6, minutes=1),
            kind="change",
            actor_role="helpdesk",
            visibility="internal",
            field="priority",
            old="high",
            new="urgent",
            text="priority: high → urgent",
        ),
        event(6, timedelta(hours=6, minutes=30), actor="Ines Duarte", text="Trucks are waiting. Anybody?"),
    )


def make_case(item: QueueItem, now: datetime = NOW) -> Case:
    """A case around ``item`` with a guessed and a confirmed promise."""
    ticket = Ticket(
        id=item.id,
        key=item.key,
        subject=item.subject,
        status=item.status,
        created_at=item.created_at,
        updated_at=item.updated_at,
        version=Version("v1", True),
        priority=item.priority,
        customer=item.customer,
        requester="Ines Duarte",
        product=item.product,
        product_version="4.2.1",
        assignee=item.assignee,
        tags=("escalated", "identity"),
        url=item.url,
    )
    made = now - timedelta(hours=6, minutes=22)
    promises = (
        Promise("c2#0", "next_update", made, now - timedelta(hours=2), ref="c2", quote="update by 20:30"),
        Promise("p-1", "answer", made, now + timedelta(minutes=25), ref="c2", confirmed=True),
    )
    facts = CaseFacts(ticket, make_timeline(item.id, now), promises, ("HL-39544",))
    return Case(
        facts=facts,
        runs=(RunSummary("run-1", "permission-problem", "open", "", 4, 11, now - timedelta(hours=1)),),
        investigation=None,
        operations=(),
        evidence=(),
        marked=item.marked,
        pulled_at=now - timedelta(seconds=20),
    )


class FakeQueue:
    def __init__(self, desk: FakeDesk) -> None:
        self._desk = desk

    def _matching(self, view: QueueView, typed: str) -> list[QueueItem]:
        words = [word.casefold() for word in f"{view.filter} {typed}".split()]
        return [item for item in self._desk.items if all(self._fits(item, word) for word in words)]

    @staticmethod
    def _fits(item: QueueItem, word: str) -> bool:
        if word.startswith("owner:"):
            return item.assignee == word.removeprefix("owner:")
        fits = word.lstrip("!") in f"{item.key} {item.subject} {item.customer}".casefold()
        return not fits if word.startswith("!") else fits

    async def views(self) -> tuple[QueueView, ...]:
        return self._desk.views

    async def window(
        self, view: QueueView, offset: int, limit: int, *, typed_filter: str = ""
    ) -> QueueWindow:
        self._desk.calls.append(("window", (view.name, offset, limit, typed_filter)))
        found = self._matching(view, typed_filter)
        read = QueueWindow(tuple(found[offset : offset + limit]), offset, len(found), len(self._desk.items))
        await self._desk.pass_gate("window")
        return read

    async def position(self, view: QueueView, ticket_id: str, *, typed_filter: str = "") -> int | None:
        ids = [item.id for item in self._matching(view, typed_filter)]
        return ids.index(ticket_id) if ticket_id in ids else None

    async def counts(self) -> QueueCounts:
        dues = [item.due(self._desk.now) for item in self._desk.items]
        return QueueCounts(
            open=len(dues),
            broken=dues.count("broken"),
            unacknowledged=dues.count("unacknowledged"),
            due_soon=dues.count("soon"),
            to_send=sum(item.to_send for item in self._desk.items),
        )

    async def freshness(self) -> Freshness:
        return self._desk.freshness

    async def preview(self, ticket_id: str) -> CasePreview:
        self._desk.calls.append(("preview", ticket_id))
        await self._desk.pass_gate("preview")
        case = self._desk.case(ticket_id)
        timeline = case.facts.timeline
        return CasePreview(
            item=self._desk.item(ticket_id),
            last_words=next((e for e in reversed(timeline) if e.actor_role == "customer"), None),
            escalation=next((e for e in timeline if e.kind == "escalation"), None),
            promises=case.facts.promises,
            suggestions=("permission-problem", "sso-login-failure"),
            earlier=case.facts.earlier,
        )

    async def seen(self, ticket_id: str) -> None:
        self._desk.calls.append(("seen", ticket_id))
        self._desk.change_item(ticket_id, fresh="")

    async def save_views(self, views: tuple[QueueView, ...]) -> None:
        self._desk.views = views


class FakeCases:
    def __init__(self, desk: FakeDesk) -> None:
        self._desk = desk

    async def find(self, reference: str) -> str:
        for item in self._desk.items:
            if reference.lstrip("#") in (item.id, item.key):
                return item.id
        raise NotFound(f"no ticket {reference}")

    async def open(self, ticket_id: str) -> Case:
        self._desk.calls.append(("open", ticket_id))
        await self._desk.pass_gate("open")
        case = self._desk.case(ticket_id)
        return replace(case, operations=tuple(self._desk.operations_of(ticket_id)))

    async def refresh(self, ticket_id: str) -> Case:
        self._desk.calls.append(("refresh", ticket_id))
        return await self.open(ticket_id)

    async def mark(self, ticket_id: str, on: bool) -> None:
        self._desk.calls.append(("mark", (ticket_id, on)))
        self._desk.change_item(ticket_id, marked=on)

    async def take(self, ticket_id: str) -> Operation:
        self._desk.calls.append(("take", ticket_id))
        return self._desk.propose(ticket_id, Change(assignee="me"), "take")

    async def propose_note(self, ticket_id: str, body: str, visibility: Visibility) -> Operation:
        self._desk.calls.append(("propose_note", (ticket_id, body, visibility)))
        await self._desk.pass_gate("propose_note")
        purpose = "internal note" if visibility == "internal" else "public reply"
        return self._desk.propose(ticket_id, Change(note=Note(body, visibility)), purpose)

    async def save_draft(self, ticket_id: str, slot: str, text: str) -> None:
        self._desk.calls.append(("save_draft", (ticket_id, slot, text)))
        self._desk.kept_drafts.setdefault(ticket_id, {})[slot] = text

    async def drafts(self, ticket_id: str) -> Mapping[str, str]:
        if (gate := self._desk.gates.get("drafts")) is not None:
            await gate.wait()
        return dict(self._desk.kept_drafts.get(ticket_id, {}))

    async def add_promise(self, ticket_id: str, kind: PromiseKind, due: datetime, *, quote: str = "") -> None:
        self._desk.calls.append(("add_promise", (ticket_id, kind, due, quote)))
        new = Promise(f"p-{len(self._desk.calls)}", kind, self._desk.now, due, quote=quote, confirmed=True)
        self._desk.change_promises(ticket_id, lambda promises: (*promises, new))

    async def wanted_after(self, ticket_id: str, reply: str | None) -> NextPromise | None:
        return wanted(self._desk.case(ticket_id).facts, reply, self._desk.now, UTC)

    async def confirm_promise(self, ticket_id: str, promise_id: str) -> None:
        self._change_promise("confirm_promise", ticket_id, promise_id, confirmed=True)

    async def withdraw_promise(self, ticket_id: str, promise_id: str) -> None:
        self._change_promise("withdraw_promise", ticket_id, promise_id, withdrawn=True)

    async def keep_promise(self, ticket_id: str, promise_id: str, at: datetime | None = None) -> None:
        self._change_promise("keep_promise", ticket_id, promise_id, met_at=at or self._desk.now)

    def _change_promise(self, verb: str, ticket_id: str, promise_id: str, **changes: Any) -> None:
        self._desk.calls.append((verb, (ticket_id, promise_id)))
        self._desk.change_promises(
            ticket_id,
            lambda promises: tuple(replace(p, **changes) if p.id == promise_id else p for p in promises),
        )

    async def brief(self, ticket_id: str) -> str:
        return f"Brief of {ticket_id}"


class FakePlaybooks:
    def __init__(self, desk: FakeDesk) -> None:
        self._desk = desk

    async def suggest(self, ticket_id: str) -> tuple[Suggestion, ...]:
        self._desk.calls.append(("suggest", ticket_id))
        return self._desk.suggestions

    async def list(self) -> tuple[PlaybookSummary, ...]:
        return tuple(suggestion.playbook for suggestion in self._desk.suggestions)


class FakeOutbox:
    def __init__(self, desk: FakeDesk) -> None:
        self._desk = desk

    async def list(self, *, ticket_id: str | None = None, finished: bool = False) -> tuple[Operation, ...]:
        return tuple(
            operation
            for operation in self._desk.operations.values()
            if (ticket_id is None or operation.ticket_id == ticket_id)
            and (finished or operation.state not in ("verified", "dropped"))
        )

    async def show(self, operation_id: str) -> WritePage:
        operation = self._desk.operations[operation_id]
        change = operation.change
        lines = []
        if change.note is not None:
            heading = "PUBLIC REPLY" if change.note.visibility == "public" else "INTERNAL NOTE"
            lines += [
                WriteLine(f"FILE {file.name}", in_short(file), change.note.visibility, goes_along=True)
                for file in change.note.files
            ]
            lines.append(WriteLine(heading, change.note.sent, change.note.visibility))
        lines += [WriteLine("tags", f"+ {tag}") for tag in change.tags_add]
        lines += [WriteLine("fields", f"{name}: - → {value}") for name, value in change.fields.items()]
        if change.assignee:
            lines.append(WriteLine("assignee", f"- → {change.assignee}"))
        item = self._desk.item(operation.ticket_id)
        return WritePage(
            operation=operation,
            ticket_key=item.key,
            ticket_subject=item.subject,
            helpdesk="acme-zendesk",
            account="oncall-bot",
            lines=tuple(lines),
            public=change.note is not None and change.note.visibility == "public",
            version_seen="01:10:03",
            changed_since=operation_id in self._desk.changed_since,
            conflicts=self._desk.conflict_rows.get(operation_id, ()),
            explanation=operation.problem or f"It is {operation.state}.",
            masked=masking.masked_places(change.note) if change.note else (),
            unmasked=bool(change.note and change.note.unmasked_with),
            remark=REMARKS.get(operation.purpose, ""),
        )

    async def confirm(self, operation_id: str, *, public_key: str = "") -> Operation:
        self._desk.calls.append(("confirm", (operation_id, public_key)))
        operation = self._desk.operations[operation_id]
        note = operation.change.note
        key = self._desk.item(operation.ticket_id).key
        if note is not None and note.visibility == "public" and public_key != key:
            raise Refused("a public reply needs the ticket key", where=key)
        return self._desk.change_operation(operation_id, state="pending", public_confirmed_with=public_key)

    async def edit_note(self, operation_id: str, body: str) -> Operation:
        self._desk.calls.append(("edit_note", (operation_id, body)))
        operation = self._desk.operations[operation_id]
        assert operation.change.note is not None
        note = replace(operation.change.note, body=body)
        return self._desk.change_operation(operation_id, change=replace(operation.change, note=note))

    async def unmask(self, operation_id: str, typed_key: str) -> Operation:
        self._desk.calls.append(("unmask", (operation_id, typed_key)))
        operation = self._desk.operations[operation_id]
        key = self._desk.item(operation.ticket_id).key
        known = replace(operation, base={"key": key})
        return self._desk.change_operation(operation_id, change=masking.unmasked(known, typed_key).change)

    async def retry(self, operation_id: str) -> Operation:
        self._desk.calls.append(("retry", operation_id))
        return self._desk.change_operation(operation_id, state="pending", problem="")

    async def park(self, operation_id: str) -> Operation:
        self._desk.calls.append(("park", operation_id))
        return self._desk.change_operation(operation_id, state="parked")

    async def drop(self, operation_id: str) -> Operation:
        self._desk.calls.append(("drop", operation_id))
        return self._desk.change_operation(operation_id, state="dropped")

    async def resolve_conflict(
        self, operation_id: str, picks: Mapping[str, Literal["mine", "theirs"]]
    ) -> Operation:
        self._desk.calls.append(("resolve_conflict", (operation_id, dict(picks))))
        return self._desk.change_operation(operation_id, state="pending")

    async def send(self, on_change: Callable[[Operation], None] | None = None) -> SendResult:
        self._desk.calls.append(("send", None))
        await self._desk.pass_gate("send")
        sent = [o.id for o in self._desk.operations.values() if o.state == "pending"]
        for operation_id in sent:
            operation = self._desk.change_operation(operation_id, state="verified")
            if on_change is not None:
                on_change(operation)
        return SendResult(len(sent), 0, 0, 0, 0, None)


class FakeEvidence:
    def __init__(self, desk: FakeDesk) -> None:
        self._desk = desk

    async def add(
        self,
        ticket_id: str,
        kind: Literal["text", "output", "file", "url", "screenshot_path"],
        content: str,
        *,
        source: str = "",
    ) -> EvidenceItem:
        self._desk.calls.append(("add_evidence", (ticket_id, kind, content)))
        case = self._desk.case(ticket_id)
        item = EvidenceItem(
            f"ev-{len(case.evidence)}", ticket_id, self._desk.now, kind, content[:60], size=len(content)
        )
        self._desk.cases_by_id[ticket_id] = replace(case, evidence=(*case.evidence, item))
        self._desk.evidence_texts[item.id] = content
        return item

    async def text(self, evidence_id: str) -> str:
        return self._desk.evidence_texts[evidence_id]

    async def propose(self, evidence_id: str) -> Operation:
        self._desk.calls.append(("propose_evidence", evidence_id))
        text = self._desk.evidence_texts[evidence_id]
        operation = self._desk.propose("1000", Change(note=Note(text, "internal")), "evidence")
        case = self._desk.case("1000")
        before = case.carried_by.get(evidence_id, ())
        carried_by = {**case.carried_by, evidence_id: (*before, operation.id)}
        self._desk.cases_by_id["1000"] = replace(case, carried_by=carried_by)
        return operation


class FakeSync:
    def __init__(self, desk: FakeDesk) -> None:
        self._desk = desk

    async def run(
        self, *, progress: Callable[[Progress], None] | None = None, accept_shorter: bool = False
    ) -> SyncResult:
        self._desk.calls.append(("sync", accept_shorter))
        await self._desk.pass_gate("sync")
        if self._desk.sync_error is not None:
            raise self._desk.sync_error
        self._desk.on_sync()
        self._desk.freshness = Freshness("fresh", self._desk.now)
        return SyncResult(len(self._desk.items), 0, 0, 0, 0, True, 0.1)


@dataclass
class FakeDesk:
    """The whole. Change ``items``, ``now``, ``freshness`` or set a gate, then look at ``calls``."""

    items: list[QueueItem] = field(default_factory=lambda: make_items(14))
    now: datetime = NOW
    views: tuple[QueueView, ...] = VIEWS
    freshness: Freshness = field(default_factory=lambda: Freshness("fresh", NOW - timedelta(seconds=20)))
    calls: list[tuple[str, Any]] = field(default_factory=list)
    cases_by_id: dict[str, Case] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    kept_drafts: dict[str, dict[str, str]] = field(default_factory=dict)
    evidence_texts: dict[str, str] = field(default_factory=dict)
    suggestions: tuple[Suggestion, ...] = ()
    told: str = ""
    changed_since: set[str] = field(default_factory=set)
    conflict_rows: dict[str, tuple[ConflictRow, ...]] = field(default_factory=dict)
    sync_error: Exception | None = None
    on_sync: Callable[[], None] = lambda: None
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    errors: dict[str, Exception] = field(default_factory=dict)
    profile: ProfileView = field(
        default_factory=lambda: ProfileView(
            "acme-zendesk", "zendesk", "https://acme.example", "view:1", "me", "UTC"
        )
    )
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities(
            internal_note=True,
            conditional_write="native",
            atomic_bundle=True,
            marker="metadata",
            note_receipt="audit_id",
            history="full",
            delta="cursor",
            delta_lag_s=0,
            settle_s=5,
            deletions_seen=True,
            tags="add_remove",
        )
    )

    def __post_init__(self) -> None:
        self.queue = FakeQueue(self)
        self.cases = FakeCases(self)
        self.playbooks: Any = FakePlaybooks(self)
        self.investigations: Any = None
        self.outbox = FakeOutbox(self)
        self.sync = FakeSync(self)
        self.evidence = FakeEvidence(self)
        self.closed = False

    async def aclose(self) -> None:
        self.closed = True

    async def pass_gate(self, verb: str) -> None:
        """Waits where a test put a gate, and fails where a test put an error."""
        if verb in self.gates:
            await self.gates[verb].wait()
        if verb in self.errors:
            raise self.errors[verb]

    def item(self, ticket_id: str) -> QueueItem:
        for item in self.items:
            if item.id == ticket_id:
                return item
        raise NotFound(f"no ticket {ticket_id}")

    def change_item(self, ticket_id: str, **changes: Any) -> None:
        self.items = [replace(item, **changes) if item.id == ticket_id else item for item in self.items]

    def case(self, ticket_id: str) -> Case:
        return self.cases_by_id.setdefault(ticket_id, make_case(self.item(ticket_id), self.now))

    def change_promises(
        self, ticket_id: str, change: Callable[[tuple[Promise, ...]], tuple[Promise, ...]]
    ) -> None:
        case = self.case(ticket_id)
        facts = replace(case.facts, promises=change(case.facts.promises))
        self.cases_by_id[ticket_id] = replace(case, facts=facts)

    def operations_of(self, ticket_id: str) -> Sequence[Operation]:
        return [operation for operation in self.operations.values() if operation.ticket_id == ticket_id]

    def propose(self, ticket_id: str, change: Change, purpose: str) -> Operation:
        operation_id = f"op-{len(self.operations) + 1}"
        visibility = change.note.visibility if change.note else "internal"
        step = Step(f"{operation_id}.1", "bundle", {}, visibility, Version("v1", True), "marker")
        operation = Operation(
            id=operation_id,
            ticket_id=ticket_id,
            change=masking.masked(change),
            state="proposed",
            created_at=self.now,
            created_by="me",
            steps=(step,),
            purpose=purpose,
        )
        self.operations[operation_id] = operation
        return operation

    def change_operation(self, operation_id: str, **changes: Any) -> Operation:
        self.operations[operation_id] = replace(self.operations[operation_id], **changes)
        return self.operations[operation_id]

    def first_frame(self, limit: int = 60) -> FirstFrame:
        dues = [item.due(self.now) for item in self.items]
        counts = QueueCounts(
            len(dues), dues.count("broken"), dues.count("unacknowledged"), dues.count("soon"), 1
        )
        window = QueueWindow(tuple(self.items[:limit]), 0, len(self.items), len(self.items))
        return FirstFrame("acme-zendesk", "zendesk", "me", UTC, self.views, window, counts, self.freshness)


def refuse_clearing(desk: FakeDesk) -> set[str]:
    """Have ``desk`` refuse to clear any draft until the set that is returned was emptied."""
    refusing = {"clearing"}
    save = desk.cases.save_draft

    async def save_draft(ticket_id: str, slot: str, text: str) -> None:
        if refusing and not text:
            raise OSError("the disk is full")
        await save(ticket_id, slot, text)

    desk.cases.save_draft = save_draft  # type: ignore[method-assign]
    return refusing
