"""``sync`` and ``outbox``: bringing both sides together."""

from __future__ import annotations

import time
from collections.abc import Callable

import typer

from triage.cli import documents, output
from triage.cli.at_desk import at_desk
from triage.cli.confirming import outcome, print_page
from triage.cli.options import Globals, globals_of
from triage.desk.desk import Desk
from triage.desk.views import Progress, SyncResult
from triage.model.errors import HelpdeskFailed, TriageError
from triage.model.operation import Operation

Json = typer.Option(False, "--json", help="One JSON document.")
Ndjson = typer.Option(False, "--ndjson", help="One JSON object a line.")
WATCH_EVERY_S = 60
CONTRACT = (
    "pulled",
    "updated",
    "pushed",
    "conflicts",
    "parked",
    "complete",
    "duration_s",
    "waiting",
    "notices",
)


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command("sync")(sync)
    outbox = typer.Typer(
        help="Writes that have not arrived yet.", no_args_is_help=True, rich_markup_mode=None
    )
    outbox.command("list")(list_operations)
    outbox.command("show")(show)
    outbox.command("confirm")(confirm)
    outbox.command("unmask")(unmask)
    outbox.command("retry")(retry)
    outbox.command("park")(park)
    outbox.command("drop")(drop)
    app.add_typer(outbox, name="outbox")


def sync(
    context: typer.Context,
    watch: bool = typer.Option(False, "--watch", help="Go on, once a minute, until Ctrl-C."),
    accept_shorter: bool = typer.Option(
        False, "--accept-shorter", help="Believe a queue that is empty or much shorter than before."
    ),
    json: bool = Json,
) -> int:
    """Pull what changed, send what is confirmed. Exit 4 when a write waits for a person."""
    asked = globals_of(context)

    async def once(desk: Desk) -> SyncResult:
        return await desk.sync.run(progress=_progress(asked), accept_shorter=accept_shorter)

    async def on_and_on(desk: Desk) -> SyncResult:
        import asyncio

        while True:
            try:
                _say(await once(desk), json=json)
            except HelpdeskFailed as problem:
                output.error(str(problem))
            await asyncio.sleep(WATCH_EVERY_S)

    result = at_desk(context, on_and_on if watch else once)
    _say(result, json=json)
    return 4 if result.conflicts or result.parked else 0


def _progress(asked: Globals) -> Callable[[Progress], None]:
    import sys

    shown = sys.stderr.isatty() and not asked.quiet
    last = [0.0]

    def say(progress: Progress) -> None:
        now = time.monotonic()
        if not shown or (now - last[0] < 0.2 and progress.held_until is None):
            return
        last[0] = now
        total = f" of {progress.total}" if progress.total is not None else ""
        held = f", told to wait until {progress.held_until:%H:%M:%S} UTC" if progress.held_until else ""
        sys.stderr.write(f"\r\x1b[K{progress.phase}: {progress.done}{total}{held}")
        sys.stderr.flush()

    return say


def _say(result: SyncResult, *, json: bool) -> None:
    import sys

    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    if json:
        output.document({name: getattr(result, name) for name in CONTRACT})
        return
    output.text(
        f"pulled {result.pulled}, updated {result.updated}, pushed {result.pushed}, "
        f"conflicts {result.conflicts}, parked {result.parked}, waiting {result.waiting} "
        f"in {result.duration_s:.1f} s"
    )
    for notice in result.notices:
        output.text(notice)


def list_operations(
    context: typer.Context,
    everything: bool = typer.Option(False, "--all", help="Also what has arrived or was dropped."),
    json: bool = Json,
    ndjson: bool = Ndjson,
) -> None:
    """Every write of ours and where it stands."""

    async def work(desk: Desk) -> tuple[Operation, ...]:
        return await desk.outbox.list(finished=everything)

    operations = at_desk(context, work)
    if json:
        output.document([documents.operation(item) for item in operations])
    elif ndjson:
        output.lines_of_json(documents.operation(item) for item in operations)
    else:
        rows = [(o.id, o.ticket_id, o.state, o.purpose, o.problem) for o in operations]
        output.table(("ID", "TICKET", "STATE", "PURPOSE", "PROBLEM"), rows)


def show(context: typer.Context, operation: str, json: bool = Json) -> None:
    """One write: exactly what it says, to whom it is visible, and its state."""

    async def work(desk: Desk) -> None:
        page = await desk.outbox.show(operation)
        if json:
            output.document(documents.operation(page.operation))
            return
        output.text(f"{page.operation.state}: {page.explanation}")
        output.text(f"To {page.ticket_key} at {page.helpdesk}, as {page.account}")
        for line in page.lines:
            seen = f" [{line.visibility}]" if line.visibility else ""
            output.text(f"{line.heading}{seen}\n    " + line.text.replace("\n", "\n    "))
        for place in page.masked:
            output.text(f"masked, it looks like a secret: {place}")
        for row in page.conflicts:
            output.text(f"conflict {row.field}: was {row.base}, mine {row.mine}, theirs {row.theirs}")

    at_desk(context, work)


def confirm(
    context: typer.Context,
    operation: str,
    public: str = typer.Option(
        "", "--public", help="The ticket's key, typed out, to confirm a public reply."
    ),
    json: bool = Json,
) -> int:
    """Agree to a proposed write and send it."""

    async def work(desk: Desk) -> Operation:
        print_page(await desk.outbox.show(operation))
        await desk.outbox.confirm(operation, public_key=public)
        await desk.outbox.send()
        return (await desk.outbox.show(operation)).operation

    ended = at_desk(context, work)
    if json:
        output.document(documents.operation(ended))
    return outcome(ended)


def unmask(
    context: typer.Context,
    operation: str,
    key: str = typer.Option(..., "--key", help="The ticket's key, typed out."),
) -> None:
    """Send a note as it was typed, with what looks like a secret in it. It must still be confirmed."""

    async def work(desk: Desk) -> Operation:
        return await desk.outbox.unmask(operation, key)

    ended = at_desk(context, work)
    output.text(f"{ended.id} {ended.state}. The note stands as it was typed.")


def retry(context: typer.Context, operation: str) -> int:
    """Try a stopped write again; what may have landed is looked for first."""

    async def work(desk: Desk) -> Operation:
        await desk.outbox.retry(operation)
        await desk.outbox.send()
        return (await desk.outbox.show(operation)).operation

    return outcome(at_desk(context, work))


def park(context: typer.Context, operation: str) -> None:
    """Keep a write from being sent until somebody decides."""
    _report(context, operation, "park")


def drop(context: typer.Context, operation: str) -> None:
    """Give a write up. Says so when it may have landed already."""
    _report(context, operation, "drop")


def _report(context: typer.Context, operation: str, verb: str) -> None:
    async def work(desk: Desk) -> Operation:
        act = desk.outbox.park if verb == "park" else desk.outbox.drop
        return await act(operation)

    try:
        ended = at_desk(context, work)
    except TriageError as problem:
        raise type(problem)(problem.what, where=operation, do=problem.do) from problem
    output.text(f"{ended.id} {ended.state}. {ended.problem}".rstrip(". ") + ".")
