"""``playbook``: the verbs that read playbooks; the others are registered from files of their own."""

from __future__ import annotations

import json as jsonlib
from pathlib import Path

import typer

from triage.cli import (
    output,
    playbook_diff,
    playbook_exchange,
    playbook_record,
    playbook_statistics,
    playbook_trust,
)
from triage.cli.at_desk import at_desk
from triage.cli.options import globals_of
from triage.cli.playbook_run import run, waiting
from triage.cli.playbook_tests import test
from triage.desk.desk import Desk
from triage.model.errors import Invalid
from triage.model.run import Diagnostic, PlaybookSummary, Suggestion

HELP = """What to do, step by step: find a playbook, look at it, run it, write your own.

Begin with `playbook suggest TICKET` and `playbook run ID --ticket TICKET`. A command in a playbook runs only
after you looked at it (`playbook trust ID`) and said yes again in the run.
"""
Json = typer.Option(False, "--json", help="One JSON document.")
Ndjson = typer.Option(False, "--ndjson", help="One JSON object a line.")


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    playbook = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode=None)
    playbook.command("list")(list_playbooks)
    playbook.command("suggest")(suggest)
    playbook.command("show")(show)
    playbook.command("run")(run)
    playbook.command("waiting")(waiting)
    playbook.command("lint")(lint)
    playbook.command("test")(test)
    playbook.command("graph")(graph)
    playbook.command("schema")(schema)
    playbook_trust.register(playbook)
    playbook_diff.register(playbook)
    playbook_statistics.register(playbook)
    playbook_record.register(playbook)
    playbook_exchange.register(playbook)
    app.add_typer(playbook, name="playbook")


def list_playbooks(context: typer.Context, json: bool = Json, ndjson: bool = Ndjson) -> None:
    """Every playbook that can be found: where it is from, how far it is trusted, what is wrong with it.

    The shipped ones, the team's folders (playbook_dirs of the profile) and your own; of two with one id the
    later one wins. TRUST is empty for a playbook without commands: it needs none.
    """
    from triage.desk.playbook_files import listed_playbooks

    found = listed_playbooks(globals_of(context).profile)
    if json:
        output.document(found)
    elif ndjson:
        output.lines_of_json(found)
    else:
        rows = [
            (p.id, str(p.version), p.origin, str(p.steps), p.trust if p.commands else "", p.title, _state(p))
            for p in found
        ]
        output.table(("ID", "VER", "FROM", "STEPS", "TRUST", "TITLE", ""), rows)


def _state(item: PlaybookSummary) -> str:
    said = [item.status] if item.status != "active" else []
    said += [item.stale] if item.stale else []
    said += ["changed since it was trusted"] if item.trust_ended and item.commands else []
    if item.errors:
        said.append(f"{item.errors} errors")
    return ", ".join(said)


def suggest(
    context: typer.Context,
    ticket: str = typer.Argument(..., help="Key or id of the ticket."),
    json: bool = Json,
    ndjson: bool = Ndjson,
) -> None:
    """Playbooks that fit a case, best first, with the reason for each.

    Of two that fit alike the one that ended well on tickets like this comes first. Nothing is started.
    """

    async def work(desk: Desk) -> tuple[Suggestion, ...]:
        return await desk.playbooks.suggest(await desk.cases.find(ticket))

    found = at_desk(context, work)
    if json:
        output.document(found)
    elif ndjson:
        output.lines_of_json(found)
    else:
        rows = [(s.playbook.id, f"{s.score:.2f}", "; ".join(s.reasons)) for s in found]
        output.table(("ID", "SCORE", "BECAUSE"), rows)


def show(
    context: typer.Context,
    playbook: str = typer.Argument(..., help="Id of a playbook, or the path of its file."),
) -> None:
    """A playbook as an outline."""
    from triage.desk.playbook_files import drawing

    output.text(drawing(globals_of(context).profile, playbook, "outline"))


def lint(
    context: typer.Context,
    paths: list[Path] = typer.Argument(
        None, help="Files or folders; without any, every playbook that is found."
    ),
    format: str = typer.Option("text", "--format", help="text, json, github or sarif."),  # noqa: A002 - the option's name
    json: bool = Json,
) -> int:
    """Check playbooks; exit 1 when an error was found."""
    if format not in ("text", "json", "github", "sarif"):
        raise Invalid(f"--format {format}", do="Use text, json, github or sarif")
    from triage.desk.playbook_files import lint_files, sarif

    found = lint_files(globals_of(context).profile, paths or [])
    if json or format == "json":
        output.document(found)
    elif format == "sarif":
        output.document(sarif(found))
    else:
        for item in found:
            _print_diagnostic(item, format)
        errors = sum(item.level == "error" for item in found)
        output.narrate(f"{errors} errors, {len(found) - errors} warnings", quiet=globals_of(context).quiet)
    return 1 if any(item.level == "error" for item in found) else 0


def _print_diagnostic(item: Diagnostic, form: str) -> None:
    if form == "github":
        output.line(workflow_command(item))
        return
    output.text(f"{item.path}:{item.line}:{item.column}: {item.level}[{item.code}]: {item.message}")
    if item.source_line:
        output.text(f"    {item.source_line}\n    {' ' * (item.column - 1)}^")
    if item.help:
        output.text(f"    help: {item.help}")


_WORKFLOW_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}


def workflow_command(item: Diagnostic) -> str:
    """A finding as GitHub's runner reads it from a log.

    Percent, line breaks and, in properties, colon and comma are escaped as its toolkit does (actions/toolkit,
    packages/core/src/command.ts); a path with a comma would otherwise begin another property.
    """
    text = f"{item.message}. {item.help}" if item.help else item.message
    message = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    path = item.path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    path = path.replace(":", "%3A").replace(",", "%2C")
    level = _WORKFLOW_LEVELS[item.level]
    return f"::{level} file={path},line={item.line},col={item.column},title={item.code}::{message}"


def graph(
    context: typer.Context,
    playbook: str = typer.Argument(..., help="Id of a playbook, or the path of its file."),
    format: str = typer.Option("text", "--format", help="text, mermaid, dot or svg."),  # noqa: A002 - the option's name
    out: Path | None = typer.Option(None, "--out", help="File to write; else standard output."),
) -> None:
    """The steps of a playbook and where each leads. The SVG file needs nothing else to be shown."""
    from triage.desk.playbook_files import drawing

    for form in ("text", "mermaid", "dot", "svg"):
        if form == format:
            drawn = drawing(globals_of(context).profile, playbook, form)
            if out is None:
                output.text(drawn)
            else:
                _write(out, drawn)
            return
    raise Invalid(f"--format {format}", do="Use text, mermaid, dot or svg")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Invalid(f"cannot write it: {error.strerror}", where=str(path)) from None


def schema() -> None:
    """The JSON Schema of a playbook file, for editors."""
    from triage.desk.playbook_files import json_schema

    output.text(jsonlib.dumps(json_schema(), indent=2))
