"""What a consent to a playbook is a consent to: its commands in words, and how two versions of them differ.

Whatever decides what runs is in the words: the command, its environment, the variables that environment is
made of, effect, confirmation and time limit. Titles and texts are not; a person may mend those freely.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from difflib import ndiff
from typing import Any

from triage.model.trust import CommandChange
from triage.playbook.language.steps import Playbook
from triage.playbook.language.template import TemplateError, compile_template

_DECIDING = (
    "method", "url", "headers", "env", "effect", "confirm", "timeout", "cwd", "needs", "poll", "two_person",
)  # fmt: skip
_COMMANDS = ("check", "http")


def commands_of(document: Playbook) -> tuple[str, ...]:
    """Every command and request of ``document`` in words, the step's id first; a few lines each."""
    return tuple(_words(step, document) for step in document.steps if step.kind in _COMMANDS)


def _words(step: Any, document: Playbook) -> str:
    told: dict[str, Any] = step.model_dump(mode="json", by_alias=True, exclude_none=True)
    run = told.get("run")
    lines = [f"{step.id} ({step.kind})"]
    if run is not None:
        lines.append(run.rstrip("\n") if isinstance(run, str) else shlex.join(run))
    for name in _DECIDING:
        value = told.get(name)
        if isinstance(value, dict):
            lines += [f"{name} {key}={one}" for key, one in sorted(value.items())]
        elif value:
            lines.append(f"{name} {' '.join(map(str, value)) if isinstance(value, list) else value}")
    # What a line goes on with stands further in: no line of a script can pass for one of the environment.
    return "\n".join(line.replace("\n", "\n  ") for line in (*lines, *_variables(told, document)))


def _variables(told: dict[str, Any], document: Playbook) -> list[str]:
    """The variables a command's values are made of, with where they come from."""
    texts = [str(told.get("url", "")), *map(str, {**told.get("env", {}), **told.get("headers", {})}.values())]
    names = sorted({name for text in texts for name in _names(text)} & set(document.vars))
    found = []
    for name in names:
        variable = document.vars[name]
        rest = f"from {variable.source}" if variable.source else "asked"
        default = f", else {variable.default}" if variable.default is not None else ""
        form = f", matches {variable.pattern}" if variable.pattern else ""
        allowed = f", one of {[one.value for one in variable.options]}" if variable.options else ""
        found.append(f"vars.{name} {rest}{default}{form}{allowed}")
    return found


def _names(text: str) -> Iterable[str]:
    try:
        gaps = compile_template(text).gaps
    except TemplateError:
        return ()
    return [gap.path[1] for gap in gaps if gap.path[0] == "vars" and len(gap.path) > 1]


def change_of(version: int, earlier: Sequence[str], now: Sequence[str]) -> CommandChange:
    """How ``now`` differs from ``earlier``, of which ``version`` was trusted; commands are told by step."""
    before, after = {_step(one): one for one in earlier}, {_step(one): one for one in now}
    lines: list[str] = []
    changed = 0
    for step in dict.fromkeys((*before, *after)):
        old, new = before.get(step, ""), after.get(step, "")
        if old != new:
            changed += 1
            lines += _difference(old, new)
    return CommandChange(version, changed, tuple(lines))


def _step(words: str) -> str:
    return words.split("\n", 1)[0]


def _difference(old: str, new: str) -> list[str]:
    found = ndiff(old.split("\n") if old else [], new.split("\n") if new else [])
    return [line for line in found if not line.startswith("? ")]
