from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

from tests.store.samples import NOW, promise
from triage.model.enhancement import Asking, EnhancementCase
from triage.model.entry import Entry
from triage.model.investigation import Classification, Finding, Investigation, Recommendation
from triage.model.run import EvidenceItem
from triage.store import enhancement_rows, evidence_rows, projections, rested_rules, running_number
from triage.store.entries import (
    add_entries,
    case_of,
    last_entry_id,
    load_case_entries,
    load_entries,
    subjects,
)


def entry(entry_id: str, subject: str = "run", subject_id: str = "r", **more: object) -> Entry:
    values: dict[str, object] = {
        "id": entry_id,
        "case_id": "1",
        "subject": subject,
        "subject_id": subject_id,
        "kind": "answer.given",
        "at": NOW,
        "actor": "mara",
        "role": "driver",
        "navigator": "jun",
        "data": {"x": [1, "ü\ud800"]},
    }
    return Entry(**(values | more))  # type: ignore[arg-type]


def test_entries_come_back_in_the_order_of_their_ids(session: Session) -> None:
    entries = [entry(name) for name in ("b", "c", "a")]
    add_entries(session, entries)
    assert load_entries(session) == tuple(sorted(entries, key=lambda one: one.id))


def test_entries_are_chosen_by_everything_given(session: Session) -> None:
    add_entries(
        session,
        [
            entry("a"),
            entry("b", kind="step.done"),
            entry("c", "case", "1"),
            entry("d", "run", "s", case_id="2"),
        ],
    )

    def ids(**wanted: object) -> str:
        return "".join(one.id for one in load_entries(session, **wanted))  # type: ignore[arg-type]

    assert ids(case_id="1") == "abc"
    assert ids(subject="run") == "abd"
    assert ids(subject="run", subject_id="r", kinds=["step.done"]) == "b"
    assert ids(after="b") == "cd"
    assert ids(limit=2) == "ab"
    assert subjects(session, "run") == (("1", "r"), ("2", "s"))
    assert subjects(session, "run", "2") == (("2", "s"),)
    assert last_entry_id(session) == "d"
    assert last_entry_id(session, subject="run", subject_id="r") == "b"
    assert case_of(session, "run", "s") == "2"
    assert case_of(session, "run", "t") is None
    assert {case: len(all_) for case, all_ in load_case_entries(session, ["1", "2"]).items()} == {"1": 1}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET actor = 'x'",
        "DELETE FROM entries",
        "REPLACE INTO entries SELECT * FROM entries",
    ],
)
def test_the_database_itself_refuses_to_change_an_entry(session: Session, statement: str) -> None:
    if statement.startswith("REPLACE") and session.get_bind().dialect.name != "sqlite":
        pytest.skip("a statement of SQLite")
    add_entries(session, [entry("a")])
    with pytest.raises(DBAPIError, match="docket entries are never"):
        session.connection().execute(text(statement))


def test_the_same_entry_is_not_written_twice(session: Session) -> None:
    add_entries(session, [entry("a")])
    with pytest.raises(IntegrityError):
        add_entries(session, [entry("a", actor="somebody else")])


def investigation(**more: object) -> Investigation:
    values: dict[str, object] = {
        "id": "ESC-2026-0001",
        "case_id": "1",
        "ticket_key": "HL-1",
        "opened_at": NOW,
        "cause_sentence": "A sync …",
        "classification": Classification(verdict="bug", code="B2.3", recurrence_of=("ESC-2025-0004",)),
        "findings": (
            Finding("F2", "cause", "t", code="B2.3", evidence=("E01", "E02"), agreed_by=("customer",)),
            Finding("F1", "contributing", "u"),
        ),
        "recommendations": (
            Recommendation("R1", "engineering", "r", "prevent", "strong", date(2026, 4, 1), cites=("F2",)),
            Recommendation("R2", "docs", "s", "educate", "weak", None, status="CAA"),
        ),
    }
    return Investigation(**(values | more))  # type: ignore[arg-type]


def test_the_tables_say_what_the_investigation_says(session: Session) -> None:
    projections.replace_for_investigation(session, investigation())
    shown = projections.investigation_of(session, "1")
    assert shown is not None
    assert (shown.verdict, shown.code) == ("bug", "B2.3")
    exported = projections.exported(session, "ESC-2026-0001")
    assert exported["root_cause"]["recurrence_of"] == ["ESC-2025-0004"]
    assert [(one["id"], one["evidence"], one["agreed_by"]) for one in exported["findings"]] == [
        ("F2", ["E01", "E02"], ["customer"]),
        ("F1", [], []),
    ]
    assert [(one["id"], one["status"], one["due"], one["cites"]) for one in exported["recommendations"]] == [
        ("R1", "OAR", date(2026, 4, 1), ["F2"]),
        ("R2", "CAA", None, []),
    ]


def test_what_an_investigation_says_no_more_goes(session: Session) -> None:
    projections.replace_for_investigation(session, investigation())
    nothing = investigation(
        findings=(), recommendations=(), classification=Classification(), cause_sentence=""
    )
    projections.replace_for_investigation(session, nothing)
    exported = projections.exported(session, "ESC-2026-0001")
    assert (exported["root_cause"], exported["findings"], exported["recommendations"]) == (None, [], [])


def test_the_newest_investigation_of_a_case_is_the_one(session: Session) -> None:
    projections.replace_for_investigation(session, investigation(id="b", opened_at=NOW + timedelta(days=1)))
    projections.replace_for_investigation(session, investigation(id="c", opened_at=NOW))
    shown = projections.investigation_of(session, "1")
    assert shown is not None
    assert shown.id == "b"


def test_promises_of_a_ticket_are_replaced(session: Session) -> None:
    first, second = promise(NOW), promise(NOW + timedelta(hours=1), id="q", met_at=NOW, to="internal_team")
    projections.replace_for_tickets(session, {"1": [second, first], "2": [first]})
    assert promises(session) == [
        ("1", first.id, "customer"),
        ("1", "q", "internal_team"),
        ("2", first.id, "customer"),
    ]
    projections.replace_for_tickets(session, {"1": []})
    assert promises(session) == [("2", first.id, "customer")]


def promises(session: Session) -> list[tuple[str, str, str]]:
    found = session.connection().execute(text('SELECT ticket_id, id, "to" FROM promises ORDER BY 1, 2'))
    return [(row[0], row[1], row[2]) for row in found]


WISH = EnhancementCase(
    "ENH-001",
    "1",
    "A supported audit extract",
    NOW,
    asking=(Asking("1", "HL-1", "Cobalt", "customer", NOW), Asking("2", "HL-2", "", "prospect")),
    investigations=("ESC-2026-0001",),
    aligned="yes",
    expected=60,
    revenue_at_risk=410_000_000_000,
    bundle=("ENH-002",),
    prospect_questions=("Which provider?",),
)


def test_an_enhancement_case_comes_back_as_it_was(session: Session) -> None:
    later = replace(WISH, id="ENH-002", case_id="2", expected=None, revenue_at_risk=None)
    for one in (later, WISH, replace(WISH, votes=3)):
        enhancement_rows.save_enhancement(session, one)
    assert enhancement_rows.load_enhancement(session, "ENH-001") == replace(WISH, votes=3)
    assert enhancement_rows.list_enhancements(session) == (replace(WISH, votes=3), later)
    assert enhancement_rows.list_enhancements(session, case_id="2") == (later,)
    assert enhancement_rows.load_enhancement(session, "ENH-003") is None


def test_a_rule_at_rest_wakes_again(session: Session) -> None:
    rested_rules.rest_rule(session, "L06", NOW, 20, 5)
    rested_rules.rest_rule(session, "L13", NOW, 40, 10)
    rested_rules.wake_rule(session, "L06")
    assert rested_rules.rested_rules(session) == {"L13": NOW}


def test_evidence_is_listed_by_case(session: Session) -> None:
    item = EvidenceItem("e", "1", NOW, "output", "sum", "ab", 3, 1, "run r")
    evidence_rows.save_evidence(session, [item])
    assert evidence_rows.list_evidence(session, "1") == (item,)
    assert evidence_rows.load_evidence(session, "e") == item
    assert evidence_rows.load_evidence(session, "f") is None
    assert evidence_rows.list_evidence(session, "2") == ()


def test_numbers_run_per_series(session: Session) -> None:
    numbers = [running_number.next_number(session, "ESC-2026") for _ in range(3)]
    assert all(b == a + 1 for a, b in pairwise(numbers))
    assert running_number.next_number(session, "ESC-2027") == 1
