"""Everything about a command on one sheet: what is shown here is what would run."""

from __future__ import annotations

import shlex

from textual.content import Content

from triage.model.clean_text import clean, clean_line
from triage.model.run import CommandView
from triage.tui.safe_text import content

EFFECT_WORDS = {
    "read_only": "read-only, says the author",
    "changes": "changes something",
    "destructive": "DESTRUCTIVE: cannot be undone by Triage",
}


def command_line(command: CommandView) -> str:
    """What would run, verbatim: the script, or the arguments quoted as a shell would need them."""
    return command.script.rstrip("\n") if command.script else shlex.join(command.argv)


def command_sheet(command: CommandView) -> Content:
    """Everything a person must see of a command before it may run."""
    rows: list[tuple[str, str]] = [(clean(command_line(command)), "strong-accent"), ("\n", "")]
    for name, value in command.env.items():
        shown = clean(value).replace("\n", "\\n")
        rows.append((f"with {clean_line(name)}={shown}\n", ""))
    rows.append((f"in {clean_line(command.cwd)} · at most {command.timeout_s:g} s\n", "muted"))
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
