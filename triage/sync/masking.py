"""What looks like a secret does not leave the machine by accident.

Every note with its files, every field value and new tag passes here when it is proposed and whenever it is
edited. What looks like a secret is replaced; the text as typed stays with the write, on this machine, so
that a person can say that it was none, or that agents must see it. A tag is a word that others search for:
one that looks like a secret is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from triage.config.secret_scan import SecretHit, find_secrets, mask_secrets
from triage.model.errors import Refused
from triage.model.json_value import Json
from triage.model.note_file import NAMELESS, NoteFile
from triage.model.operation import Change, Note, Operation

PLACES_TOLD = 3
"""Masked places of one text that are told one by one; a log may have hundreds."""


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
    """``note`` and its files fit to be shown to others; what had to change is kept in ``as_typed``."""
    body = mask_secrets(note.body)
    typed = note.body if body != note.body else ""
    return replace(
        note, body=body, as_typed=typed, unmasked_with="", files=tuple(map(_masked_file, note.files))
    )


def masked_places(note: Note) -> tuple[str, ...]:
    """What was masked in ``note`` and its files, a line each: its kind and the beginning of it."""
    hits = find_secrets(note.as_typed)
    in_body = [f"{hit.kind} {hit.shown(note.as_typed)}" for hit in hits[:PLACES_TOLD]]
    if len(hits) > PLACES_TOLD:
        in_body.append(f"{len(hits) - PLACES_TOLD:,} more in the note")
    return (*in_body, *(place for file in note.files for place in file.masked))


def _masked_file(file: NoteFile) -> NoteFile:
    typed = file.as_typed or file.text
    hits = find_secrets(typed)
    # A name is shown wherever the file is: one that looks like a secret is given up.
    name = NAMELESS if find_secrets(file.name) else file.name
    if not hits:
        return replace(file, name=name, text=typed, as_typed="", masked=())
    places = [
        f"in {name}, line {typed.count(chr(10), 0, hit.start) + 1}: {hit.kind} {hit.shown(typed)}"
        for hit in hits[:PLACES_TOLD]
    ]
    if len(hits) > PLACES_TOLD:
        places.append(f"in {name}: {len(hits) - PLACES_TOLD:,} more")
    return replace(file, name=name, text=mask_secrets(typed, hits), as_typed=typed, masked=tuple(places))


def unmasked(operation: Operation, typed_key: str) -> Operation:
    """``operation`` with its note and files as they were. Only for agents' eyes, and only before it is
    confirmed.

    ``typed_key`` is the ticket's key as the person typed it. Raises `Refused` for another key, for a public
    reply, for a note in which nothing was masked, and after the write was confirmed.
    """
    note, key = operation.change.note, str(operation.base.get("key", ""))
    if note is None or not (note.as_typed or any(file.as_typed for file in note.files)):
        raise Refused("nothing in this write was masked", where=key, do="Send it as it is")
    if note.visibility == "public":
        raise Refused("a public reply never carries a secret", where=key, do="Edit the text")
    if operation.state != "proposed":
        raise Refused(f"this write is already {operation.state}", where=key, do="Edit the note instead")
    if not key or typed_key != key:
        raise Refused("the note would carry what looks like a secret", where=key, do=f"Type {key} exactly")
    files = tuple(
        replace(file, text=file.as_typed or file.text, as_typed="", masked=()) for file in note.files
    )
    typed = replace(note, body=note.as_typed or note.body, as_typed="", unmasked_with=key, files=files)
    return replace(operation, change=replace(operation.change, note=typed))


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
