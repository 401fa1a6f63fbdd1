"""``wording``: places in a text that blame or judge, and how the rules have done so far."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import get_args

import typer

from triage.cli import answers, output
from triage.cli.at_desk import at_desk
from triage.model.errors import Invalid
from triage.model.investigation import LintSection, WordingHit

Json = typer.Option(False, "--json", help="One JSON document.")
STATS = "stats"
WAKE = "wake"
SECTIONS: tuple[LintSection, ...] = tuple(name for name in get_args(LintSection) if name != "none")


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("wording")(wording)


def wording(
    context: typer.Context,
    file: str = typer.Argument(..., help="A text, - for standard input, or one of the words stats and wake."),
    rule: str = typer.Argument("", help="With wake: the rule that shall speak again, such as L06."),
    section: str = typer.Option("analysis", "--section", help=f"What the text is: {', '.join(SECTIONS)}."),
    json: bool = Json,
) -> int:
    """Say where a text blames instead of describing; exit 1 when a hit is of level error.

    `triage wording stats` says how often each rule has spoken, been heeded and been silenced. One that people
    keep silencing only informs from then on; `triage wording wake L06` takes that back. (A file so called:
    ./stats.)
    """
    if file == STATS:
        return _stats(context, json)
    if file == WAKE:
        return _wake(context, rule, json)
    if rule:
        raise Invalid(f"{rule!r} belongs to nothing", do="One text at a time")
    chosen = _section(section)
    text = answers.read_text(Path(file))
    from triage.desk.wording_desk import wording_of

    hits = wording_of(text, chosen)
    if json:
        output.document([_document(hit, text) for hit in hits])
    else:
        for hit in hits:
            line, column = _place(text, hit.start)
            output.text(f"{file}:{line}:{column}: {hit.level} {hit.rule} {hit.text!r}. {hit.suggestion}")
    return 1 if any(hit.level == "error" for hit in hits) else 0


def _section(name: str) -> LintSection:
    for one in SECTIONS:
        if one == name:
            return one
    raise Invalid(f"no section is called {name}", where="--section", do="Use one of: " + ", ".join(SECTIONS))


def _place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of ``offset``, both from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _document(hit: WordingHit, text: str) -> dict[str, object]:
    line, column = _place(text, hit.start)
    return {
        "rule": hit.rule,
        "level": hit.level,
        "line": line,
        "column": column,
        "start": hit.start,
        "end": hit.end,
        "text": hit.text,
        "suggestion": hit.suggestion,
    }


def _stats(context: typer.Context, json: bool) -> int:
    used = at_desk(context, lambda desk: desk.wording.use())
    if json:
        output.document(used)
        return 0
    rows = [
        (one.rule, str(one.hits), str(one.accepted), str(one.silenced), _rest(one.at_rest_since), one.flags)
        for one in used
    ]
    output.table(("RULE", "HITS", "ACCEPTED", "SILENCED", "AT REST", "FLAGS"), rows)
    return 0


def _rest(since: datetime | None) -> str:
    return f"since {since:%Y-%m-%d}" if since else ""


def _wake(context: typer.Context, rule: str, json: bool) -> int:
    if not rule:
        raise Invalid("no rule is named", where="wording wake", do="Name one, such as L06")
    woken = at_desk(context, lambda desk: desk.wording.wake(rule))
    if json:
        output.document(woken)
    else:
        output.text(f"{woken.rule} speaks at its own level again.")
    return 0
