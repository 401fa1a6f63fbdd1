"""Reading runs for statistics: without the people, and on postgres as on sqlite."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event
from sqlmodel import Session

from tests.store.samples import ticket
from triage.model.case import RunSummary
from triage.model.entry import Entry
from triage.store import mirror, projections
from triage.store.entries import add_entries
from triage.store.run_events import run_events, runs_like

AT = datetime(2026, 3, 1, tzinfo=UTC)


def entry(number: int, run: str, kind: str, data: dict[str, Any]) -> Entry:
    return Entry(f"{number:06d}", "1", "run", run, kind, AT, "mara", "driver", "jun", data)


def test_events_come_run_by_run_and_the_question_to_the_database_names_no_person(session: Session) -> None:
    add_entries(
        session,
        [
            entry(1, "b", "run.opened", {"playbook": "p", "version": 1, "text": "…", "driver": "mara"}),
            entry(2, "a", "run.opened", {"playbook": "q", "version": 1, "text": "…", "navigator": "jun"}),
            entry(3, "b", "run.stopped", {"reason": "mara went home", "outcome": "unresolved"}),
            entry(4, "b", "roles.set", {"driver": "jun", "navigator": "mara"}),
        ],
    )
    asked: list[str] = []
    bind = session.get_bind()
    event.listen(bind, "before_cursor_execute", lambda *told: asked.append(told[2].lower()))
    found = list(run_events(session))
    assert [[one.kind for one in run] for run in found] == [
        ["run.opened"],
        ["run.opened", "run.stopped", "roles.set"],
    ]
    assert not any(name in repr(found) for name in ("mara", "jun"))
    assert asked
    assert not any(word in sql for sql in asked for word in ("actor", "navigator", "role"))


def summary(run: str, playbook: str, outcome: str, status: Any = "ended") -> RunSummary:
    return RunSummary(run, playbook, status, outcome, 1, 1, AT)


def test_runs_of_one_playbook_alone(session: Session) -> None:
    add_entries(session, [entry(1, "a", "run.opened", {}), entry(2, "b", "run.opened", {})])
    projections.replace_for_run(session, "1", summary("a", "p", "resolved"))
    projections.replace_for_run(session, "1", summary("b", "q", "resolved"))
    assert [run[0].run_id for run in run_events(session, "q")] == ["b"]


def test_like_a_ticket_is_one_of_its_product_or_component_or_with_a_tag_in_common(session: Session) -> None:
    plain = {"product": "", "component": "", "tags": ()}
    others = [
        ticket("1", **{**plain, "product": "Helm"}), ticket("2", **{**plain, "tags": ("sso", "x")}),
        ticket("3", **plain), ticket("4", **{**plain, "component": "export"}),
    ]  # fmt: skip
    mirror.save_tickets(session, others, AT)
    for case, outcome in (("1", "resolved"), ("2", "unresolved"), ("3", "resolved"), ("4", "workaround")):
        projections.replace_for_run(session, case, summary(f"r{case}", "p", outcome))
    projections.replace_for_run(session, "1", summary("open", "p", "", "open"))
    here = ticket("9", product="Helm", component="export", tags=("sso",))
    assert runs_like(session, here) == {"p": (2, 3)}
    assert runs_like(session, ticket("1", product="Helm", component="", tags=())) == {}
