"""Bringing both sides together: pull what changed, push what is confirmed."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from triage.desk.backup_desk import BackupDesk
from triage.desk.outbox_desk import OutboxDesk
from triage.desk.parts import Parts
from triage.desk.views import Progress, SendResult, SyncResult
from triage.model.errors import TriageError
from triage.sync.pull import PullProgress, pull


@dataclass(slots=True)
class SyncDesk:
    """The verb that runs in the background."""

    parts: Parts
    outbox: OutboxDesk
    backups: BackupDesk

    async def run(
        self, *, progress: Callable[[Progress], None] | None = None, accept_shorter: bool = False
    ) -> SyncResult:
        """One round. Raises `HelpdeskFailed` when out of reach and `Stopped` (4) when the queue is suddenly
        empty or much shorter; what was pulled until then is kept.
        """
        begun = time.monotonic()
        helpdesk = await self.parts.connection.helpdesk()

        def heard(step: PullProgress) -> None:
            if progress is not None:
                progress(Progress(step.phase, step.done, step.total, step.held_until))

        pulled = await pull(
            self.parts.database,
            helpdesk,
            self.parts.profile.queue,
            now=self.parts.now,
            progress=heard,
            accept_shorter=accept_shorter,
        )
        with suppress(TriageError):
            # Once a session: whose name the write page says, and what "owner:me" means.
            await self.parts.connection.account()
        sent = await self.outbox.send()
        backed_up = await self.backups.daily()
        return SyncResult(
            pulled=pulled.pulled,
            updated=pulled.updated,
            pushed=sent.pushed,
            conflicts=sent.conflicts,
            parked=sent.parked + sent.rejected,
            complete=pulled.complete,
            duration_s=round(time.monotonic() - begun, 3),
            waiting=sent.waiting,
            notices=(*sent.alarms, *_held_up(sent), *pulled.notices, *backed_up),
        )


def _held_up(sent: SendResult) -> tuple[str, ...]:
    """Why confirmed writes stayed here although the helpdesk answers."""
    if not sent.busy or not sent.waiting:
        return ()
    until = f" until {sent.next_due:%H:%M:%S} UTC" if sent.next_due else ""
    return (f"another sender holds the outbox{until}; {sent.waiting} waiting",)
