# ruff: noqa: E501 (a sentence or a mutant is read on one line)
"""Each rule V01-V30 is broken by a mutant of the first worked case, and by nothing else in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.retrospective.casebook import CASES, answered
from triage.model.investigation import Finding, Investigation, Opportunity, Safeguard
from triage.retrospective import rules
from triage.retrospective.script import known

BOOK = answered("ESC-2026-0031")
Mutation = Callable[[Investigation], Investigation]


def event(it: Investigation, place: int, **change: Any) -> Investigation:
    events = list(it.timeline)
    events[place] = replace(events[place], **change)
    return replace(it, timeline=tuple(events))


def guard(it: Investigation, **change: Any) -> Investigation:
    return replace(it, safeguards=(replace(it.safeguards[0], **change), *it.safeguards[1:]))


def finding(it: Investigation, place: int, **change: Any) -> Investigation:
    findings = list(it.findings)
    findings[place] = replace(findings[place], **change)
    return replace(it, findings=tuple(findings))


def all_of(it: Investigation, kind: str, to: str) -> tuple[Finding, ...]:
    return tuple(replace(one, kind=to) if one.kind == kind else one for one in it.findings)  # type: ignore[arg-type]


def said(it: Investigation, **change: Any) -> Investigation:
    return replace(it, classification=replace(it.classification, **change))


def advice(it: Investigation, **change: Any) -> Investigation:
    return replace(it, recommendations=(replace(it.recommendations[0], **change), *it.recommendations[1:]))


def advice_all(it: Investigation, **change: Any) -> Investigation:
    return replace(it, recommendations=tuple(replace(one, **change) for one in it.recommendations))


def step(it: Investigation, **change: Any) -> Investigation:
    return replace(it, opportunities=(replace(it.opportunities[0], **change), *it.opportunities[1:]))


def without_contact(it: Investigation) -> Investigation:
    return replace(
        it,
        timeline=tuple(replace(one, kind="reply") if one.kind == "contact" else one for one in it.timeline),
    )


def without_escalation(it: Investigation) -> Investigation:
    return replace(
        it,
        timeline=tuple(
            replace(one, kind="handoff") if one.kind == "escalation" else one for one in it.timeline
        ),
    )


def no_promise(it: Investigation) -> Investigation:
    return replace(it, promises=tuple(one for one in it.promises if one.kind == "acknowledge"))


def broken_promise(it: Investigation) -> Investigation:
    assert it.adopted_at is not None
    late = replace(it.promises[-1], due=it.adopted_at - timedelta(hours=1), met_at=None)
    return replace(it, promises=(*it.promises[:-1], late))


MUTANTS: dict[str, Mutation] = {
    "V01": without_contact,
    "V02": without_escalation,
    "V03": lambda it: event(it, 3, ref=" "),
    "V04": lambda it: replace(it, impact=""),
    "V05": lambda it: event(it, -1, at=BOOK.now + timedelta(minutes=1)),
    "V06": lambda it: step(it, at_event="E77"),
    "V07": lambda it: replace(it, opportunities=it.opportunities[:2], steps_visited=(0, 2)),
    "V08": lambda it: guard(it, how=""),
    "V09": lambda it: guard(it, evidence=("E77",)),
    "V10": lambda it: guard(it, restored_by=()),
    "V11": lambda it: finding(it, 4, evidence=()),
    "V12": lambda it: finding(it, 1, code=""),
    "V13": lambda it: replace(it, findings=all_of(it, "cause", "other_risk"), cause_sentence=it.cause_sentence.replace(" [F1]", "")),
    "V14": lambda it: replace(it, findings=all_of(it, "contributing", "other_risk"), cause_sentence=it.cause_sentence.partition(" Contributing")[0]),
    "V15": lambda it: replace(it, cause_sentence=it.cause_sentence.replace("[F1]", "[F1, F4]")),
    "V16": lambda it: replace(it, not_known=" "),
    "V17": lambda it: said(it, verdict="undetermined"),
    "V18": lambda it: said(it, code="B5.3"),
    "V19": lambda it: said(it, excuse_answer="No."),
    "V20": lambda it: advice_all(it, aim="mitigate"),
    "V21": lambda it: advice_all(it, strength="weak"),
    "V22": lambda it: said(it, chronic=False),
    "V23": lambda it: advice(it, addressee=" "),
    "V24": lambda it: advice(it, due=None),
    "V25": lambda it: advice(it, status="OPEN"),
    "V26": lambda it: finding(it, 3, text="The agent should have collected the log before escalating."),
    "V27": no_promise,
    "V28": broken_promise,
    "V29": lambda it: replace(it, reason_escalated=""),
    "V30": lambda it: replace(it, parties=tuple(replace(one, submission="invited") for one in it.parties)),
}  # fmt: skip


def broken(it: Investigation) -> dict[str, str]:
    return {one.rule: one.level for one in rules.check(it, BOOK.facts, BOOK.now)}


@pytest.mark.parametrize("name", CASES)
def test_the_worked_cases_break_no_rule(name: str) -> None:
    book = answered(name)
    assert rules.check(book.it, book.facts, book.now) == ()


@pytest.mark.parametrize("rule", [one.id for one in rules.RULES])
def test_a_mutant_that_breaks_one_rule_is_told_about_that_rule_alone(rule: str) -> None:
    assert broken(MUTANTS[rule](BOOK.it)) == {rule: "error"}


def test_there_are_thirty_rules_each_with_words_and_a_place_to_mend() -> None:
    assert [one.id for one in rules.RULES] == [f"V{number:02}" for number in range(1, 31)]
    for rule in rules.RULES:
        violation = rules.check(MUTANTS[rule.id](BOOK.it), BOOK.facts, BOOK.now)[0]
        assert violation.prompt_id in known()
        assert violation.text.endswith((".", "?")) and len(violation.text) > 20


def test_a_party_that_was_asked_and_stayed_silent_counts_as_heard() -> None:
    silent = replace(BOOK.it, parties=tuple(replace(one, submission="no_reply") for one in BOOK.it.parties))
    assert broken(silent) == {}


def test_a_missed_promise_is_carried_over_by_a_later_one_that_was_met_and_stays_missed() -> None:
    missed = broken_promise(BOOK.it)
    kept = next(one for one in BOOK.it.promises if one.met_at is not None)
    latest = max(one.made_at for one in missed.promises)
    later = replace(kept, id="later", made_at=latest + timedelta(minutes=1))
    assert broken(missed) == {"V28": "error"}
    assert broken(replace(missed, promises=(*missed.promises, later))) == {}
    assert broken(replace(missed, promises=(*missed.promises, replace(later, met_at=None)))) == {
        "V28": "error"
    }


@pytest.mark.parametrize("rule", ["V07", "V14", "V16", "V21", "V30"])
def test_in_brief_mode_depth_is_only_advised(rule: str) -> None:
    brief = replace(MUTANTS[rule](BOOK.it), mode="brief")
    if rule == "V07":
        brief = replace(brief, opportunities=())
    assert broken(brief) == {rule: "warning"}


def test_before_the_lock_only_facts_are_asked_for() -> None:
    early = replace(
        BOOK.it, phase="preliminary", findings=(), recommendations=(), cause_sentence="", impact=""
    )
    assert broken(early) == {"V04": "error"}


@pytest.mark.parametrize(
    ("rule", "other"),
    [
        ("V05", lambda it: event(it, 3, at=it.timeline[0].at.replace(hour=0, minute=0), imported=False, precision="exact")),
        ("V06", lambda it: step(it, stop="")),
        ("V11", lambda it: finding(it, 0, evidence=("E01", "E77"))),
        ("V12", lambda it: finding(it, 1, code="B5.9")),
        ("V18", lambda it: said(it, verdict="education_gap", code="B2.3")),
        ("V25", lambda it: advice(it, cites=("F1", "S9"))),
        ("V23", lambda it: replace(it, recommendations=(), safeguards=())),
    ],
)  # fmt: skip
def test_the_other_half_of_a_rule_is_guarded_too(rule: str, other: Mutation) -> None:
    assert rule in broken(other(BOOK.it))


def test_an_escalation_before_the_first_contact_is_told() -> None:
    contact = min(one.at for one in BOOK.it.timeline if one.kind == "contact")
    place = next(at for at, one in enumerate(BOOK.it.timeline) if one.kind == "escalation")
    assert broken(event(BOOK.it, place, at=contact - timedelta(minutes=1))) == {"V05": "error"}


def test_an_education_gap_wants_teaching_and_not_prevention() -> None:
    book = answered("ESC-2026-0044")
    untaught = replace(
        book.it, recommendations=tuple(replace(one, aim="prevent") for one in book.it.recommendations)
    )
    assert [one.rule for one in rules.check(untaught, book.facts, book.now)] == ["V20"]


def test_a_gap_accepted_with_a_reason_needs_no_recommendation() -> None:
    assert broken(guard(BOOK.it, restored_by=(), accepted_gap="The summary goes away in 5.0.")) == {}


def test_nine_steps_walked_with_one_answer_are_a_whole_walk() -> None:
    walked = replace(BOOK.it, opportunities=BOOK.it.opportunities[:1], steps_visited=tuple(range(9)))
    assert broken(walked) == {}
    assert broken(replace(walked, opportunities=())) == {"V07": "error"}


def test_a_silenced_hit_no_longer_counts_and_only_there() -> None:
    blaming = finding(BOOK.it, 3, text="The agent should have collected the log before escalating.")
    assert broken(replace(blaming, silenced={"Q20:L01": "quoted from the interview"})) == {}
    assert broken(replace(blaming, silenced={"Q26:L01": "elsewhere"})) == {"V26": "error"}


def test_imported_words_of_others_are_quotations_until_they_are_edited() -> None:
    blaming = event(BOOK.it, 4, text="You should have told us this in March.")
    assert broken(blaming) == {}
    assert broken(event(blaming, 4, original="It is down.")) == {"V26": "error"}


def test_the_place_to_mend_wording_is_where_the_words_stand() -> None:
    blaming = step(BOOK.it, signal="Kofi should have seen the log.")
    assert [one.prompt_id for one in rules.check(blaming, BOOK.facts, BOOK.now)] == ["W0"]


def test_a_mutant_of_any_part_never_makes_a_rule_fail_to_run() -> None:
    bare = Investigation("ESC-1", "1", "HL-1", BOOK.now, phase="final", mode="full")
    hollow = replace(
        BOOK.it, opportunities=(Opportunity("O1", 0, "", "", "unknown", ""),), safeguards=(Safeguard("S1", "", "detection", "", "absent"),)
    )  # fmt: skip
    assert len(broken(bare)) > 10
    assert {"V06", "V08", "V09", "V10"} <= set(broken(hollow))
