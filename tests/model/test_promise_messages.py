"""Promises in messages of many hands: clerks, engineers, field service, and writers of second English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from triage.model.promises_in_text.reading import find_promises
from triage.model.spoken.time import find_times

WEDNESDAY = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
MESSAGES = Path(__file__).with_name("promise_messages.tsv").read_text("utf-8").splitlines()
THREADS = Path(__file__).with_name("promise_threads.tsv").read_text("utf-8").splitlines()
FORMS = Path(__file__).with_name("spoken_times.tsv").read_text("utf-8").splitlines()

Span = tuple[datetime, datetime]


def _spans(words: str) -> Iterator[Span]:
    for one in words.split("; ") if words != "-" else ():
        first, last = one.split("/")
        yield datetime.fromisoformat(first + "+00:00"), datetime.fromisoformat(last + "+00:00")


def _held_against(spans: list[Span], dues: Iterable[datetime]) -> tuple[int, int, int]:
    """How many promises are there, how many of them were found, how many found are false."""
    open_spans = list(spans)
    false = 0
    for due in dues:
        hit = next((one for one in open_spans if one[0] <= due <= one[1]), None)
        if hit is None:
            false += 1
        else:
            open_spans.remove(hit)
    return len(spans), len(spans) - len(open_spans), false


def _compared(line: str) -> tuple[int, int, int]:
    """`_held_against` for one line of `MESSAGES`."""
    words, text = line.split("\t")
    return _held_against(list(_spans(words)), (one.due for one in find_promises(text, WEDNESDAY, UTC)))


def _compared_in_thread(line: str) -> tuple[int, int, int]:
    """`_held_against` for one line of `THREADS`."""
    said, zone_name, words, text = line.split("\t")
    zone = ZoneInfo(zone_name)
    said_at = datetime.fromisoformat(said).replace(tzinfo=zone)
    found = find_promises(text.replace("\\n", "\n"), said_at, zone)
    return _held_against(list(_spans(words)), (one.due for one in found))


def test_nearly_every_promise_is_found_and_nearly_nothing_else() -> None:
    compared = [_compared(line) for line in MESSAGES]
    told, found, false = (sum(one[at] for one in compared) for at in range(3))
    assert found / told >= 0.94
    assert false / (found + false) <= 0.02


def test_so_it_is_in_threads_of_many_trades_and_zones() -> None:
    compared = [_compared_in_thread(line) for line in THREADS if not line.startswith("#")]
    told, found, false = (sum(one[at] for one in compared) for at in range(3))
    assert told >= 300
    assert found / told >= 0.90
    assert false / (found + false) <= 0.04


@pytest.mark.parametrize("line", FORMS)
def test_a_time_means_what_people_mean_by_it(line: str) -> None:
    meant, words = line.split("\t")
    dues = [one.due(WEDNESDAY, UTC) for one in find_times(f"We will write {words} to you")]
    assert [f"{due.day}T{due:%H:%M}" for due in dues if due] == [meant]


@pytest.mark.parametrize(
    "text",
    [
        "All good here.\n\nKind regards, Tess (working Tue to Thu, 8:00-16:00)",
        "```\nnext attempt tomorrow at 16:00, we will retry\n```",
        "2026-11-18 09:58:01 we will retry at 16:00",
        "retry_at: we will retry at 16:00",
        "All good here.\n\nBest regards\nTess Okoro\nNext release: Friday 10:00",
        "On Tue, 17 Nov 2026, Desk wrote: we will call you tomorrow at 9.",
    ],
)
def test_signatures_code_logs_and_quoted_mails_promise_nothing(text: str) -> None:
    assert find_promises(text, WEDNESDAY, UTC) == ()


@pytest.mark.parametrize(
    "text",
    [
        "We will go through the log from 16:00.",
        "The vendor will ship the part by Friday.",
        "I will be available on Friday.",
        "The job started at 01:00 and will start again at 01:00 tomorrow.",
    ],
)
def test_a_deed_of_others_and_a_time_of_something_else_promise_nothing(text: str) -> None:
    assert find_promises(text, WEDNESDAY, UTC) == ()


def test_a_line_broken_by_a_mail_program_is_read_as_one() -> None:
    text = "Thank you for the files. We have looked at them and we will call\nyou tomorrow at 9:30."
    assert [one.due.hour for one in find_promises(text, WEDNESDAY, UTC)] == [9]


@pytest.mark.parametrize(
    ("text", "day", "hour"),
    [
        ("The team meets at 13:00; I'll write to you straight after.", 18, 13),
        ("They meet next Thursday and I'll bring you their answer the same day.", 26, 23),
        ("Our board decides on Friday. I will let you know right afterwards.", 20, 17),
    ],
)
def test_a_promise_may_lean_on_a_time_told_before_it(text: str, day: int, hour: int) -> None:
    assert [(one.due.day, one.due.hour) for one in find_promises(text, WEDNESDAY, UTC)] == [(day, hour)]


def test_a_closer_time_replaces_the_one_it_explains() -> None:
    text = "We will write to you within four weeks, that is by 14 December 2026."
    assert [one.due.day for one in find_promises(text, WEDNESDAY, UTC)] == [14]


@pytest.mark.parametrize(
    "text",
    [
        "Planned network work: 28 November, 21:00 – 29 November, 03:00. Short disconnects are possible.",
        "That link belongs to the carrier, not to us. They have scheduled a splice for 03:00 tomorrow.",
        "According to the manufacturer's hotline, they will ship the controller on Monday.",
        "Ana is expected back on Monday.",
        "I'm in training tomorrow and back on Friday.",
        "I have blocked tomorrow morning for the analysis.",
        "QA signed off the build this morning.",
        "Let me watch it for another day.",
        "Please be aware that invoices are due on 30 November.",
        "I'm out this afternoon and will be back at my desk on Thursday morning.",
        "The queue drains slowly, so it should be empty by 14:00 by itself.",
    ],
)
def test_works_words_of_others_and_comings_back_promise_nothing(text: str) -> None:
    assert find_promises(text, WEDNESDAY, UTC) == ()


@pytest.mark.parametrize(
    ("text", "dues"),
    [
        ("We've rebooked him for Wednesday 25th, arriving 1pm.", ["25T13:00"]),
        ("I checked with the team in Boston. They will enable it today at 3 p.m. Eastern.", ["18T20:00"]),
        ("The incident report is sent to you by me on Friday.", ["20T17:00"]),
        ("Your credit is going to be valid within one banking day.", ["19T10:00"]),
        ("I'm going to tag it at 16:00 and the files will be there an hour later.", ["18T16:00", "18T17:00"]),
        (
            "The screen is going to be corrected on Friday and I'll confirm it here that same day.",
            ["20T17:00", "20T23:59"],
        ),
        ("Your go-live is on Monday. Two engineers will be with you at 8:00 that day.", ["23T08:00"]),
        ("Check back at half past five, I'll have posted the link by then.", ["18T17:30"]),
        ("The team will meet at 11:00 and I will post a summary at 12:30.", ["18T12:30"]),
    ],
)
def test_arrangements_formal_words_and_times_told_before_promise(text: str, dues: list[str]) -> None:
    found = sorted(one.due for one in find_promises(text, WEDNESDAY, UTC))
    assert [f"{one.day}T{one:%H:%M}" for one in found] == dues


def test_a_day_is_the_writers_and_the_time_of_day_that_of_the_zone_named() -> None:
    late = datetime(2026, 3, 17, 2, 3, tzinfo=UTC)
    text = "They'll reply to you by 9:00 CET tomorrow."
    found = find_promises(text, late, ZoneInfo("America/Los_Angeles"))
    assert [one.due for one in found] == [datetime(2026, 3, 17, 8, 0, tzinfo=UTC)]
