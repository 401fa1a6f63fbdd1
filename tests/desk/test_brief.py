from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from triage.desk.brief import COLUMNS, LINES, brief_text
from triage.model.case import Case, CaseFacts
from triage.model.promise import Promise
from triage.model.ticket import Ticket, Version
from triage.model.timeline import TimelineEvent

NOW = datetime(2026, 3, 11, 1, 12, tzinfo=UTC)
TICKET = Ticket(
    id="1", key="HL-1", subject="Trucks wait", status="open", created_at=NOW, updated_at=NOW,
    version=Version("1", True), customer="Cobalt Freight", product="Harbourlight", url="https://desk.example/1",
)  # fmt: skip


def event(text: str, role: str, visibility: str = "public", kind: str = "message") -> TimelineEvent:
    return TimelineEvent(text[:3], "1", NOW, kind, visibility, role, text=text)  # type: ignore[arg-type]


def case(*timeline: TimelineEvent, promises: tuple[Promise, ...] = ()) -> Case:
    return Case(CaseFacts(TICKET, timeline, promises), (), None, (), (), False, NOW)


FULL = case(
    event("Nobody can open a manifest", "customer"),
    event("Log shows 431 grants removed", "support_frontline", "internal"),
    event("Restored by hand", "engineering", "internal"),
    event("Is anybody there?", "customer"),
    event("group: Tier 2 → Engineering", "helpdesk", "internal", "escalation"),
    promises=(Promise("p", "next_update", NOW, NOW - timedelta(hours=2)),),
)


def test_it_fits_twelve_lines_of_eighty_columns() -> None:
    long = case(*(event("word " * 200, "engineering", "internal") for _ in range(9)))
    for one in (FULL, long, case()):
        lines = brief_text(one, NOW, UTC).splitlines()
        assert len(lines) <= LINES
        assert max(map(len, lines)) <= COLUMNS


def test_it_says_effect_tries_question_and_promise() -> None:
    said = brief_text(FULL, NOW, UTC)
    assert '"Is anybody there?"' in said
    assert "effect    Nobody can open a manifest" in said
    assert "tried     Restored by hand" in said
    assert "promise   next update was due Tue 10 Mar 23:12 UTC" in said


def test_what_an_investigation_found_goes_before_the_first_words() -> None:
    assert "effect    212 people" in brief_text(FULL, NOW, UTC, impact="212 people")


def test_hostile_text_cannot_break_out_of_its_line() -> None:
    hostile = replace(FULL, facts=replace(FULL.facts, ticket=replace(TICKET, subject="a\n\x1b[2Jb\u202e")))
    assert brief_text(hostile, NOW, UTC).splitlines()[0] == "HL-1 a ␛[2Jb⟪RLO⟫"
