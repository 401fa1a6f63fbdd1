"""Opening the desk: the one place where concrete parts are put together."""

from __future__ import annotations

import asyncio
import importlib
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from triage.desk.views import ProfileView

if TYPE_CHECKING:
    from triage.desk.case_desk import CaseDesk
    from triage.desk.investigation_desk import InvestigationDesk
    from triage.desk.outbox_desk import OutboxDesk
    from triage.desk.parts import Parts
    from triage.desk.playbook_desk import PlaybookDesk
    from triage.desk.queue_desk import QueueDesk
    from triage.desk.recommendation_desk import RecommendationDesk
    from triage.desk.sync_desk import SyncDesk
    from triage.desk.wording_desk import WordingDesk
    from triage.model.capabilities import Capabilities

_HEAVY = (
    "triage.desk.case_desk",
    "triage.desk.investigation_desk",
    "triage.desk.outbox_desk",
    "triage.desk.playbook_desk",
    "triage.desk.queue_desk",
    "triage.desk.recommendation_desk",
    "triage.desk.sync_desk",
    "triage.desk.wording_desk",
)
"""Imported in a thread, so that a screen already shown goes on answering."""


def utc_now() -> datetime:
    """The machine's clock, aware."""
    return datetime.now(UTC)


def new_id() -> str:
    """A fresh UUIDv7."""
    from triage.model.uuid7 import uuid7

    return uuid7(time.time_ns() // 1_000_000, os.urandom(10))


@dataclass(slots=True)
class Desk:
    """Everything a person can do with one profile, verb by verb."""

    profile: ProfileView
    parts: Parts
    queue: QueueDesk
    cases: CaseDesk
    playbooks: PlaybookDesk
    investigations: InvestigationDesk
    outbox: OutboxDesk
    sync: SyncDesk
    wording: WordingDesk
    recommendations: RecommendationDesk

    async def capabilities(self) -> Capabilities:
        """What the helpdesk can do. Raises `NeedsInput` or `Refused` where there is no usable token."""
        return (await self.parts.connection.helpdesk()).capabilities

    async def export(self, ticket_id: str = "") -> dict[str, Any]:
        """Everything recorded here, of one case or of all, as plain data."""
        from triage.desk.record import record_of

        return await record_of(self.parts, ticket_id)

    async def aclose(self) -> None:
        """Close the helpdesk's connection and the database."""
        await self.parts.connection.aclose()
        await self.parts.database.close()


async def open_desk(profile: str | None = None) -> Desk:
    """The desk of ``profile`` (None: the default one). Nothing is asked of the helpdesk yet.

    Raises `Invalid` for an unknown profile, a broken setting, or a database of a newer version.
    """
    await asyncio.to_thread(_import_heavy)
    from triage.desk.wiring import wire

    return await wire(profile)


def _import_heavy() -> None:
    for name in _HEAVY:
        importlib.import_module(name)
