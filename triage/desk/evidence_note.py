"""A piece of evidence as what goes to the ticket: a note, or a note with a file. Pure."""

from __future__ import annotations

from triage.config.secret_scan import SecretHit, find_secrets
from triage.model.errors import Refused
from triage.model.note_file import LARGEST_FILE, PLAIN_TEXT, NoteFile, file_name
from triage.model.operation import Note
from triage.model.run import EvidenceItem

EVIDENCE, EVIDENCE_AS_TEXT = "evidence", "evidence as text"
"""What the note is for; the second where it would be a file, had the helpdesk files for agents."""
SHORT = 4_000
"""Characters that are still read in a note; more of them are easier to read in a file."""
HEAD, TAIL = 6_000, 14_000
"""Characters of a long text that a note carries from its beginning and from its end, where the error is."""
FILE_TAIL = LARGEST_FILE // 2
FILE_HEAD = LARGEST_FILE - FILE_TAIL - 1_024
"""The same of a file: both ends, and the line between them, are `LARGEST_FILE` at most."""
LAST_LINES, LAST_CHARACTERS = 12, 1_500
"""What of a file is said in its note: its end, where the error is."""
AROUND = 20_000
"""Characters on either side of a cut that are searched; the longest secret there is, a key, has 16,384."""
NOT_SENT = "the whole is kept on the machine of the person who wrote this"


def is_short(text: str) -> bool:
    """Whether ``text`` is best read in the note itself."""
    return len(text) <= SHORT


def note_of(item: EvidenceItem, text: str) -> Note:
    """``text`` as a note: what it is, then its beginning and end. Raises `Refused` for what is no text."""
    _must_be_text(item, text)
    return Note(f"{_heading(item)}\n\n{shortened(text)}", "internal")


def note_with_file(item: EvidenceItem, text: str) -> Note:
    """``text`` as a file of a note that shows its last lines; as `note_of` where it is short.

    Raises `Refused` for what is no text.
    """
    if is_short(text):
        return note_of(item, text)
    _must_be_text(item, text)
    whole = shortened(text, FILE_HEAD, FILE_TAIL)
    file = NoteFile(file_name(item.source if item.kind == "file" else ""), PLAIN_TEXT, whole)
    ends = "" if whole == text else "The file has its two ends, and says how much is left out between. "
    body = f"{_heading(item)}\n\n{ends}It ends with:\n\n{last_lines(whole)}"
    return Note(body, "internal", files=(file,))


def shortened(text: str, head: int = HEAD, tail: int = TAIL) -> str:
    """``text``, or where it is long its two ends (so many characters) and how many are left out."""
    if len(text) <= head + tail:
        return text
    first, last = _end_before(text, head), _start_from(text, len(text) - tail)
    return f"{text[:first]}\n[… {last - first:,} characters left out; {NOT_SENT} …]\n{text[last:]}"


def last_lines(text: str) -> str:
    """The end of ``text``: whole lines, unless the last one alone is too long."""
    text = text.rstrip()
    lines = sum(len(line) + 1 for line in text[-LAST_CHARACTERS:].split("\n")[-LAST_LINES:]) - 1
    at = len(text) - lines
    if at <= 0:
        return text
    if text[at - 1] != "\n":  # cut by the number of characters, within a line
        at = text.find("\n", at) + 1 or at
    at = _start_from(text, at)
    return f"[…]\n{text[at:]}"


def _start_from(text: str, at: int) -> int:
    """Where to begin, from ``at`` on, so that what follows gives away no secret that the whole text shows.

    Half a secret looks like none any more, and neither does one without the word before it.
    """
    begin, stop = max(0, at - AROUND), at + AROUND
    hits = _hits(text, begin, stop)
    while at < stop:
        alone = _hits(text, at, stop)
        lost = [hit.end for hit in hits if hit.end > at and not _within(hit, alone)]
        if not lost:
            break
        at = min(lost)
    return min(at, len(text))


def _end_before(text: str, at: int) -> int:
    """Where to end, at ``at`` or before, under the same rule as `_start_from`."""
    begin, stop = max(0, at - AROUND), at + AROUND
    hits = _hits(text, begin, stop)
    while at > begin:
        alone = _hits(text, begin, at)
        lost = [hit.start for hit in hits if hit.start < at and not _within(hit, alone)]
        if not lost:
            break
        at = max(lost)
    return at


def _hits(text: str, begin: int, stop: int) -> list[SecretHit]:
    """What looks like a secret in ``text[begin:stop]``, by its place in ``text``."""
    return [SecretHit(hit.start + begin, hit.end + begin, hit.kind) for hit in find_secrets(text[begin:stop])]


def _within(hit: SecretHit, others: list[SecretHit]) -> bool:
    return any(other.start <= hit.start and hit.end <= other.end for other in others)


def _heading(item: EvidenceItem) -> str:
    source = f", from {item.source}" if item.source else ""
    return f"Evidence ({item.kind}{source}), kept {item.at:%Y-%m-%d %H:%M} UTC, sha256 {item.sha256[:16]}:"


def _must_be_text(item: EvidenceItem, text: str) -> None:
    if "\0" in text or text.count("\ufffd") > 1 + len(text) // 100:
        raise Refused(
            "this is no text and cannot be searched for secrets", where=item.summary,
            do="Attach it in the helpdesk yourself",
        )  # fmt: skip
