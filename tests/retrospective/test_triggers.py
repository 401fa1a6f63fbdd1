"""What makes the full investigation due because of the hour."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.retrospective.casebook import Book
from tests.retrospective.threads import export_stops, group_rename
from triage.retrospective import interview
from triage.retrospective.triggers import outside_hours

BY_NIGHT = "escalated outside hours"


@pytest.mark.parametrize(
    ("at", "outside"),
    [
        ("2026-03-11T06:59", True),
        ("2026-03-11T07:00", False),
        ("2026-03-11T19:00", True),
        ("2026-03-14T12:00", True),
    ],
)
def test_seven_to_seven_on_a_working_day_is_within_hours(at: str, outside: bool) -> None:
    assert outside_hours(datetime.fromisoformat(at).replace(tzinfo=UTC), UTC) == outside


def test_the_hours_are_those_of_the_people() -> None:
    at = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
    assert not outside_hours(at, UTC) and outside_hours(at, ZoneInfo("America/Los_Angeles"))


def test_an_escalation_by_night_asks_for_the_full_form_and_one_by_day_does_not() -> None:
    for facts, expected in ((group_rename(), True), (export_stops(), False)):
        book = Book(facts)
        book.entries.clear()
        book.write(interview.open_investigation(facts, book.name, "brief", book.now, zone=UTC))
        assert (BY_NIGHT in book.it.triggers) == expected
        assert BY_NIGHT not in Book(facts).it.triggers
