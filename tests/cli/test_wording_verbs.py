"""The wording of any text, asked from the shell without a profile."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from triage.cli.program import run

CLEAN = "No check compares the two lists.\n"
BLAMING = "The sync ran twice.\nThe agent failed to read it.\n"


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str, str]:
    code = run(["wording", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_clean_text_gives_an_empty_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "text.md"
    path.write_text(CLEAN)
    assert _run(capsys, str(path), "--section", "finding", "--json")[:2] == (0, "[]\n")
    assert _run(capsys, str(path))[:2] == (0, "")


def test_a_hit_is_named_by_line_and_column_and_ends_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "text.md"
    path.write_text(BLAMING)
    code, out, _ = _run(capsys, str(path), "--section", "finding", "--json")
    [hit] = json.loads(out)
    assert (code, hit["rule"], hit["level"], hit["line"], hit["column"]) == (1, "L03", "error", 2, 5)
    assert BLAMING[hit["start"] : hit["end"]] == hit["text"]
    assert _run(capsys, str(path))[1].startswith(f"{path}:2:5: error L03")


def test_a_warning_alone_is_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "text.md"
    path.write_text("Obviously the queue was full.")
    code, out, _ = _run(capsys, str(path), "--json")
    assert (code, [hit["level"] for hit in json.loads(out)]) == (0, ["warning"])


def test_an_unknown_section_and_a_missing_file_are_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = _run(capsys, str(tmp_path / "none.md"))
    assert (code, err.count("\n")) == (1, 1)
    code, _, err = _run(capsys, "-", "--section", "poem")
    assert (code, "--section: no section is called poem" in err) == (2, True)
