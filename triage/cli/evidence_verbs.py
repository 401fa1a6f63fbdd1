"""``evidence list|show|add|send``: what was kept for a case, and putting it on the ticket."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import typer

from triage.cli import output
from triage.cli.at_desk import at_desk
from triage.cli.confirming import confirm_and_send
from triage.cli.options import globals_of
from triage.desk.desk import Desk
from triage.model.errors import Invalid
from triage.model.run import EvidenceItem

Json = typer.Option(False, "--json", help="One JSON document.")


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    evidence = typer.Typer(help="What was kept for a case.", no_args_is_help=True, rich_markup_mode=None)
    evidence.command("list")(list_pieces)
    evidence.command("show")(show)
    evidence.command("add")(add)
    evidence.command("send")(send)
    app.add_typer(evidence, name="evidence")


def list_pieces(
    context: typer.Context,
    ticket: str,
    json: bool = Json,
    ndjson: bool = typer.Option(False, "--ndjson", help="One JSON object a line."),
) -> None:
    """What is kept for a case, oldest first."""

    async def work(desk: Desk) -> tuple[EvidenceItem, ...]:
        return await desk.evidence.list(await desk.cases.find(ticket))

    pieces = at_desk(context, work)
    if json:
        output.document(pieces)
    elif ndjson:
        output.lines_of_json(pieces)
    else:
        rows = [(one.id, one.kind, f"{one.size:,}", one.summary, one.source) for one in pieces]
        output.table(("ID", "KIND", "BYTES", "BEGINS", "FROM"), rows)


def show(context: typer.Context, evidence: str) -> None:
    """The text of a piece."""

    async def work(desk: Desk) -> str:
        return await desk.evidence.text(evidence)

    output.text(at_desk(context, work))


def add(
    context: typer.Context,
    ticket: str,
    file: Path | None = typer.Option(None, "--file", help="Keep what this file holds."),
    url: str = typer.Option("", "--url", help="Keep this link."),
    text: str = typer.Option("", "--text", help="Keep these words; - reads them from standard input."),
    json: bool = Json,
) -> None:
    """Keep a piece of evidence on this machine. Exactly one of --file, --url, --text."""
    given: list[tuple[Literal["file", "url", "text"], str]] = []
    if file is not None:
        given.append(("file", str(file)))
    if url:
        given.append(("url", url))
    if text:
        given.append(("text", sys.stdin.read() if text == "-" else text))
    if len(given) != 1:
        raise Invalid("nothing to keep" if not given else "more than one thing to keep",
                      do="Give one of --file, --url, --text")  # fmt: skip
    [(kind, content)] = given

    async def work(desk: Desk) -> EvidenceItem:
        # A file says itself where it is from.
        source = "" if kind == "file" else "typed"
        return await desk.evidence.add(await desk.cases.find(ticket), kind, content, source=source)

    kept = at_desk(context, work)
    if json:
        output.document(kept)
    else:
        output.text(f"{kept.id} kept: {kept.kind}, {kept.size:,} bytes")


def send(
    context: typer.Context,
    evidence: str,
    yes: bool = typer.Option(False, "--yes", help="Send without asking; the note is still printed."),
    json: bool = Json,
) -> int:
    """Put a piece on its ticket, for agents only; what looks like a secret is masked.

    What is long goes as a file on an internal note, where the helpdesk keeps such files from the customer.
    """

    async def work(desk: Desk) -> int:
        proposed = await desk.evidence.propose(evidence)
        return await confirm_and_send(desk, proposed, globals_of(context), yes=yes, json=json)

    return at_desk(context, work)
