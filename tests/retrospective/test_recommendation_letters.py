"""The addressee answers, the issuer judges, and every letter stays in the docket."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.retrospective.casebook import Book
from tests.retrospective.threads import group_rename
from triage.insight.recommendation_register import MONTHS_BEFORE, WATCH, register, returned
from triage.model.errors import Invalid, NotFound
from triage.model.investigation import Investigation
from triage.model.register_line import RegisterLine
from triage.retrospective import recommendation_letters as letters
from triage.retrospective import report
from triage.retrospective.fold import fold

AWAITED = "R2"
"""A recommendation of the worked case that nobody has answered yet."""


@pytest.fixture
def book() -> Book:
    book = Book(group_rename())
    book.answer_file(adopt=True)
    return book


def status(book: Book, name: str = AWAITED) -> str:
    return letters.found(book.it, name).status


def test_a_recommendation_goes_from_answer_to_judgement_to_done(book: Book) -> None:
    book.write([letters.respond(book.it, AWAITED, "We add a preview in 4.3.")])
    assert status(book) == "ORR"
    book.write([letters.judge(book.it, AWAITED, "OAA", "That answers it.")])
    book.write([letters.close(book.it, AWAITED, "CAA", "Shipped in 4.3.")])
    one = letters.found(book.it, AWAITED)
    assert (one.status, [item.status_after for item in one.exchange]) == ("CAA", ["ORR", "OAA", "CAA"])
    assert [item.sender for item in one.exchange] == ["addressee", "issuer", "issuer"]
    assert letters.closed_at(one) == one.exchange[-1].at
    book.write([letters.reopen(book.it, AWAITED, "It came back.")])
    assert status(book) == "OAR"
    assert letters.closed_at(letters.found(book.it, AWAITED)) is None


def test_a_move_that_is_not_legal_is_refused_and_writes_nothing(book: Book) -> None:
    for wrong in (
        lambda: letters.judge(book.it, AWAITED, "OAA", "unasked"),
        lambda: letters.close(book.it, AWAITED, "CAA", "never answered"),
        lambda: letters.reopen(book.it, AWAITED, "it is open"),
        lambda: letters.judge(book.it, AWAITED, "XYZ", "no such status"),
        lambda: letters.respond(book.it, AWAITED, "   "),
        lambda: letters.track(book.it, AWAITED, "the board"),
    ):
        with pytest.raises(Invalid):
            wrong()
    with pytest.raises(NotFound, match="no recommendation R99"):
        letters.respond(book.it, "R99", "which one?")


def test_judging_does_not_close_and_closing_does_not_judge(book: Book) -> None:
    book.write([letters.respond(book.it, AWAITED, "Another way.")])
    book.write([letters.judge(book.it, AWAITED, "OUA", "It would not help.")])
    with pytest.raises(Invalid, match="closes it"):
        letters.judge(book.it, AWAITED, "CUA", "no")
    with pytest.raises(Invalid, match="leaves it open"):
        letters.close(book.it, AWAITED, "ORR", "no")


def test_the_link_to_the_tracker_is_kept(book: Book) -> None:
    book.write([letters.track(book.it, AWAITED, "https://tracker.example/77")])
    assert letters.found(book.it, AWAITED).tracker_url == "https://tracker.example/77"
    assert not letters.found(book.it, AWAITED).exchange


def test_following_up_is_no_time_spent_on_the_investigation(book: Book) -> None:
    before = book.it.minutes_spent
    later = book.now + timedelta(minutes=1)
    book.write([letters.respond(book.it, AWAITED, "We add a preview.")], at=later)
    assert book.it.minutes_spent == before


def closed(book: Book) -> Investigation:
    book.write([letters.respond(book.it, AWAITED, "We add a preview.")])
    book.write([letters.judge(book.it, AWAITED, "OAA", "Good.")])
    book.write([letters.close(book.it, AWAITED, "CAA", "Shipped.")])
    return book.it


def test_the_register_knows_what_is_late_and_what_was_never_answered(book: Book) -> None:
    def line(days: int) -> RegisterLine:
        lines = register([book.it], book.now + timedelta(days=days))
        return next(one for one in lines if one.id.endswith(f"-{AWAITED}"))

    due = line(0).recommendation.due
    assert due is not None
    to_go = (due - book.now.date()).days
    assert (line(to_go).overdue_days, line(to_go).offer_no_response) == (0, False)
    assert (line(to_go + 1).overdue_days, line(to_go + 1).offer_no_response) == (1, False)
    assert line(2 * to_go + 2).offer_no_response
    book.write([letters.respond(book.it, AWAITED, "Next quarter.")])
    assert not line(2 * to_go + 2).offer_no_response
    assert line(2 * to_go + 2).overdue_days == to_go + 2


def test_what_is_not_adopted_is_not_issued(book: Book) -> None:
    unadopted = [one for one in book.entries if one.kind != "investigation.adopted"]
    assert not register([fold(unadopted, book.facts, book.now)], book.now)


def test_a_closed_one_is_watched_and_comes_back_with_the_same_code_and_component(book: Book) -> None:
    it = closed(book)
    at = letters.closed_at(letters.found(it, AWAITED))
    assert at is not None
    [line] = [one for one in register([it], book.now) if one.id.endswith(f"-{AWAITED}")]
    assert line.watched_until == at + WATCH
    same = replace(it, id="ESC-2026-0099", opened_at=at + timedelta(days=3))
    assert [one.id for _, one in returned(same, [it, same])] == [AWAITED]
    [line] = [one for one in register([it, same], book.now) if one.id == f"{it.id}-{AWAITED}"]
    assert (line.alike_before, line.alike_after) == (1, 1)
    other_code = replace(same, classification=replace(same.classification, code="B1.1"))
    for not_it in (
        other_code,
        replace(same, component="elsewhere"),
        replace(same, component=""),
        replace(same, opened_at=at + WATCH + timedelta(days=1)),
        replace(same, opened_at=at - timedelta(days=1)),
    ):
        assert not list(returned(not_it, [it])), not_it


def test_what_was_given_up_is_not_watched(book: Book) -> None:
    book.write([letters.respond(book.it, AWAITED, "We will not.")])
    book.write([letters.judge(book.it, AWAITED, "CR", "They convinced us.")])
    it = book.it
    same = replace(it, id="ESC-2026-0099", opened_at=book.now + timedelta(days=3))
    assert not list(returned(same, [it]))


def test_what_was_counted_before_and_after_is_kept_and_shown(book: Book) -> None:
    with pytest.raises(Invalid, match="without words"):
        letters.measure(book.it, AWAITED, "  ")
    book.write([letters.measure(book.it, AWAITED, "Four a month before, one since.")])
    one = letters.found(book.it, AWAITED)
    assert (one.effect_result, one.status, one.exchange) == ("Four a month before, one since.", "OAR", ())
    assert "Four a month before" in report.markdown(book.it, book.facts, book.now)


def test_cases_of_the_same_code_are_counted_by_month_around_the_close(book: Book) -> None:
    book.write([letters.respond(book.it, AWAITED, "Yes.")])
    book.write([letters.judge(book.it, AWAITED, "OAA", "Good.")])
    assert _line(book).by_month == ()
    book.write([letters.close(book.it, AWAITED, "CAA", "Done.")])
    opened = book.it.opened_at
    others = [
        replace(book.it, id=f"ESC-{number}", opened_at=opened - timedelta(days=days))
        for number, days in enumerate((35, 40, 400))
    ]
    counted = dict(_line(book, *others).by_month)
    assert len(counted) == MONTHS_BEFORE + 1
    assert counted[f"{opened:%Y-%m}"] == 1 and sum(counted.values()) == 3


def _line(book: Book, *others: Investigation) -> RegisterLine:
    lines = register([book.it, *others], book.now)
    return next(one for one in lines if one.id == f"{book.it.id}-{AWAITED}")
