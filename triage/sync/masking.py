"""What looks like a secret does not leave the machine by accident.

Every note, field value and new tag passes here when it is proposed and whenever it is edited. What looks
like a secret is replaced; the text as typed stays with the write, on this machine, so that a person can say
that it was none, or that agents must see it. A tag is a word that others search for: one that looks like a
secret is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from triage.config.secret_scan import SecretHit, find_secrets, mask_secrets
from triage.model.errors import Refused
from triage.model.json_value import Json
from triage.model.operation import Change, Note, Operation


def masked(change: Change) -> Change:
    """``change`` with what looks like a secret replaced in its note and in its field values.

    Raises `Refused` for a tag that looks like one.
    """
    for tag in change.tags_add:
        if hits := find_secrets(tag):
            raise Refused(f"the tag {hits[0].shown(tag)} looks like a secret: {hits[0].kind}",
                          do="Choose another word")  # fmt: skip
    fields = {name: _masked_value(value, name) for name, value in change.fields.items()}
    return replace(change, note=None if change.note is None else masked_note(change.note), fields=fields)


def masked_note(note: Note) -> Note:
    """``note`` fit to be shown to others; its text as typed is kept in ``as_typed`` if it had to change."""
    body = mask_secrets(note.body)
    return replace(note, body=body, as_typed=note.body if body != note.body else "", unmasked_with="")


def masked_places(note: Note) -> tuple[str, ...]:
    """What was masked in ``note``, a line each: its kind and the beginning of it."""
    return tuple(f"{hit.kind} {hit.shown(note.as_typed)}" for hit in find_secrets(note.as_typed))


def unmasked(operation: Operation, typed_key: str) -> Operation:
    """``operation`` with its note as it was typed. Only for agents' eyes, and only before it is confirmed.

    ``typed_key`` is the ticket's key as the person typed it. Raises `Refused` for another key, for a public
    reply, for a note in which nothing was masked, and after the write was confirmed.
    """
    note, key = operation.change.note, str(operation.base.get("key", ""))
    if note is None or not note.as_typed:
        raise Refused("nothing in this write was masked", where=key, do="Send it as it is")
    if note.visibility == "public":
        raise Refused("a public reply never carries a secret", where=key, do="Edit the text")
    if operation.state != "proposed":
        raise Refused(f"this write is already {operation.state}", where=key, do="Edit the note instead")
    if not key or typed_key != key:
        raise Refused("the note would carry what looks like a secret", where=key, do=f"Type {key} exactly")
    return replace(
        operation,
        change=replace(
            operation.change, note=replace(note, body=note.as_typed, as_typed="", unmasked_with=key)
        ),
    )


def _masked_value(value: Json, name: str) -> Json:
    """``name`` is what the value is called: some secrets are known by their neighbour alone."""
    if isinstance(value, str):
        label = f"{name}: "
        hits = [hit for hit in find_secrets(label + value) if hit.end > len(label)]
        inside = [SecretHit(max(hit.start - len(label), 0), hit.end - len(label), hit.kind) for hit in hits]
        return mask_secrets(value, inside)
    if isinstance(value, list | tuple):
        return [_masked_value(one, name) for one in value]
    if isinstance(value, Mapping):
        return {key: _masked_value(one, key) for key, one in value.items()}
    return value
