"""What is offered to choose from: codes with the likely family first, statuses that may be next."""

from __future__ import annotations

import pytest

from tests.retrospective.casebook import Book
from tests.retrospective.threads import group_rename
from triage.model.errors import Invalid
from triage.model.investigation import PromptView
from triage.retrospective import interview, interview_view
from triage.retrospective import recommendation_letters as letters
from triage.retrospective.recommendation_status import AT_ISSUE, STATUSES, TRANSITIONS, may_be


def shown(book: Book, prompt: str) -> PromptView:
    view = interview_view.view(book.it, book.facts, book.now, at=prompt).prompt
    assert view is not None
    return view


def statuses(book: Book) -> list[str]:
    [column] = [one for one in shown(book, "Q28").columns if one.name == "status"]
    return [one.value for one in column.options]


@pytest.fixture
def book() -> Book:
    book = Book(group_rename(), "ESC-2026-0031")
    for name, value in (("Q1", "accept"), ("K2", 2), ("Q3", "212 people, 8 h"), ("LOCK", True)):
        book.answer(name, value)
    return book


@pytest.mark.parametrize(("resolvable", "first"), [("no", "B"), ("unsure", "B"), ("yes", "E")])
def test_codes_come_with_the_family_of_the_verdict_first(book: Book, resolvable: str, first: str) -> None:
    book.answer("Q21", resolvable)
    families = [one.value[0] for one in shown(book, "Q23").options]
    assert families == sorted(families, key=lambda one: one != first)
    book.answer("Q23", "B2.3" if first == "B" else "E2.2")
    rest = [one.value[0] for one in shown(book, "Q23").options[3:]]
    assert rest == sorted(rest, key=lambda one: one != first)


def test_a_new_recommendation_has_only_a_status_that_one_can_be_issued_with(book: Book) -> None:
    assert set(statuses(book)) == set(AT_ISSUE)
    row = {"addressee": "Identity team", "text": "Match by id.", "cites": ["F1"], "due": "+30d"}
    with pytest.raises(Invalid, match=r"Q28 row 2, status: nothing is issued as CUA\. It may be OAR, ORR"):
        book.answer("Q28", [row, {**row, "status": "CUA"}])


def test_an_issued_one_may_stay_or_become_what_is_legal_next() -> None:
    book = Book(group_rename(), "ESC-2026-0031", "quick")
    book.answer_file(adopt=True)
    book.write([letters.respond(book.it, "R2", "We plan it for June.")])
    book.write(interview.reopen(book.it, "a second customer"))
    offered = statuses(book)
    assert "CR" in offered
    assert "OUA" in offered
    assert all(one in offered for rec in book.it.recommendations for one in may_be(rec.status))
    assert set(may_be("ORR")) == {"ORR", *TRANSITIONS["ORR"]}
    assert list(may_be("OAA")) == [one for one in STATUSES if one in {"OAA", *TRANSITIONS["OAA"]}]
