"""The interview in plain lines, answered by a person who types."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.desk.shop import Shop
from tests.retrospective.threads import group_rename
from triage.cli.line_interview import LineInterview
from triage.model import prompt_order
from triage.model.investigation import InvestigationView
from triage.store.database import Database


class Person:
    """Types line after line, and remembers what was said."""

    def __init__(self, shop: Shop, name: str) -> None:
        self.desk: Any = SimpleNamespace(investigations=shop.investigations)
        self.name = name
        self.heard: list[str] = []
        self.edits: Callable[[str], str] = lambda text: text

    async def types(self, *lines: str) -> InvestigationView:
        left = list(lines)
        self.heard = []
        interview = LineInterview(
            self.desk,
            lambda: left.pop(0) if left else None,
            self.heard.append,
            lambda text, _: self.edits(text),
        )
        return await interview.run(await self.desk.investigations.view(self.name))

    @property
    def said(self) -> str:
        return "\n".join(self.heard)


@pytest.fixture
async def person(tmp_path: Path) -> AsyncIterator[Person]:
    database = await Database.open(f"sqlite:///{tmp_path / 'triage.db'}")
    shop = Shop(database)
    facts = group_rename()
    await shop.pull(facts)
    yield Person(shop, (await shop.investigations.open(facts.ticket.id, "full")).investigation.id)
    await database.close()


async def test_enter_accepts_what_is_offered_and_every_answer_is_kept_at_once(person: Person) -> None:
    view = await person.types("", "2", "")
    it = view.investigation
    assert len(it.answers["Q1"]) > 5  # type: ignore[arg-type]
    assert it.reason_escalated == "authority"
    assert "1 of" in person.said
    assert "from " in person.said
    assert "Kept." in person.said
    again = await person.types()
    assert "K2, required" not in person.said
    assert again.investigation.answers == it.answers


async def test_what_is_required_cannot_be_skipped_and_a_mistake_is_asked_again(person: Person) -> None:
    view = await person.types("", "purple", "3", ":q")
    assert "there is no option 'purple'" in person.said
    assert view.investigation.reason_escalated == "larger_response"


async def test_words_that_blame_are_shown_and_may_be_written_anew(person: Person) -> None:
    view = await person.types(":g Q2", "The agent forgot it", "It worked on Monday")
    assert "error L03" in person.said
    assert view.investigation.last_worked == "It worked on Monday"


async def test_a_row_is_asked_column_by_column(person: Person) -> None:
    view = await person.types(":g Q5", "n")
    assert view.investigation.answers["Q5"] == []
    columns = next(one for one in view.prompts if one.id == "Q5").columns
    typed: Sequence[str] = ["customer" if one.name == "kind" else "" for one in columns]
    view = await person.types(":g Q5", "add", *typed, "")
    assert [one.kind for one in view.investigation.parties] == ["customer"]


async def test_an_idea_is_parked_and_missing_things_are_told_on_the_way(person: Person) -> None:
    view = await person.types(":p ask above 25 grants", ":m", "?", ":what", ":q")
    assert view.investigation.parked_fixes == ("ask above 25 grants",)
    assert "error V29 at K2" in person.said


async def test_going_back_shows_what_was_given_and_enter_leaves_it(person: Person) -> None:
    view = await person.types("", "2", ":b", "", ":q")
    assert person.said.count("K2, required") == 2
    assert "[given]" in person.said
    assert view.investigation.reason_escalated == "authority"


async def test_a_row_of_a_table_is_changed_and_kept_before_it_is_given(person: Person) -> None:
    view = await person.desk.investigations.view(person.name)
    columns = next(one for one in view.prompts if one.id == "Q5").columns
    row = ["customer" if one.name == "kind" else "" for one in columns]
    view = await person.types(":g Q5", "add", *row, ":q")
    assert view.investigation.answers.get("Q5") is None
    await person.types(":g Q5", ":q")
    assert "[yours, not given yet]" in person.said
    changed = ["engineering" if one == "customer" else one for one in row]
    view = await person.types(":g Q5", "n", ":g Q5", "add", *row, "edit 1", *changed, "")
    assert [one.kind for one in view.investigation.parties] == ["engineering"]
    view = await person.types(":g Q5", "drop 1", "drop 7", "")
    assert "there is no row 7" in person.said
    assert view.investigation.parties == ()


async def test_a_row_broken_off_keeps_the_columns_typed(person: Person) -> None:
    await person.types(":g Q5", "add", "customer", ":q")
    await person.types(":g Q5", ":q")
    assert "kind customer" in person.said


async def test_long_text_and_whole_tables_are_written_in_the_editor(person: Person) -> None:
    person.edits = lambda text: "Worked on Monday.\nTwo groups were renamed."
    view = await person.types(":g Q2", ":e", ":q")
    assert view.investigation.last_worked == "Worked on Monday.\nTwo groups were renamed."
    person.edits = lambda text: text.replace("kind: support_frontline", "kind: operations")
    view = await person.types(":g Q5", ":e", "", ":q")
    assert "operations" in [one.kind for one in view.investigation.parties]
    person.edits = lambda text: "- kind: [unclosed"
    view = await person.types(":g Q5", ":e", ":q")
    assert "the table cannot be read" in person.said


async def test_a_wording_stands_with_a_reason(person: Person) -> None:
    view = await person.types(":g Q2", "The agent forgot it", "", ":g Q2", ":s l03 her own words", ":q")
    assert view.investigation.silenced == {"Q2:L03": "her own words"}


async def test_no_line_moves_the_cursor_or_colours(person: Person) -> None:
    await person.types("", "2", "", "", "", "", "", "", ":t", ":m", "?", ":q")
    assert not [line for line in person.heard if "\x1b" in line or "\r" in line]


async def test_the_order_is_that_of_the_screen(person: Person) -> None:
    view = await person.desk.investigations.view(person.name)
    asked = [view.prompt.id] if view.prompt else []
    await person.types("", "2", "", "", "", ":q")
    heard = [line.split(", ")[1] for line in person.heard if line.startswith("\n") and " of " in line]
    for _ in heard[1:]:
        asked.append(prompt_order.open_after(view, asked[-1]))
    assert heard == asked
