"""``playbook diff``: what changed in a playbook since it was trusted, or since a run began."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from triage.cli import output
from triage.cli.at_desk import at_desk
from triage.model.errors import Invalid

if TYPE_CHECKING:
    from triage.desk.desk import Desk
    from triage.model.playbook_difference import PlaybookDifference


def register(playbook: typer.Typer) -> None:
    """Add ``playbook diff``."""
    playbook.command("diff")(diff)


def diff(
    context: typer.Context,
    playbook: str = typer.Argument("", help="Id of a playbook, or the path of its file."),
    run: str = typer.Option("", "--run", help="Compare with the text this run is pinned to."),
    commands: bool = typer.Option(False, "--commands", help="Only the commands."),
    json: bool = typer.Option(False, "--json", help="One JSON document."),
) -> int:
    """What changed in a playbook since you trusted it; with --run, since that run began.

    A run stays on the text it began with. Exit codes: 0 nothing changed, 1 something did, or there is
    nothing to compare with.
    """
    if bool(playbook) == bool(run):
        raise Invalid("say which playbook", do="Name its id or file, or a run with --run; one of them")

    async def work(desk: Desk) -> PlaybookDifference:
        from triage.desk.playbook_difference import since_run, since_trusted

        return await (since_run(desk.parts, run) if run else since_trusted(desk.parts, playbook))

    found = at_desk(context, work)
    if json:
        output.document(found)
    else:
        print_difference(found, only_commands=commands)
    return 0 if found.same else 1


def print_difference(found: PlaybookDifference, *, only_commands: bool) -> None:
    """In one line, then the commands that differ, then the whole text as a unified diff."""
    since = "you trusted it" if found.since == "trusted" else "the run began"
    if found.same:
        output.text(f"{found.playbook_id}: nothing changed since {since}")
        return
    output.text(f"{found.playbook_id}: version {found.version} then, {found.version_now} now  {found.path}")
    if found.commands is not None:
        output.text(f"commands: {found.commands.changed or 'none'} changed since {since}")
        for line in found.commands.lines:
            output.text(f"  {line}")
    if only_commands:
        return
    if not found.lines:
        output.text("The earlier text was not kept, so only the commands can be compared.")
    else:
        output.text("\n" + "\n".join(found.lines))
