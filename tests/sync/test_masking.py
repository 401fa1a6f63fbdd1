"""What looks like a secret leaves only when a person typed the ticket's key, and never in public."""

from __future__ import annotations

from hashlib import sha256

import pytest

from tests.sync.test_outbox import NOW, PUBLIC, proposed
from triage.model.errors import Refused
from triage.model.note_file import NAMELESS, PLAIN_TEXT, NoteFile
from triage.model.operation import Change, Note, Operation
from triage.sync import outbox
from triage.sync.masking import PLACES_TOLD, masked_places, unmasked

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


# --- files ------------------------------------------------------------------------------------------------


def with_file(
    text: str = f"all well\n{TYPED}\n", *, body: str = "see the file", name: str = "a.log"
) -> Operation:
    note = Note(body, "internal", files=(NoteFile(name, PLAIN_TEXT, text),))
    return proposed(Change(note=note))


def file_of(operation: Operation) -> NoteFile:
    [file] = note_of(operation).files
    return file


def test_a_file_is_masked_and_keeps_its_text_as_typed_here() -> None:
    file = file_of(with_file())
    assert file.text == "all well\nThey run with DB_PASSWORD=[masked:password] on every node\n"
    assert file.as_typed == f"all well\n{TYPED}\n"


def test_what_the_note_says_of_a_file_holds_for_what_is_sent_and_not_for_what_was_masked() -> None:
    note = note_of(with_file())
    sent = note.files[0].text.encode()
    assert f"{len(sent):,} bytes, sha256 {sha256(sent).hexdigest()}" in note.sent
    typed = note_of(unmasked(with_file(), "HL-1"))
    assert sha256(f"all well\n{TYPED}\n".encode()).hexdigest() in typed.sent


def test_a_harmless_file_is_left_as_it_is() -> None:
    assert file_of(with_file("all well")) == NoteFile("a.log", PLAIN_TEXT, "all well")


def test_the_places_of_a_file_tell_their_line_and_the_rest_their_number() -> None:
    places = masked_places(note_of(with_file(body=TYPED)))
    assert places == ("password open… (15 characters)", "in a.log, line 2: password open… (15 characters)")
    many = masked_places(note_of(with_file(f"{TYPED}\n" * 400)))
    assert len(many) == PLACES_TOLD + 1
    assert many[-1] == f"in a.log: {400 - PLACES_TOLD} more"


def test_the_places_of_a_note_are_few_lines_too() -> None:
    places = masked_places(note_of(proposed(Change(note=Note(f"{TYPED}\n" * 9, "internal")))))
    assert places[PLACES_TOLD:] == (f"{9 - PLACES_TOLD} more in the note",)


def test_the_typed_key_puts_note_and_file_back_alike() -> None:
    note = note_of(unmasked(with_file(body=TYPED), "HL-1"))
    assert (note.body, note.unmasked_with) == (TYPED, "HL-1")
    assert note.files[0] == NoteFile("a.log", PLAIN_TEXT, f"all well\n{TYPED}\n")
    assert masked_places(note) == ()


def test_a_secret_in_the_file_alone_can_be_put_back() -> None:
    assert SECRET in file_of(unmasked(with_file(), "HL-1")).text
    with pytest.raises(Refused, match="nothing in this write was masked"):
        unmasked(with_file("all well"), "HL-1")


def test_editing_the_note_keeps_the_file_its_mask_and_what_was_under_it() -> None:
    before = with_file()
    assert note_of(outbox.edit_note(before, "better words")).files == note_of(before).files
    again = note_of(outbox.edit_note(unmasked(before, "HL-1"), "better words"))
    assert again.files == note_of(before).files
    assert again.unmasked_with == ""


def test_a_name_that_looks_like_a_secret_is_given_up() -> None:
    assert file_of(with_file("all well", name="ghp_" + "a1B2c3D4e5" * 3 + "F6g7h8.txt")).name == NAMELESS
