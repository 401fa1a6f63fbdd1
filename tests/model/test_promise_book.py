"""The promises of a case: read from its messages, met by later ones, corrected by people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from tests.retrospective.threads import audit_extract, export_stops, group_rename, message
from triage.model.case import CaseFacts
from triage.model.entry import Entry
from triage.model.json_value import Json
from triage.model.promise import Promise
from triage.model.promise_book import ACKNOWLEDGE_WITHIN, promises_of
from triage.model.timeline import TimelineEvent

LATER = datetime(2027, 1, 1, tzinfo=UTC)


def entry(happened: str, **data: Json) -> Entry:
    at = "2026-03-10T12:00"
    return Entry(
        at,
        "1",
        "case",
        "1",
        happened,
        datetime.fromisoformat(at).replace(tzinfo=UTC),
        "kim",
        "driver",
        data=data,
    )


def told(*words: tuple[str, str, str]) -> tuple[TimelineEvent, ...]:
    return tuple(
        message("1", n, f"2026-03-10T{at}", "A", role, text) for n, (at, role, text) in enumerate(words, 1)
    )


def spoken(promises: tuple[Promise, ...]) -> list[tuple[str, str, str, str]]:
    return [
        (
            one.kind,
            f"{one.due:%m-%d %H:%M}",
            f"{one.met_at:%m-%d %H:%M}" if one.met_at else "",
            one.state(LATER),
        )
        for one in promises
        if one.kind != "acknowledge"
    ]


@pytest.mark.parametrize(
    ("facts", "promises"),
    [
        (group_rename(), [
            ("next_update", "03-10 20:30", "03-11 00:15", "kept_late"),
            ("next_update", "03-11 01:15", "03-11 01:10", "kept"),
            ("next_update", "03-11 02:30", "03-11 02:29", "kept"),
            ("answer", "03-13 17:00", "", "missed"),
        ]),
        (export_stops(), [
            ("next_update", "04-09 16:00", "04-09 15:20", "kept"),
            ("next_update", "04-10 12:00", "04-10 11:30", "kept"),
            ("next_update", "04-13 12:00", "04-13 09:30", "kept"),
        ]),
        (audit_extract(), [
            ("next_update", "05-11 12:00", "05-11 11:40", "kept"),
            ("next_update", "05-11 17:00", "05-11 16:55", "kept"),
            ("cannot_solve_notice", "05-29 17:00", "05-28 14:00", "kept"),
            ("fix_eta", "05-13 12:00", "05-13 10:30", "kept"),
            ("next_update", "06-30 17:00", "", "missed"),
        ]),
    ],
    ids=["group rename", "export stops", "audit extract"],
)  # fmt: skip
def test_every_promise_of_the_worked_cases_is_found_with_its_end(
    facts: CaseFacts, promises: list[tuple[str, str, str, str]]
) -> None:
    assert spoken(facts.promises) == promises


def test_the_first_message_is_owed_a_reply_until_we_speak() -> None:
    silent = told(("08:00", "customer", "It is down."), ("08:05", "support!", "looking"))
    owed = promises_of(silent, (), UTC, priority="high")[0]
    assert (owed.id, owed.kind, owed.met_at) == ("c1#0", "acknowledge", None)
    assert owed.due == silent[0].at + ACKNOWLEDGE_WITHIN["high"]
    answered = (*silent, message("1", 3, "2026-03-10T08:40", "A", "support", "On it."))
    assert promises_of(answered, (), UTC, priority="high")[0].met_at == answered[2].at


def test_where_we_spoke_first_no_reply_is_owed() -> None:
    assert (
        promises_of(
            told(("08:00", "support", "We will call by 09:00."), ("08:01", "customer", "ok")), (), UTC
        )[0].id
        == "c1#1"
    )


def test_an_internal_note_and_the_customers_words_make_no_promise() -> None:
    words = told(
        ("08:00", "support!", "I will update them by 09:00."),
        ("08:01", "customer", "We will send it by 10:00."),
    )
    assert spoken(promises_of(words, (), UTC)) == []


def test_a_promised_fix_is_not_met_by_any_word_but_by_one_that_says_it_is_there() -> None:
    words = told(("08:00", "support", "Fix by 12:00."), ("09:00", "support", "The fix is not ready yet."))
    assert promises_of(words, (), UTC)[0].met_at is None
    done = (*words, message("1", 3, "2026-03-10T11:00", "A", "support", "The fix is in place."))
    assert promises_of(done, (), UTC)[0].met_at == done[2].at


def test_a_new_date_given_in_time_takes_the_old_ones_place_and_one_given_late_does_not() -> None:
    in_time = promises_of(
        told(("08:00", "support", "Fix by 12:00."), ("11:00", "support", "Fix by 18:00.")), (), UTC
    )
    late = promises_of(
        told(("08:00", "support", "Fix by 12:00."), ("13:00", "support", "Fix by 18:00.")), (), UTC
    )
    assert [one.state(LATER) for one in in_time] == ["superseded", "missed"]
    assert [one.state(LATER) for one in late] == ["missed", "missed"]


def test_people_confirm_strike_out_add_and_keep() -> None:
    words = told(
        ("08:00", "support", "We will update you by 09:00."), ("08:01", "support", "Report by 10:00.")
    )
    entries = (
        entry("promise.confirmed", id="c1#1"),
        entry("promise.withdrawn", id="c2#1"),
        entry("promise.added", id="x", kind="answer", due="2026-03-11T12:00:00+00:00", quote="on the phone"),
        entry("promise.kept", id="x", at="2026-03-11T10:00:00+00:00"),
        entry("promise.kept", id="no such promise"),
        entry("promise.added", id="y", kind="nonsense", due="never"),
    )  # fmt: skip
    book = {one.id: one for one in promises_of(words, entries, UTC)}
    assert set(book) == {"c1#1", "c2#1", "x"}
    assert book["c1#1"].confirmed
    assert book["c2#1"].state(LATER) == "superseded"
    assert book["x"].state(LATER) == "kept"


def test_a_kept_entry_outranks_the_reading_of_the_text() -> None:
    words = told(
        ("08:00", "support", "We will update you by 09:00."), ("10:00", "support", "Sorry for the wait.")
    )
    kept: Mapping[str, Json] = {"id": "c1#1", "at": "2026-03-10T08:30:00+00:00"}
    assert promises_of(words, (entry("promise.kept", **kept),), UTC)[0].state(LATER) == "kept"


def test_two_messages_in_the_same_second_keep_the_servers_order() -> None:
    words = told(("08:00", "support", "Next update 09:00."), ("08:00", "support", "And a second word."))
    assert promises_of(words, (), UTC)[0].met_at == words[0].at + timedelta(0)


def test_what_was_written_down_beside_a_reply_needs_no_second_yes() -> None:
    words = told(("12:01", "support", "We will update you by 15:00."))
    beside = entry("promise.added", id="x", kind="next_update", due="2026-03-10T15:00:00+00:00")
    elsewhere = entry("promise.added", id="x", kind="next_update", due="2026-03-10T16:00:00+00:00")
    assert [one.confirmed for one in promises_of(words, (beside,), UTC) if one.quote] == [True]
    assert [one.confirmed for one in promises_of(words, (elsewhere,), UTC) if one.quote] == [False]
