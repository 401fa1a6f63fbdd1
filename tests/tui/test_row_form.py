"""The form of one row: where the cursor goes when a column is still empty."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from tests.tui.fake_investigations import FakeInvestigations
from tests.tui.screen_text import screen_text, settled
from tests.tui.test_retrospective import answers, asking, press
from triage.tui.app import TriageApp
from triage.tui.widgets.choice_line import ChoiceLine
from triage.tui.widgets.row_form import RowForm


async def a_sentence_without_a_kind(pilot: Pilot[int]) -> None:
    await press(pilot, "a", "tab", list("The sync removes grants"))


def kind_in_hand(app: TriageApp) -> bool:
    field = app.screen.query_one(RowForm).field_in_hand()
    return field is not None and field.column.name == "kind" and isinstance(app.focused, ChoiceLine)


@pytest.mark.parametrize(
    "keys",
    [["f5"], ["tab", "f5"], ["tab", "tab", "enter"], ["escape"]],
    ids=["given", "given from the next field", "Enter in the last", "Esc"],
)
async def test_the_cursor_goes_to_the_column_that_is_still_empty(keys: list[str]) -> None:
    fake = FakeInvestigations()
    async with asking(fake, "Q20") as (app, pilot, _desk):
        await a_sentence_without_a_kind(pilot)
        await press(pilot, *keys)
        assert "Kind is still empty" in screen_text(app)
        assert kind_in_hand(app)
        await press(pilot, "1", "f5")
        assert answers(fake) == [("Q20", [{"kind": "cause", "text": "The sync removes grants"}])]


async def test_a_key_right_behind_enter_is_meant_for_the_empty_column() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "Q20") as (_app, pilot, _desk):
        await a_sentence_without_a_kind(pilot)
        await press(pilot, "tab", "tab", ["enter", "1"])
        await settled(pilot)
        await press(pilot, "f5")
        assert answers(fake) == [("Q20", [{"kind": "cause", "text": "The sync removes grants"}])]


async def test_what_cannot_be_read_takes_the_cursor_too() -> None:
    fake = FakeInvestigations()
    async with asking(fake, "Q28") as (app, pilot, _desk):
        await press(
            pilot, "a", list("network"), "enter", list("a page of routes"), "enter", list("soon"), "tab", "f5"
        )
        assert "A day looks like" in screen_text(app)
        field = app.screen.query_one(RowForm).field_in_hand()
        assert field is not None and field.column.name == "due"
