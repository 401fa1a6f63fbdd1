from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from triage.demo.case_time import CaseClock

LISBON = ZoneInfo("Europe/Lisbon")
CLOCK = CaseClock.at(datetime(2026, 7, 14, 9, 13, 44, tzinfo=UTC), LISBON)


def test_everything_counts_from_the_last_round_five_minutes() -> None:
    assert CLOCK.origin == datetime(2026, 7, 14, 9, 10, tzinfo=UTC)


def test_a_span_counts_from_the_origin() -> None:
    assert CLOCK.moment("-1d2h5m") == datetime(2026, 7, 13, 7, 5, tzinfo=UTC)
    assert CLOCK.moment("+45m") == datetime(2026, 7, 14, 9, 55, tzinfo=UTC)


def test_a_clock_time_on_an_earlier_day_is_local() -> None:
    assert CLOCK.moment("-5d 08:05") == datetime(2026, 7, 9, 7, 5, tzinfo=UTC)


def test_words_in_braces_say_the_same_time_as_the_span() -> None:
    text = CLOCK.filled("{clock:+45m} {day:+1d} {date:-14d} {nth:-13d} {nth:-3d} {month:-60d} {stamp:-10m}")
    assert text == "10:55 Wednesday 30 June 1st 11th May 2026-07-14T09:00:00Z"


def test_other_braces_stay_as_they_are() -> None:
    assert CLOCK.filled('{"event_id":"x"} {n}') == '{"event_id":"x"} {n}'


def test_spans_are_real_hours_in_the_night_when_clocks_change() -> None:
    night = CaseClock.at(datetime(2026, 10, 25, 1, 20, tzinfo=UTC), LISBON)
    assert night.moment("-2h") == datetime(2026, 10, 24, 23, 20, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "3h", "-", "-3x", "+1d 25:00 ", "soon"])
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        CLOCK.moment(text)
