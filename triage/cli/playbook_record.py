"""``playbook new``: a commented file to begin with, or a draft made from what was done on a case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from triage.cli import output
from triage.cli.at_desk import at_desk
from triage.cli.options import globals_of
from triage.desk.desk import Desk

if TYPE_CHECKING:
    from triage.model.recorded import RecordedPlaybook, WrittenPlaybook


def register(playbook: typer.Typer) -> None:
    """Add ``playbook new``."""
    playbook.command("new")(new)


def new(
    context: typer.Context,
    playbook: str = typer.Argument(..., help="Id of the new playbook; its file is called ID.yaml."),
    from_ticket: list[str] = typer.Option(
        [], "--from-ticket", help="Make it from all that was done on this ticket; twice for two of a kind."
    ),
    from_run: list[str] = typer.Option([], "--from-run", help="Make it from this run."),
    to: Path | None = typer.Option(None, "--to", help="Folder to put it in; your own playbooks without it."),
    json: bool = typer.Option(False, "--json", help="One JSON document."),
) -> None:
    """Begin a playbook: a commented file that lints clean, or a draft of what was done on a case.

    A draft comes with its own test. What belongs to the one case (names, hosts, dates, ids) is replaced, and
    every replacement is listed; commands are taken to change something until you say otherwise. Two cases of
    one category share their beginning and part at a decision. No file is ever written over.
    """
    if from_ticket or from_run:
        draft, written = at_desk(context, lambda desk: _recorded(desk, playbook, from_ticket, from_run, to))
        if json:
            output.document(written)
        else:
            print_draft(draft, written)
        return
    from triage.desk.playbook_files import new_starter

    path, test = new_starter(to, playbook)
    if json:
        output.document({"path": str(path), "test_path": str(test)})
    else:
        output.text(f"{path}\n{test}")
        output.narrate(
            f"Change its words, then: triage playbook lint {path} && triage playbook test {path}",
            quiet=globals_of(context).quiet,
        )


async def _recorded(
    desk: Desk, playbook: str, tickets: list[str], runs: list[str], to: Path | None
) -> tuple[RecordedPlaybook, WrittenPlaybook]:
    ids = [await desk.cases.find(one) for one in tickets]
    draft = await desk.playbook_record.record(playbook, tickets=ids, runs=runs)
    return draft, await desk.playbook_record.write(draft, to)


def print_draft(draft: RecordedPlaybook, written: WrittenPlaybook) -> None:
    """Where it is, what was replaced and left out, and what its author has to do."""
    output.text(
        f"{written.path}\n{written.test_path}\n{draft.steps} steps, status draft; it passes its own test"
    )
    for one in draft.replaced:
        output.line(f"replaced in {one.place}: {one.literal} -> {one.by}")
    for line in draft.dropped:
        output.line(f"left out: {line}")
    for finding in draft.findings:
        output.line(f"to do: {written.path}:{finding.line}: {finding.source_line.strip() or finding.message}")
