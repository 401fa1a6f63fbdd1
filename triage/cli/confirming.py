"""Showing exactly what will be written, asking, and sending it: the shell's write page."""

from __future__ import annotations

import sys

from triage.cli import documents, output
from triage.cli.options import Globals
from triage.desk.desk import Desk
from triage.desk.views import WritePage
from triage.model.errors import HelpdeskFailed, Stopped
from triage.model.operation import Operation


async def confirm_and_send(desk: Desk, operation: Operation, asked: Globals, *, yes: bool, json: bool) -> int:
    """Print the page, confirm (or leave it proposed), send; 0 when it has arrived.

    Raises `NeedsInput` where nobody can be asked and ``--yes`` was not given, `Stopped` when the write
    waits for a person, `HelpdeskFailed` when it could not be sent yet. Nothing is lost in either case.
    """
    page = await desk.outbox.show(operation.id)
    print_page(page)
    if not yes and not asked.may_ask:
        raise asked.needs(
            "the change is kept, not sent",
            f"Look at it with: triage outbox show {operation.id}; send with --yes",
        )
    if not yes and not _agreed():
        output.narrate(f"Kept, not sent: triage outbox show {operation.id}", quiet=asked.quiet)
        return 1
    await desk.outbox.confirm(operation.id)
    await desk.outbox.send()
    ended = (await desk.outbox.show(operation.id)).operation
    if json:
        output.document(documents.operation(ended))
    return outcome(ended)


def _agreed() -> bool:
    sys.stderr.write("Send this? Type y and Enter: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() == "y"


def print_page(page: WritePage) -> None:
    """What will be written, on stderr: it is narration, the data is the result."""
    output.narrate(f"To {page.ticket_key} at {page.helpdesk}, as {page.account}")
    for line in page.lines:
        seen = f" [{line.visibility}]" if line.visibility else ""
        if "\n" in line.text:
            output.narrate(f"{line.heading}{seen}:")
            output.narrate_text(line.text)
        else:
            output.narrate(f"{line.heading}{seen}: {line.text}")
    if page.remark:
        output.narrate(page.remark)
    for place in page.masked:
        output.narrate(f"masked, it looks like a secret: {place}")


def outcome(operation: Operation) -> int:
    """The exit code of an operation, raising for the ones that need a person or patience."""
    if operation.state == "verified":
        return 0
    if operation.state in ("conflict", "parked", "rejected"):
        raise Stopped(
            operation.problem or f"the write is {operation.state}", do=f"triage outbox show {operation.id}"
        )
    raise HelpdeskFailed(
        operation.problem or "not sent yet; it waits in the outbox", do="triage sync tries again"
    )
