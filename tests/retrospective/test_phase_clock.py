"""When the next phase is due, and what is left for the morning; the draft of an article."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.retrospective.casebook import Book, answered
from tests.retrospective.threads import export_stops, group_rename
from triage.retrospective.kb_draft import kb_draft, kb_markdown
from triage.retrospective.phase_clock import next_morning, next_step, working_days_after

LISBON = ZoneInfo("Europe/Lisbon")
FRIDAY = datetime(2026, 3, 13, 3, 0, tzinfo=UTC)


def test_what_is_saved_at_three_is_listed_at_ten_where_the_people_are() -> None:
    summer = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)
    assert next_morning(summer, LISBON) == datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
    assert next_morning(datetime(2026, 7, 1, 9, 0, tzinfo=UTC), LISBON) == datetime(
        2026, 7, 2, 9, 0, tzinfo=UTC
    )
    assert next_step("preliminary", "open", "quick", FRIDAY, FRIDAY, UTC) == (
        "full form", datetime(2026, 3, 13, 10, 0, tzinfo=UTC),
    )  # fmt: skip


def test_a_weekend_is_no_working_day() -> None:
    assert working_days_after(FRIDAY, 1, UTC) == datetime(2026, 3, 16, 3, 0, tzinfo=UTC)
    assert working_days_after(FRIDAY, 5, UTC) == datetime(2026, 3, 20, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("phase", "state", "step", "due"),
    [
        ("preliminary", "open", "factual", datetime(2026, 3, 20, 3, 0, tzinfo=UTC)),
        ("factual", "in_review", "final", datetime(2026, 4, 3, 3, 0, tzinfo=UTC)),
        ("final", "adopted", "", None),
    ],
)
def test_each_phase_has_its_clock(phase: str, state: str, step: str, due: datetime | None) -> None:
    assert next_step(phase, state, "full", FRIDAY, FRIDAY, UTC) == (step, due)


def test_one_that_nobody_has_begun_is_due_a_day_after_the_escalation() -> None:
    assert next_step("preliminary", "not_begun", "", FRIDAY, None, UTC) == (
        "preliminary", datetime(2026, 3, 14, 3, 0, tzinfo=UTC),
    )  # fmt: skip


def test_a_question_of_expected_behaviour_yields_an_article_without_names() -> None:
    book = answered("ESC-2026-0044")
    draft = kb_draft(book.it, book.facts)
    assert (draft.state, draft.title) == ("validated", "Monthly export stops at about 5 minutes")
    assert "300" in draft.expected and draft.resolution
    text = kb_markdown(draft)
    assert "## What is supposed to happen" in text
    for name in ("Linden", "Wren", "Lucia", "Jonas"):
        assert name not in text


@pytest.mark.parametrize("make", [group_rename, export_stops])
def test_before_the_facts_are_locked_an_article_is_work_in_progress_and_names_no_cause(make: object) -> None:
    book = Book(make())  # type: ignore[operator]
    draft = kb_draft(book.it, book.facts)
    assert (draft.state, draft.cause) == ("work in progress", "")
