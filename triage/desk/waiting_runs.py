"""Runs that are not over: people's steps never time out, so nothing else would bring them back."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlmodel import Session

from triage.desk.parts import Parts
from triage.model.errors import TriageError
from triage.model.run import WaitingRun
from triage.playbook.language.context import Context
from triage.playbook.language.steps import Wait
from triage.playbook.run import engine
from triage.playbook.run.proposal import wait_due
from triage.playbook.run.run_state import RunState
from triage.store import mirror, projections
from triage.store.entries import load_entries

_LATEST = datetime.max.replace(tzinfo=UTC)


async def waiting_runs(parts: Parts) -> tuple[WaitingRun, ...]:
    """Every open or parked run, what is due first first; those without a due time come last."""
    context = Context(now=parts.now(), hooks=parts.profile.config)

    def read(session: Session) -> list[WaitingRun]:
        found = []
        for case_id, run_id in projections.unfinished_runs(session):
            entries = load_entries(session, case_id=case_id, subject="run", subject_id=run_id)
            try:
                state = engine.fold(entries)
            except TriageError:
                # Its text needs another version of the program; that run says so when it is opened.
                continue
            ticket = mirror.load_ticket(session, case_id)
            found.append(_waiting(state, context, ticket.key if ticket else case_id))
        return found

    return tuple(sorted(await parts.database.read(read), key=lambda one: (one.due or _LATEST, one.id)))


def _waiting(state: RunState, context: Context, key: str) -> WaitingRun:
    step = state.step
    due = state.remind_at
    if due is None and isinstance(step, Wait) and step.remind:
        due = wait_due(state, step, context)
    return WaitingRun(
        state.id, state.case_id, key, state.document.id, state.document.title, state.status, state.position,
        step.title if step else "", due,
    )  # fmt: skip
