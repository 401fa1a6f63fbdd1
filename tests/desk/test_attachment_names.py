"""What a ticket calls a file never decides where it lies or how a program reads its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.desk.attachment_desk import LONGEST_NAME, plain_name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("report.pdf", "report.pdf"),
        ("../../.ssh/authorized_keys", "authorized_keys"),
        ("C:\\Windows\\evil.exe", "evil.exe"),
        ("/etc/passwd", "passwd"),
        ("-rf", "rf"),
        (".bashrc", "bashrc"),
        ("a\nb\x1b]0;x\x07.log", "a b__0_x_.log"),
        ("..", "file"),
        ("", "file"),
        ("日誌 1.txt", "日誌 1.txt"),
        ("$(touch x);`id`.sh", "_(touch x)__id_.sh"),
    ],
)
def test_a_name_is_made_plain(given: str, kept: str) -> None:
    assert plain_name(given) == kept


def test_a_long_name_keeps_its_ending() -> None:
    name = plain_name("x" * 300 + ".log")
    assert len(name) == LONGEST_NAME
    assert name.endswith("x.log")


@pytest.mark.parametrize("name", ["診断" * 100 + ".log", "🎟" * 90 + ".txt", "é" * 300, "x." + "診" * 100])
def test_a_name_is_as_short_as_a_file_system_wants_it_in_bytes(name: str, tmp_path: Path) -> None:
    plain = plain_name(name)
    assert len(plain.encode()) <= LONGEST_NAME
    (tmp_path / plain).write_bytes(b"")
