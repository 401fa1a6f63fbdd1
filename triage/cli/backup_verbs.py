"""``backup``: taking one, seeing what there is, putting one back."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from triage.cli import output
from triage.cli.at_desk import at_desk
from triage.cli.options import globals_of
from triage.desk.desk import Desk
from triage.model.errors import NeedsInput
from triage.model.operation import FINISHED, Operation

Json = typer.Option(False, "--json", help="One JSON document.")


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    backup = typer.Typer(
        help="A verified copy of everything recorded here; one a day is made by the sync.",
        invoke_without_command=True,
        rich_markup_mode=None,
    )
    backup.callback()(take)
    backup.command("list")(list_backups)
    backup.command("restore")(restore)
    backup.command("notes")(notes)
    app.add_typer(backup, name="backup")


def take(context: typer.Context, json: bool = Json) -> None:
    """Make a backup now. The seven latest are kept."""
    if context.invoked_subcommand is not None:
        return

    async def work(desk: Desk) -> dict[str, object]:
        made = await desk.backups.take()
        return {"path": str(made.path), "at": made.at, "size": made.size}

    made = at_desk(context, work)
    if json:
        output.document(made)
    else:
        output.text(f"{made['path']}, {made['size']:,} bytes, verified")


def list_backups(context: typer.Context, json: bool = Json) -> None:
    """What there is, latest first."""
    from triage.desk.backup_desk import list_backups as held

    found = held(globals_of(context).profile)
    if json:
        output.document([{"path": str(one.path), "at": one.at, "size": one.size} for one in found])
    else:
        rows = [(one.path.name, f"{one.at:%Y-%m-%d %H:%M:%S} UTC", f"{one.size:,}") for one in found]
        output.table(("NAME", "TAKEN", "BYTES"), rows)


def restore(
    context: typer.Context,
    name: str = typer.Argument("", help="Its name from the list; the latest without."),
    yes: bool = typer.Option(False, "--yes", help="Do it; without it only say what would be done."),
) -> None:
    """Put a backup back, brought up to what the journal of writes knows. The database it replaces is set
    aside; what only that one has is named.
    """
    from triage.desk.backup_desk import list_backups as held
    from triage.desk.backup_desk import only_before
    from triage.desk.backup_desk import restore as put_back

    profile = globals_of(context).profile
    if not yes:
        there = ", ".join(one.path.name for one in held(profile)) or "none"
        raise NeedsInput(
            "this replaces the database; what was recorded since the backup is set aside with it",
            do=f"Add --yes to do it. There is: {there}",
        )
    backup, restored = put_back(profile, name)
    output.text(f"{backup.path.name} is the database now")
    if restored.aside is not None:
        output.text(f"the one before is {restored.aside}")
    for line in only_before(restored):
        output.line(line)
    _tell_writes(restored.writes)


def notes(context: typer.Context) -> None:
    """Bring the outbox up to the journal of writes, for a database that is older than it."""

    async def work(desk: Desk) -> tuple[Operation, ...]:
        return await desk.backups.bring_back()

    _tell_writes(at_desk(context, work))


def _tell_writes(writes: Sequence[Operation]) -> None:
    """What became of each write that came back."""
    for one in writes:
        output.line(f"{one.id} on ticket {one.ticket_id}: {one.purpose or 'note'}, {_become(one)}")
    if all(one.state in FINISHED for one in writes):
        output.text("no unsent note was missing")


def _become(operation: Operation) -> str:
    if operation.state == "verified":
        return "had arrived since; it is not sent again"
    if operation.state == "dropped":
        return "was given up since"
    if operation.state == "proposed":
        return "to be confirmed again"
    if operation.state == "unknown":
        return "may be on the ticket; the next sync looks for it there before it is sent"
    return f"waits for you in the outbox ({operation.state})"
