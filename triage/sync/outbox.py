"""What a person does with a write: propose, confirm, edit, retry, park, drop.

Every function is pure and returns the new operation; an illegal move raises `Refused`. The diagram is in
`triage.model.operation`; what the sender does with a confirmed operation is in `triage.sync.sending`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from triage.model.entry import Person
from triage.model.errors import Invalid, Refused
from triage.model.note_file import LARGEST_FILE
from triage.model.operation import FINISHED, Change, Note, Operation, Step, WriteState
from triage.model.ticket import Ticket
from triage.sync.masking import masked, masked_note
from triage.sync.merge import Pick, base_of
from triage.sync.merge import resolve as picked

MOVES: Mapping[WriteState, frozenset[WriteState]] = {
    "proposed": frozenset({"proposed", "pending", "dropped"}),
    "pending": frozenset(
        {"pending", "proposed", "sending", "conflict", "rejected", "parked", "verified", "dropped"}
    ),
    "sending": frozenset(
        {"landed", "unknown", "pending", "conflict", "rejected", "parked", "dropped"},
    ),
    "unknown": frozenset({"unknown", "landed", "pending", "parked", "dropped"}),
    "landed": frozenset({"landed", "pending", "verified", "parked", "dropped"}),
    "conflict": frozenset({"pending", "proposed", "parked", "dropped"}),
    "rejected": frozenset({"pending", "proposed", "parked", "dropped"}),
    "parked": frozenset({"pending", "unknown", "landed", "proposed", "dropped"}),
    "verified": frozenset(),
    "dropped": frozenset(),
}
"""From which state which states may follow; the same table for operations and for their steps."""

_WRITTEN: frozenset[WriteState] = frozenset({"landed", "verified"})
_PERHAPS_WRITTEN: frozenset[WriteState] = frozenset({"sending", "unknown"})


def moved(now_in: WriteState, to: WriteState, *, what: str = "this write") -> WriteState:
    """``to``, when the table allows it after ``now_in``; raises `Refused` otherwise."""
    if to not in MOVES[now_in]:
        raise Refused(f"{what} is {now_in} and cannot become {to}", do=_advice(now_in))
    return to


def propose(
    ticket: Ticket,
    change: Change,
    person: Person,
    id: str,  # noqa: A002  (the word of the model)
    now: datetime,
    purpose: str,
) -> Operation:
    """A write of ``change`` to ``ticket`` as the person sees it now; nothing leaves before `confirm`.

    ``id`` is a fresh UUIDv7. Raises `Invalid` for a change that says nothing or contradicts itself, and
    `Refused` for a public reply that would carry internal steps along. What looks like a secret is masked.
    """
    _check(change, ticket.key)
    change = masked(change)
    return Operation(
        id=id,
        ticket_id=ticket.id,
        change=change,
        state="proposed",
        created_at=now,
        created_by=person.name,
        base=base_of(ticket, change),
        base_version=ticket.version,
        purpose=purpose,
    )


def confirm(operation: Operation, now: datetime, *, public_key: str = "") -> Operation:
    """Release ``operation`` for sending.

    A public reply needs the ticket's key typed exactly as ``public_key``; raises `Refused` without it.
    """
    state = moved(operation.state, "pending")
    if operation.state != "proposed":
        raise Refused(f"this write is already {operation.state}", do="Nothing to confirm")
    key = str(operation.base.get("key", ""))
    if is_public(operation.change) and (not key or public_key != key):
        raise Refused("the customer will see this reply", where=key, do=f"Type {key} exactly to send it")
    typed = public_key if is_public(operation.change) else ""
    return replace(operation, state=state, confirmed_at=now, public_confirmed_with=typed, problem="")


def edit_note(operation: Operation, body: str) -> Operation:
    """``operation`` with another note text, proposed anew: what was confirmed is not what would be sent.

    Its files stay.

    Raises `Refused` once the note may have reached the ticket, `Invalid` for an empty text.
    """
    if operation.change.note is None:
        raise Invalid("this write carries no note", do="Propose a note instead")
    if any(may_have_landed(step) for step in operation.steps):
        raise Refused(
            "part of this may already be on the ticket", do="Drop the rest and propose a second note"
        )
    note = masked_note(replace(operation.change.note, body=body, as_typed=""))
    change = replace(operation.change, note=note)
    _check(change, str(operation.base.get("key", "")))
    return replace(
        operation,
        state=moved(operation.state, "proposed"),
        change=change,
        steps=(),
        confirmed_at=None,
        public_confirmed_with="",
        problem="",
    )


def retry(operation: Operation, now: datetime, *, seen_absent: bool = False) -> Operation:
    """Let the sender take ``operation`` up again.

    What was refused or in conflict is tried anew; what may have landed is looked for again first.
    ``seen_absent`` is a person's word that it is not on the ticket, so that it may be sent once more.
    Raises `Refused` where there is nothing to retry.
    """
    if operation.state not in ("pending", "conflict", "rejected", "parked"):
        raise Refused(f"this write is {operation.state}", do=_advice(operation.state))
    steps = tuple(_revived(step, now, seen_absent) for step in operation.steps)
    head = next((step for step in steps if step.state != "verified"), None)
    return replace(
        operation,
        state=moved(operation.state, head.state if head else "pending"),
        steps=steps,
        problem="",
    )


def resolve(operation: Operation, picks: Mapping[str, Pick], current: Ticket, *, me: str = "") -> Operation:
    """Decide a conflict (see `triage.sync.merge.resolve`) and let the sender take it up again."""
    if operation.state != "conflict":
        raise Refused(f"this write is {operation.state}, not in conflict", do=_advice(operation.state))
    return retry(picked(operation, picks, current, me=me), operation.confirmed_at or operation.created_at)


def park(operation: Operation, reason: str = "set aside by hand") -> Operation:
    """Set ``operation`` aside; it and what follows on its ticket wait until `retry` or `drop`."""
    return replace(operation, state=moved(operation.state, "parked"), problem=reason)


def drop(operation: Operation) -> Operation:
    """Give ``operation`` up. ``problem`` says honestly what of it is, or may be, on the ticket."""
    steps = tuple(
        step if may_have_landed(step) else replace(step, state=moved(step.state, "dropped"))
        for step in operation.steps
    )
    problem = _left_behind(operation.steps)
    return replace(operation, state=moved(operation.state, "dropped"), steps=steps, problem=problem)


def is_public(change: Change) -> bool:
    """Whether the customer would see it."""
    return change.note is not None and change.note.visibility == "public"


def may_have_landed(step: Step) -> bool:
    """Whether the ticket shows ``step``, or may."""
    return step.state in _WRITTEN | _PERHAPS_WRITTEN


def _check(change: Change, key: str) -> None:
    silent = change.status is None and change.assignee is None
    internal = bool(change.tags_add or change.tags_remove or change.fields) or not silent
    if change.note is None and not internal:
        raise Invalid("this would change nothing", where=key, do="Give a note, a tag, a field or a status")
    if change.note is not None and not change.note.body.strip():
        raise Invalid("the note is empty", where=key, do="Write something or leave the note out")
    if both := sorted(set(change.tags_add) & set(change.tags_remove)):
        raise Invalid(f"tag {both[0]} would be both added and removed", where=key, do="Keep one of the two")
    if is_public(change) and internal:
        raise Refused(
            "a public reply never travels with internal changes", where=key, do="Propose the two one by one"
        )
    if change.note is not None and change.note.files:
        _check_files(change.note, key)


def _check_files(note: Note, key: str) -> None:
    if note.visibility == "public":
        raise Refused("a public reply never carries a file", where=key, do="Send it with an internal note")
    for file in note.files:
        if len(file.as_typed or file.text) > LARGEST_FILE:
            raise Refused(f"a file of a note has at most {LARGEST_FILE:,} characters", where=file.name,
                          do="Keep a part of it")  # fmt: skip


def _revived(step: Step, now: datetime, seen_absent: bool) -> Step:
    """A step as it stands when a person says: again."""
    if step.state in ("verified", "dropped"):
        return step
    if step.state in _PERHAPS_WRITTEN and not seen_absent:
        return replace(step, state="unknown", absent_scans=0, probe_after=_settled(step, now))
    if step.state == "landed" and step.probe == "marker":
        return replace(step, probe_after=None)
    return replace(step, state="pending", absent_scans=0, probe_after=None)


def _settled(step: Step, now: datetime) -> datetime:
    return max(now, step.probe_after) if step.probe_after else now


def _left_behind(steps: tuple[Step, ...]) -> str:
    perhaps = [step.kind for step in steps if step.state in _PERHAPS_WRITTEN]
    written = [step.kind for step in steps if step.state in _WRITTEN]
    words = []
    if perhaps:
        words.append(f"given up, but the {' and the '.join(perhaps)} may have reached the ticket: look there")
    if written:
        words.append(f"already on the ticket: {', '.join(written)}")
    return "; ".join(words)


def _advice(state: WriteState) -> str:
    if state in FINISHED:
        return "It is finished; propose a new one"
    return {
        "proposed": "Confirm or drop it first",
        "sending": "Wait until its outcome is known, or drop it",
        "unknown": "It is being looked for on the ticket; wait, park or drop it",
        "landed": "It is being read back; wait",
    }.get(state, "Retry or drop it")
