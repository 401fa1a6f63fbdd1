"""``playbook trust``: show every command, then let exactly this text run them; list and take back."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from typer.core import TyperGroup

from triage.cli import output
from triage.cli.at_desk import at_desk
from triage.cli.options import globals_of
from triage.desk.desk import Desk
from triage.model.errors import Invalid
from triage.model.run import CommandView

if TYPE_CHECKING:
    from typer import Context

    from triage.model.trust import FolderPage, Grantable, TrustedFile, TrustPage

HELP = """Look at the commands of a playbook and let exactly this text run them.

`triage playbook trust ID` shows every command whole and asks. A yes is consent and a record, not a sandbox: a
trusted command has your rights. It holds for these very bytes at this path; after an edit nothing runs until
you say yes again, and only the commands that changed are shown. A playbook that this one uses needs its own.

Levels: read (read-only commands, each confirmed in the run), and with --changes also those that change
something. A destructive one always asks for its step id, and never runs from an answers file.
"""


class _TrustGroup(TyperGroup):
    """``trust ID`` is short for ``trust allow ID``."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:  # type: ignore[override]  # typer's own context class
        named = bool(args) and (args[0] in self.commands or args[0] in ("-h", "--help"))
        return super().parse_args(ctx, args if named or not args else ["allow", *args])


def register(playbook: typer.Typer) -> None:
    """Add the verbs below ``playbook trust``."""
    trust = typer.Typer(cls=_TrustGroup, help=HELP, no_args_is_help=True, rich_markup_mode=None)
    trust.command("allow")(allow)
    trust.command("list")(list_trusted)
    trust.command("revoke")(revoke)
    playbook.add_typer(trust, name="trust")


def allow(
    context: typer.Context,
    playbook: str = typer.Argument("", help="Id of a playbook, or the path of its file."),
    changes: bool = typer.Option(False, "--changes", help="Also commands that change something."),
    dir: Path | None = typer.Option(  # noqa: A002 - the option's name
        None, "--dir", help="A team's folder, as it is committed at a commit its remote has."
    ),
    remote: str = typer.Option(
        "origin", "--remote", help="With --dir: the remote that must have the commit."
    ),
    yes: bool = typer.Option(False, "--yes", help="You have read the list; do not ask."),
) -> int:
    """Show every command and, if you agree, let this exact text run them. `trust ID` is short for it.

    With --dir every playbook of a git folder at once: each file must be byte for byte what is committed, and
    the named remote must have that commit. Later commits stay trusted as long as they touch no command.

    Exit codes: 0 trusted, 1 not agreed, 3 nobody could be asked, 4 it changed while you read, 5 refused.
    """
    if bool(playbook) == (dir is not None):
        raise Invalid("say which playbook", do="Name its id or file, or a folder with --dir; one of them")
    level: Grantable = "run" if changes else "read"
    if dir is not None:
        return at_desk(context, lambda desk: _folder(context, desk, dir, remote, level, yes))
    return at_desk(context, lambda desk: _one(context, desk, playbook, level, yes))


async def _one(context: typer.Context, desk: Desk, playbook: str, level: Grantable, yes: bool) -> int:
    page = await desk.playbooks.consent.page(playbook)
    print_page(page)
    if not _agreed(context, "Trust these commands?", yes):
        return 1
    await desk.playbooks.consent.grant(playbook, level)
    output.narrate(f"{page.playbook_id} version {page.version} is trusted: {level}")
    return 0


async def _folder(
    context: typer.Context, desk: Desk, folder: Path, remote: str, level: Grantable, yes: bool
) -> int:
    page = await desk.playbooks.consent.folder_page(folder, remote)
    print_folder(page)
    count = "1 playbook" if len(page.pages) == 1 else f"{len(page.pages)} playbooks"
    asked = f"Trust {count}, and later commits that touch no command?"
    if not page.pages or not _agreed(context, asked, yes):
        return 1
    await desk.playbooks.consent.grant_folder(page, level)
    output.narrate(f"trusted of {page.path}: {count}, {level}")
    return 0


def _agreed(context: typer.Context, question: str, yes: bool) -> bool:
    asked = globals_of(context)
    if yes:
        return True
    if not asked.may_ask:
        raise asked.needs("trusting needs a person", "Read the list, then add --yes")
    return typer.confirm(question, default=False, err=True)


def print_page(page: TrustPage) -> None:
    """Head, what changed, every command whole, and the playbooks it uses."""
    output.text(f"{page.playbook_id} version {page.version}  {page.path}\ntrusted now: {page.level}")
    if page.change is not None:
        output.text("\n".join([page.change.said, *(f"  {line}" for line in page.change.lines)]))
    if not page.commands:
        output.text("It has no commands.")
    for number, command in enumerate(page.commands, 1):
        output.text(f"\n{number} of {len(page.commands)}")
        print_command(command)
    for used in page.uses:
        output.text(f"\nIt uses {used.id}, which is trusted on its own: {used.problem or used.level}")


def print_folder(page: FolderPage) -> None:
    """Where it is from, and every playbook of it; those that are trusted already in one line."""
    output.text(f"{page.path}\n{page.remote} {page.url} at {page.commit}")
    for one in page.pages:
        output.text("")
        if one.level in ("read", "run"):
            output.text(f"{one.playbook_id} version {one.version}: trusted already ({one.level})")
        else:
            print_page(one)
    if not page.pages:
        output.text("No playbook there has commands; nothing needs trust.")


def print_command(command: CommandView) -> None:
    """One command, exactly as it would run."""
    place = f", in {command.cwd}" if command.cwd else ""
    output.text(f"[{command.effect}, ended after {command.timeout_s:g} s{place}]")
    output.text(command.script.rstrip("\n") if command.script else shlex.join(command.argv))
    for name, value in command.env.items():
        output.text(f"  with {name}={value}")
    output.text(f"  good when {command.good_when}")
    if command.poll:
        output.text(f"  tried again: {command.poll}")
    if command.undo:
        output.text(f"  to take it back: {command.undo}")


def list_trusted(
    context: typer.Context,
    json: bool = typer.Option(False, "--json", help="One JSON document."),
    ndjson: bool = typer.Option(False, "--ndjson", help="One JSON object a line."),
) -> None:
    """Every consent you gave on this machine, and whether the file still is what you read."""
    found = at_desk(context, lambda desk: desk.playbooks.consent.given())
    if json:
        output.document(found)
    elif ndjson:
        output.lines_of_json(found)
    elif not found:
        output.narrate(
            "Nothing is trusted yet. triage playbook trust ID shows and allows the commands of one."
        )
    else:
        output.table(("ID", "VER", "LEVEL", "NOW", "SINCE", "PATH"), [_row(one) for one in found])


def _row(one: TrustedFile) -> tuple[str, ...]:
    return (one.playbook_id, str(one.version or ""), one.level, one.state, one.at[:16], one.path)


def revoke(
    context: typer.Context,
    playbook: str = typer.Argument(..., help="Id, path of a file, or a folder that was trusted."),
) -> None:
    """Take a consent back; nothing of it runs from now on, not even in a run that is open."""
    path = at_desk(context, lambda desk: desk.playbooks.consent.revoke(playbook))
    output.narrate(f"no longer trusted: {path}")
