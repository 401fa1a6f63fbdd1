"""``playbook run``: on screen, or without one from a file of answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any, Literal

import typer

from triage.cli import answers as answers_file
from triage.cli import output, times
from triage.cli.at_desk import at_desk
from triage.cli.open_screen import OpenScreen
from triage.cli.options import globals_of
from triage.desk.desk import Desk
from triage.model.entry import Entry
from triage.model.errors import Invalid
from triage.model.run import RunView, StepView, WaitingRun

EXIT = {"resolved": 0, "workaround": 0, "not_applicable": 0, "handed_over": 0, "unresolved": 1}
_TEXTS = ("text", "includes")
"""Whole files in an event: told by their hash instead."""


def run(
    context: typer.Context,
    playbook: str,
    ticket: str = typer.Option(..., "--ticket", "-t", help="Key or id of the ticket."),
    answers: Path | None = typer.Option(None, "--answers", help="YAML of step id to answer."),
    var: list[str] = typer.Option([], "--var", help="NAME=VALUE, may be repeated."),
    allow: str = typer.Option("", "--allow", help="Run commands: read_only or changes. Never destructive."),
    resume: str = typer.Option("", "--resume", help="Go on with this run."),
    migrate: bool = typer.Option(False, "--migrate", help="With --resume: go over to the file of now first."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Tell where the answers lead; do nothing."),
    json: bool = typer.Option(False, "--json", help="One JSON object a line: events, needs_input, summary."),
) -> int | OpenScreen:
    """Run a playbook on a case: on screen, or from an answers file.

    Exit codes: 0 ended well, 1 unresolved, 3 an answer is missing (the run is parked and can be resumed),
    4 a stop rule fired, 5 not trusted or not allowed, 6 a command failed with no route.
    """
    asked = globals_of(context)
    given = _variables(var)
    text = answers_file.read_text(answers) if answers else ""
    if dry_run:
        return _dry_run(context, playbook, ticket, (text, str(answers)) if answers else None, given, json)
    if answers is None and asked.may_ask and not json:
        run_id = at_desk(context, lambda desk: _started(desk, playbook, ticket, given, resume))
        return OpenScreen(asked.profile, place=f"run:{run_id}")
    effects = _effects(allow)

    async def work(desk: Desk) -> RunView:
        known = await desk.playbooks.read_answers(playbook, text, str(answers)) if answers else {}
        if effects:
            await _look_for_programs(desk, playbook, known)
        if json:
            desk.playbooks.heard = _print_events
        run_id = await _started(desk, playbook, ticket, given, resume)
        if resume:
            await _on_its_text(desk, resume, migrate)
        return await desk.playbooks.run_script(run_id, known, effects)

    view = at_desk(context, work)
    if json:
        _print_end(view)
    else:
        _print_run(view)
    return exit_code(view)


def waiting(
    context: typer.Context, json: bool = typer.Option(False, "--json", help="One JSON document.")
) -> None:
    """Runs that are not over: where each stands, and when it asks to be taken up again."""

    async def work(desk: Desk) -> tuple[tuple[WaitingRun, ...], tzinfo]:
        return await desk.playbooks.waiting(), desk.profile.zone

    found, zone = at_desk(context, work)
    if json:
        output.document(found)
        return
    rows = [
        (
            one.ticket_key,
            one.playbook_id,
            one.status,
            one.step_title,
            times.local(one.due, zone) if one.due else "-",
            one.id,
        )
        for one in found
    ]
    output.table(("TICKET", "PLAYBOOK", "", "STANDS AT", "DUE", "RUN"), rows)


async def _started(desk: Desk, playbook: str, ticket: str, given: Mapping[str, str], resume: str) -> str:
    case_id = await desk.cases.find(ticket)
    if not resume:
        return (await desk.playbooks.start(case_id, playbook, variables=given)).id
    view = await desk.playbooks.view(resume)
    if view.case_id != case_id:
        raise Invalid(f"run {resume} is about another ticket", where=ticket)
    for name, value in given.items():
        await desk.playbooks.resume(resume)
        await desk.playbooks.set_variable(resume, name, value)
    return resume


async def _on_its_text(desk: Desk, run_id: str, migrate: bool) -> None:
    """Say that the file changed since the run began, or take the run over to it."""
    view = await desk.playbooks.resume(run_id)
    if migrate:
        await desk.playbooks.migrate(run_id)
    elif view.change is not None:
        parts = [("new", view.change.added), ("gone", view.change.removed), ("changed", view.change.altered)]
        said = "; ".join(f"{word}: {', '.join(ids)}" for word, ids in parts if ids) or "nothing in its steps"
        way = view.change.why_not or "--migrate goes over to it"
        output.narrate(f"The file changed since this run began ({said}). The run stays on its text; {way}.")


async def _look_for_programs(desk: Desk, playbook: str, known: Mapping[str, Any]) -> None:
    """Raise `Invalid` before anything is begun when a command could not run here."""
    lacking = await desk.playbooks.lacking(playbook, known)
    if lacking:
        raise Invalid(
            f"not installed here: {', '.join(lacking)}", do="Install it, or answer for the step in --answers"
        )


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


def _print_events(written: Sequence[Entry]) -> None:
    """The entries of the log as they are written, one a line."""
    output.lines_of_json([_event(entry) for entry in written])


def _event(entry: Entry) -> dict[str, Any]:
    data = {name: value for name, value in entry.data.items() if name not in _TEXTS}
    used = entry.data.get("includes")
    if isinstance(used, Mapping):
        data["includes"] = {name: one["sha256"] for name, one in used.items() if isinstance(one, Mapping)}
    return {
        "event": entry.kind, "id": entry.id, "at": entry.at, "run": entry.subject_id, "ticket": entry.case_id,
        "actor": entry.actor, "data": data,
    }  # fmt: skip


def _print_end(view: RunView) -> None:
    """What the run waits for, if it waits, and how it stands."""
    wanted = needs_input(view)
    if wanted is not None:
        output.lines_of_json([{"event": "needs_input", **wanted}])
    output.lines_of_json([{"event": "summary", **summary(view)}])


def summary(view: RunView) -> dict[str, Any]:
    """How a run stands, for a program."""
    held: dict[str, Any] = output.plain(view)
    held |= {"run": view.id, "ticket": view.case_id, "playbook": view.playbook_id}
    held["path"] = [line.step_id for line in view.lines if line.mark in ("done", "failed", "skipped")]
    held["needs_input"] = needs_input(view)
    held["exit_code"] = exit_code(view)
    return held


def needs_input(view: RunView) -> dict[str, Any] | None:
    """The question a run waits for, with everything an answer must satisfy; None when it waits for none."""
    if view.status not in ("open", "parked") or view.current is None:
        return None
    step = view.current
    wanted = _question(step)
    if view.panel is not None:
        wanted["panel"] = {
            "kind": view.panel.kind,
            "say": view.panel.say,
            "choices": [one.value for one in view.panel.choices],
        }
    return wanted


def _question(step: StepView) -> dict[str, Any]:
    choices = step.options or step.branches
    limits = {
        "min": step.minimum, "max": step.maximum, "pattern": step.pattern or None, "unit": step.unit or None,
        "items": list(step.items) or None, "earlier": step.default if step.default_from else None,
        "earlier_from": step.default_from or None, "due": step.due, "proposed": step.proposed_branch or None,
        "two_person": step.two_person or None,
    }  # fmt: skip
    return {
        "step": step.id, "kind": step.kind, "type": step.answer_type, "title": step.title,
        "options": [option.value for option in choices], "allow_unknown": step.allow_unknown,
        **{name: value for name, value in limits.items() if value is not None},
    }  # fmt: skip


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
            why = f"  ({line.reason})" if line.reason else ""
            indent = "   " * line.depth
            said = f" {indent}[{marks[line.mark]}] {line.step_id}: {line.title}  {line.result}"
            output.text(said.rstrip() + why)
    for back in view.ways_back:
        output.text(f" went back to: {back.title}" + (f"  ({back.reason})" if back.reason else ""))
    if view.current is not None and view.status not in ("ended", "stopped"):
        if view.current.because:
            output.text(view.current.because)
        if view.panel is not None:
            output.text(f"{view.panel.say} Choices: {', '.join(one.value for one in view.panel.choices)}")
        output.text(f"Waits for an answer to {view.current.id} ({view.current.kind}): {view.current.title}")
        output.text(
            f"Go on: triage playbook run {view.playbook_id} --ticket {view.case_id} --resume {view.id}"
        )
    if view.summary:
        output.text(view.summary)


def _dry_run(
    context: typer.Context,
    playbook: str,
    ticket: str,
    answers: tuple[str, str] | None,
    given: Mapping[str, str],
    json: bool,
) -> int:
    """Where the answers lead, with the commands in full; what cannot be known is a set of steps."""

    async def work(desk: Desk) -> Any:
        known = await desk.playbooks.read_answers(playbook, *answers) if answers else {}
        case_id = await desk.cases.find(ticket)
        return await desk.playbooks.rehearse(case_id, playbook, known, variables=given)

    found = at_desk(context, work)
    if json:
        output.lines_of_json([{"event": "dry_run", **output.plain(found)}])
        return 0
    output.text("Path:      " + (" > ".join(found.path) or "none"))
    if found.stands_at:
        output.text(f"Stands at: {found.stands_at} ({found.why})")
        output.text("Can come:  " + ", ".join(found.reachable))
    else:
        output.text(f"Ends:      {found.outcome}")
    for step_id, command in found.commands:
        what = command.script or " ".join(command.argv)
        output.text(f"{step_id} [{command.effect}, at most {command.timeout_s:g} s]: {what}")
        for name, value in command.env.items():
            output.text(f"    with {name}={value}")
    return 0
