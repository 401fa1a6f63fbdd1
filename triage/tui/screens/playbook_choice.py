"""Which playbook: a run to go on with, one that fits, or any."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from triage.tui.clock_words import ago
from triage.tui.screens.choice import Choice, ChoiceScreen

if TYPE_CHECKING:
    from triage.desk.opening import Desk
    from triage.model.run import PlaybookSummary


async def playbook_choices(desk: Desk, ticket_id: str, key: str, now: datetime) -> ChoiceScreen:
    """The question, with values ``continue RUN`` and ``start PLAYBOOK``."""
    case = await desk.cases.open(ticket_id)
    suggested = await desk.playbooks.suggest(ticket_id)
    choices = [
        Choice(
            f"continue {run.id}",
            f"go on with {run.playbook_id}",
            f"{run.done}/{run.path_length} · {run.status} · begun {ago(run.opened_at, now)}",
        )
        for run in case.runs
        if run.status in ("open", "parked")
    ]
    named = {one.playbook.id for one in suggested}
    choices += [_start(one.playbook, "fits: " + "; ".join(one.reasons)) for one in suggested]
    choices += [
        _start(playbook, playbook.condition or playbook.title)
        for playbook in await desk.playbooks.list()
        if playbook.id not in named and not playbook.errors
    ]
    return ChoiceScreen(f"Playbook for {key}", choices)


def _start(playbook: PlaybookSummary, why: str) -> Choice:
    minutes = f" · {playbook.minutes} min" if playbook.minutes else ""
    stale = f" · {playbook.stale}" if playbook.stale else ""
    return Choice(f"start {playbook.id}", playbook.id, f"{why}{minutes}{stale}")
