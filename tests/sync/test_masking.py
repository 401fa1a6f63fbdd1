"""What looks like a secret leaves only when a person typed the ticket's key, and never in public."""

from __future__ import annotations

import pytest

from tests.sync.test_outbox import NOW, PUBLIC, proposed
from triage.model.errors import Refused
from triage.model.operation import Change, Note, Operation
from triage.sync import outbox
from triage.sync.masking import masked_places, unmasked

SECRET = "opensesame-2026"
TYPED = f"They run with DB_PASSWORD={SECRET} on every node"


def leaky(visibility: str = "internal") -> Operation:
    return proposed(Change(note=Note(TYPED, visibility)))  # type: ignore[arg-type]


def note_of(operation: Operation) -> Note:
    assert operation.change.note is not None
    return operation.change.note


@pytest.mark.parametrize("visibility", ["internal", "public"])
def test_a_proposed_note_is_masked_and_keeps_the_text_as_typed_here(visibility: str) -> None:
    note = note_of(leaky(visibility))
    assert note.body == "They run with DB_PASSWORD=[masked:password] on every node"
    assert (note.as_typed, note.visibility) == (TYPED, visibility)


def test_a_harmless_note_is_left_as_it_is() -> None:
    assert note_of(proposed()) == Note("found it", "internal")


def test_an_edited_note_is_looked_at_again() -> None:
    edited = note_of(outbox.edit_note(proposed(), TYPED))
    assert SECRET not in edited.body
    again = note_of(outbox.edit_note(unmasked(leaky(), "HL-1"), TYPED + "!"))
    assert SECRET not in again.body
    assert again.unmasked_with == ""


def test_field_values_are_masked_too() -> None:
    change = proposed(Change(fields={"esc_problem": f"password={SECRET}", "esc_count": 3})).change
    assert change.fields == {"esc_problem": "password=[masked:password]", "esc_count": 3}


def test_the_places_show_the_kind_and_a_beginning_only() -> None:
    assert masked_places(note_of(leaky())) == ("password open… (15 characters)",)
    assert masked_places(note_of(proposed())) == ()


def test_the_typed_key_puts_the_text_back_and_is_kept_as_the_record() -> None:
    note = note_of(unmasked(leaky(), "HL-1"))
    assert (note.body, note.unmasked_with) == (TYPED, "HL-1")


@pytest.mark.parametrize(
    ("operation", "key"),
    [
        (leaky(), "HL-2"),
        (leaky(), ""),
        (leaky("public"), "HL-1"),
        (proposed(), "HL-1"),
        (proposed(PUBLIC), "HL-1"),
        (outbox.confirm(leaky(), NOW), "HL-1"),
    ],
    ids=["another key", "no key", "public", "nothing masked", "public, nothing masked", "confirmed"],
)
def test_anything_else_is_refused(operation: Operation, key: str) -> None:
    with pytest.raises(Refused):
        unmasked(operation, key)


def test_a_field_of_several_values_is_masked_in_each() -> None:
    fields = {"hosts": [TYPED, 3], "origin": {"said": TYPED}, "count": 4}
    assert SECRET not in str(proposed(Change(fields=fields)).change.fields)
    assert proposed(Change(fields=fields)).change.fields["count"] == 4


def test_a_tag_that_looks_like_a_secret_is_refused() -> None:
    with pytest.raises(Refused, match="looks like a secret"):
        proposed(Change(tags_add=("bug", "ghp_" + "a1B2c3D4e5" * 3 + "F6g7h8")))
    assert proposed(Change(tags_add=("esc-bug", "token-expired"))).change.tags_add == (
        "esc-bug",
        "token-expired",
    )


def test_a_field_that_is_called_a_password_is_masked_by_its_name() -> None:
    change = proposed(
        Change(fields={"api_key": "8f3k2j1h9x7c5v3b", "esc_code": "B2.3", "product": "heron"})
    ).change
    assert change.fields == {"api_key": "[masked:key]", "esc_code": "B2.3", "product": "heron"}
