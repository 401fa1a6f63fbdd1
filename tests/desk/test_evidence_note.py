"""What a note says of a piece of evidence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from triage.config.secret_scan import mask_secrets
from triage.desk.evidence_desk import HEAD, TAIL, note_of, shortened
from triage.model.errors import Refused
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
    assert note_of(ITEM, "431 grants removed") == (
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
