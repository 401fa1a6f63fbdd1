"""How playbooks fare: the counts over all runs on this machine, and never who ran them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from triage.desk.parts import Parts
from triage.model.errors import Invalid
from triage.model.playbook_statistics import PlaybookStatistics
from triage.playbook.statistics.tale import RunTale, tale_of
from triage.playbook.statistics.tally import tally
from triage.retrospective.closing import closes
from triage.store import mirror
from triage.store.run_events import run_events

_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class PlaybookStatisticsDesk:
    """Verbs on the statistics of playbooks."""

    parts: Parts

    async def of(self, playbook_id: str = "") -> tuple[PlaybookStatistics, ...]:
        """The counts of one playbook, or of all that were ever run, by id and version, the newest first.

        Empty where there was no run. Raises `NotFound` for an id that no run and no file has.
        """
        now = self.parts.now()
        found = await self.parts.database.read(lambda session: _counted(session, playbook_id, now))
        if playbook_id and not found:
            self.parts.library.load(playbook_id)
        return found


def _counted(session: Session, playbook_id: str, now: datetime) -> tuple[PlaybookStatistics, ...]:
    tales = tuple(_tales(session, playbook_id, now))
    return tally(tales, _reopened(session, sorted({one.case_id for one in tales})))


def _tales(session: Session, playbook_id: str, now: datetime) -> Iterable[RunTale]:
    for events in run_events(session, playbook_id):
        try:
            tale = tale_of(events, now)
        except Invalid as problem:
            # A run of a newer program must not take the counts of all others with it.
            _LOG.warning("a run is left out of the statistics: %s", problem)
            continue
        if tale is not None:
            yield tale


def _reopened(session: Session, cases: Sequence[str]) -> dict[str, list[datetime]]:
    """When each ticket was opened again, by the helpdesk's own history."""
    timelines = mirror.load_timelines(session, cases)
    return {
        case: [
            event.at
            for event in events
            if event.kind == "change"
            and event.field == "status"
            and closes(event.old)
            and not closes(event.new)
        ]
        for case, events in timelines.items()
    }
