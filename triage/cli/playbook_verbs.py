"""``playbook list|suggest|show|run|lint|schema|trust``."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import typer

from triage.cli import answers as answers_file
from triage.cli import output, playbook_exchange, playbook_statistics, playbook_trust
from triage.cli.at_desk import at_desk
from triage.cli.open_screen import OpenScreen
from triage.cli.options import globals_of
from triage.cli.playbook_tests import test
from triage.desk.desk import Desk
from triage.model.errors import Invalid
from triage.model.run import Diagnostic, PlaybookSummary, RunView, Suggestion

Json = typer.Option(False, "--json", help="One JSON document.")
Ndjson = typer.Option(False, "--ndjson", help="One JSON object a line.")
EXIT = {"resolved": 0, "workaround": 0, "not_applicable": 0, "handed_over": 0, "unresolved": 1}


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    playbook = typer.Typer(help="What to do, step by step.", no_args_is_help=True, rich_markup_mode=None)
    playbook.command("list")(list_playbooks)
    playbook.command("suggest")(suggest)
    playbook.command("show")(show)
    playbook.command("run")(run)
    playbook.command("lint")(lint)
    playbook.command("test")(test)
    playbook.command("graph")(graph)
    playbook.command("schema")(schema)
    playbook_trust.register(playbook)
    playbook_statistics.register(playbook)
    playbook_exchange.register(playbook)
    app.add_typer(playbook, name="playbook")


def list_playbooks(context: typer.Context, json: bool = Json, ndjson: bool = Ndjson) -> None:
    """Every playbook that can be found."""
    from triage.desk.playbook_files import found_playbooks

    found = found_playbooks(globals_of(context).profile)
    if json:
        output.document(found)
    elif ndjson:
        output.lines_of_json(found)
    else:
        rows = [(p.id, str(p.version), p.origin, str(p.steps), p.title, _state(p)) for p in found]
        output.table(("ID", "VER", "FROM", "STEPS", "TITLE", ""), rows)


def _state(item: PlaybookSummary) -> str:
    said = [item.stale] if item.stale else []
    if item.errors:
        said.append(f"{item.errors} errors")
    return ", ".join(said)


def suggest(context: typer.Context, ticket: str, json: bool = Json) -> None:
    """Playbooks that fit a case, with the reason for each."""

    async def work(desk: Desk) -> tuple[Suggestion, ...]:
        return await desk.playbooks.suggest(await desk.cases.find(ticket))

    found = at_desk(context, work)
    if json:
        output.document(found)
    else:
        rows = [(s.playbook.id, f"{s.score:.2f}", "; ".join(s.reasons)) for s in found]
        output.table(("ID", "SCORE", "BECAUSE"), rows)


def show(context: typer.Context, playbook: str) -> None:
    """A playbook as an outline."""
    from triage.desk.playbook_files import drawing

    output.text(drawing(globals_of(context).profile, playbook, "text"))


def run(
    context: typer.Context,
    playbook: str,
    ticket: str = typer.Option(..., "--ticket", "-t", help="Key or id of the ticket."),
    answers: Path | None = typer.Option(None, "--answers", help="YAML of step id to answer."),
    var: list[str] = typer.Option([], "--var", help="NAME=VALUE, may be repeated."),
    allow: str = typer.Option("", "--allow", help="Run commands: read_only or changes. Never destructive."),
    resume: str = typer.Option("", "--resume", help="Go on with this run."),
    json: bool = Json,
) -> int | OpenScreen:
    """Run a playbook on a case: on screen, or from an answers file.

    Exit codes: 0 ended well, 1 unresolved, 3 an answer is missing (the run is parked and can be resumed),
    4 a stop rule fired, 5 not trusted or not allowed, 6 a command failed with no route.
    """
    asked = globals_of(context)
    text = answers_file.read_text(answers) if answers else ""
    if answers is None and asked.may_ask and not json:
        run_id = at_desk(context, lambda desk: _started(desk, playbook, ticket, var, resume))
        return OpenScreen(asked.profile, place=f"run:{run_id}")
    effects = _effects(allow)

    async def work(desk: Desk) -> RunView:
        given = await desk.playbooks.read_answers(playbook, text, str(answers)) if answers else {}
        run_id = await _started(desk, playbook, ticket, var, resume)
        return await desk.playbooks.run_script(run_id, given, effects)

    view = at_desk(context, work)
    if json:
        output.document(run_document(view))
    else:
        _print_run(view)
    return exit_code(view)


async def _started(desk: Desk, playbook: str, ticket: str, var: list[str], resume: str) -> str:
    case_id = await desk.cases.find(ticket)
    if resume:
        return (await desk.playbooks.resume(resume)).id
    return (await desk.playbooks.start(case_id, playbook, variables=_variables(var))).id


def _effects(word: str) -> Literal["", "read_only", "changes"]:
    if word == "read_only":
        return "read_only"
    if word == "changes":
        return "changes"
    if not word:
        return ""
    raise Invalid(f"--allow {word}", do="Use read_only or changes; destructive steps need a person")


def _variables(words: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name:
            raise Invalid(f"--var {word}", do="Write NAME=VALUE")
        found[name] = value
    return found


def run_document(view: RunView) -> Mapping[str, Any]:
    """The document of ``playbook run --json``."""
    held: dict[str, Any] = output.plain(view)
    held["run"] = view.id
    held["ticket"] = view.case_id
    held["playbook"] = view.playbook_id
    held["path"] = [line.step_id for line in view.lines if line.mark in ("done", "failed", "skipped")]
    held["needs_input"] = None
    if view.status not in ("ended", "stopped", "abandoned") and view.current is not None:
        step = view.current
        held["needs_input"] = {
            "step": step.id,
            "kind": step.kind,
            "type": step.answer_type,
            "title": step.title,
            "options": [option.value for option in step.options or step.branches],
        }
    return held


def exit_code(view: RunView) -> int:
    """The exit code that says how a run stands."""
    if view.status == "stopped":
        return 4
    if view.status == "ended":
        return EXIT[view.outcome or "unresolved"]
    if view.panel is not None and view.panel.kind in ("failed", "timed_out"):
        return 6
    if view.panel is not None and view.panel.kind == "stop":
        return 4
    return 3


def _print_run(view: RunView) -> None:
    output.text(
        f"{view.playbook_id} v{view.version}  run {view.id}  {view.status} {view.outcome or ''}".rstrip()
    )
    marks = {"done": "x", "failed": "!", "skipped": "-", "not_applicable": "~", "current": ">"}
    for line in view.lines:
        if line.mark in marks:
            output.text(f" [{marks[line.mark]}] {line.step_id}: {line.title}  {line.result}".rstrip())
    if view.current is not None and view.status not in ("ended", "stopped"):
        output.text(f"Waits for an answer to {view.current.id} ({view.current.kind}): {view.current.title}")
        output.text(
            f"Go on: triage playbook run {view.playbook_id} --ticket {view.case_id} --resume {view.id}"
        )
    if view.summary:
        output.text(view.summary)


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
        level = "error" if item.level == "error" else "warning"
        output.text(
            f"::{level} file={item.path},line={item.line},col={item.column},title={item.code}::{item.message}"
        )
        return
    output.text(f"{item.path}:{item.line}:{item.column}: {item.level}[{item.code}]: {item.message}")
    if item.source_line:
        output.text(f"    {item.source_line}\n    {' ' * (item.column - 1)}^")
    if item.help:
        output.text(f"    help: {item.help}")


def graph(
    context: typer.Context,
    playbook: str = typer.Argument(..., help="Id of a playbook, or the path of its file."),
    format: str = typer.Option("text", "--format", help="text, mermaid or dot."),  # noqa: A002 - the option's name
) -> None:
    """The steps of a playbook and where each leads."""
    from triage.desk.playbook_files import drawing

    for form in ("text", "mermaid", "dot"):
        if form == format:
            output.text(drawing(globals_of(context).profile, playbook, form))
            return
    raise Invalid(f"--format {format}", do="Use text, mermaid or dot")


def schema() -> None:
    """The JSON Schema of a playbook file, for editors."""
    from triage.desk.playbook_files import json_schema

    output.text(jsonlib.dumps(json_schema(), indent=2))
