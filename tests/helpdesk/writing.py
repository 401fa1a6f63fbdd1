"""Operations for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from triage.helpdesk.port import Helpdesk, Page
from triage.model.operation import Change, Landed, Operation, Outcome, Step

SENT_AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def operation(ticket_id: str, **change: Any) -> Operation:
    """A confirmed operation on a ticket."""
    return Operation(
        id="0197bbbb",
        ticket_id=ticket_id,
        change=Change(**change),
        state="pending",
        created_at=SENT_AT,
        created_by="robin",
    )


async def send(desk: Helpdesk, step: Step, ticket_id: str) -> tuple[Step, Outcome]:
    """Apply a step now and keep its receipt, as a push would."""
    step = replace(step, sent_at=datetime.now(UTC))
    outcome = await desk.apply(step, ticket_id)
    receipt = (outcome.receipt or "") if isinstance(outcome, Landed) else ""
    return replace(step, receipt=receipt), outcome


async def everything(pages: AsyncIterator[Page[Any]]) -> list[Any]:
    """All items of all pages."""
    return [item async for page in pages for item in page.items]
