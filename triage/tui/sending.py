"""Sending what was confirmed, and telling how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.model.errors import TriageError

if TYPE_CHECKING:
    from triage.desk.views import SendResult
    from triage.model.operation import Operation
    from triage.tui.shell import Shell


async def send(app: Shell) -> None:
    """Runs the sender once. Every change of a write is published as a change of its ticket."""

    def changed(operation: Operation) -> None:
        app.call_later(app.changed.publish, operation.ticket_id)

    try:
        result = await app.desk.outbox.send(on_change=changed)
    except TriageError as error:
        app.say(f"Not sent: {error} It waits in the outbox (O).", severity="error")
    except Exception as error:  # noqa: BLE001 - the write is kept; the screen stays
        app.report_failure(error)
    else:
        text, good = outcome(result)
        app.say(text, severity="information" if good else "warning")
    app.changed.publish("outbox")


def outcome(result: SendResult) -> tuple[str, bool]:
    """How a round of sending ended, in words, and whether nothing needs a person."""
    if result.busy:
        return "Another Triage on this machine is sending; it takes these writes along.", True
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
    return (". ".join(parts) or "Nothing had to be sent") + ".", good
