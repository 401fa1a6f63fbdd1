# ruff: noqa: E501 (a sentence or a mutant is read on one line)
"""What the ticket already says is offered, with where it was read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.prefill import measure
from tests.retrospective.casebook import CASES, Book, answered
from tests.retrospective.threads import audit_extract, export_stops, group_rename, message
from triage.model.case import CaseFacts
from triage.model.investigation import PromptView
from triage.model.timeline import TimelineEvent
from triage.retrospective import case_life, interview_view
from triage.retrospective.imported_timeline import EXCERPT, imported_events
from triage.retrospective.prefill import prefilled_share
from triage.retrospective.triggers import triggers


def offered(facts: CaseFacts, prompt: str, book: Book | None = None) -> PromptView:
    book = book or Book(facts)
    shown = interview_view.view(book.it, facts, book.now, at=prompt).prompt
    assert shown is not None
    return shown


@pytest.mark.parametrize("name", CASES)
def test_most_of_a_full_investigation_comes_from_the_ticket(name: str) -> None:
    book, counted = answered(name), measure(name)
    assert prefilled_share(book.it, book.facts, book.now) >= 0.6
    assert counted.answers_offered >= 0.6 * counted.answers
    assert counted.fields_offered >= 0.6 * counted.fields


@pytest.mark.parametrize(
    ("facts", "prompt", "value", "read_at"),
    [
        (group_rename(), "K1", "Since we renamed two groups in our directory, 212 warehouse people cannot open any manifest.", "comment 1, 18:42 UTC"),
        (group_rename(), "K2", "authority", "comment 7, 01:10 UTC"),
        (export_stops(), "K2", "expected_behaviour", "comment 6, 11:30 UTC"),
        (group_rename(), "K3", ["sync.log (comment 3)"], "attachments"),
        (group_rename(), "Q4", "Is anybody there?", "comment 5, 23:40 UTC"),
        (group_rename(), "Q11", ["HL-38102", "HL-39544", "chronic"], "looks alike"),
        (group_rename(), "Q22", "self_inflicted", "comment 11, 02:44 UTC"),
        (audit_extract(), "Q22", "own_scripts", "comment 4, 11:40 UTC"),
    ],
)  # fmt: skip
def test_an_offer_says_where_it_was_read(facts: CaseFacts, prompt: str, value: object, read_at: str) -> None:
    shown = offered(facts, prompt)
    assert (shown.prefill, shown.prefill_from) == (value, read_at)


def test_earlier_cases_are_found_in_the_internal_notes_too() -> None:
    assert offered(replace(group_rename(), earlier=()), "Q11").prefill == ["HL-38102", "HL-39544", "chronic"]


def test_parties_are_the_roles_of_the_thread_without_any_name() -> None:
    rows = offered(group_rename(), "Q5").prefill
    assert isinstance(rows, list)
    assert [row["kind"] for row in rows] == ["customer", "support_frontline", "support_tier2", "engineering"]  # type: ignore[index,call-overload]


@pytest.mark.parametrize("name", CASES)
def test_every_offer_can_be_accepted_as_it_is_or_says_what_is_missing(name: str) -> None:
    book = Book(CASES[name](), name)
    for prompt in ("K1", "K2", "K3", "K4", "K5", "Q1", "Q3", "Q4", "Q5", "Q6", "Q7", "Q8"):
        if offered(book.facts, prompt, book).prefill is not None:
            book.answer(prompt, "accept")
    book.answer("LOCK", "yes")
    assert book.it.phase == "factual"


KINDS = {
    "group": "contact promise evidence_received silence hypothesis contact promise promise escalation fix promise verify",
    "export": "contact promise evidence_received evidence_request evidence_received promise escalation hypothesis workaround verify",
    "audit": "contact promise evidence_received promise escalation hypothesis promise workaround reply verify promise",
}  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "kinds"),
    [(group_rename(), KINDS["group"]), (export_stops(), KINDS["export"]), (audit_extract(), KINDS["audit"])],
)
def test_the_thread_becomes_the_history_of_the_case(facts: CaseFacts, kinds: str) -> None:
    now = facts.timeline[-1].at + timedelta(hours=1)
    events = imported_events(facts, now, now)
    assert " ".join(one.kind for one in events) == kinds
    assert [one.id for one in events] == [f"E{number:02}" for number in range(1, len(events) + 1)]
    assert all(one.ref and one.imported for one in events)


def test_a_broken_promise_leaves_a_silence_where_it_fell_due() -> None:
    facts = group_rename()
    silence = next(
        one
        for one in imported_events(facts, facts.timeline[-1].at, facts.timeline[-1].at)
        if one.kind == "silence"
    )
    assert silence.at == datetime(2026, 3, 10, 20, 30, tzinfo=UTC)
    assert "until 11 Mar 00:15 UTC" in silence.text


def test_a_customer_left_waiting_without_any_promise_is_a_silence_as_well() -> None:
    thread = (
        message("1", 1, "2026-03-10T08:00", "A", "customer", "It is down."),
        message("1", 2, "2026-03-10T08:10", "B", "support", "Thank you."),
        message("1", 3, "2026-03-10T08:20", "A", "customer", "Still down."),
        message("1", 4, "2026-03-10T18:20", "B", "support", "We are on it."),
    )
    facts = replace(group_rename(), timeline=thread, promises=())
    kinds = [one.kind for one in imported_events(facts, thread[-1].at, thread[-1].at)]
    assert kinds.count("silence") == 1


def test_a_ticket_without_a_sign_of_escalation_gets_one_marked_as_estimated() -> None:
    thread = tuple(one for one in group_rename().timeline if one.kind != "escalation")
    facts = replace(group_rename(), timeline=thread)
    found = [one for one in imported_events(facts, thread[3].at, thread[-1].at) if one.kind == "escalation"]
    assert [(one.at, one.precision) for one in found] == [(thread[3].at, "estimated")]


def change(field: str, old: str, new: str, at: str = "2026-03-11T01:12") -> TimelineEvent:
    base = message("40817", 0, at, "system", "helpdesk", "")
    return replace(
        base,
        id=f"a-{field}",
        kind="change",
        visibility="internal",
        field=field,
        old=old,
        new=new,
        source_ref="audit 9",
    )


def test_the_changes_of_one_audit_are_one_event_of_the_weightiest_kind() -> None:
    thread = (
        *group_rename().timeline[:7],
        change("priority", "high", "urgent"),
        change("group", "Tier 2", "Engineering"),
        change("status", "new", "open"),
    )
    facts = replace(group_rename(), timeline=thread)
    last = imported_events(facts, thread[-1].at, thread[-1].at)[-1]
    assert (last.kind, last.text) == (
        "escalation",
        "priority: high → urgent; group: Tier 2 → Engineering; status: new → open",
    )


def test_an_escalation_told_by_a_message_is_not_told_again_by_its_change() -> None:
    told = message("40817", 8, "2026-03-11T01:12", "system", "helpdesk!", "Escalated to engineering.")
    thread = (*group_rename().timeline[:7], told, change("tags", "sync", "escalated, sync"))
    events = imported_events(replace(group_rename(), timeline=thread), thread[-1].at, thread[-1].at)
    assert [one.kind for one in events[-2:]] == ["escalation", "handoff"]


def test_what_this_program_wrote_is_no_fact_of_the_case() -> None:
    note = message(
        "40817", 12, "2026-03-11T03:00", "bot", "engineering!", "[esc:ESC-2026-0031 v1] FINAL · bug"
    )
    thread = (*group_rename().timeline, note, change("esc_code", "", "B2.3", "2026-03-11T03:00"))
    events = imported_events(replace(group_rename(), timeline=thread), thread[-1].at, thread[-1].at)
    assert events[-1].kind == "verify"


def test_a_hostile_and_endless_message_becomes_a_short_clean_line() -> None:
    long = message("1", 1, "2026-03-10T08:00", "A", "customer", "\x1b[31mdown\x07 " + "x y " * 100_000)
    event = imported_events(replace(group_rename(), timeline=(long,), promises=()), long.at, long.at)[0]
    assert len(event.text) <= EXCERPT + 2
    assert "\x1b" not in event.text and "\x07" not in event.text


@pytest.mark.parametrize(
    ("facts", "life"),
    [
        (group_rename(), "documentation 0:49 ×1, investigation 6:54 ×2, fix_verify 0:19 ×1"),
        (export_stops(), "documentation 17:40 ×2, investigation 3 d 7:45 ×3, fix_verify 0:32 ×1"),
        (audit_extract(), "documentation 1:10 ×1, investigation 2 d 1:55 ×2, fix_verify 20:25 ×1"),
    ],
)
def test_the_life_of_a_case_is_split_without_a_minute_lost(facts: CaseFacts, life: str) -> None:
    now = facts.timeline[-1].at
    events = imported_events(facts, now, now)
    segments = case_life.split(events, now)
    totals = case_life.totals(segments)
    assert (
        ", ".join(f"{phase} {case_life.spell(took)} ×{rounds}" for phase, (took, rounds) in totals.items())
        == life
    )
    verified = next(one.at for one in reversed(events) if one.kind == "verify")
    assert sum((took for took, _ in totals.values()), timedelta()) == verified - events[0].at


def test_a_case_nobody_took_is_queue() -> None:
    thread = (message("1", 1, "2026-03-10T08:00", "A", "customer", "It is down."),)
    facts = replace(group_rename(), timeline=thread, promises=())
    now = thread[0].at + timedelta(hours=3)
    assert [one.phase for one in case_life.split(imported_events(facts, now, now), now)] == ["queue"]


def test_an_earlier_case_that_was_closed_does_not_end_this_one() -> None:
    book = Book(replace(group_rename(), timeline=group_rename().timeline[:9]))
    it = book.answer(
        "Q1", [{"at": "m1 - 50d", "kind": "close", "text": "Earlier case closed.", "ref": "HL-38102"}]
    )
    assert it.case_life[-1].end == book.now


def test_what_asks_for_a_full_investigation_is_said_in_words() -> None:
    facts = group_rename()
    assert triggers(facts, ("HL-38102",), facts.timeline[-1].at) == (
        "severity urgent",
        "happened before: HL-38102",
        "a promise missed by more than an hour",
        "the customer rated it bad",
    )
    assert triggers(export_stops(), (), export_stops().timeline[-1].at) == ()


def test_the_effect_is_offered_as_it_was_said_at_night() -> None:
    book = Book(group_rename())
    book.answer("K1", "212 people cannot open manifests")
    shown = offered(book.facts, "Q3", book)
    assert (shown.prefill, shown.prefill_from) == ("212 people cannot open manifests", "K1")
    assert shown.prefill_lacks == ""


def test_an_effect_without_a_number_says_what_it_lacks() -> None:
    book = Book(group_rename())
    book.answer("K1", "They cannot open manifests")
    assert "how many" in offered(book.facts, "Q3", book).prefill_lacks


def test_a_step_back_that_was_begun_says_what_it_lacks() -> None:
    book = Book(group_rename())
    shown = offered(book.facts, "W0", book)
    assert shown.prefill and "what would have stopped it" in shown.prefill_lacks
    assert offered(book.facts, "K1", book).prefill_lacks == ""
