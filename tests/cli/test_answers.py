from __future__ import annotations

from pathlib import Path

import pytest

from triage.cli.answers import read
from triage.model.errors import Invalid, NotFound


def test_words_stay_the_words_a_person_typed(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("Q21: no\nK2: 2\nK5: 12:30\nday: 2026-10-01\nsure: true\nnothing:\n")
    assert read(path) == {
        "Q21": "no", "K2": 2, "K5": "12:30", "day": "2026-10-01", "sure": True, "nothing": None,
    }  # fmt: skip


def test_json_is_read_as_well(tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    path.write_text('{"scope": "all", "items": [1, 2]}')
    assert read(path) == {"scope": "all", "items": [1, 2]}


@pytest.mark.parametrize(
    ("text", "place"),
    [("a: 1\na: 2\n", ":2:1"), ("a: &x [1]\nb: *x\n", ":2:4"), ("a: [1\n", ":2:1"), ("- a\n", ":1:1")],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text(text)
    with pytest.raises(Invalid) as said:
        read(path)
    assert str(said.value).startswith(f"{path}{place}")


@pytest.mark.parametrize("text", ["a: !!python/object/apply:os.system [ls]\n", "[" * 5000, "a: \x00\n"])
def test_hostile_files_are_refused_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text(text)
    with pytest.raises(Invalid):
        read(path)


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read(tmp_path / "none.yaml")
