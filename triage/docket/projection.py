"""From entries to the tables that follow from them, in the same write.

What a person typed outweighs what is derived from it: an entry whose projection fails is kept all the same,
the failure is logged, and a rebuild by a mended program makes the tables right.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session

from triage.model.case import RunSummary
from triage.model.entry import Entry
from triage.model.run import EvidenceItem, RunView
from triage.store import enhancement_rows, evidence_rows, projections, queue_rows, rested_rules, seen
from triage.store.case_promises import load_facts
from triage.store.entries import load_entries

_LOG = logging.getLogger(__name__)

KEPT_ONLY = frozenset({"draft.saved", "answer.drafted"})
"""Kinds from which no table follows: they are written every second while a person types."""


def project(
    session: Session, case_id: str, written: Sequence[Entry], now: datetime, *, refresh: bool = False
) -> None:
    """Bring the tables up to date after ``written``; ``refresh``: the queue row in any case."""
    telling = [entry for entry in written if entry.kind not in KEPT_ONLY]
    for entry in telling:
        project_entry(session, entry)
    for subject, subject_id in dict.fromkeys((entry.subject, entry.subject_id) for entry in telling):
        project_subject(session, subject, subject_id, now)
    if telling or refresh:
        _kept_apart(session, case_id, lambda: queue_rows.refresh(session, [case_id]))


def project_subject(session: Session, subject: str, subject_id: str, now: datetime) -> None:
    """Fold what entries speak of into its tables."""
    if subject == "run":
        _kept_apart(session, subject_id, lambda: _run(session, subject_id, now))
    elif subject == "investigation":
        _kept_apart(session, subject_id, lambda: _investigation(session, subject_id, now))
    elif subject == "enhancement":
        _kept_apart(session, subject_id, lambda: _enhancement(session, subject_id))
    elif subject == "wording":
        _kept_apart(session, subject_id, lambda: _wording_rule(session, subject_id))


def project_entry(session: Session, entry: Entry) -> None:
    """What follows from one entry by itself."""
    if entry.kind == "evidence.added":
        _kept_apart(session, entry.id, lambda: evidence_rows.save_evidence(session, [_evidence(entry)]))
    elif entry.kind == "case.seen":
        version = str(entry.data.get("version", ""))
        _kept_apart(session, entry.id, lambda: seen.mark_seen(session, entry.case_id, version, entry.at))


def _kept_apart(session: Session, what: str, work: Callable[[], None]) -> None:
    """Do ``work`` in a savepoint of its own, so that its failure takes nothing else with it.

    Troubles of the database itself (a full disk) are not its failure: they must fail the whole write.
    """
    try:
        with session.begin_nested():
            work()
    except Exception as error:
        if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
            raise
        _LOG.exception("the tables that follow from %s were not brought up to date", what)


def _run(session: Session, run_id: str, now: datetime) -> None:
    # Imported late: most of what the docket does needs neither engine.
    from triage.playbook.language.context import Context
    from triage.playbook.run.engine import fold, view

    entries = load_entries(session, subject="run", subject_id=run_id)
    state = fold(entries)
    facts = load_facts(session, state.case_id, derived=True)
    shown = view(state, Context(now=now, facts=facts, has_program=lambda _program: True))
    projections.replace_for_run(session, state.case_id, _summary(shown))


def _summary(run: RunView) -> RunSummary:
    return RunSummary(
        id=run.id,
        playbook_id=run.playbook_id,
        status=run.status,
        outcome=run.outcome or "",
        done=run.done,
        path_length=run.path_length,
        opened_at=run.opened_at,
    )


def _investigation(session: Session, investigation_id: str, now: datetime) -> None:
    from triage.retrospective.fold import fold

    entries = load_entries(session, subject="investigation", subject_id=investigation_id)
    facts = load_facts(session, entries[0].case_id, derived=True)
    if facts is not None:
        projections.replace_for_investigation(session, fold(entries, facts, now))


def _enhancement(session: Session, name: str) -> None:
    from triage.retrospective.enhancement import fold

    entries = load_entries(session, subject="enhancement", subject_id=name)
    enhancement_rows.save_enhancement(session, fold(entries))


def _wording_rule(session: Session, rule: str) -> None:
    last = load_entries(session, subject="wording", subject_id=rule)[-1]
    if last.kind == "wording.rested":
        hits, silenced = int(str(last.data["hits"])), int(str(last.data["silenced"]))
        rested_rules.rest_rule(session, rule, last.at, hits, silenced)
    else:
        rested_rules.wake_rule(session, rule)


def _evidence(entry: Entry) -> EvidenceItem:
    data = entry.data
    return EvidenceItem(
        id=str(data["id"]),
        case_id=entry.case_id,
        at=entry.at,
        kind=data["kind"],  # type: ignore[arg-type]  # written by this program, read back as written
        summary=str(data.get("summary", "")),
        sha256=str(data.get("sha256", "")),
        size=int(str(data.get("size", 0))),
        redactions=int(str(data.get("redactions", 0))),
        source=str(data.get("source", "")),
    )
