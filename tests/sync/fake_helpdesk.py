"""A helpdesk that misbehaves by seed: the port over an honest server behind a dishonest network.

It takes a comment without a visibility for a public one, as the worst of the real ones do, and can
answer 2xx to a field it ignored. What it did is written down, for the tests to judge.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from tests.sync import virtual_time
from triage.helpdesk.answer import NotUnderstood
from triage.helpdesk.note_files import files_payload
from triage.helpdesk.port import Account, Page, QueueChoice
from triage.model.capabilities import Capabilities
from triage.model.errors import HelpdeskFailed, NotFound
from triage.model.operation import (
    Conflict,
    Landed,
    NotSent,
    Operation,
    Outcome,
    Probe,
    Rejected,
    Step,
    StepKind,
    Throttled,
    Unknown,
)
from triage.model.ticket import Ticket, Version
from triage.model.timeline import Attachment, TimelineEvent

SETTLE_S = 120
LATEST_APPLY_S = 100.0
LIST_LAG_S = 60.0
"""A comment list may lag behind by this much; a ticket read by its id never does."""


@dataclass(frozen=True)
class Faults:
    """How likely each trouble is, per request."""

    not_sent: float = 0.0
    throttled: float = 0.0
    lost_request: float = 0.0
    lost_reply: float = 0.0
    late: float = 0.0
    slow: float = 0.0
    broken: float = 0.0
    """5xx, half of them after applying it."""
    rejected: float = 0.0
    ignored: float = 0.0
    """2xx, but the fields were not written."""
    failed_read: float = 0.0
    blind_probe: float = 0.0
    lag: float = 0.0
    """A note of ours is listed late, and lists tell some things twice."""
    shuffled: float = 0.0
    """Pages of the queue come in another order, with a ticket of another page among them."""
    empty_queue: float = 0.0
    """"200, nothing there", though there is."""
    forgotten: float = 0.0
    """The helpdesk no longer knows the cursor."""
    astray: float = 0.0
    """A listing that never gets anywhere."""


CALM = Faults()
STORM = Faults(
    not_sent=0.05,
    throttled=0.10,
    lost_request=0.15,
    lost_reply=0.20,
    late=0.10,
    slow=0.06,
    broken=0.10,
    rejected=0.02,
    ignored=0.05,
    failed_read=0.06,
    blind_probe=0.04,
    lag=0.3,
    shuffled=0.3,
    empty_queue=0.05,
    forgotten=0.03,
    astray=0.02,
)


@dataclass
class ServerNote:
    """A comment as the server keeps it."""

    id: str
    ticket_id: str
    body: str
    public: bool
    marker: str
    at: datetime
    listed_at: datetime
    by: str
    files: tuple[tuple[str, str], ...] = ()
    """Names and texts."""


@dataclass
class ServerTicket:
    """A ticket as the server keeps it."""

    id: str
    status: str = "open"
    assignee: str = ""
    tags: set[str] = field(default_factory=set)
    fields: dict[str, Any] = field(default_factory=dict)
    notes: list[ServerNote] = field(default_factory=list)
    version: int = 1
    updated_at: datetime = virtual_time.START
    change: int = 0
    """Its place in the server's log of changes."""
    held: list[tuple[datetime, str, Any]] = field(default_factory=list)
    """Every value any field ever held, and since when."""
    deleted: bool = False
    merged: bool = False
    """Into another one: still there to read, closed to writes."""


@dataclass(frozen=True)
class Write:
    """One write of ours that the server applied."""

    at: datetime
    sender: str
    ticket_id: str
    key: str
    overwrote: Mapping[str, Any]
    wrote: Mapping[str, Any]


class Server:
    """The tickets, and everything that was done to them."""

    def __init__(self, ticket_ids: Sequence[str], log: Callable[[str], None] = lambda line: None) -> None:
        self.tickets = {one: ServerTicket(one) for one in ticket_ids}
        self.writes: list[Write] = []
        self.queue: list[str] = list(ticket_ids)
        self.left: set[str] = set()
        """Who was ever out of it."""
        self.log = log
        self.change = 0
        self.uploads: dict[str, tuple[tuple[str, str], ...]] = {}
        """Files that wait for their note, by token; none of them is on a ticket."""
        self.uploaded = 0
        """How often files came, whether or not we heard of it."""
        self._next = 0
        for ticket in self.tickets.values():
            self._remember(ticket)

    def number(self) -> str:
        self._next += 1
        return str(self._next)

    def ticket(self, ticket_id: str) -> Ticket:
        kept = self.tickets.get(ticket_id)
        if kept is None or kept.deleted:
            raise NotFound(f"no ticket {ticket_id}")
        return self.words_of(kept)

    def words_of(self, kept: ServerTicket) -> Ticket:
        return Ticket(
            id=kept.id,
            key=f"HL-{kept.id}",
            subject=f"Ticket {kept.id}",
            status=kept.status,
            created_at=virtual_time.START,
            updated_at=kept.updated_at,
            version=Version(str(kept.version), exact=True),
            open=kept.status != "solved" and not kept.merged and not kept.deleted,
            assignee=kept.assignee,
            tags=tuple(sorted(kept.tags)),
            fields=dict(kept.fields),
        )

    def agent_edits(self, ticket_id: str, rng: random.Random) -> None:
        """Somebody else at the helpdesk works on the ticket."""
        kept = self.tickets[ticket_id]
        what = rng.choice(["status", "assignee", "tags", "fields", "note"])
        if what == "status":
            kept.status = rng.choice(["open", "pending", "hold"])
        elif what == "assignee":
            kept.assignee = rng.choice(["Mira", "Jonas", ""])
        elif what == "tags":
            kept.tags ^= {rng.choice(["vip", "esc", "bug", "docs"])}
        elif what == "fields":
            kept.fields[rng.choice(["esc_code", "esc_phase"])] = rng.choice(["a", "b", "c", None])
        else:
            self._add_note(kept, "a word from an agent", rng.random() < 0.5, "", "agent", 0)
        self.bump(kept)
        self.log(f"agent {what} {ticket_id}")

    def delete(self, ticket_id: str) -> None:
        """An administrator deletes it."""
        kept = self.tickets[ticket_id]
        kept.deleted = True
        self.leave(ticket_id)
        self.bump(kept)
        self.log(f"deleted {ticket_id}")

    def merge_away(self, ticket_id: str, into: str) -> None:
        """An agent merges it into another one."""
        kept, heir = self.tickets[ticket_id], self.tickets[into]
        kept.merged = True
        self.leave(ticket_id)
        self._add_note(heir, f"merged with {ticket_id}", False, "", "agent", 0)
        self.bump(kept)
        self.bump(heir)
        self.log(f"merged {ticket_id} into {into}")

    def leave(self, ticket_id: str) -> None:
        """It is no longer in the queue; it may come back."""
        if ticket_id in self.queue:
            self.queue.remove(ticket_id)
            self.left.add(ticket_id)
            self.log(f"left {ticket_id}")

    def come_back(self, ticket_id: str) -> None:
        """It is in the queue again."""
        if ticket_id not in self.queue:
            self.queue.append(ticket_id)
            self.log(f"back {ticket_id}")

    def customer_says(self, ticket_id: str, body: str) -> None:
        """A public message that leaves the version as it is."""
        self._add_note(self.tickets[ticket_id], body, True, "", "customer", 0)

    def apply(self, step: Step, ticket_id: str, sender: str, *, ignore: bool, lag_s: float) -> str:
        """Do what the request says, all of it at once, and give its receipt."""
        kept = self.tickets[ticket_id]
        wanted: dict[str, Any] = dict(step.payload)
        note, files = wanted.pop("note", None), _files(wanted.pop("files", ()))
        overwrote: dict[str, Any] = {}
        if not ignore:
            overwrote = self._set(kept, wanted)
        if note is not None:
            self._add_note(kept, note["body"], note.get("public", True), note["marker"], sender, lag_s)
            kept.notes[-1].files = self.uploads.pop(note["upload"]) if "upload" in note else files
        self.bump(kept)
        self.writes.append(Write(virtual_time.now(), sender, ticket_id, step.key, overwrote, wanted))
        self.log(f"applied {step.key} on {ticket_id}{' without fields' if ignore else ''}")
        return kept.notes[-1].id if note is not None else ""

    def _set(self, kept: ServerTicket, wanted: Mapping[str, Any]) -> dict[str, Any]:
        overwrote: dict[str, Any] = {}
        for name, value in wanted.items():
            if name == "tags_add":
                kept.tags |= set(value)
            elif name == "tags_remove":
                kept.tags -= set(value)
            elif name in ("status", "assignee"):
                overwrote[name] = getattr(kept, name)
                setattr(kept, name, value)
            else:
                overwrote[name] = kept.fields.get(name)
                kept.fields[name] = value
        return overwrote

    def _add_note(
        self, kept: ServerTicket, body: str, public: bool, marker: str, by: str, lag_s: float
    ) -> None:
        at = virtual_time.now()
        listed_at = at + timedelta(seconds=lag_s)
        kept.notes.append(ServerNote(self.number(), kept.id, body, public, marker, at, listed_at, by))

    def bump(self, kept: ServerTicket) -> None:
        kept.version += 1
        self.change += 1
        kept.change = self.change
        kept.updated_at = virtual_time.now()
        self._remember(kept)

    def _remember(self, kept: ServerTicket) -> None:
        at = virtual_time.now()
        values = {
            "status": kept.status,
            "assignee": kept.assignee,
            "tags": frozenset(kept.tags),
            **kept.fields,
        }
        kept.held += [(at, name, value) for name, value in values.items()]


@dataclass
class EvenPace:
    """Always four at a time, unless a test says otherwise."""

    width: int = 4
    on_hold: Callable[[datetime], None] | None = None


class FakeHelpdesk:
    """One account's way to the server, through the weather. ``at_point`` runs around each request."""

    name = "fake"
    slowest_s = 80.0

    def __init__(
        self,
        server: Server,
        rng: random.Random,
        *,
        atomic: bool = True,
        locks: bool = True,
        sender: str = "",
        faults: Callable[[], Faults] = lambda: CALM,
        at_point: Callable[[str], None] = lambda where: None,
        page_size: int = 2,
    ) -> None:
        self.server = server
        self.rng = rng
        self.atomic = atomic
        self.locks = locks
        self.sender = sender
        self.faults = faults
        self.at_point = at_point
        self.page_size = page_size
        self.pace = EvenPace()
        self.capabilities = Capabilities(
            internal_note=True,
            conditional_write="native" if locks else "none",
            atomic_bundle=atomic,
            marker="body",
            note_receipt="id",
            history="full",
            delta="cursor",
            delta_lag_s=0,
            settle_s=SETTLE_S,
            deletions_seen=False,
            tags="add_remove",
            internal_files=True,
        )

    async def aclose(self) -> None:
        return None

    async def whoami(self) -> Account:
        await self._travel("whoami")
        return Account("7", "Robin")

    async def queue_choices(self) -> Sequence[QueueChoice]:
        return [QueueChoice("all", "Everything", True)]

    async def queue(self, selector: str) -> AsyncIterator[Page[Ticket]]:
        tickets = [self.server.ticket(one) for one in self.server.queue]
        if self._meets(self.faults().empty_queue):
            tickets = []
        if len(tickets) > 1 and self._meets(self.faults().shuffled):
            self.rng.shuffle(tickets)
            tickets.insert(self.rng.randrange(len(tickets)), tickets[-1])
        for chunk, last in _chunks(tickets, self.page_size):
            await self._travel("queue")
            yield Page(chunk, None, last)

    async def changes(self, selector: str, cursor: str | None) -> AsyncIterator[Page[Ticket]]:
        await self._travel("changes")
        if cursor is None:
            yield Page([], str(self.server.change), True)
            return
        if self._meets(self.faults().forgotten):
            raise NotUnderstood("no such cursor", where="changes")
        since = int(cursor)
        changed = sorted((one for one in self.server.tickets.values() if one.change > since),
                         key=lambda one: one.change)  # fmt: skip
        again = self._meets(self.faults().shuffled)
        for chunk, last in _chunks(changed, self.page_size):
            newest = chunk[-1].change if chunk else since
            told = [self.server.words_of(one) for one in chunk]
            yield Page(told + told[:1] if again else told, str(newest), last)
            if not last and self._meets(self.faults().astray):
                yield Page(told, str(newest), False)

    def _meets(self, chance: float) -> bool:
        """Whether trouble of that likelihood comes; no luck is spent where there is none."""
        return chance > 0 and self.rng.random() < chance

    async def ticket(self, ticket_id: str) -> Ticket:
        await self._travel(f"ticket {ticket_id}")
        return self.server.ticket(ticket_id)

    async def timeline(self, ticket: Ticket) -> AsyncIterator[Page[TimelineEvent]]:
        self.server.ticket(ticket.id)
        events = [_event(note) for note in self._listed(ticket.id)]
        if events and self.rng.random() < self.faults().lag:
            events.append(events[-1])
        for chunk, last in _chunks(events, self.page_size):
            await self._travel("timeline")
            yield Page(chunk, None, last)

    async def attachment(self, ref: str, sink: BinaryIO, max_bytes: int) -> int:
        raise NotFound("no attachments here")

    def plan(self, operation: Operation, current: Ticket) -> Sequence[Step]:
        change = operation.change
        wanted: dict[str, Any] = dict(change.fields)
        if change.tags_add:
            wanted["tags_add"] = list(change.tags_add)
        if change.tags_remove:
            wanted["tags_remove"] = list(change.tags_remove)
        if change.status is not None:
            wanted["status"] = change.status
        if change.assignee is not None:
            wanted["assignee"] = "Robin" if change.assignee == "me" else change.assignee
        base = current.version if self.locks else None
        visibility = change.note.visibility if change.note else "internal"
        first = Step(f"{operation.id}/1", "fields", wanted, visibility, base, "state")
        if change.note is None:
            return [first] if wanted else []
        if self.atomic or not wanted:
            kind: StepKind = "bundle" if wanted else "note"
            payload = {**wanted, "note": self._note(operation, "1"), **files_payload(change.note)}
            return [Step(f"{operation.id}/1", kind, payload, visibility, base if wanted else None, "marker")]
        note = {"note": self._note(operation, "2"), **files_payload(change.note)}
        return [first, Step(f"{operation.id}/2", "note", note, visibility, None, "marker")]

    def _note(self, operation: Operation, ordinal: str) -> dict[str, Any]:
        note = operation.change.note
        assert note is not None
        marker = f"{operation.id}/{ordinal}"
        return {"body": note.sent, "marker": marker, "public": note.visibility == "public"}

    async def apply(self, step: Step, ticket_id: str) -> Outcome:
        self.at_point(f"apply {step.key}")
        ready = await self._uploaded(step) if self.atomic and step.payload.get("files") else step
        outcome = await self._through(ready, ticket_id) if isinstance(ready, Step) else ready
        self.at_point(f"applied {step.key} {type(outcome).__name__}")
        return outcome

    async def _uploaded(self, step: Step) -> Step | NotSent:
        """``step`` with a token in place of its files: they go first and by themselves, and may get lost."""
        await self._travel(f"upload {step.key}", reads=False)
        faults, payload = self.faults(), dict(step.payload)
        if self._meets(faults.lost_request):
            return NotSent("the upload was lost")
        token = self.server.number()
        self.server.uploaded += 1
        self.server.uploads[token] = _files(payload.pop("files"))
        if self._meets(faults.lost_reply):
            return NotSent("the answer to the upload was lost")
        self.at_point(f"uploaded {step.key}")
        note: Any = payload["note"]
        return replace(step, payload={**payload, "note": {**note, "upload": token}})

    async def _through(self, step: Step, ticket_id: str) -> Outcome:
        faults, draw = self.faults(), self.rng.random()
        ignore = self.rng.random() < faults.ignored
        lag_s = self.rng.uniform(0, LIST_LAG_S) if self.rng.random() < faults.lag else 0.0

        def arrive() -> Outcome:
            kept = self.server.tickets[ticket_id]
            if kept.deleted:
                return Rejected(404, ["no such ticket"])
            if kept.merged:
                return Rejected(422, ["closed prevents ticket update"])
            if step.base is not None and step.base.token != str(kept.version):
                return Conflict(Version(str(kept.version), True))
            return Landed(
                self.server.apply(step, ticket_id, self.sender, ignore=ignore, lag_s=lag_s) or None,
                Version(str(kept.version), True),
            )

        def falls(chance: float) -> bool:
            """Whether the one draw of this request falls here; it falls nowhere else then."""
            nonlocal draw
            here = 0 <= draw < chance
            draw -= chance
            return here

        if falls(faults.not_sent):
            return NotSent("connection refused")
        if falls(faults.throttled):
            return Throttled(self.rng.uniform(1, 40), self.rng.choice(["account", "ticket"]))
        if falls(faults.lost_request):
            await asyncio.sleep(30)
            return Unknown("timeout")
        return await self._arriving(falls, faults, arrive)

    async def _arriving(
        self, falls: Callable[[float], bool], faults: Faults, arrive: Callable[[], Outcome]
    ) -> Outcome:
        """The request reaches the server, now or later; what we hear of it is another matter.

        The server finishes what it received whether or not we are still there to listen.
        """
        loop = asyncio.get_running_loop()
        if falls(faults.late):
            loop.call_later(self.rng.uniform(1, LATEST_APPLY_S), arrive)
            await asyncio.sleep(0.5)
            return Unknown("connection reset")
        if falls(faults.rejected):
            return Rejected(422, ["status is not on the list"])
        if falls(faults.broken):
            if self.rng.random() < 0.5:
                arrive()
            return Unknown("502")
        answer: asyncio.Future[Outcome] = loop.create_future()
        delay = self.rng.uniform(20, self.slowest_s) if falls(faults.slow) else self.rng.uniform(0.01, 0.4)

        def work() -> None:
            outcome = arrive()
            if not answer.done():
                answer.set_result(outcome)

        loop.call_later(delay, work)
        outcome = await answer
        if falls(faults.lost_reply):
            await asyncio.sleep(30)
            return Unknown("no reply")
        return outcome

    async def probe(self, step: Step, ticket_id: str) -> Probe:
        await self._travel(f"probe {step.key}")
        self.server.ticket(ticket_id)
        if self.rng.random() < self.faults().blind_probe:
            return Probe("cannot_tell" if self.rng.random() < 0.5 else "absent", False)
        if step.probe == "state":
            found = not self._differences(step, ticket_id)
            return Probe("found" if found else "absent", True)
        notes = [note for note in self._listed(ticket_id) if note.marker == step.key]
        return Probe("found", True, notes[0].id) if notes else Probe("absent", True)

    async def verify(self, step: Step, ticket_id: str) -> Sequence[str]:
        await self._travel(f"verify {step.key}")
        self.server.ticket(ticket_id)
        return self._differences(step, ticket_id)

    def _differences(self, step: Step, ticket_id: str) -> list[str]:
        kept = self.server.tickets[ticket_id]
        payload: dict[str, Any] = dict(step.payload)
        note, files = payload.pop("note", None), _files(payload.pop("files", ()))
        wrong = [f"{name} was not set" for name, value in payload.items() if not _holds(kept, name, value)]
        ours = [one for one in kept.notes if note is not None and one.marker == note["marker"]]
        if note is not None and not ours:
            wrong.append("the note is not there")
        if any(one.files != files for one in ours):
            wrong.append("the files are not those that were sent")
        if any(one.public and step.visibility == "internal" for one in ours):
            wrong.append("PUBLIC: the customer sees a note that should be internal")
        return wrong

    def _listed(self, ticket_id: str) -> list[ServerNote]:
        at = virtual_time.now()
        return [note for note in self.server.tickets[ticket_id].notes if note.listed_at <= at]

    async def _travel(self, where: str, *, reads: bool = True) -> None:
        self.at_point(where)
        await asyncio.sleep(self.rng.uniform(0.01, 0.2))
        if reads and self.rng.random() < self.faults().failed_read:
            raise HelpdeskFailed("the helpdesk answered 503", where=where)
        self.at_point(f"{where} done")


def _holds(kept: ServerTicket, name: str, value: Any) -> bool:
    if name == "tags_add":
        return set(value) <= kept.tags
    if name == "tags_remove":
        return not set(value) & kept.tags
    if name in ("status", "assignee"):
        return bool(getattr(kept, name) == value)
    return bool(kept.fields.get(name) == value)


def _files(payload: Any) -> tuple[tuple[str, str], ...]:
    return tuple((file["name"], file["text"]) for file in payload)


def _event(note: ServerNote) -> TimelineEvent:
    return TimelineEvent(
        id=f"comment-{note.id}",
        ticket_id=note.ticket_id,
        at=note.at,
        kind="message",
        visibility="public" if note.public else "internal",
        actor_role="engineering" if note.marker else "support_frontline",
        actor=note.by,
        text=f"{note.body}\n[{note.marker}]" if note.marker else note.body,
        source_ref=f"comment {note.id}",
        attachments=tuple(Attachment(name, len(text.encode()), name) for name, text in note.files),
    )


def _chunks(items: list[Any], size: int) -> Iterator[tuple[list[Any], bool]]:
    starts = range(0, max(1, len(items)), size)
    for start in starts:
        yield items[start : start + size], start + size >= len(items)


def with_faults(faults: Faults, **changes: float) -> Faults:
    """``faults`` with some of them changed."""
    return replace(faults, **changes)
