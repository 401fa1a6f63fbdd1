"""Where the time of a case went: the stretches are the whole of its life, whatever happened in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.retrospective.casebook import CASES, Book, answered
from tests.retrospective.threads import export_stops, group_rename
from triage.model.case import CaseFacts
from triage.model.errors import Invalid
from triage.model.investigation import CaseEvent, CaseLifeSegment
from triage.retrospective import case_life, report
from triage.retrospective.case_life import EXACT, PHASES, life, split, totals
from triage.retrospective.complexity import complexity
from triage.retrospective.interview_view import view
from triage.retrospective.report_analysis import zone

START = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
KINDS = (
    *("contact", "acknowledge", "promise", "reply", "evidence_request", "evidence_received", "hypothesis"),
    *("test", "status_change", "handoff", "escalation", "workaround", "fix", "verify", "change", "silence"),
    *("close", "reopen"),
)
EVENTS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(min_value=0, max_value=20_000)), min_size=1, max_size=60
)


def events(told: list[tuple[str, int]]) -> list[CaseEvent]:
    return [
        CaseEvent(f"E{number}", START + timedelta(minutes=minutes), kind, "x", "call", "r", "customer")
        for number, (kind, minutes) in enumerate(told)
    ]


@given(EVENTS, st.integers(min_value=0, max_value=30_000))
def test_the_stretches_are_the_whole_life_without_gap_or_overlap(
    told: list[tuple[str, int]], later: int
) -> None:
    now = START + timedelta(minutes=later)
    found, whole = split(events(told), now), life(events(told), now)
    if whole is None:
        assert found == ()
        return
    spent = sum((length for length, _ in totals(found).values()), timedelta())
    assert abs(spent - (whole[1] - whole[0])) <= EXACT
    for before, after in pairwise(found):
        assert before.end == after.start and before.phase in PHASES
    for phase in PHASES:
        rounds = [one.iteration for one in found if one.phase == phase]
        assert rounds == list(range(1, len(rounds) + 1))


@pytest.mark.parametrize("name", CASES)
def test_the_worked_cases_add_up_to_their_life(name: str) -> None:
    book = answered(name)
    whole = life(book.it.timeline, book.now)
    assert whole is not None
    spent = sum((one.end - one.start for one in book.it.case_life), timedelta())
    assert abs(spent - (whole[1] - whole[0])) <= EXACT


def test_a_correction_that_does_not_add_up_is_refused_by_its_row() -> None:
    book = Book(group_rename())
    book.answer("Q1", "accept")
    rows = [
        {"start": one.start.isoformat(), "end": one.end.isoformat(), "phase": one.phase}
        for one in book.it.case_life
    ]
    assert len(book.answer("Q8", rows).case_life) == len(rows)
    gap = [{**rows[0], "end": rows[0]["start"]}, *rows[1:]]
    with pytest.raises(Invalid, match="Q8 row 2: there is a gap or an overlap"):
        book.answer("Q8", gap)
    with pytest.raises(Invalid, match="life is not covered"):
        book.answer("Q8", rows[:-1])
    with pytest.raises(Invalid, match="row 1: it ends before it begins"):
        book.answer("Q8", [{**rows[0], "start": rows[0]["end"], "end": rows[0]["start"]}, *rows[1:]])


def test_nothing_of_a_case_life_can_name_a_person() -> None:
    assert set(CaseLifeSegment.__slots__) == {"start", "end", "phase", "waiting_on", "iteration"}
    sides = {one.waiting_on for name in CASES for one in answered(name).it.case_life}
    assert sides <= {"customer", "support", "engineering", "third_party"}


def test_a_second_round_of_evidence_proposes_a_finding() -> None:
    book = Book(export_stops())
    for prompt, value in (("K2", 4), ("Q1", "accept"), ("Q3", "1 person, 4 days"), ("LOCK", True)):
        book.answer(prompt, value)
    asked = view(book.it, book.facts, book.now, at="Q20").prompt
    assert asked is not None and isinstance(asked.prefill, list)
    [row] = asked.prefill
    assert (row["kind"], row["code"]) == ("other_risk", "E4.1")  # type: ignore[call-overload,index]
    assert asked.prefill_lacks and asked.prefill_from == "2 requests for evidence"


def test_the_worked_cases_lie_in_their_zones() -> None:
    zones = [zone(*it.stacey_now) for name in CASES if (it := answered(name).it).stacey_now is not None]
    assert zones == ["political", "rational", "political"]


def test_every_pair_lies_in_one_zone() -> None:
    found = {zone(sure, agreed) for sure in range(1, 6) for agreed in range(1, 6)}
    assert found == {"rational", "political", "judgemental", "chaos", "complex"}
    assert (zone(1, 1), zone(1, 2), zone(3, 4), zone(4, 3)) == (
        "chaos",
        "complex",
        "judgemental",
        "political",
    )


def test_the_first_worked_case_is_seldom_and_hard_and_the_report_says_why() -> None:
    book = answered("ESC-2026-0031")
    held = complexity(book.it, book.facts)
    assert held.zone == "low volume, high complexity"
    assert 1 <= held.customer_intimacy <= 5 and 1 <= held.offline_work <= 5 and 1 <= held.technical_level <= 5
    text = report.markdown(book.it, book.facts, book.now)
    assert "Kind of case: low volume, high complexity" in text


def test_a_question_answered_in_one_word_is_frequent_and_simple() -> None:
    book = Book(group_rename())
    reply = next(one for one in book.facts.timeline if one.word_to_customer)
    facts = CaseFacts(book.facts.ticket, (book.facts.timeline[0], reply), (), ("a", "b", "c", "d"))
    assert complexity(Book(facts).it, facts).zone == "high volume, low complexity"


def test_the_parts_of_a_life_are_spelled_for_people() -> None:
    assert case_life.spell(timedelta(days=3, hours=7, minutes=25)) == "3 d 7:25"
    assert set(get_args(case_life.LifePhase)) == set(PHASES)
