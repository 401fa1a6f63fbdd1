# ruff: noqa: E501 (a sentence or a mutant is read on one line)
"""What leaves an investigation: the report, the internal note, the words for the customer, tags and fields."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.retrospective.casebook import CASES, Book, answered
from tests.retrospective.threads import export_stops, group_rename
from triage.model.investigation import CaseEvent
from triage.retrospective import cause_sentence, interview, report
from triage.retrospective.customer_draft import draft_text, reading_grade, trouble_in
from triage.retrospective.internal_note import NOTE_LIMIT
from triage.retrospective.markdown_text import line, paragraph
from triage.retrospective.report_analysis import zone
from triage.retrospective.wording import names_of

BOOK = answered("ESC-2026-0031")
HEADINGS = [
    "## Synopsis", "## 1 Factual information", "### 1.1", "### 1.2", "### 1.3", "### 1.4", "### 1.5", "### 1.6",
    "### 1.7", "### 1.8", "### 1.9", "### 1.10", "## 2 Analysis", "### 2.1", "### 2.2", "### 2.3", "### 2.4",
    "### 2.5", "## 3 Conclusions", "### 3.1", "### 3.2", "### 3.3", "### 3.4", "## 4 Recommendations",
    "## Appendices", "### A", "### B", "### C", "### D",
]  # fmt: skip


def headings(text: str) -> list[str]:
    return [one for one in text.splitlines() if one.startswith("##")]


@pytest.mark.parametrize("name", CASES)
def test_a_final_report_has_every_part_under_its_number(name: str) -> None:
    book = answered(name)
    text = report.markdown(book.it, book.facts, book.now)
    found = headings(text)
    assert len(found) == len(HEADINGS)
    assert all(one.startswith(wanted) for one, wanted in zip(found, HEADINGS, strict=True))
    assert "It assigns no blame or liability. Phase: **FINAL**" in text
    assert "Completeness: 0 open items." in text


def test_a_preliminary_report_ends_with_the_facts_and_names_no_cause() -> None:
    book = Book(group_rename(), mode="quick")
    text = report.markdown(book.it, book.facts, book.now)
    assert headings(text) == [
        one for one in headings(text) if one.startswith(("## Synopsis", "## 1", "### 1."))
    ]
    assert headings(text)[-1].startswith("### 1.9")
    assert "Probable cause" not in text and "Verdict" not in text
    assert "not yet determined" in text


def test_a_factual_report_keeps_the_numbers_and_says_what_is_not_yet_determined() -> None:
    book = Book(group_rename())
    for prompt, value in (("Q1", "accept"), ("K2", 2), ("Q3", "212 people"), ("LOCK", "yes")):
        book.answer(prompt, value)
    text = report.markdown(book.it, book.facts, book.now)
    assert len(headings(text)) == len(HEADINGS)
    assert text.count("not yet determined") > 8
    assert "Probable cause: not yet determined." in text


@pytest.mark.parametrize("name", CASES)
def test_no_name_of_a_person_is_in_the_parts_we_wrote(name: str) -> None:
    book = answered(name)
    text = report.markdown(book.it, book.facts, book.now).partition("## 2 Analysis")[2]
    assert not [one for one in names_of(book.facts) if re.search(rf"\b{re.escape(one)}\b", text)]


def test_a_late_promise_says_by_how_much_and_an_open_one_is_carried_over() -> None:
    text = report.markdown(BOOK.it, BOOK.facts, BOOK.now)
    assert "| P2 | next update | 2026-03-10 20:30 | 2026-03-11 00:15 | late by 3:45 |" in text
    assert "| P5 | answer | 2026-03-13 17:00 | – | open, carried over |" in text


def test_text_from_outside_can_break_neither_table_nor_terminal() -> None:
    hostile = "a | b\n# c \x1b[2J <script> `x` _y_ [z](http://e)"
    events = (replace(BOOK.it.timeline[0], text=hostile), *BOOK.it.timeline[1:])
    text = report.markdown(replace(BOOK.it, timeline=events, impact=hostile), BOOK.facts, BOOK.now)
    assert "\x1b" not in text
    assert "a \\| b # c" in text and "\\<script>" in text and "\\[z\\](http" in text
    assert "\n\\# c" in text
    assert line("deploy_4_2 is fine") == "deploy_4_2 is fine"
    assert paragraph("1. not a list") == "\\1. not a list"


def test_the_sentence_is_drafted_from_the_findings_and_stays_short() -> None:
    drafted = cause_sentence.draft(BOOK.it)
    assert drafted.startswith(
        "The probable cause of “212 people lost access after we renamed two groups” was that the directory sync"
    )
    assert "[F1]. Contributing were that " in drafted and "[F2], and that two earlier cases" in drafted
    long = replace(
        BOOK.it,
        findings=tuple(
            replace(one, text=f"{one.text[:-1]}, {'and so on ' * 20}.") for one in BOOK.it.findings
        ),
    )
    assert cause_sentence.trouble(cause_sentence.draft(long)) == ""
    assert cause_sentence.draft(replace(BOOK.it, findings=())) == ""


def test_one_contributing_finding_is_spoken_of_in_the_singular() -> None:
    single = replace(BOOK.it, findings=BOOK.it.findings[:2])
    assert "Contributing was that restoring" in cause_sentence.draft(single)


def test_a_sentence_without_citations_speaks_for_all_findings_of_its_kind() -> None:
    plain = replace(
        BOOK.it, cause_sentence="The probable cause of it was a rename. Contributing were two things."
    )
    assert cause_sentence.cited(plain) == cause_sentence.Cited(("F1",), ("F2", "F3"))


@pytest.mark.parametrize("name", CASES)
def test_the_note_carries_its_marker_and_all_that_counts(name: str) -> None:
    book = answered(name)
    note = report.internal_note(book.it, book.facts)
    lines = note.splitlines()
    code = book.it.classification.code
    assert lines[0].startswith(f"[esc:{name} v1] FINAL · ") and f" {code} " in lines[0]
    assert [one.partition(":")[0] for one in lines[1:]] == [
        "Cause",
        "Contributing",
        "Not known",
        "Recommendations",
        "Promises",
    ]
    assert len(note) <= NOTE_LIMIT


def test_the_note_of_the_first_case_says_what_happened_to_promises_and_time() -> None:
    note = report.internal_note(BOOK.it, BOOK.facts)
    assert "chronic · HL-38102, HL-39544" in note
    assert "R1 OAA 13 Apr · R2 OAR 28 Jun · R3 CAA · R4 OAR 29 Mar · R5 OAAR 13 May" in note
    assert note.endswith(
        "Promises: 4 made, 2 kept, 1 late (3:45), 1 open. Case life: doc 0:49 ×1 · inv 6:54 ×2 · fix+verify 0:19 ×1"
    )


def test_a_note_that_would_be_too_long_is_shortened_and_keeps_its_lines() -> None:
    wordy = replace(
        BOOK.it, findings=tuple(replace(one, text=f"{one.text} {'word ' * 300}") for one in BOOK.it.findings)
    )
    note = report.internal_note(wordy, BOOK.facts)
    assert len(note) <= NOTE_LIMIT
    assert note.startswith("[esc:ESC-2026-0031 v1]") and "Recommendations: R1" in note


def test_the_next_note_has_the_next_version() -> None:
    book = Book(group_rename())
    book.write(interview.note_written(book.it))
    assert report.internal_note(book.it, book.facts).startswith("[esc:ESC-2026-0031 v2] PRELIMINARY")


@pytest.mark.parametrize(
    ("name", "tags", "fields"),
    [
        ("ESC-2026-0031", ("esc-bug", "esc-b2-3"), {"esc_verdict": "bug", "esc_code": "B2.3", "esc_problem": "HL-38102, HL-39544"}),
        ("ESC-2026-0044", ("esc-education", "esc-e2-2"), {"esc_verdict": "education_gap", "esc_code": "E2.2"}),
        ("ESC-2026-0058", ("esc-bug", "esc-b4-1"), {"esc_verdict": "bug", "esc_code": "B4.1", "esc_problem": "ESC-2026-0058"}),
    ],
)  # fmt: skip
def test_the_ticket_gets_tags_and_fields(name: str, tags: tuple[str, ...], fields: dict[str, str]) -> None:
    assert report.ticket_changes(answered(name).it) == (tags, {"esc_phase": "final", **fields})


def test_before_adoption_only_the_phase_is_told_to_the_ticket() -> None:
    assert report.ticket_changes(Book(export_stops()).it) == ((), {"esc_phase": "preliminary"})


@pytest.mark.parametrize("name", CASES)
def test_the_words_for_the_customer_are_fit_to_leave(name: str) -> None:
    book = answered(name)
    text = draft_text(book.it, book.now)
    assert trouble_in(text, book.it, book.facts) == ()
    assert "not sent" in report.customer_draft(book.it, book.facts, book.now)
    assert not re.search(r"HL-3|ENH|\b[BE]\d\.\d|\[F", text)


def test_only_confirmed_work_is_named_with_its_date() -> None:
    text = draft_text(BOOK.it, BOOK.now)
    assert "13 April" in text and "13 May" in text
    assert "28 June" not in text and "stable id" not in text
    assert "You hear from us next by 13 March 17:00 UTC" in text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("Marek restarted it.", "it names Marek"),
        ("See HL-38102.", "another ticket, HL-38102"),
        ("It was self-inflicted.", "it makes an excuse: “self-inflicted”"),
        ("See https://tracker.example/1.", "it holds a link"),
        ("This is B2.3.", "it holds an internal code, B2.3"),
        ("It comes on 28 June.", "the date 28 June is confirmed by nobody"),
        ("Notwithstanding organizational considerations concerning authorization infrastructure, remediation of "
         "irregularities necessitates comprehensive reconsideration of directory synchronization", "school grade"),
    ],
)  # fmt: skip
def test_what_must_not_leave_is_told_before_anybody_copies(words: str, says: str) -> None:
    assert any(says in one for one in trouble_in(words, BOOK.it, BOOK.facts))


def test_the_customers_own_name_and_ticket_may_be_used() -> None:
    assert trouble_in("Dear Ines, this is about HL-40817.", BOOK.it, BOOK.facts) == ()


def test_a_draft_with_trouble_says_so_under_its_rule() -> None:
    bad = replace(BOOK.it, impact="Marek restarted it.")
    assert "Before you copy it:\n- it names Marek" in report.customer_draft(bad, BOOK.facts, BOOK.now)


def test_easy_words_have_a_low_grade() -> None:
    assert reading_grade("We fixed it. You can work again.") < 4
    assert reading_grade("") == 0


@pytest.mark.parametrize(
    ("sure", "agreed", "name"),
    [(5, 5, "rational"), (4, 3, "political"), (3, 4, "judgemental"), (1, 1, "chaos"), (3, 3, "complex"), (1, 2, "complex")],
)  # fmt: skip
def test_certainty_and_agreement_lie_in_one_zone(sure: int, agreed: int, name: str) -> None:
    assert zone(sure, agreed) == name


def test_evidence_after_the_lock_is_marked_in_the_history() -> None:
    late = CaseEvent(
        "E99",
        BOOK.now - timedelta(hours=1),
        "alert",
        "Seen again.",
        "alert",
        "monitor",
        "product",
        after_lock=True,
    )
    text = report.markdown(replace(BOOK.it, timeline=(*BOOK.it.timeline, late)), BOOK.facts, BOOK.now)
    assert "Seen again. *(after the facts were locked)*" in text


def test_a_due_date_is_printed_as_a_date() -> None:
    assert BOOK.it.recommendations[0].due == date(2026, 4, 13)


@pytest.mark.parametrize(
    ("impact", "reads"),
    [("", "not yet determined. "), ("212 people", "212 people. "), ("They are out!", "They are out! ")],
)
def test_the_synopsis_ends_the_effect_before_it_says_how_it_ended(impact: str, reads: str) -> None:
    it = replace(BOOK.it, impact=impact)
    assert f"{reads}The customer confirmed" in report.markdown(it, BOOK.facts, BOOK.now)


def test_who_was_assigned_is_told_without_a_name() -> None:
    facts = group_rename()
    change = replace(
        facts.timeline[-1], id="x1", kind="change", field="assignee", old="Marek", new="Adaeze",
        text="assignee: Marek → Adaeze",
    )  # fmt: skip
    book = Book(replace(facts, timeline=(*facts.timeline, change)))
    assert "assignee: changed" in report.markdown(book.it, book.facts, book.now)
    assert "Adaeze" not in book.it.timeline[-1].text
