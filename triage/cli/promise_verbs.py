"""``promise`` and ``close``: what the customer was told to expect, and when a case may end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, tzinfo
from typing import Any

import typer

from triage.cli import output, times
from triage.cli.at_desk import at_desk
from triage.cli.confirming import confirm_and_send
from triage.cli.options import globals_of
from triage.cli.output import plain
from triage.desk.desk import Desk
from triage.model.errors import Invalid, NotFound
from triage.model.promise import PROMISE_KINDS, PROMISED_TO, Promise, PromisedTo
from triage.model.spoken.time import find_times

Json = typer.Option(False, "--json", help="One JSON document.")
Name = typer.Argument(..., metavar="PROMISE", help="Its number in the list, or its id.")


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    promise = typer.Typer(help="What was promised to the customer, and by when.", no_args_is_help=True)
    promise.command("list")(show)
    promise.command("add")(add)
    promise.command("keep")(keep)
    promise.command("confirm")(confirm)
    promise.command("withdraw")(withdraw)
    app.add_typer(promise, name="promise")
    app.command("close")(close)


def show(context: typer.Context, ticket: str, json: bool = Json) -> None:
    """Every promise of a case, those read from the text too, oldest first."""
    _after(context, ticket, None, json)


def add(
    context: typer.Context,
    ticket: str,
    due: str = typer.Option(..., "--due", help='"tomorrow 16:00", "in 2 hours", or ISO 8601 with a zone.'),
    kind: str = typer.Option("next_update", "--kind", help=", ".join(PROMISE_KINDS)),
    quote: str = typer.Option("", "--quote", help="The words that were said."),
    to: str = typer.Option(
        "", "--to", help="customer or internal_team; without it, those who wrote the ticket."
    ),
    json: bool = Json,
) -> None:
    """Write down a promise that was made."""
    if kind not in PROMISE_KINDS:
        raise Invalid(f"no promise is a {kind}", where="--kind", do="Use one of: " + ", ".join(PROMISE_KINDS))
    promised_to = _promised_to(to)

    async def work(desk: Desk, ticket_id: str) -> None:
        at = moment(due, "--due", datetime.now(UTC), desk.profile.zone)
        await desk.cases.add_promise(ticket_id, kind, at, quote=quote, to=promised_to)

    _after(context, ticket, work, json)


def keep(
    context: typer.Context,
    ticket: str,
    name: str = Name,
    at: str = typer.Option("", "--at", help="When it was kept; now without it."),
    json: bool = Json,
) -> None:
    """Say that a promise was kept."""

    async def work(desk: Desk, ticket_id: str) -> None:
        now = datetime.now(UTC)
        when = past(at, "--at", now, desk.profile.zone) if at else None
        await desk.cases.keep_promise(ticket_id, await _id_of(desk, ticket_id, name), when)

    _after(context, ticket, work, json)


def confirm(context: typer.Context, ticket: str, name: str = Name, json: bool = Json) -> None:
    """Say that what was read from the text was indeed a promise."""

    async def work(desk: Desk, ticket_id: str) -> None:
        await desk.cases.confirm_promise(ticket_id, await _id_of(desk, ticket_id, name))

    _after(context, ticket, work, json)


def withdraw(context: typer.Context, ticket: str, name: str = Name, json: bool = Json) -> None:
    """Say that it was no promise, or that a later one took its place."""

    async def work(desk: Desk, ticket_id: str) -> None:
        await desk.cases.withdraw_promise(ticket_id, await _id_of(desk, ticket_id, name))

    _after(context, ticket, work, json)


def close(
    context: typer.Context,
    ticket: str,
    status: str = typer.Option("solved", "--status", help="The helpdesk's word for closed."),
    yes: bool = typer.Option(False, "--yes", help="Send without asking; the change is still printed."),
    json: bool = Json,
) -> int:
    """Close the ticket: after the customer's confirmation, or once they heard that it cannot be solved."""

    async def work(desk: Desk) -> int:
        proposed = await desk.cases.close(await desk.cases.find(ticket), status)
        return await confirm_and_send(desk, proposed, globals_of(context), yes=yes, json=json)

    return at_desk(context, work)


def _promised_to(words: str) -> PromisedTo | None:
    """Whom ``words`` name; None for nobody. Raises `Invalid`."""
    if not words:
        return None
    for one in PROMISED_TO:
        if one == words:
            return one
    raise Invalid(
        f"nobody is called {words!r} here", where="--to", do=f"Use one of: {', '.join(PROMISED_TO)}"
    )


def moment(words: str, where: str, now: datetime, zone: tzinfo) -> datetime:
    """The time that ``words`` mean to one who says them now in ``zone``. Raises `Invalid`."""
    try:
        at = datetime.fromisoformat(words)
    except ValueError:
        spoken = next(iter(find_times(words)), None)
        due = spoken.due(now, zone) if spoken else None
        if due is None:
            do = 'Say "16:00", "tomorrow 09:30", "in 2 hours", or 2026-03-13T16:00+01:00'
            raise Invalid(f"no time is read in {words!r}", where=where, do=do) from None
        return due.astimezone(UTC)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def past(words: str, where: str, now: datetime, zone: tzinfo) -> datetime:
    """`moment`, for what has happened. Raises `Invalid` for a time that lies ahead."""
    at = moment(words, where, now, zone)
    if at > now:
        do = "Give the day with it: 2026-03-12T16:00"
        raise Invalid(f"{words!r} lies ahead, at {at:%d %b %H:%M} UTC", where=where, do=do)
    return at


async def _id_of(desk: Desk, ticket_id: str, name: str) -> str:
    promises = (await desk.cases.open(ticket_id)).facts.promises
    if name.isdigit() and 0 < int(name) <= len(promises):
        return promises[int(name) - 1].id
    for one in promises:
        if one.id == name:
            return one.id
    raise NotFound(f"no promise {name} on this case", do="triage promise list shows them")


def _after(
    context: typer.Context,
    ticket: str,
    work: Callable[[Desk, str], Awaitable[None]] | None,
    json: bool,
) -> None:
    """Do ``work`` on the case, then print its promises as they stand."""

    async def at(desk: Desk) -> tuple[tuple[Promise, ...], tzinfo]:
        ticket_id = await desk.cases.find(ticket)
        if work is not None:
            await work(desk, ticket_id)
        return (await desk.cases.open(ticket_id)).facts.promises, desk.profile.zone

    promises, zone = at_desk(context, at)
    now = datetime.now(UTC)
    if json:
        output.document([_document(one, number, now) for number, one in enumerate(promises, start=1)])
        return
    rows = [
        (
            str(number),
            one.kind.replace("_", " "),
            times.local(one.due, zone),
            one.state(now),
            one.to.replace("_", " "),
            "" if one.confirmed else "read from the text",
            one.quote[:60],
        )
        for number, one in enumerate(promises, start=1)
    ]
    output.table(("NO", "KIND", "DUE", "STATE", "TO", "", "WORDS"), rows)


def _document(promise: Promise, number: int, now: datetime) -> dict[str, Any]:
    held: dict[str, Any] = plain(promise)
    return {"number": number, "state": promise.state(now), **held}
