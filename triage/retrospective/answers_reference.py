"""The page that says how to write an answers file, made from the script so that it cannot fall behind."""

from __future__ import annotations

from collections.abc import Iterator

from triage.model.investigation import PromptColumn
from triage.retrospective import script
from triage.retrospective.markdown_text import line
from triage.retrospective.script import Prompt

_HEAD = """\
# Answers files

`triage investigate TICKET --answers FILE` answers an investigation from a file: a YAML mapping of prompt id
to answer. `--adopt` adopts it at the end. The order in the file does not matter; answers are given in the
order of the script. No answer is written unless every answer can be given. Opening the investigation comes
before: a case that had none is given its number (such as `ESC-2026-0031`) and keeps it, even when no answer
is written.

```yaml
K2: authority
Q1:
  - {at: m1 - 44m, kind: change, source: log, ref: "sync log line 88", text: "431 grants were removed."}
LOCK: yes
W4: {signal: "431 grants left in one run", seen: not_shown, stop: "A sync that asks above 25 grants."}
W5: nothing
Q28:
  - {addressee: "Identity team", text: "Stop a run that removes more than 25 grants.", due: +30d, cites: [F1]}
```

- `accept` takes what is prefilled from the ticket. `nothing` (or `[]`) is no rows.
- **An option** is named by its value, its key, its label or its number.
- **A row** is a mapping of columns; one row need not be a list.
- **An event** is named by its id (`E07`), as `m3` (the third message of the ticket), as `~words in it`, or by
  its kind (`escalation`: the first; `fix`, `workaround`, `verify`, `close`: the last).
- **A time** is `now`, `18:42` (the latest one past), an event, or ISO 8601, each with an offset if need be:
  `m1 - 44m`, `escalation + 1h30m`. Without a zone it is read in the profile's zone.
- **A date** is ISO 8601, an offset from today (`+14d`, `+2w`), or as people say it (`Friday`, `30 June`).
- **Ids** of findings, safeguards and recommendations (`F1`, `S1`, `R1`) are given in order where you give
  none.
- Plain `yes`, `no` and dates are read as written, not as YAML's own.

In Q1 a row with the id of an imported event edits it, `drop: true` removes it, any other row is added. In Q7
`m9` is the promise read from message 9, `m7#2` its second, and `overdue` every promise past due and unmet.
Quick mode takes K1 to K6 and the facts; analysis and conclusions need `LOCK: yes`.
"""
_PARTS = {
    "quick": "Quick: 3 a.m.",
    "facts": "Facts, forward",
    "walk_back": "The walk back",
    "conclusions": "Conclusions",
}
_FORMS = {
    "text": "one text",
    "lines": "a list of lines, or one text",
    "choice": "one option",
    "multi": "a list of options",
    "number": "a number",
    "time": "a time",
    "confirm": "`yes`",
}


def answers_reference() -> str:
    """The whole page as Markdown."""
    prompts = list(script.known().values())
    parts = [_HEAD]
    for part, title in _PARTS.items():
        of_part = [one for one in prompts if one.part == part]
        parts.append("\n".join([f"## {title}", "", *(text for one in of_part for text in _entry(one))]))
    return "\n".join(parts).rstrip() + "\n"


def _entry(prompt: Prompt) -> Iterator[str]:
    asked = [mode for mode in script.MODES if any(one.id == prompt.id for one in script.script(mode).prompts)]
    yield f"### {prompt.id}"
    yield ""
    marks = ", ".join([*asked, *(["required"] if prompt.required else [])])
    yield f"{line(prompt.title or prompt.ask)} *({marks})*"
    yield ""
    yield from _form(prompt)
    yield f"- Example: {line(prompt.example)}"
    yield ""


def _form(prompt: Prompt) -> Iterator[str]:
    if prompt.writes == "code":
        yield "- Answer: `keep`, a code (`B2.3`), or a code with its modifier (`B2.3 missing`)"
    elif prompt.type == "rows":
        yield "- Answer: rows of"
        yield from (f"  - {_column(one)}" for one in prompt.columns)
    else:
        options = _values(prompt)
        yield f"- Answer: {_FORMS[prompt.type]}{f': {options}' if options else ''}"
    if prompt.writes == "recurrence":
        yield "- Keys of earlier tickets may be named as well"


def _values(prompt: Prompt | PromptColumn) -> str:
    return ", ".join(f"`{one.value}`" for one in prompt.options)


def _column(column: PromptColumn) -> str:
    kinds = {"multi": "a list", "bool": "yes or no", "choice": "", "text": "a text"}
    kind = kinds.get(column.type, f"a {column.type}")
    form = _values(column) if column.options else kind
    return f"`{column.name}`{' (required)' if column.required else ''}: {line(column.label)}; {form}"
