"""Names that every helpdesk keeps, and what is said of a file."""

from __future__ import annotations

from hashlib import sha256

import pytest

from triage.model.note_file import LONGEST_NAME, NAMELESS, PLAIN_TEXT, NoteFile, file_name
from triage.model.operation import Note


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("/var/log/heron/sync.log", "sync.log"),
        ("C:\\logs\\sync.log", "sync.log"),
        ("Größe der Logs (neu).LOG", "Groe-der-Logs-neu.LOG"),
        ("report.html", "report.html.txt"),
        ("run.sh", "run.sh.txt"),
        ("no_ending", "no_ending.txt"),
        ("../../etc/passwd", "passwd.txt"),
        ("a\u202etxt.exe", "atxt.exe.txt"),
        ("\x1b[31m.log", "31m.log"),
        ("漢字", NAMELESS),
        ("", NAMELESS),
        ("...", NAMELESS),
        ("dir/", "dir.txt"),
    ],
)
def test_a_name_is_plain_and_shows_text_as_text(wanted: str, name: str) -> None:
    assert file_name(wanted) == name


def test_a_long_name_is_cut_and_keeps_its_ending() -> None:
    assert file_name("x" * 500 + ".log") == "x" * (LONGEST_NAME - 4) + ".log"


def test_the_note_says_name_size_and_digest_of_each_file() -> None:
    first, second = NoteFile("a.log", PLAIN_TEXT, "größe"), NoteFile("b.log", PLAIN_TEXT, "x" * 1_234)
    assert Note("see", "internal").sent == "see"
    assert Note("see\n", "internal", files=(first, second)).sent == (
        f"see\n\nAttached: a.log, 7 bytes, sha256 {sha256('größe'.encode()).hexdigest()}\n"
        f"Attached: b.log, 1,234 bytes, sha256 {second.sha256}"
    )


def test_half_a_surrogate_pair_does_not_keep_a_file_from_being_sent() -> None:
    assert NoteFile("a.log", PLAIN_TEXT, "a\ud800b").content == b"a?b"
