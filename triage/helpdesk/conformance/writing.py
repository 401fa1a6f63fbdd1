"""Checks that write, on the one ticket that was named for it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

from triage.helpdesk.conformance.ground import (
    SMALL_FILE,
    FailedError,
    Ground,
    NotApplicableError,
    demand,
)
from triage.model.json_value import Json
from triage.model.operation import Change, Conflict, Landed, Note, Operation, Outcome, Rejected, Step
from triage.model.ticket import Ticket

NEAR = timedelta(minutes=10)
"""Our note's time may differ from ours by so much."""
TICK_S = 1.1
"""Some helpdesks tell two versions apart only when they are a second apart."""
WORDS = "triage adapter check: {id}"


async def note(ground: Ground) -> str:
    """An internal note arrives once, unseen by the customer, is read back and found by its marker."""
    _needs_notes(ground)
    ticket = await ground.target()
    before = {event.id for event in await ground.timeline(ticket)}
    operation = ground.operation(ticket, Change())
    text = WORDS.format(id=operation.id)
    operation = replace(operation, change=Change(note=Note(text, "internal")))
    sent = await _carried(ground, operation, ticket)
    fresh = [event for event in await ground.timeline(ticket) if event.id not in before]
    ours = [event for event in fresh if text in event.text]
    demand(len(ours) == 1, f"the note is on the ticket {len(ours)} times")
    demand(ours[0].visibility == "internal", "the note can be seen by the customer")
    demand(abs(ours[0].at - ground.now()) <= NEAR,
           f"the note was written now and stands at {ours[0].at.isoformat()}")  # fmt: skip
    step = next(step for step in sent if step.probe == "marker")
    probe = await ground.helpdesk.probe(step, ticket.id)
    demand(probe.verdict == "found", f"looking for the note ends in {probe.verdict}")
    return "arrived once, internal, found by its marker"


async def file(ground: Ground) -> str:
    """A file arrives with its internal note, once and whole, where the customer does not see it."""
    _needs_notes(ground)
    if not ground.helpdesk.capabilities.internal_files:
        raise NotApplicableError("this helpdesk keeps no file from the customer, and says so")
    ticket = await ground.target()
    operation = ground.operation(ticket, Change())
    text = WORDS.format(id=f"{operation.id} with a file")
    operation = replace(operation, change=Change(note=Note(text, "internal", files=(SMALL_FILE,))))
    await _carried(ground, operation, ticket)
    events = await ground.timeline(ticket)
    ours = [event for event in events if text in event.text]
    demand(len(ours) == 1, f"the note is on the ticket {len(ours)} times")
    demand(ours[0].visibility == "internal", "the file can be seen by the customer")
    there = [one for one in ours[0].attachments if one.name == SMALL_FILE.name]
    demand(len(there) == 1, f"the file is on its note {len(there)} times")
    elsewhere = [
        event
        for event in events
        if event is not ours[0] and there[0].ref in [f.ref for f in event.attachments]
    ]
    demand(not elsewhere, "the file is on another message, too")
    kept = io.BytesIO()
    await ground.helpdesk.attachment(there[0].ref, kept, 2 * SMALL_FILE.size)
    demand(kept.getvalue() == SMALL_FILE.content, "the file came back as something else")
    return "arrived once with its note, internal, byte for byte"


async def unsent(ground: Ground) -> str:
    """A note that was never sent is not found, and the search for it is complete."""
    _needs_notes(ground)
    ticket = await ground.target()
    operation = ground.operation(ticket, Change(note=Note("Never sent.", "internal")))
    step = next(step for step in ground.helpdesk.plan(operation, ticket) if step.probe == "marker")
    probe = await ground.helpdesk.probe(replace(step, sent_at=ground.now()), ticket.id)
    demand(probe.verdict == "absent", f"looking for a note that was never sent ends in {probe.verdict}")
    demand(probe.complete_scan, "the search did not read far enough to say so")
    return "not found, after a complete search"


async def tags(ground: Ground) -> str:
    """A tag is added beside the others, and taken away again."""
    if ground.helpdesk.capabilities.tags == "none":
        raise NotApplicableError("this helpdesk has no tags")
    tag, ticket = ground.wishes.tag, await ground.target()
    if tag in ticket.tags:
        raise NotApplicableError(f"the ticket has the tag {tag} already")
    try:
        await _carried(ground, ground.operation(ticket, Change(tags_add=(tag,))), ticket)
        with_it = await ground.target()
        demand(set(with_it.tags) == {*ticket.tags, tag}, f"the tags became {', '.join(with_it.tags)}")
    finally:
        await _undo(ground, ticket)
    without = await ground.target()
    demand(set(without.tags) == set(ticket.tags), f"the tags became {', '.join(without.tags)}")
    return f"{tag} added and taken away"


async def fields(ground: Ground) -> str:
    """A field is set, read back, and set as it was."""
    name, value = _field(ground)
    ticket = await ground.target()
    if name not in ticket.fields:
        raise NotApplicableError(f"the ticket has no field {name}")
    old = ticket.fields[name]
    try:
        await _carried(ground, ground.operation(ticket, Change(fields={name: value})), ticket)
        changed = await ground.target()
        demand(_same(changed.fields.get(name), value), f"{name} became {changed.fields.get(name)!r}")
    finally:
        await _undo(ground, ticket)
    back = await ground.target()
    demand(_same(back.fields.get(name), old), f"{name} stayed {back.fields.get(name)!r}")
    return f"{name} set to {value} and back"


async def conflict(ground: Ground) -> str:
    """A change decided before somebody else's is not written over it."""
    if ground.helpdesk.capabilities.conditional_write == "none":
        raise NotApplicableError("this helpdesk cannot tell, and says so")
    change, other = _two_changes(ground)
    ticket = await ground.target()
    late = ground.helpdesk.plan(ground.operation(ticket, change), ticket)
    if not late or late[0].base is None:
        raise NotApplicableError("the first request of this change is bound to no version")
    await ground.pause(TICK_S)
    await _carried(ground, ground.operation(ticket, other), ticket)
    outcome = await ground.helpdesk.apply(replace(late[0], sent_at=ground.now()), ticket.id)
    await _undo(ground, ticket)
    demand(isinstance(outcome, Conflict), f"a change that came too late ended as {type(outcome).__name__}")
    return "the later change was not written"


def _two_changes(ground: Ground) -> tuple[Change, Change]:
    """A change bound to a version, and another one that makes it late."""
    tag = ground.wishes.tag
    note = Change(note=Note(WORDS.format(id="somebody else's change"), "internal"))
    has_tags = ground.helpdesk.capabilities.tags != "none"
    if ground.wishes.field is not None:
        late = Change(fields=dict([ground.wishes.field]))
        # Without tags the same change twice will do: the second was decided before the first.
        return late, Change(tags_add=(tag,)) if has_tags else late
    if not has_tags or not ground.helpdesk.capabilities.internal_note:
        raise NotApplicableError("two different changes are needed: name a field with --field NAME=VALUE")
    return Change(tags_add=(tag,)), note


async def _undo(ground: Ground, before: Ticket) -> None:
    """Leave the ticket as it was ``before``, whatever a check found: it is somebody's.

    A helpdesk may write a tag its own way; one that is new and the only new one is ours.
    """
    after, tag = await ground.target(), ground.wishes.tag
    fresh = [one for one in after.tags if one not in before.tags]
    if len(fresh) == 1:
        tag = fresh[0]
    changed = [name for name in dict([ground.wishes.field or ("", "")]) if name in before.fields]
    change = Change(
        tags_remove=(tag,) if tag in after.tags and tag not in before.tags else (),
        fields={name: before.fields[name] for name in changed if after.fields[name] != before.fields[name]},
    )
    if change != Change():
        await _carried(ground, ground.operation(after, change), after)


async def _carried(ground: Ground, operation: Operation, ticket: Ticket) -> list[Step]:
    """Send every request of ``operation`` once and read each back. Returns the steps as they were sent."""
    sent = []
    for planned in ground.helpdesk.plan(operation, ticket):
        step = replace(planned, state="sending", attempts=1, sent_at=ground.now())
        outcome = await ground.helpdesk.apply(step, ticket.id)
        _must_land(outcome, planned)
        step = replace(step, receipt=(outcome.receipt or "") if isinstance(outcome, Landed) else "")
        differences = await ground.helpdesk.verify(step, ticket.id)
        demand(not differences, f"read back: {'; '.join(differences)}")
        sent.append(step)
    return sent


def _must_land(outcome: Outcome, step: Step) -> None:
    if isinstance(outcome, Rejected):
        # A right that is missing, or a value this site does not know: the adapter says so, and that is all.
        raise NotApplicableError(f"the helpdesk refused: {'; '.join(outcome.errors)}")
    if not isinstance(outcome, Landed):
        raise FailedError(f"the {step.kind} ended as {type(outcome).__name__}: {outcome}")


def _needs_notes(ground: Ground) -> None:
    if not ground.helpdesk.capabilities.internal_note:
        raise NotApplicableError("this helpdesk has no internal notes")


def _field(ground: Ground) -> tuple[str, str]:
    if ground.wishes.field is None:
        raise NotApplicableError("no field was named")
    return ground.wishes.field


def _same(left: Json, right: Json) -> bool:
    return str(left or "").casefold() == str(right or "").casefold()
