"""Tables derived from the docket, so that it can be asked questions. ``rebuild`` makes them again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, delete, insert, select
from sqlmodel import Session, SQLModel

from triage.model.case import InvestigationSummary, RunSummary
from triage.model.investigation import Finding, Investigation, Recommendation
from triage.model.promise import Promise
from triage.store import enhancement_rows, rested_rules
from triage.store.projection_rows import (
    FindingRow,
    InvestigationRow,
    PromiseRow,
    RecommendationRow,
    RootCauseRow,
    RunRow,
)
from triage.store.upsert import in_chunks, table_of, upsert

_INVESTIGATIONS = table_of(InvestigationRow)
_CAUSES = table_of(RootCauseRow)
_FINDINGS = table_of(FindingRow)
_RECOMMENDATIONS = table_of(RecommendationRow)
_PROMISES = table_of(PromiseRow)
_RUNS = table_of(RunRow)


def replace_for_investigation(session: Session, investigation: Investigation) -> None:
    """Make the tables say what ``investigation`` says."""
    connection = session.connection()
    for table in (_CAUSES, _FINDINGS, _RECOMMENDATIONS):
        connection.execute(delete(table).where(table.c.investigation_id == investigation.id))
    upsert(session, InvestigationRow, [_investigation_values(investigation)])
    said = investigation.classification
    if said.verdict != "undetermined" or investigation.cause_sentence:
        connection.execute(insert(_CAUSES), [_cause_values(investigation)])
    findings = [
        _part(FindingRow, investigation.id, n, finding) for n, finding in enumerate(investigation.findings)
    ]
    if findings:
        connection.execute(insert(_FINDINGS), findings)
    recommended = [
        _part(RecommendationRow, investigation.id, n, one)
        for n, one in enumerate(investigation.recommendations)
    ]
    if recommended:
        connection.execute(insert(_RECOMMENDATIONS), recommended)


def replace_for_run(session: Session, case_id: str, run: RunSummary) -> None:
    """Make the table say what ``run`` says."""
    upsert(session, RunRow, [{"case_id": case_id} | {name: getattr(run, name) for name in _RUN_NAMES}])


def replace_for_tickets(session: Session, promises: Mapping[str, Sequence[Promise]]) -> None:
    """Make the promises of every ticket named be exactly those given."""
    for chunk in in_chunks(promises):
        session.connection().execute(delete(_PROMISES).where(_PROMISES.c.ticket_id.in_(chunk)))
    rows = [
        {"ticket_id": ticket_id} | {name: getattr(promise, name) for name in _PROMISE_NAMES}
        for ticket_id, said in promises.items()
        for promise in said
    ]
    upsert(session, PromiseRow, rows)


def forget_all(session: Session) -> None:
    """Empty everything here, before a rebuild."""
    for table in (_INVESTIGATIONS, _CAUSES, _FINDINGS, _RECOMMENDATIONS, _PROMISES, _RUNS):
        session.connection().execute(delete(table))
    enhancement_rows.forget_all(session)
    rested_rules.forget_all(session)


def runs_of(session: Session, case_id: str) -> tuple[RunSummary, ...]:
    """The runs of one case, oldest first."""
    return runs_by_case(session, [case_id]).get(case_id, ())


def unfinished_runs(session: Session) -> tuple[tuple[str, str], ...]:
    """``(case id, run id)`` of every run that is open or parked, the oldest first."""
    waiting = select(_RUNS.c.case_id, _RUNS.c.id).where(_RUNS.c.status.in_(("open", "parked")))
    rows = session.connection().execute(waiting.order_by(_RUNS.c.opened_at, _RUNS.c.id))
    return tuple((str(case_id), str(run_id)) for case_id, run_id in rows)


def investigation_of(session: Session, case_id: str) -> InvestigationSummary | None:
    """The newest investigation of one case, or None."""
    return investigations_by_case(session, [case_id]).get(case_id)


def runs_by_case(session: Session, case_ids: Collection[str]) -> dict[str, tuple[RunSummary, ...]]:
    """The runs of each case, oldest first, by case id."""
    found: dict[str, tuple[RunSummary, ...]] = {}
    for chunk in in_chunks(case_ids):
        ours = select(_RUNS).where(_RUNS.c.case_id.in_(chunk)).order_by(_RUNS.c.opened_at, _RUNS.c.id)
        for row in session.connection().execute(ours):
            run = RunSummary(**{name: getattr(row, name) for name in _RUN_NAMES})
            found[row.case_id] = (*found.get(row.case_id, ()), run)
    return found


def investigations_by_case(session: Session, case_ids: Collection[str]) -> dict[str, InvestigationSummary]:
    """The newest investigation of each case that has one, by case id."""
    found: dict[str, InvestigationSummary] = {}
    for chunk in in_chunks(case_ids):
        ours = select(_INVESTIGATIONS).where(_INVESTIGATIONS.c.case_id.in_(chunk))
        ordered = ours.order_by(_INVESTIGATIONS.c.opened_at, _INVESTIGATIONS.c.id)
        for row in session.connection().execute(ordered):
            found[row.case_id] = InvestigationSummary(
                **{name: getattr(row, name) for name in _INVESTIGATION_NAMES}
            )
    return found


def promises_of(session: Session, ticket_id: str) -> tuple[Promise, ...]:
    """The promises of a ticket, the first made first."""
    ours = select(_PROMISES).where(_PROMISES.c.ticket_id == ticket_id)
    rows = session.connection().execute(ours.order_by(_PROMISES.c.made_at, _PROMISES.c.id))
    return tuple(Promise(**{name: getattr(row, name) for name in _PROMISE_NAMES}) for row in rows)


def promised_tickets(session: Session) -> set[str]:
    """The tickets that have promises, in the queue or not."""
    return set(session.connection().execute(select(_PROMISES.c.ticket_id).distinct()).scalars())


def exported(session: Session, investigation_id: str) -> dict[str, Any]:
    """One investigation with its root cause, findings and recommendations, as plain data for an export."""
    return {
        "investigation": next(iter(_plain(session, _INVESTIGATIONS, "id", investigation_id)), None),
        "root_cause": next(iter(_plain(session, _CAUSES, "investigation_id", investigation_id)), None),
        "findings": _plain(session, _FINDINGS, "investigation_id", investigation_id),
        "recommendations": _plain(session, _RECOMMENDATIONS, "investigation_id", investigation_id),
    }


def _plain(session: Session, table: Table, key: str, value: str) -> list[dict[str, Any]]:
    order = table.c.ordinal if "ordinal" in table.c else table.c[key]
    rows = session.connection().execute(select(table).where(table.c[key] == value).order_by(order))
    return [dict(row) for row in rows.mappings()]


_RUN_NAMES = ("id", "playbook_id", "status", "outcome", "done", "path_length", "opened_at")
_INVESTIGATION_NAMES = ("id", "phase", "state", "mode", "verdict", "code", "opened_at", "adopted_at")
_PROMISE_NAMES = (
    "id", "kind", "made_at", "due", "by_role", "ref", "quote", "met_at", "confirmed", "withdrawn", "to",
)  # fmt: skip


def _part(
    model: type[SQLModel], investigation_id: str, ordinal: int, part: Finding | Recommendation
) -> dict[str, Any]:
    own = {"investigation_id": investigation_id, "ordinal": ordinal}
    return own | {name: getattr(part, name) for name in model.model_fields if name not in own}


def _investigation_values(investigation: Investigation) -> dict[str, Any]:
    said = investigation.classification
    values = {
        name: getattr(investigation, name)
        for name in InvestigationRow.model_fields
        if name not in ("verdict", "code")
    }
    return values | {"verdict": said.verdict, "code": said.code}


def _cause_values(investigation: Investigation) -> dict[str, Any]:
    said = investigation.classification
    return {
        "investigation_id": investigation.id,
        "case_id": investigation.case_id,
        "verdict": said.verdict,
        "code": said.code,
        "modifier": said.modifier,
        "sentence": investigation.cause_sentence,
        "not_known": investigation.not_known,
        "chronic": said.chronic,
        "design_caused": said.design_caused,
        "recurrence_of": said.recurrence_of,
        "adopted_at": investigation.adopted_at,
    }
