"""``backup``: taking one, seeing what there is, putting one back."""

from __future__ import annotations

import typer

from triage.cli import output
from triage.cli.at_desk import at_desk
from triage.cli.options import globals_of
from triage.desk.desk import Desk
from triage.model.errors import NeedsInput
from triage.model.operation import Operation

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
    """Put a backup back. The database it replaces is set aside, unsent notes come back from their journal."""
    from triage.desk.backup_desk import list_backups as held
    from triage.desk.backup_desk import restore as put_back

    profile = globals_of(context).profile
    if not yes:
        there = ", ".join(one.path.name for one in held(profile)) or "none"
        raise NeedsInput(
            "this replaces the database; what was recorded since the backup is set aside with it",
            do=f"Add --yes to do it. There is: {there}",
        )
    backup, aside = put_back(profile, name)
    output.text(f"{backup.path.name} is the database now")
    if aside is not None:
        output.text(f"the one before is {aside}")
    notes(context)


def notes(context: typer.Context) -> None:
    """Bring back notes that were written after the backup and had not arrived. Each is proposed anew."""

    async def work(desk: Desk) -> tuple[Operation, ...]:
        return await desk.backups.bring_back()

    back = at_desk(context, work)
    for one in back:
        output.text(f"{one.id} on ticket {one.ticket_id}: {one.purpose or 'note'}, to be confirmed again")
    if not back:
        output.text("no unsent note was missing")
