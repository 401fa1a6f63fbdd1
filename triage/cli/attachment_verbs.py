"""``attachments list|get``: files that hang on a ticket."""

from __future__ import annotations

import shutil
from pathlib import Path

import typer

from triage.cli import output
from triage.cli.at_desk import at_desk
from triage.desk.attachment_desk import AttachedFile
from triage.desk.desk import Desk
from triage.model.errors import Invalid

Json = typer.Option(False, "--json", help="One JSON document.")


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    attachments = typer.Typer(help="Files on a ticket.", no_args_is_help=True, rich_markup_mode=None)
    attachments.command("list")(list_files)
    attachments.command("get")(get)
    app.add_typer(attachments, name="attachments")


def list_files(
    context: typer.Context,
    ticket: str,
    json: bool = Json,
    ndjson: bool = typer.Option(False, "--ndjson", help="One JSON object a line."),
) -> None:
    """The files on a ticket, as it was last pulled."""

    async def work(desk: Desk) -> tuple[AttachedFile, ...]:
        return await desk.attachments.list(await desk.cases.find(ticket))

    files = at_desk(context, work)
    if json:
        output.document(files)
    elif ndjson:
        output.lines_of_json(files)
    else:
        rows = [
            (str(one.number), one.name, size_words(one.size), one.visibility, one.actor_role, one.path)
            for one in files
        ]
        output.table(("NO", "NAME", "SIZE", "SEEN BY", "FROM", "HERE"), rows)


def get(
    context: typer.Context,
    ticket: str,
    number: int = typer.Argument(..., min=1, help="As the list numbers them."),
    out: Path | None = typer.Option(None, "--out", help="Copy it here; nothing is overwritten."),
) -> None:
    """Fetch one file; prints where it lies."""

    async def work(desk: Desk) -> Path:
        return await desk.attachments.fetch(await desk.cases.find(ticket), number)

    if out is not None and out.exists():
        raise Invalid("there is a file already", where=str(out), do="Choose another name")
    path = at_desk(context, work)
    if out is not None:
        try:
            shutil.copyfile(path, out)
        except OSError as error:
            raise Invalid(f"cannot write: {error.strerror or error}", where=str(out)) from error
        path = out
    output.text(str(path))


def size_words(size: int) -> str:
    """``size`` bytes as people say it; a dash where it is not known."""
    if size < 0:
        return "-"
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size = round(size / 1000)
    return f"{size} GB"
