"""``investigate``, ``report`` and ``rules``: the retrospective from the shell."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from json import dumps
from pathlib import Path
from typing import Any

import typer

from triage.cli import answers as answers_file
from triage.cli import documents, output
from triage.cli.at_desk import at_desk
from triage.cli.confirming import outcome, print_page
from triage.cli.line_interview import LineInterview
from triage.cli.open_screen import OpenScreen
from triage.cli.options import globals_of
from triage.desk.desk import Desk
from triage.model.errors import Invalid
from triage.model.investigation import InvestigationView, Mode
from triage.model.investigation_line import InvestigationLine
from triage.model.operation import Operation

Json = typer.Option(False, "--json", help="One JSON document.")


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command("investigate")(investigate)
    app.command("report")(report)
    app.command("verdicts")(verdicts)
    app.command("investigations")(investigations)
    rules = typer.Typer(help="The rules that say when an investigation is complete.", no_args_is_help=True)
    rules.command("check")(check)
    app.add_typer(rules, name="rules")


def investigate(
    context: typer.Context,
    ticket: str,
    quick: bool = typer.Option(False, "--quick", help="Two minutes, at night: no causes."),
    brief: bool = typer.Option(False, "--brief", help="Four minutes: verdict, code, one recommendation."),
    full: bool = typer.Option(False, "--full", help="Fifteen minutes: facts, walk back, conclusions."),
    answers: Path | None = typer.Option(None, "--answers", help="YAML of prompt id to answer."),
    given: list[str] = typer.Option(
        [],
        "--set",
        metavar="NAME=VALUE",
        help="One answer, by prompt or field: account_risk=watch. Repeatable.",
    ),
    line: bool = typer.Option(False, "--line", help="Plain questions, one a line, without the full screen."),
    adopt: bool = typer.Option(False, "--adopt", help="Adopt it if every rule holds, and propose the note."),
    send: bool = typer.Option(False, "--send", help="With --adopt: confirm the internal note and send it."),
    json: bool = Json,
) -> int | OpenScreen:
    """Investigate an escalation: on screen, in plain lines, or from an answers file.

    Exit codes: 0 done, 2 an answer does not fit, 3 an answer is missing, 4 a rule says it is not complete.
    """
    asked = globals_of(context)
    mode = _mode(quick, brief, full, answers is not None)
    settings = _settings(given)
    if send and not adopt:
        raise Invalid("--send goes with --adopt")
    if line and (answers is not None or asked.no_input):
        raise Invalid("--line asks; it goes with neither --answers nor --no-input")
    if answers is None and not (adopt or line or settings or json) and asked.may_ask:
        opened = at_desk(context, lambda desk: _opened(desk, ticket, mode))
        return OpenScreen(asked.profile, place=f"investigation:{opened.investigation.id}")
    text = answers_file.read_text(answers) if answers else ""

    async def work(desk: Desk) -> tuple[InvestigationView, Operation | None, list[str]]:
        view = await _opened(desk, ticket, mode)
        if answers:
            view = await desk.investigations.answer_all(view.investigation.id, text, str(answers))
        if settings:
            view = await desk.investigations.answer_all(view.investigation.id, settings, "--set")
        if line:
            view = await LineInterview(desk, _typed, _told, _in_editor).run(view)
        return await _adopted(desk, view.investigation.id, send) if adopt else (view, None, [])

    view, operation, reopened = at_desk(context, work)
    if json:
        output.document({**document(view, operation), "reopened": reopened})
    else:
        _print(view, operation)
        for name in reopened:
            output.text(f"Opened again: {name} was closed as done, and the same has come back.")
    if send and operation is not None:
        return outcome(operation)
    missing = view.prompt is not None and view.prompt.required and view.investigation.state != "adopted"
    return 3 if missing else 0


async def _adopted(
    desk: Desk, investigation_id: str, send: bool
) -> tuple[InvestigationView, Operation, list[str]]:
    """The adopted investigation, its note (sent if ``send``) and the recommendations it opened again."""
    view, proposed = await desk.investigations.adopt(investigation_id)
    reopened = await desk.recommendations.reopened_by(investigation_id)
    if view.investigation.enhancement and not await desk.enhancements.of_investigation(investigation_id):
        _told(f"A wish in disguise: triage enhancement new --from {investigation_id}")
    if send and proposed.state != "verified":
        print_page(await desk.outbox.show(proposed.id))
        await desk.outbox.confirm(proposed.id)
        await desk.outbox.send()
        proposed = (await desk.outbox.show(proposed.id)).operation
    return view, proposed, [line.id for line in reopened]


async def _opened(desk: Desk, ticket: str, mode: Mode) -> InvestigationView:
    return await desk.investigations.open(await desk.cases.find(ticket), mode)


def _told(text: str) -> None:
    """Questions go to stderr: stdout is for the result."""
    for one in text.split("\n"):
        output.narrate(one)


def _typed() -> str | None:
    """The next line from the person or the pipe; None at its end."""
    typed = sys.stdin.readline()
    return typed if typed else None


def _in_editor(text: str, suffix: str) -> str:
    """``text`` as it stands after ``VISUAL`` or ``EDITOR``. Raises `Invalid` where none works."""
    import click

    try:
        return str(click.edit(text, extension=suffix, require_save=False) or "")
    except click.ClickException as problem:
        raise Invalid(problem.message, where="EDITOR", do="Answer in a line, or name an editor") from problem


def _settings(given: list[str]) -> str:
    """What ``--set`` was given, as an answers file of one line each. Raises `Invalid`."""
    lines = []
    for one in given:
        name, equals, value = one.partition("=")
        if not (name.strip() and equals):
            raise Invalid(f"{one!r} sets nothing", where="--set", do="Write it as account_risk=watch")
        # A value is a text, unless it is written as rows or as a list.
        plain = value.strip() if value.strip()[:1] in ("[", "{") else dumps(value.strip())
        lines.append(f"{name.strip()}: {plain}\n")
    return "".join(lines)


def _mode(quick: bool, brief: bool, full: bool, from_file: bool) -> Mode:
    if quick + brief + full > 1:
        raise Invalid("--quick, --brief and --full exclude each other")
    if quick:
        return "quick"
    if brief:
        return "brief"
    return "full" if full or from_file else "quick"


def document(view: InvestigationView, operation: Operation | None) -> dict[str, Any]:
    """The document of ``investigate --json``."""
    held: dict[str, Any] = output.plain(view.investigation)
    classification = view.investigation.classification
    held["mode"], held["depth"] = view.investigation.conducted, view.investigation.mode
    for event, row in zip(view.investigation.timeline, held["timeline"], strict=True):
        row["case_phase"], row["iteration"] = view.investigation.life_at(event.at)
    documents.without_who_speaks(held)
    held["verdict"] = classification.verdict
    held["code"] = classification.code
    held["root_cause"] = view.investigation.cause_sentence
    held["violations"] = output.plain(view.violations)
    held["next_prompt"] = documents.question(view.prompt)
    held["operation"] = documents.operation(operation) if operation is not None else None
    return held


def _print(view: InvestigationView, operation: Operation | None) -> None:
    held = view.investigation
    output.text(f"{held.id}  {held.ticket_key}  {held.phase}, {held.state}  {held.classification.verdict}")
    for violation in view.violations:
        output.text(f"  {violation.level} {violation.rule} at {violation.prompt_id}: {violation.text}")
    if view.prompt is not None:
        output.text(f"Next: {view.prompt.id} {view.prompt.ask}")
    if operation is not None:
        output.text(f"Note proposed: triage outbox show {operation.id}")


def report(
    context: typer.Context,
    investigation: str = typer.Argument(..., help="ESC-YYYY-NNNN, or the ticket's key."),
    form: str = typer.Option("md", "--format", help="md, html (one file), pdf or json."),
    first_page: bool = typer.Option(False, "--first-page", help="Only what fits 80 columns by 50 lines."),
    fan_out: bool = typer.Option(False, "--fan-out", help="What to tell whom, instead of the report."),
    adopted: int = typer.Option(
        0, "--adopted", min=0, help="An earlier final version, from 1: superseded, never deleted."
    ),
    kb: bool = typer.Option(False, "--kb", help="A draft for the knowledge base instead."),
    debrief: bool = typer.Option(False, "--debrief", help="A sheet for thirty minutes together instead."),
    out: Path | None = typer.Option(None, "--out", help="Write it to this file instead of stdout."),
    json: bool = Json,
) -> None:
    """The report, as Markdown, as a page or as data; or what goes with it."""
    form = "json" if json else form
    if form not in FORMS:
        raise Invalid(f"no report is a {form}", where="--format", do="Use one of: " + ", ".join(FORMS))
    if fan_out and debrief:
        raise Invalid("--fan-out and --debrief exclude each other")
    if form == "pdf" and out is None:
        raise Invalid("a PDF goes to a file", where="--format pdf", do="Name it with --out report.pdf")

    async def work(desk: Desk) -> Any:
        found = await desk.investigations.find(investigation)
        if fan_out:
            return dict(await desk.investigations.fan_out(found))
        if kb:
            return await desk.investigations.kb_draft(found)
        if debrief:
            return await desk.investigations.debrief_sheet(found)
        if first_page:
            return await desk.investigations.first_page(found)
        text = await desk.investigations.report(found, adopted)
        if form == "pdf":
            return desk.investigations.report_pdf(text)
        if form == "html":
            return desk.investigations.report_page(text)
        if form == "md":
            return text
        return {**document(await desk.investigations.view(found), None), "markdown": text}

    _write(at_desk(context, work), form, out)


FORMS = ("md", "html", "pdf", "json")


def _write(held: Any, form: str, out: Path | None) -> None:
    if isinstance(held, bytes) and out is not None:
        from triage.desk.export import write_private_bytes

        write_private_bytes(out, held)
        return
    if form == "json":
        text = dumps(output.plain(held)) + "\n"
    elif isinstance(held, dict):
        text = "\n\n".join(f"## To: {where}\n\n{words}" for where, words in held.items())
    else:
        text = held
    if out is None:
        output.text(text)
        return
    from triage.desk.export import write_private

    write_private(out, text)


def check(context: typer.Context, investigation: str, json: bool = Json) -> int:
    """What is missing before it is complete; exit 1 when a rule of level error does not hold."""

    async def work(desk: Desk) -> InvestigationView:
        return await desk.investigations.view(await desk.investigations.find(investigation))

    violations = at_desk(context, work).violations
    if json:
        output.document(violations)
    else:
        rows = [(v.rule, v.level, v.prompt_id, v.text) for v in violations]
        output.table(("RULE", "LEVEL", "MEND AT", "WHAT"), rows)
    return 1 if any(v.level == "error" for v in violations) else 0


def investigations(
    context: typer.Context,
    due: bool = typer.Option(
        False, "--due", help="Only those whose next phase is due, or that wait for the day."
    ),
    begin: bool = typer.Option(
        False, "--open", help="First open, in quick mode, every one that nobody has begun."
    ),
    json: bool = Json,
) -> None:
    """Every escalation with its investigation, begun or not: what is due first at the top."""
    now = datetime.now(UTC)

    async def read(desk: Desk) -> tuple[InvestigationLine, ...]:
        if begin:
            opened = await desk.investigations.open_all()
            output.narrate(f"{len(opened)} opened", quiet=globals_of(context).quiet)
        return await desk.investigations.register()

    lines = at_desk(context, read)
    chosen = [line for line in lines if not due or (line.next_due is not None and line.next_due <= now)]
    if json:
        output.document(chosen)
        return
    rows = [
        (
            line.id or "-",
            line.ticket_key,
            line.mode,
            line.phase,
            line.state.replace("_", " "),
            f"{line.next_due:%Y-%m-%d %H:%MZ} {line.next_step}" if line.next_due else "-",
            line.title[:50],
        )
        for line in chosen
    ]
    output.table(("NAME", "TICKET", "MODE", "PHASE", "STATE", "NEXT", "TITLE"), rows)


def verdicts(context: typer.Context, json: bool = Json) -> None:
    """The verdicts so far, and what they would be if every excuse were accepted."""
    split = at_desk(context, lambda desk: desk.investigations.verdicts())
    if json:
        output.document(split)
        return
    names = sorted(split.verdicts)
    rows = [
        (name.replace("_", " "), str(split.verdicts[name]), str(split.if_accepted.get(name, 0)))
        for name in names
    ]
    written_off = sum(split.excuses.values())
    bugs = split.verdicts.get("bug", 0)
    output.table(
        ("VERDICT", "AS IT IS", "IF EXCUSES WERE ACCEPTED"), [*rows, ("written off", "0", str(written_off))]
    )
    if bugs:
        output.text(
            f"{split.let_happen} of {bugs} bugs are of B2 to B4: the product let it happen or lacked it."
        )
    if written_off:
        why = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in split.excuses.items())
        codes = ", ".join(f"{name} {count}" for name, count in split.codes_lost.items())
        output.text(f"Written off as: {why}. Never found: {codes}.")
