# ruff: noqa: E501 (a sentence or a mutant is read on one line)
"""The way through the interview: next question, branches, the lock, adoption, and what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.retrospective.casebook import Book, answered
from tests.retrospective.threads import audit_extract, export_stops, group_rename, message
from triage.model.errors import Invalid, NeedsInput, NotFound, Stopped
from triage.model.investigation import InvestigationView
from triage.retrospective import interview, interview_view
from triage.retrospective.fold import ONE_SITTING, fold
from triage.retrospective.interview import AnswersMissing


def view(book: Book, at: str | None = None) -> InvestigationView:
    return interview_view.view(book.it, book.facts, book.now, at=at)


def at(book: Book) -> str:
    shown = view(book).prompt
    return shown.id if shown else ""


def test_the_night_asks_six_questions_and_ends() -> None:
    book = Book(group_rename(), mode="quick")
    asked = []
    while at(book):
        asked.append(at(book))
        book.answer(asked[-1], 1 if asked[-1] == "K2" else "kept")
    assert asked == ["K1", "K2", "K3", "K4", "K5", "K6"]
    assert book.it.phase == "preliminary"
    assert view(book).seconds_budget == 120


def test_the_morning_goes_on_where_the_night_ended() -> None:
    book = Book(group_rename(), mode="quick")
    book.answer("K1", "212 people are out.")
    book.answer("K2", "authority")
    book.write(interview.raise_mode(book.it, "full"))
    assert [one.id for one in view(book).prompts[:3]] == ["K1", "Q1", "K2"]
    assert at(book) == "Q1"
    assert book.it.impact == "212 people are out."
    assert book.answer("Q3", "212 people for 8 h.").impact == "212 people for 8 h."


def test_the_mode_is_only_raised() -> None:
    book = Book(group_rename(), mode="brief")
    assert interview.raise_mode(book.it, "brief") == []
    with pytest.raises(Invalid, match="can only be raised"):
        interview.raise_mode(book.it, "quick")


def test_a_change_before_the_first_contact_answers_when_it_last_worked() -> None:
    book = Book(group_rename())
    assert "Q2" in {one.id for one in view(book).prompts}
    book.answer(
        "Q1", [{"at": "m1 - 44m", "kind": "change", "text": "Two groups renamed.", "ref": "sync log"}]
    )
    assert "Q2" not in {one.id for one in view(book).prompts}


def test_a_prospect_is_asked_what_interests_them() -> None:
    facts = group_rename()
    prospect = replace(facts, ticket=replace(facts.ticket, relationship="prospect"))
    ids = {one.id for one in view(Book(prospect)).prompts}
    assert {"QP", "Q29"} <= ids
    assert not {"QP", "Q29"} & {one.id for one in view(Book(facts)).prompts}


def locked(book: Book) -> Book:
    for prompt, value in (("Q1", "accept"), ("K2", "authority"), ("Q3", "212 people"), ("LOCK", "yes")):
        book.answer(prompt, value)
    return book


def test_the_ladder_asks_one_question_after_the_other_until_a_code_is_proposed() -> None:
    book = locked(Book(export_stops()))
    book.answer("Q21", "no")
    book.answer("Q22", "none")
    for question, said in (("LB1", "no"), ("LB2", "no"), ("LB3", "no"), ("LB4", "no"), ("LB5", "yes")):
        rungs = [one.id for one in view(book).prompts if one.id.startswith("LB")]
        assert rungs[-1] == question
        book.answer(question, said)
    shown = view(book, "Q23").prompt
    assert shown is not None
    assert shown.prefill == "B5.3"
    assert shown.ask == "Code: B5.3 No safe repair tool. Nearest others: E2.4, B2.2. Keep?"
    assert [one.value for one in shown.options[:3]] == ["B5.3", "E2.4", "B2.2"] and len(shown.options) == 42
    assert book.answer("Q23", "keep").classification.code == "B5.3"


def test_a_claim_is_met_with_its_own_question_and_skips_the_rung_it_answers() -> None:
    book = locked(Book(audit_extract()))
    book.answer("Q21", "no")
    book.answer("Q22", "own_scripts")
    shown = view(book, "Q22A").prompt
    assert shown is not None and shown.ask.startswith("What were they trying to get that we do not give")
    assert not [one.id for one in view(book).prompts if one.id.startswith("LB")]
    assert view(book, "Q23").prompt.prefill == "B4.1"  # type: ignore[union-attr]
    book.answer("Q22", "none")
    assert "Q22A" not in {one.id for one in view(book).prompts}


def test_the_verdict_follows_from_what_support_could_have_known() -> None:
    book = locked(Book(export_stops()))
    assert book.it.classification.verdict == "undetermined"
    book.answer("Q21", "yes")
    assert book.answer("Q23", "E2.2").classification.verdict == "education_gap"
    book.answer("Q21", "unsure")
    assert book.it.classification.verdict == "bug"
    assert "V18" in {one.rule for one in view(book).violations}


def test_nothing_at_a_step_counts_as_looked_at() -> None:
    book = locked(Book(group_rename()))
    for said in ("nothing", "n", [], None):
        assert book.answer("W3", said).opportunities == ()  # type: ignore[arg-type]
    assert book.it.steps_visited == (3,)


def test_a_step_back_stands_at_its_own_event_unless_another_is_named() -> None:
    book = locked(Book(group_rename()))
    it = book.answer("W0", [{"stop": "A page to tier 2."}, {"stop": "A tool.", "at_event": "fix"}])
    kinds = {one.id: one.kind for one in it.timeline}
    assert [kinds[one.at_event] for one in it.opportunities] == ["escalation", "fix"]


def test_ids_stay_when_rows_are_edited_and_a_freed_one_is_not_given_again() -> None:
    book = locked(Book(group_rename()))
    row = {"kind": "cause", "text": "The sync removes grants.", "evidence": ["E01"]}
    book.answer("Q20", [row, {**row, "kind": "contributing"}])
    it = book.answer("Q20", [{**row, "id": "F2", "kind": "contributing"}, row])
    assert [(one.id, one.kind) for one in it.findings] == [("F2", "contributing"), ("F3", "cause")]


def test_the_code_of_the_ladder_goes_to_the_cause_that_has_none() -> None:
    book = locked(Book(group_rename()))
    row = {"text": "The sync removes grants.", "evidence": ["E01"]}
    book.answer("Q20", [{**row, "kind": "cause"}, {**row, "kind": "contributing", "code": "b5.3"}])
    book.answer("Q21", "no")
    it = book.answer("Q23", "B2.3 missing")
    assert [(one.code, one.modifier) for one in it.findings] == [("B2.3", "missing"), ("B5.3", "")]


def test_who_restores_a_safeguard_is_read_from_what_cites_it() -> None:
    book = locked(Book(group_rename()))
    book.answer("Q9", [{"name": "Summary", "actual": "broken", "how": "counts groups", "evidence": ["E01"]}])
    it = book.answer(
        "Q28", [{"addressee": "Sync team", "text": "Count grants.", "due": "+14d", "cites": "s1"}]
    )
    assert it.safeguards[0].restored_by == ("R1",)
    assert it.recommendations[0].due == (book.now + timedelta(days=14)).date()
    assert it.held == "none"


def test_parked_ideas_come_back_as_recommendations() -> None:
    book = locked(Book(group_rename()))
    book.write(interview.park_fix(book.it, "count grants in the summary"))
    book.write(interview.park_fix(book.it, "  "))
    assert book.it.parked_fixes == ("count grants in the summary",)
    rows = view(book, "Q28").prompt.prefill  # type: ignore[union-attr]
    assert rows[0]["text"] == "count grants in the summary"  # type: ignore[index,call-overload]


def test_in_full_mode_somebody_looks_at_the_timeline_before_the_lock() -> None:
    book = Book(group_rename())
    with pytest.raises(NeedsInput, match="Q1: nobody has looked"):
        book.answer("LOCK", "yes")
    book.answer("Q1", "accept")
    with pytest.raises(AnswersMissing, match="2 answers are missing: K2, Q3"):
        book.answer("LOCK", "yes")


def test_in_brief_mode_the_lock_keeps_the_imported_timeline_as_it_is() -> None:
    book = Book(export_stops(), mode="brief")
    book.answer("K1", "No export.")
    book.answer("K2", 4)
    before = book.it.timeline
    book.answer("LOCK", True)
    later = message("41206", 11, "2026-04-13T11:00", "Jonas Brandt", "customer", "One more thing.")
    book.facts = replace(book.facts, timeline=(*book.facts.timeline, later))
    assert book.it.timeline == before


def test_evidence_after_the_lock_is_taken_and_marked() -> None:
    book = locked(Book(group_rename()))
    it = book.answer(
        "Q1", [{"at": "m1 - 1h", "kind": "alert", "text": "Queue depth rose.", "ref": "monitor"}]
    )
    assert [one.kind for one in it.timeline if one.after_lock] == ["alert"]


def test_an_edited_import_keeps_its_first_words_and_a_dropped_one_goes() -> None:
    book = Book(group_rename())
    it = book.answer(
        "Q1", [{"id": "m1", "text": "212 people without access."}, {"id": "silence", "drop": True}]
    )
    assert it.timeline[0].text == "212 people without access."
    assert it.timeline[0].original.startswith("Since we renamed")
    assert "silence" not in {one.kind for one in it.timeline}


def test_what_the_ticket_had_since_is_offered_beside_what_was_kept() -> None:
    book = Book(group_rename())
    book.answer("Q1", "accept")
    later = message("40817", 12, "2026-03-11T03:00", "Ines Duarte", "customer", "One person is still out.")
    book.facts = replace(book.facts, timeline=(*book.facts.timeline, later))
    shown = view(book, "Q1").prompt
    assert shown is not None and shown.prefill_from == "your answer and 1 events since"
    assert book.answer("Q1", "accept").timeline[-1].text == "One person is still out."


def test_promises_are_confirmed_struck_out_kept_and_added_for_the_clock_as_well() -> None:
    book = Book(group_rename())
    rows = [
        {"id": "m2"},
        {"id": "c6#1", "withdrawn": True},
        {"id": "m9", "met_at": "now"},
        {"kind": "answer", "made_at": "m9", "due": "+2d", "quote": "on the phone"},
    ]
    it = book.answer("Q7", rows)
    assert [(one.kind, one.data["id"]) for one in book.case_entries] == [
        ("promise.confirmed", "c2#1"),
        ("promise.withdrawn", "c6#1"),
        ("promise.confirmed", "c10#1"),
        ("promise.kept", "c10#1"),
        ("promise.added", "added#9"),
    ]
    states = {one.id: one.state(book.now) for one in it.promises}
    assert (states["c6#1"], states["c10#1"], states["added#9"]) == ("kept", "kept", "open")
    assert next(one for one in it.promises if one.id == "c6#1").withdrawn


def test_a_time_told_to_the_customer_at_night_becomes_a_promise() -> None:
    book = Book(group_rename(), mode="quick")
    book.answer("K5", "all back; next update Friday 09:00")
    (added,) = book.case_entries
    assert (added.kind, added.data["due"]) == ("promise.added", "2026-03-13T09:00:00+00:00")
    book.answer("K5", "all back; explanation Friday 17:00")
    assert len(book.case_entries) == 1


def test_a_draft_is_kept_until_the_answer_is_given() -> None:
    book = Book(group_rename())
    book.write(interview.save_draft(book.it, "q3", "212 peo"))
    assert view(book, "Q3").prompt.draft == "212 peo"  # type: ignore[union-attr]
    book.answer("Q3", "212 people")
    assert book.it.drafts == {}


def test_a_hit_is_silenced_with_a_reason_only() -> None:
    book = Book(group_rename())
    with pytest.raises(Invalid, match="reason is wanted"):
        interview.silence(book.it, "Q20", "L09", " ")
    book.write(interview.silence(book.it, "Q20", "L09", "quoted"))
    assert book.it.silenced == {"Q20:L09": "quoted"}


def test_quick_mode_reaches_neither_lock_nor_adoption() -> None:
    book = Book(group_rename(), mode="quick")
    for act in (interview.lock_facts, interview.adopt):
        with pytest.raises(Stopped, match="quick mode"):
            act(book.it, book.facts, book.now)


def test_brief_mode_is_refused_where_a_trigger_asks_for_more() -> None:
    book = Book(group_rename(), mode="brief")
    with pytest.raises(Stopped, match="full mode is due: severity urgent"):
        interview.adopt(book.it, book.facts, book.now)


def test_brief_mode_adopts_with_a_verdict_and_one_recommendation() -> None:
    book = Book(export_stops(), mode="brief")
    for prompt, value in {
        "K1": "No export.", "K2": 4, "K3": [], "K4": "Article found.", "K5": "keep alive told", "K6": "Search the proxy table.", "QE": "",
        "LOCK": "yes", "W0": {"stop": "A search that knows the message."},
        "Q20": {"kind": "cause", "text": "The article shares no word with the message.", "evidence": ["m7"]},
        "Q21": "yes", "LE1": "yes", "LE2": "no", "Q23": "keep",
        "Q28": {"addressee": "Knowledge owner", "text": "Rename the article.", "due": "+7d", "aim": "educate", "cites": ["F1"]},
        "Q31": ["post"],
    }.items():  # fmt: skip
        assert at(book) == prompt
        book.answer(prompt, value)
    assert at(book) == ""
    book.write(interview.adopt(book.it, book.facts, book.now))
    assert (book.it.state, book.it.classification.code) == ("adopted", "E2.2")
    assert all(one.level == "warning" for one in view(book).violations)


def test_an_adopted_investigation_is_closed_until_new_evidence_reopens_it() -> None:
    book = Book(group_rename())
    with pytest.raises(Invalid, match="is not adopted"):
        interview.reopen(book.it, "more")
    book.answer_file(adopt=True)
    with pytest.raises(Stopped, match="Reopen it"):
        book.answer("Q27", "more")
    with pytest.raises(Stopped, match="already adopted"):
        interview.adopt(book.it, book.facts, book.now)
    book.write(interview.note_written(book.it))
    book.write(interview.reopen(book.it, "another customer wrote"))
    assert (book.it.state, book.it.phase, book.it.version) == ("reopened", "factual", 2)
    book.write(interview.adopt(book.it, book.facts, book.now))
    assert book.it.state == "adopted"


def test_the_next_promise_is_on_the_page() -> None:
    book = Book(group_rename())
    assert view(book).next_promise_due == book.facts.promises[-1].due


def test_every_question_can_be_shown_with_its_place_on_the_path() -> None:
    shown = view(answered("ESC-2026-0058"))
    assert [one.number for one in shown.prompts] == list(range(1, len(shown.prompts) + 1))
    assert {one.count for one in shown.prompts} == {len(shown.prompts)}
    assert shown.prompt is None
    walk = next(one for one in shown.prompts if one.id == "W4")
    assert (walk.step, walk.title) == (4, "Before anyone called: could we or the product have noticed?")
    assert walk.safeguards == ("monitor", "limit", "sanity check")


def test_time_spent_is_counted_in_sittings() -> None:
    book = Book(group_rename())
    start = book.now
    for minutes in (1, 2, 600):
        book.write(interview.park_fix(book.it, "idea"), at=start + timedelta(minutes=minutes))
    assert book.it.minutes_spent == 2 + ONE_SITTING.total_seconds() / 60


def test_an_investigation_nobody_opened_is_not_there() -> None:
    facts = group_rename()
    with pytest.raises(NotFound, match="HL-40817: no investigation was opened"):
        fold((), facts, facts.timeline[0].at)


def test_folding_the_same_docket_twice_is_the_same_investigation() -> None:
    book = answered("ESC-2026-0031")
    assert fold(book.entries, book.facts, book.now) == fold(list(book.entries), book.facts, book.now)


def test_the_work_goes_on_after_the_last_answer_and_not_at_an_optional_question_passed_by() -> None:
    book = Book(export_stops())
    for prompt, value in (("Q1", "accept"), ("K2", 4), ("Q3", "1 person")):
        book.answer(prompt, value)
    assert "Q2" in [one.id for one in view(book).prompts]
    assert at(book) == "Q4"


def test_a_required_question_left_out_comes_before_what_is_after_the_last_answer() -> None:
    book = Book(export_stops())
    for prompt, value in (("Q1", "accept"), ("Q3", "1 person"), ("Q4", "Nothing works.")):
        book.answer(prompt, value)
    assert at(book) == "K2"
