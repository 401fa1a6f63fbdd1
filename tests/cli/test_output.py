from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from triage.cli import output, times
from triage.model.queue import QueueView


def test_times_leave_as_utc_with_a_z() -> None:
    assert output.plain(datetime(2026, 3, 11, 1, 12, tzinfo=UTC)) == "2026-03-11T01:12:00Z"
    assert output.plain({"due": date(2026, 3, 11)}) == {"due": "2026-03-11"}


def test_dataclasses_leave_as_objects() -> None:
    assert output.plain((QueueView("Mine", "owner:me"),)) == [{"name": "Mine", "filter": "owner:me"}]


def test_a_document_carries_no_raw_control_character(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "\x1b]52;c;x\x07 \x9b2J \u202e \x00"
    output.document({"subject": hostile})
    printed = capsys.readouterr().out
    assert json.loads(printed)["subject"] == hostile
    assert printed.isascii()
    assert not set(printed) & set(map(chr, range(10)))


def test_plain_text_shows_what_would_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.text("a\x1b[2Jb\u202ec")
    assert capsys.readouterr().out == "a␛[2Jb⟪RLO⟫c\n"


def test_an_error_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    output.error("first\nsecond\x1b[0m")
    assert capsys.readouterr().err == "triage: first second␛[0m\n"


def test_a_table_keeps_its_columns_with_wide_characters(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("WHO", "WHAT"), [("東海", "x"), ("ab", "y")])
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["WHO   WHAT", "東海  x", "ab    y"]


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(minutes=8), "8 min"),
        (timedelta(hours=3, minutes=10), "3 h 10"),
        (timedelta(days=1, hours=2), "1 d 02"),
    ],
)
def test_spans_read_at_a_glance(length: timedelta, said: str) -> None:
    assert times.span(length) == said


def test_a_promise_says_how_it_stands() -> None:
    now = datetime(2026, 3, 11, 1, 0, tzinfo=UTC)
    assert times.promise(None, now) == "-"
    assert times.promise(now - timedelta(hours=2, minutes=5), now) == "broken 2 h 05 ago"
    assert times.promise(now + timedelta(minutes=25), now) == "due in 25 min"


def test_local_times_name_their_zone() -> None:
    at = datetime(2026, 3, 13, 16, 0, tzinfo=UTC)
    assert times.local(at, timezone(timedelta(hours=1), "CET")) == "Fri 13 Mar 17:00 CET"
