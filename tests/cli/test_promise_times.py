"""Due times as people type them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from triage.cli.promise_verbs import moment, past
from triage.model.errors import Invalid

NOW = datetime(2026, 3, 12, 10, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("16:00", "2026-03-12T15:00+00:00"),
        ("tomorrow 09:30", "2026-03-13T08:30+00:00"),
        ("in 2 hours", "2026-03-12T12:00+00:00"),
        ("2026-03-13T16:00", "2026-03-13T15:00+00:00"),
        ("2026-03-13T16:00-05:00", "2026-03-13T21:00+00:00"),
    ],
)
def test_words_are_read_in_the_zone_of_the_profile(words: str, due: str) -> None:
    assert moment(words, "--due", NOW, ZONE) == datetime.fromisoformat(due)


def test_words_without_a_time_are_refused() -> None:
    with pytest.raises(Invalid, match="no time is read"):
        moment("soon", "--due", NOW, ZONE)


def test_what_was_kept_was_kept_in_the_past() -> None:
    assert past("2026-03-12T10:30", "--at", NOW, ZONE) == datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
    with pytest.raises(Invalid, match="lies ahead"):
        past("16:00", "--at", NOW, ZONE)
