"""Everything about a command on one sheet: what is shown here is what would run."""

from __future__ import annotations

import shlex

from textual.content import Content

from triage.model.clean_text import clean, clean_line
from triage.model.run import CommandView, RequestView
from triage.tui.safe_text import Piece, content

EFFECT_WORDS = {
    "read_only": "read-only, says the author",
    "changes": "changes something",
    "destructive": "DESTRUCTIVE: cannot be undone by Triage",
}


def command_line(command: CommandView) -> str:
    """What would run, verbatim: the script, or the arguments quoted as a shell would need them."""
    if command.request is not None:
        return f"{command.request.method} {command.request.url}"
    return command.script.rstrip("\n") if command.script else shlex.join(command.argv)


def _request_rows(command: CommandView, request: RequestView) -> list[Piece]:
    """Where a request goes, whether the team named that host, and the headers it carries."""
    known = "your team lists it" if request.listed else "not listed by your team: your yes holds for this run"
    rows: list[Piece] = [
        (f"host {clean_line(request.host)}", "strong"),
        (f"  {known}\n", "good" if request.listed else "severity"),
    ]
    rows += [(f"header {clean_line(name)}: {clean_line(value)}\n", "") for name, value in command.env.items()]
    return [*rows, (f"at most {command.timeout_s:g} s · no cookies, no helpdesk token\n", "muted")]


def _command_rows(command: CommandView) -> list[Piece]:
    """The values a command is given, where it runs and for how long at most."""
    rows: list[Piece] = []
    for name, value in command.env.items():
        shown = clean(value).replace("\n", "\\n")
        rows.append((f"with {clean_line(name)}={shown}\n", ""))
    return [*rows, (f"in {clean_line(command.cwd)} · at most {command.timeout_s:g} s\n", "muted")]


def command_sheet(command: CommandView) -> Content:
    """Everything a person must see of a command before it may run."""
    rows: list[Piece] = [(clean(command_line(command)), "strong-accent"), ("\n", "")]
    rows += _request_rows(command, command.request) if command.request else _command_rows(command)
    if command.poll:
        rows.append(
            (f"tried again {clean_line(command.poll)}; the first good try ends it, x stops it\n", "accent")
        )
    rows.append(
        (f"effect: {EFFECT_WORDS[command.effect]}\n", "" if command.effect == "read_only" else "severity")
    )
    if command.good_when:
        rows.append((f"good when: {clean_line(command.good_when)}\n", "good"))
    if command.undo:
        rows.append((f"undo: {clean(command.undo)}\n", ""))
    if command.manual:
        rows.append((f"by hand: {clean(command.manual)}\n", ""))
    if not command.runnable:
        rows.append((f"does not run here: {clean_line(command.why_not) or 'not trusted'}\n", "severity"))
    return content(*rows[:-1], (rows[-1][0].rstrip("\n"), rows[-1][1]))
