"""Checks that only read: the account, the queue, tickets, timelines, what changed, and plans."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

from triage.helpdesk.conformance.ground import (
    SMALL_FILE,
    FailedError,
    Ground,
    NotApplicableError,
    absent,
    aware,
    demand,
    stopping,
)
from triage.model.errors import Refused, TriageError
from triage.model.operation import Change, Note, Step
from triage.model.ticket import Ticket
from triage.model.timeline import OUR_SIDE

NO_SUCH_TICKET = "no-such-ticket-0"
NO_SUCH_QUEUE = "this (names nothing, anywhere"
NO_SUCH_FIELD = "no_field_is_called_this"
AHEAD = timedelta(minutes=10)
"""How far a helpdesk's clock may be ahead of ours before its times look like another zone."""
LARGEST_FILE = 1_000_000


async def account(ground: Ground) -> str:
    """We know who we are there, and what we lack is said in words."""
    me = await ground.helpdesk.whoami()
    demand(bool(me.id.strip()), "the account has no id")
    demand(bool(me.name.strip()), "the account has no name")
    demand(all(words.strip() for words in me.trouble), "a trouble without words")
    lacks = f"; lacking: {'; '.join(me.trouble)}" if me.trouble else ""
    return f"{me.name} ({me.id}){lacks}"


async def queue_choices(ground: Ground) -> str:
    """The set-up can offer queues, those for escalations first, and the first one can be read."""
    choices = await ground.helpdesk.queue_choices()
    if not choices:
        raise NotApplicableError("this account is offered no queue; one has to be named by hand")
    selectors = [choice.selector for choice in choices]
    demand(len(set(selectors)) == len(selectors), "the same queue is offered twice")
    demand(all(choice.selector.strip() and choice.title.strip() for choice in choices), "a queue has no name")
    flags = [choice.escalated for choice in choices]
    demand(flags == sorted(flags, reverse=True), "queues for escalations do not come first")
    async for _ in ground.helpdesk.queue(selectors[0]):
        break
    return f"{len(choices)} queues, {sum(flags)} for escalations"


async def queue(ground: Ground) -> str:
    """The queue comes page by page to its end, every ticket once, whole, with times in UTC."""
    tickets = await ground.queue()
    ids = [ticket.id for ticket in tickets]
    demand(len(set(ids)) == len(ids), "a ticket comes twice")
    for ticket in tickets:
        _whole(ticket)
    return f"{len(tickets)} tickets"


def _whole(ticket: Ticket) -> None:
    demand(bool(ticket.id and ticket.key), "a ticket has no id or no key")
    demand(bool(ticket.status), f"{ticket.key} has no status")
    demand(bool(ticket.version.token), f"{ticket.key} has no version")
    aware(ticket.created_at, f"created_at of {ticket.key}")
    aware(ticket.updated_at, f"updated_at of {ticket.key}")
    demand(ticket.created_at <= ticket.updated_at, f"{ticket.key} was updated before it was made")


async def unknown_queue(ground: Ground) -> str:
    """A queue that does not exist is refused in words, or empty; it is never something else's tickets."""
    try:
        async for page in ground.helpdesk.queue(NO_SUCH_QUEUE):
            demand(not page.items, "a queue that does not exist has tickets in it")
    except TriageError as problem:
        return f"refused: {problem}"
    return "empty"


async def ticket(ground: Ground) -> str:
    """A ticket read by itself is the one from the queue."""
    some = await ground.some()
    for listed in some:
        one = await ground.helpdesk.ticket(listed.id)
        _whole(one)
        demand((one.id, one.key) == (listed.id, listed.key), f"{listed.key} is {one.key} when read by itself")
        if one.updated_at == listed.updated_at:
            same = (one.status, one.subject) == (listed.status, listed.subject)
            demand(same, f"{listed.key} reads otherwise by itself than in the queue")
    return f"{len(some)} tickets read again"


async def unknown_ticket(ground: Ground) -> str:
    """A ticket that does not exist is said not to exist."""
    return await absent(ground.helpdesk.ticket(NO_SUCH_TICKET), "a ticket")


async def timeline(ground: Ground) -> str:
    """A timeline is complete and in order, says who sees what, and is the same when read again."""
    told = 0
    for one in await ground.some():
        events = await ground.timeline(one)
        told += len(events)
        ids = [event.id for event in events]
        demand(len(set(ids)) == len(ids), f"an event of {one.key} comes twice")
        times = [event.at for event in events]
        demand(times == sorted(times), f"the timeline of {one.key} is not in order")
        for event in events:
            aware(event.at, f"an event of {one.key}")
            demand(event.ticket_id == one.id, f"an event of {one.key} belongs to {event.ticket_id}")
            demand(
                event.visibility in ("public", "internal"), f"an event of {one.key} does not say who sees it"
            )
            demand(bool(event.actor_role), f"nobody did {event.id} of {one.key}")
        again = [event.id for event in await ground.timeline(one)]
        demand(set(ids) <= set(again), f"events of {one.key} have other ids when read again")
    if not told and ground.helpdesk.capabilities.history != "none":
        raise FailedError("no ticket has a single event, although there is a history")
    return f"{told} events"


async def sides(ground: Ground) -> str:
    """Somebody speaks on the customer's side and somebody on ours: who has to be told apart."""
    roles = {
        event.actor_role
        for one in await ground.some()
        for event in await ground.timeline(one)
        if event.kind == "message"
    }
    if not roles - {"customer"} or "customer" not in roles:
        raise NotApplicableError(f"only {', '.join(sorted(roles)) or 'nobody'} speaks on these tickets")
    demand(bool(roles & OUR_SIDE), "nobody is on our side; set roles in the profile")
    return ", ".join(sorted(roles))


async def times(ground: Ground) -> str:
    """Times are not those of another zone: nothing happened in the future."""
    latest = ground.now() + AHEAD
    for one in await ground.some():
        demand(
            one.updated_at <= latest, f"{one.key} was updated at {one.updated_at.isoformat()}, in the future"
        )
        for event in await ground.timeline(one):
            demand(event.at <= latest, f"an event of {one.key} is at {event.at.isoformat()}, in the future")
    return "nothing is ahead of our clock"


async def delta(ground: Ground) -> str:
    """What changed can be asked for from now on, ends, and can be gone on from; quiet is no fault."""
    pages = stopping(ground.helpdesk.changes(ground.selector, None), lambda one: one.version)
    start = [page.cursor async for page in pages][-1]
    if start is None:
        raise NotApplicableError("the helpdesk has nothing to begin at yet")
    cursor = start
    for _ in range(2):
        pages = stopping(
            ground.helpdesk.changes(ground.selector, cursor), lambda one: (one.id, one.version), start=cursor
        )
        reached = [page.cursor async for page in pages][-1]
        demand(reached is not None, "the last page has no cursor to go on from")
        cursor = reached or cursor
    return "begun, gone on from, and gone on from again"


async def foreign_cursor(ground: Ground) -> str:
    """A cursor that was never ours ends in one line, not in a fault."""
    try:
        async for _ in ground.helpdesk.changes(ground.selector, "not a cursor of ours"):
            pass
    except TriageError as problem:
        return str(problem)
    return "taken as a beginning"


async def attachments(ground: Ground) -> str:
    """A file comes as large as it was listed, and not at all when it is larger than allowed."""
    for one in await ground.some():
        for event in await ground.timeline(one):
            for file in event.attachments:
                if 0 < file.size <= LARGEST_FILE:
                    return await _fetched(ground, file.ref, file.size)
    raise NotApplicableError("these tickets have no file of a known size")


async def _fetched(ground: Ground, ref: str, size: int) -> str:
    sink = io.BytesIO()
    got = await ground.helpdesk.attachment(ref, sink, LARGEST_FILE)
    demand(got == size == len(sink.getvalue()), f"a file of {size} bytes came with {got}")
    try:
        await ground.helpdesk.attachment(ref, io.BytesIO(), size - 1)
    except Refused:
        return f"{size} bytes"
    raise FailedError("a file larger than allowed was fetched all the same")


async def plans(ground: Ground) -> str:
    """A plan sends nothing, comes out the same twice, carries the note once, and never makes it public."""
    one = (await ground.some())[0]
    if not ground.helpdesk.capabilities.internal_note:
        return _refusal(ground, one)
    wanted = ground.operation(one, Change(note=Note("A note that is only planned.", "internal")))
    steps = _planned(ground, wanted.change, one)
    again = ground.helpdesk.plan(wanted, one)
    demand([_less_key(step) for step in again] == [_less_key(step) for step in steps],
           "the same operation is planned in two ways")  # fmt: skip
    demand(list(ground.helpdesk.plan(wanted, one)) == list(again), "a plan made again has other keys")
    demand(len(again) == len({step.key for step in again}), "two steps have one key")
    demand(
        all(step.key.startswith(wanted.id) for step in again),
        "a step's key does not begin with the operation's",
    )
    demand(all(step.visibility == "internal" for step in again), "an internal note is planned as public")
    demand(sum(step.probe == "marker" for step in again) == 1, "the note is in no step, or in several")
    return f"{len(again)} request{'s' if len(again) > 1 else ''} for a note"


def _refusal(ground: Ground, one: Ticket) -> str:
    try:
        _planned(ground, Change(note=Note("This must not be sent.", "internal")), one)
    except Refused as refused:
        return f"there are no internal notes, and one is refused: {refused}"
    raise FailedError("there are no internal notes, and yet one is planned")


async def files(ground: Ground) -> str:
    """A file goes with its internal note, or is refused where a customer may see it; never with a reply."""
    one = (await ground.some())[0]
    if not ground.helpdesk.capabilities.internal_note:
        raise NotApplicableError("this helpdesk has no internal notes")
    inside = Note("A note that is only planned.", "internal", files=(SMALL_FILE,))
    try:
        steps = _planned(ground, Change(note=inside), one)
    except Refused as refused:
        demand(not ground.helpdesk.capabilities.internal_files, f"a file is refused: {refused}")
        return f"refused: {refused}"
    demand(ground.helpdesk.capabilities.internal_files, "a file is planned though a customer may see it")
    carried = [step for step in steps if SMALL_FILE.text.splitlines()[0] in str(step.payload)]
    demand(len(carried) == 1 and carried[0].probe == "marker", "the file is not in the step of its note")
    try:
        _planned(ground, Change(note=replace(inside, visibility="public")), one)
    except Refused:
        return "planned with its note, refused with a reply"
    raise FailedError("a file is planned with a reply to the customer")


async def unknown_field(ground: Ground) -> str:
    """A field the ticket does not have is named, not sent and forgotten."""
    one = (await ground.some())[0]
    change = Change(fields={NO_SUCH_FIELD: "x"})
    try:
        steps = _planned(ground, change, one)
    except TriageError as refused:
        return f"refused: {refused}"
    sent = [step for step in steps if NO_SUCH_FIELD in str(step.payload.get("fields", ""))]
    demand(not sent, "a field the ticket does not have would be sent")
    return "left out"


async def no_tags(ground: Ground) -> str:
    """Where there are no tags, asking for one is refused or named, not forgotten."""
    if ground.helpdesk.capabilities.tags != "none":
        raise NotApplicableError("this helpdesk has tags")
    one = (await ground.some())[0]
    try:
        steps = _planned(ground, Change(tags_add=("x",), note=Note("With a tag.", "internal")), one)
    except TriageError as refused:
        return f"refused: {refused}"
    demand(
        any("tags" in str(step.payload.get("left_out", "")) for step in steps), "a tag is dropped in silence"
    )
    return "left out, and said so"


def _planned(ground: Ground, change: Change, one: Ticket) -> list[Step]:
    return list(ground.helpdesk.plan(ground.operation(one, change), one))


def _less_key(step: Step) -> tuple[object, ...]:
    return step.kind, step.visibility, step.probe, sorted(step.payload)
