"""``queue``, ``show``, ``brief``, ``take``, ``promise``: looking at escalations and taking one."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

import typer

from triage.cli import documents, output, times
from triage.cli.at_desk import at_desk
from triage.cli.confirming import confirm_and_send
from triage.cli.options import globals_of
from triage.desk.desk import Desk
from triage.model.case import Case
from triage.model.queue import QueueItem, QueueView

Json = typer.Option(False, "--json", help="One JSON document.")
PAGE = 500


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command("queue")(queue)
    app.command("show")(show)
    app.command("brief")(brief)
    app.command("take")(take)


def queue(
    context: typer.Context,
    words: list[str] = typer.Argument(None, help="Filter: words, !word, field:value. In quotes or bare."),
    view: str = typer.Option("", "--view", help="A saved view by name."),
    limit: int = typer.Option(0, "--limit", min=0, help="At most this many rows; 0 for all."),
    json: bool = Json,
    ndjson: bool = typer.Option(False, "--ndjson", help="One JSON object a line."),
) -> None:
    """The escalations, what is due first at the top."""
    asked = " ".join(words or ())

    async def work(desk: Desk) -> tuple[list[QueueItem], list[str]]:
        chosen = await _view(desk, view)
        items: list[QueueItem] = []
        while True:
            size = min(PAGE, limit - len(items)) if limit else PAGE
            window = await desk.queue.window(chosen, len(items), size, typed_filter=asked)
            items += window.items
            if not window.items or len(items) >= window.matching or (limit and len(items) >= limit):
                freshness = await desk.queue.freshness()
                stale = freshness.message if freshness.state != "fresh" else ""
                return items, [stale, _late((await desk.queue.counts()).overdue)]

    items, notices = at_desk(context, work)
    for notice in filter(None, notices):
        output.narrate(notice, quiet=globals_of(context).quiet)
    if json:
        output.document([documents.queue_item(item) for item in items])
    elif ndjson:
        output.lines_of_json(documents.queue_item(item) for item in items)
    else:
        _print_queue(items)


def _late(count: int) -> str:
    if not count:
        return ""
    what = "recommendation is" if count == 1 else "recommendations are"
    return f"{count} {what} past the date: triage recommendations list --overdue"


async def _view(desk: Desk, name: str) -> QueueView:
    from triage.model.errors import NotFound

    views = await desk.queue.views()
    if not name:
        return QueueView("all")
    for view in views:
        if view.name.casefold() == name.casefold():
            return view
    raise NotFound(f"no view called {name}", do="There are: " + ", ".join(v.name for v in views))


def _print_queue(items: list[QueueItem]) -> None:
    now = datetime.now(UTC)
    rows = [
        (
            item.key,
            item.customer,
            item.subject[:60],
            item.priority or "-",
            times.span(now - item.waiting_since),
            times.promise(item.next_promise_due, now),
            item.local_state,
            item.assignee or "-",
        )
        for item in items
    ]
    output.table(("KEY", "CUSTOMER", "SUBJECT", "PRI", "WAITING", "PROMISE", "STATE", "OWNER"), rows)


def show(context: typer.Context, ticket: str, json: bool = Json) -> None:
    """One case: ticket, timeline, promises, runs and investigation."""

    async def work(desk: Desk) -> tuple[Case, tzinfo]:
        return await desk.cases.open(await desk.cases.find(ticket)), desk.profile.zone

    case, zone = at_desk(context, work)
    if json:
        output.document(documents.case(case))
    else:
        _print_case(case, zone)


def _print_case(case: Case, zone: tzinfo) -> None:
    ticket = case.facts.ticket
    output.line(f"{ticket.key} {ticket.subject}")
    output.line(
        f"{ticket.customer or '-'} · {ticket.product} {ticket.product_version} · {ticket.priority or '-'} · "
        f"{ticket.status} · {ticket.assignee or 'nobody'}"
    )
    if case.gone:
        output.text("The helpdesk no longer shows this ticket; this is the last we saw.")
    now = datetime.now(UTC)
    for promise in case.facts.promises:
        output.text(f"promise {promise.kind} due {times.local(promise.due, zone)}: {promise.state(now)}")
    output.text("")
    for item in case.facts.timeline:
        label = item.visibility.upper() if item.kind == "message" else item.kind
        output.line(f"{times.local(item.at, zone)} {label} {item.actor_role} {item.actor}")
        output.text("    " + item.text.replace("\n", "\n    "))
    for run in case.runs:
        output.text(
            f"playbook {run.playbook_id} {run.status} {run.outcome} ({run.done} of {run.path_length})"
        )
    if case.investigation is not None:
        held = case.investigation
        output.text(f"investigation {held.id} {held.phase} {held.state} {held.verdict} {held.code}")


def brief(context: typer.Context, ticket: str) -> None:
    """At most twelve lines for the engineer being woken."""

    async def work(desk: Desk) -> str:
        return await desk.cases.brief(await desk.cases.find(ticket))

    output.text(at_desk(context, work))


def take(
    context: typer.Context,
    ticket: str,
    yes: bool = typer.Option(False, "--yes", help="Send without asking; the change is still printed."),
    json: bool = Json,
) -> int:
    """Make yourself the owner on the helpdesk."""

    async def work(desk: Desk) -> int:
        proposed = await desk.cases.take(await desk.cases.find(ticket))
        return await confirm_and_send(desk, proposed, globals_of(context), yes=yes, json=json)

    return at_desk(context, work)
