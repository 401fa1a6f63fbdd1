# ruff: noqa: E501 (a mistake is read on one line)
"""A team's own wording: what it may change, and every mistake told by its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.retrospective.casebook import Book
from tests.retrospective.threads import group_rename
from triage.config.paths import Paths
from triage.desk.team_script import FILE, use_team_script
from triage.model.errors import Invalid
from triage.retrospective import report, script, wording_check
from triage.retrospective.team_script import with_team

GOOD = """\
reword:
  Q24: {ask: "Which habit did we bring along?"}
drop: [Q25, Q10]
add:
  - {id: T2, after: T1, part: facts, ask: "Which shift?", type: choice, options: [day, night], modes: [full, brief]}
  - {id: T1, after: Q2, part: facts, ask: "Who had the pager?", type: text, lint_as: fact, modes: [full]}
"""


@pytest.fixture(autouse=True)
def _built_in_again() -> Iterator[None]:
    yield
    script.put_in_force({})


def ids(text: str, mode: str = "full") -> list[str]:
    scripts = with_team(script.built_in(), text, "team.yaml")
    return [one.id for one in scripts[mode].prompts]  # type: ignore[index]


def test_prompts_are_reworded_dropped_and_added_in_their_place() -> None:
    full = ids(GOOD)
    at = full.index("Q2")
    assert full[at : at + 3] == ["Q2", "T1", "T2"]
    assert not {"Q25", "Q10"} & set(full)
    assert "T1" not in ids(GOOD, "brief")
    assert ids(GOOD, "brief")[-1] == "T2"
    assert ids(GOOD, "quick") == ids("", "quick")
    scripts = with_team(script.built_in(), GOOD, "team.yaml")
    [reworded] = [one for one in scripts["full"].prompts if one.id == "Q24"]
    assert reworded.ask == "Which habit did we bring along?"
    assert reworded.writes == "assumption"


@pytest.mark.parametrize(
    ("text", "at", "says"),
    [
        ("rewrite: {}\n", "1:1", "there is no 'rewrite'"),
        ("reword:\n  Q99: {ask: x}\n", "2:3", "no script has a prompt 'Q99'"),
        ("reword:\n  Q24: {type: rows}\n", "2:9", "'type' cannot be that"),
        ("reword:\n  Q24: {ask: 4}\n", "2:9", "'ask' cannot be that"),
        ("drop: [Q10, Q21]\n", "1:13", "Q21 cannot be dropped"),
        ("drop: [LOCK]\n", "1:8", "LOCK cannot be dropped"),
        ("drop: Q10\n", "1:1", "drop is a list"),
        ("add:\n  - {id: Q2, after: Q3, part: facts, ask: x, type: text}\n", "2:6", "'Q2' is no name"),
        ("add:\n  - {id: X1, after: Q3, part: facts, ask: x, type: text}\n", "2:6", "is no name"),
        ("add:\n  - {id: T1, after: Q3, part: dawn, ask: x, type: text}\n", "2:25", "part 'dawn'"),
        ("add:\n  - {id: T1, after: Q3, part: facts, ask: x, type: rows}\n", "2:5", "only built-in"),
        ("add:\n  - {id: T1, after: Q3, part: facts, ask: x, type: text, prefill: timeline}\n", "2:5", "only built-in"),
        ("add:\n  - {id: T1, part: facts, ask: x, type: text}\n", "2:5", "after which prompt"),
        ("add:\n  - {id: T1, after: Q99, part: facts, ask: x, type: text}\n", "2:14", "no prompt is called 'Q99'"),
        ("add:\n  - {id: T1, after: Q3, part: facts, asks: x, type: text}\n", "2:38", "no 'asks'"),
        ("add: [\n", "2:1", "not YAML"),
        ("- Q1\n", "1:1", "a team's script is a mapping"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(text: str, at: str, says: str) -> None:
    with pytest.raises(Invalid) as caught:
        ids(text)
    assert str(caught.value).startswith(f"team.yaml:{at}"), str(caught.value)
    assert says in str(caught.value)


def test_a_name_given_twice_is_refused() -> None:
    row = "  - {id: T1, after: Q3, part: facts, ask: x, type: text}\n"
    with pytest.raises(Invalid, match=r"team\.yaml:3:6: T1 is there already"):
        ids(f"add:\n{row}{row}")


@pytest.mark.parametrize("after", [("T2", "T1"), ("T1", "Q2"), ("T2", "T2")])
def test_a_loop_is_found_and_named(after: tuple[str, str]) -> None:
    rows = [
        f"  - {{id: T{n}, after: {a}, part: facts, ask: x, type: text}}\n"
        for n, a in enumerate(after, start=1)
    ]
    with pytest.raises(Invalid, match=r"team\.yaml:[23]:14: a loop: T\d after T\d"):
        ids("add:\n" + "".join(rows))


def test_an_added_prompt_is_asked_answered_linted_and_printed() -> None:
    kept = GOOD.replace("drop: [Q25, Q10]\n", "")
    script.put_in_force(with_team(script.built_in(), kept, "team.yaml"))
    book = Book(group_rename())
    book.answer("T1", "The night shift forgot the pager")
    book.answer("T2", "night")
    assert [
        hit.rule for place, hit in wording_check.hits(book.it, book.facts) if place.prompt_id == "T1"
    ] == ["L03"]
    book.answer("T1", "The pager was with identity")
    book.answer_file()
    text = report.markdown(book.it, book.facts, book.now)
    assert "Who had the pager? The pager was with identity" in text
    assert "Which shift? night" in text


def test_a_broken_file_is_told_and_the_built_in_script_stays(tmp_path: Path) -> None:
    paths = Paths(tmp_path, tmp_path, tmp_path)
    assert use_team_script(paths) is None
    (tmp_path / FILE).write_text(GOOD)
    assert use_team_script(paths) is None
    assert "T1" in script.known()
    (tmp_path / FILE).write_text("drop: [Q21]\n")
    trouble = use_team_script(paths)
    assert f"{tmp_path / FILE}:1:8" in str(trouble)
    assert "T1" not in script.known()
    (tmp_path / FILE).write_bytes(b"\xff\xfe\xff")
    assert "cannot be read" in str(use_team_script(paths))
