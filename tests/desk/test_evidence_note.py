"""What of a piece of evidence goes to the ticket, as a note or as a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from triage.config.secret_scan import mask_secrets
from triage.desk.evidence_note import (
    HEAD,
    LAST_CHARACTERS,
    LAST_LINES,
    SHORT,
    TAIL,
    last_lines,
    note_of,
    note_with_file,
    shortened,
)
from triage.model.errors import Refused
from triage.model.note_file import LARGEST_FILE
from triage.model.run import EvidenceItem

ITEM = EvidenceItem(
    "e1",
    "17",
    datetime(2026, 3, 10, 17, 58, tzinfo=UTC),
    "output",
    "sync log",
    "ab" * 32,
    source="run r, step s",
)  # fmt: skip


def test_it_says_what_it_is_where_from_and_when_then_the_text() -> None:
    assert note_of(ITEM, "431 grants removed").body == (
        "Evidence (output, from run r, step s), kept 2026-03-10 17:58 UTC, sha256 abababababababab:\n\n"
        "431 grants removed"
    )


def test_a_long_text_keeps_both_ends_and_says_how_much_is_missing() -> None:
    text = "a" * HEAD + "b" * 1234 + "c" * TAIL
    assert "1,234 characters left out" in shortened(text)
    assert shortened(text).startswith("a" * HEAD + "\n")
    assert shortened(text).endswith("\n" + "c" * TAIL)
    assert "b" not in shortened(text).replace(" by ", "").split("[…")[0]
    assert shortened("a" * (HEAD + TAIL)) == "a" * (HEAD + TAIL)


@pytest.mark.parametrize("before", [HEAD - 300, HEAD + 5000])
def test_a_secret_that_lies_across_a_cut_is_left_out_whole(before: int) -> None:
    lines = [f"{number:04}" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7" for number in range(20)]
    key = "\n".join(("-----BEGIN PRIVATE KEY-----", *lines, "-----END PRIVATE KEY-----"))
    after = TAIL + 5000 if before < HEAD else TAIL - 600
    note = mask_secrets(shortened("x" * (before - 1) + "\n" + key + "\n" + "y" * (after - 1)))
    assert not [line for line in lines if line[8:] in note]
    assert note.startswith("x" * 1000)
    assert note.endswith("y" * 1000)


@pytest.mark.parametrize("text", ["PNG\0\0", "\ufffd" * 50])
def test_what_is_no_text_is_not_sent(text: str) -> None:
    with pytest.raises(Refused, match="no text"):
        note_of(ITEM, text)


LOG = "".join(f"line {number} of the log\n" for number in range(1_000))
KEY = "\n".join(
    (
        "-----BEGIN PRIVATE KEY-----",
        *(f"{number:04}MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7" for number in range(30)),
        "-----END PRIVATE KEY-----",
    )
)


def test_a_short_text_stays_in_the_note_where_it_is_read() -> None:
    assert note_with_file(ITEM, "x" * SHORT) == note_of(ITEM, "x" * SHORT)


def test_a_longer_text_goes_whole_as_a_file_and_the_note_shows_its_end() -> None:
    note = note_with_file(replace(ITEM, kind="file", source="/var/log/heron sync.log"), LOG)
    [file] = note.files
    assert (file.name, file.text, note.visibility) == ("heron-sync.log", LOG, "internal")
    assert note.body.endswith("[…]\n" + "\n".join(LOG.splitlines()[-LAST_LINES:]))
    assert "line 500 " not in note.body
    assert note.sent.endswith(f"Attached: heron-sync.log, {len(LOG):,} bytes, sha256 {file.sha256}")
    assert sha256(LOG.encode()).hexdigest() == file.sha256


def test_a_text_that_is_no_file_gets_a_plain_name() -> None:
    assert note_with_file(ITEM, LOG).files[0].name == "evidence.txt"


def test_a_file_has_both_ends_of_a_text_that_is_too_long_for_it() -> None:
    text = "a" * LARGEST_FILE + "b" * LARGEST_FILE
    note = note_with_file(ITEM, text)
    [file] = note.files
    assert "The file has its two ends" in note.body
    assert "The file has its two ends" not in note_with_file(ITEM, LOG).body
    assert len(file.text) <= LARGEST_FILE
    assert file.text.startswith("a" * 1_000)
    assert file.text.endswith("b" * 1_000)
    assert "characters left out" in file.text


@pytest.mark.parametrize("place", range(-1_900, 200, 130))
def test_no_part_of_a_secret_is_left_at_a_cut_of_a_file(place: int) -> None:
    before = 30_000 + place
    for text in (
        "x" * (before - 1) + "\n" + KEY + "\n" + "y" * 60_000,
        "x" * 60_000 + "\n" + KEY + "\n" + "y" * before,
    ):
        seen = mask_secrets(shortened(text, 30_000, 30_000))
        assert not [line for line in KEY.splitlines()[1:-1] if line[8:] in seen]


@pytest.mark.parametrize("name", ["password: ", "Authorization: Bearer\n "])
def test_a_value_whose_name_is_cut_off_is_cut_off_too(name: str) -> None:
    value = "kd83hf92hs81kd83hf92hs81"
    text = "x" * 9_000 + f"\n{name}{value}\n" + "y" * 1_000
    assert value not in mask_secrets(text)
    for tail in range(1_001, 1_060):
        assert value[-5:] not in mask_secrets(shortened(text, 1_000, tail))
        head = len(text) - tail
        assert value[:5] not in mask_secrets(shortened(text, head, 500))


@pytest.mark.parametrize("after", range(LAST_LINES + 4))
def test_the_last_lines_give_away_nothing_that_the_whole_would_not(after: int) -> None:
    """A key whose beginning is further up, one that is cut off at the end, and a value without its name."""
    tail = "\n".join(f"line {number}" for number in range(after))
    cut_off = "\n".join(KEY.splitlines()[:-1])
    for secret in (KEY, cut_off):
        seen = mask_secrets(last_lines(f"{LOG}{secret}\n{tail}"))
        assert "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7" not in seen


def test_the_last_lines_are_whole_lines_and_not_too_many() -> None:
    assert last_lines("one\ntwo\n\n") == "one\ntwo"
    wide = "\n".join("w" * 500 for _ in range(20))
    assert len(last_lines(wide)) <= LAST_CHARACTERS + 5
    assert set(last_lines(wide).splitlines()[1:]) == {"w" * 500}
    assert last_lines("z" * 10_000) == "[…]\n" + "z" * LAST_CHARACTERS


def test_what_is_no_text_is_no_file_either() -> None:
    with pytest.raises(Refused, match="no text"):
        note_with_file(ITEM, LOG + "\0")
