"""Sending what was confirmed, and telling how it ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from triage.model.errors import TriageError

if TYPE_CHECKING:
    from triage.desk.views import SendResult
    from triage.model.operation import Operation
    from triage.tui.shell import Shell


AGAIN_AFTER_S = 2.0
"""Seconds until it is tried again where another sender was at work."""
MOST_TRIES = 30
NOTHING = "Nothing had to be sent."


async def send(app: Shell) -> None:
    """Runs the sender once. Every change of a write is published as a change of its ticket.

    A sender takes along what was ready when it began, so what is confirmed while one is at work is sent
    after it.
    """
    waited = app.sending.locked()
    async with app.sending:
        await _send(app, quiet=waited)
    app.changed.publish("outbox")


async def _send(app: Shell, *, quiet: bool) -> None:
    """With ``quiet`` nothing is said where there was nothing left to send."""

    def changed(operation: Operation) -> None:
        app.call_later(app.changed.publish, operation.ticket_id)

    try:
        result = await app.desk.outbox.send(on_change=changed)
        for _ in range(MOST_TRIES):
            if not (result.busy and result.waiting):
                break
            await asyncio.sleep(AGAIN_AFTER_S)
            result = await app.desk.outbox.send(on_change=changed)
    except TriageError as error:
        app.say(f"Not sent: {error} It waits in the outbox (O).", severity="error")
    except Exception as error:  # noqa: BLE001 - the write is kept; the screen stays
        app.report_failure(error)
    else:
        for alarm in result.alarms:
            app.say(alarm, severity="error")
        text, good = outcome(result)
        if not (quiet and text == NOTHING):
            app.say(text, severity="information" if good else "warning")


def outcome(result: SendResult) -> tuple[str, bool]:
    """How a round of sending ended, in words, and whether nothing needs a person."""
    if result.busy and result.waiting:
        return "Another Triage is sending all the time; these writes go with the next sync.", True
    parts = []
    if result.pushed:
        parts.append(f"{result.pushed} sent and read back")
    if result.conflicts:
        parts.append(f"{result.conflicts} in conflict: O shows both sides")
    if result.rejected:
        parts.append(f"{result.rejected} refused by the helpdesk: O tells why")
    if result.parked:
        parts.append(f"{result.parked} parked for you: O tells why")
    if result.waiting:
        parts.append(f"{result.waiting} wait and will be tried again")
    good = not (result.conflicts or result.rejected or result.parked)
    return f"{'. '.join(parts)}." if parts else NOTHING, good
