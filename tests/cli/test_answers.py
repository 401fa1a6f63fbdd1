from __future__ import annotations

from pathlib import Path

import pytest

from triage.cli.answers import LIMIT, read_text
from triage.model.errors import Invalid, NotFound


def test_the_text_is_read_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("Q21: no\n")
    assert read_text(path) == "Q21: no\n"


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"a" * (LIMIT + 1)])
def test_what_cannot_be_an_answers_file_is_refused_in_one_line(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "answers.yaml"
    path.write_bytes(raw)
    with pytest.raises(Invalid):
        read_text(path)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        read_text(tmp_path)


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_text(tmp_path / "none.yaml")
