"""Facts are locked, later evidence is marked, a final one is superseded, the parties are heard."""

from __future__ import annotations

import pytest

from tests.retrospective.casebook import Book
from tests.retrospective.threads import group_rename
from triage.model.errors import Invalid, Stopped
from triage.retrospective import interview, interview_view, party_letters, report


@pytest.fixture
def locked() -> Book:
    book = Book(group_rename())
    for prompt, value in (
        ("K2", "authority"),
        ("Q1", "accept"),
        ("Q3", "212 people, 8 hours"),
        ("LOCK", True),
    ):
        book.answer(prompt, value)
    return book


@pytest.fixture
def adopted() -> Book:
    book = Book(group_rename())
    book.answer_file(adopt=True)
    return book


def test_what_comes_after_the_lock_is_added_and_marked(locked: Book) -> None:
    assert not any(one.after_lock for one in locked.it.timeline)
    late = {"at": "m1 - 2d", "kind": "change", "ref": "deploy 77", "text": "The sync was upgraded."}
    it = locked.answer("Q1", [late])
    [new] = [one for one in it.timeline if one.after_lock]
    assert new.text == "The sync was upgraded."
    assert "The sync was upgraded. *(after the facts were locked)*" in report.markdown(
        it, locked.facts, locked.now
    )


def test_a_locked_fact_cannot_be_taken_out_and_a_new_wording_keeps_the_old_one(locked: Book) -> None:
    with pytest.raises(Stopped, match="E01: the facts are locked"):
        locked.answer("Q1", [{"id": "E01", "drop": True}])
    before = locked.it.timeline[0]
    it = locked.answer("Q1", [{"id": "E01", "text": "Two groups were renamed; 212 people are locked out."}])
    assert (it.timeline[0].original, it.timeline[0].after_lock) == (before.text, True)
    own = locked.answer("Q1", [{"id": "E77", "at": "now", "kind": "test", "ref": "call", "text": "Checked."}])
    assert own.timeline[-1].after_lock
    assert len(locked.answer("Q1", [{"id": "E77", "drop": True}]).timeline) == len(own.timeline) - 1


def test_before_the_lock_a_fact_may_be_dropped() -> None:
    book = Book(group_rename())
    count = len(book.it.timeline)
    assert len(book.answer("Q1", [{"id": "E03", "drop": True}]).timeline) == count - 1


def test_a_reopened_one_says_why_and_what_it_supersedes(adopted: Book) -> None:
    first = adopted.it.adopted_at
    with pytest.raises(Invalid, match="a reason is wanted"):
        interview.reopen(adopted.it, " ")
    with pytest.raises(Stopped, match="is adopted"):
        adopted.answer("Q27", "nothing")
    adopted.write(interview.reopen(adopted.it, "A second customer wrote in."))
    it = adopted.it
    assert (it.phase, it.state, it.superseded) == ("factual", "reopened", (first,))
    assert "reopened: A second customer wrote in." in report.markdown(it, adopted.facts, adopted.now)
    adopted.answer("Q27", "Whether a third customer is affected.")
    adopted.write(interview.adopt(adopted.it, adopted.facts, adopted.now))
    text = report.markdown(adopted.it, adopted.facts, adopted.now)
    assert f"supersedes the version of {report.stamp(first)}" in text
    assert (adopted.it.phase, adopted.it.state) == ("final", "adopted")


def test_it_waits_for_the_parties_that_were_invited_then_for_review(locked: Book) -> None:
    assert locked.it.state == "in_review"
    locked.write([party_letters.invite(locked.it, "product")])
    assert locked.it.state == "awaiting_parties"
    assert locked.it.parties[-1].invited_at == locked.now
    locked.write([party_letters.decline(locked.it, "product", silent=True)])
    assert (locked.it.state, locked.it.parties[-1].submission) == ("in_review", "no_reply")


def test_a_submission_is_printed_beside_the_report_and_counts_as_heard(locked: Book) -> None:
    missing = interview_view.view(locked.it, locked.facts, locked.now).violations
    assert any(one.rule == "V30" for one in missing)
    locked.write([party_letters.submit(locked.it, "engineering", cause="The match by name.")])
    locked.write([party_letters.decline(locked.it, "customer")])
    assert not any(
        one.rule == "V30" for one in interview_view.view(locked.it, locked.facts, locked.now).violations
    )
    text = report.markdown(locked.it, locked.facts, locked.now)
    assert "- engineering: submitted\n  - proposed cause: The match by name." in text
    assert "The match by name." not in text.split("## Appendices")[0]


def test_a_dissent_after_adoption_is_printed_and_the_verdict_stands(adopted: Book) -> None:
    before = adopted.it.classification
    adopted.write([party_letters.dissent(adopted.it, "product", "It is the directory's doing.")])
    assert adopted.it.classification == before and adopted.it.state == "adopted"
    text = report.markdown(adopted.it, adopted.facts, adopted.now)
    assert "### 3.4 Dissent\n\n- Product: It is the directory's doing." in text


def test_only_sides_speak_and_only_with_words(locked: Book) -> None:
    for wrong, says in (
        (lambda: party_letters.invite(locked.it, "Adaeze"), "no party is a 'Adaeze'"),
        (lambda: party_letters.submit(locked.it, "product", findings=" "), "without words"),
        (lambda: party_letters.dissent(locked.it, "product", ""), "without words"),
    ):
        with pytest.raises(Invalid, match=says):
            wrong()
    locked.write([party_letters.submit(locked.it, "product", findings="x")])
    with pytest.raises(Invalid, match="has answered"):
        party_letters.invite(locked.it, "product")
