"""Opening a run, and the values of its variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from triage.model.entry import NewEntry
from triage.model.errors import Invalid, Refused
from triage.model.json_value import Json
from triage.playbook.language.context import Context
from triage.playbook.language.source import did_you_mean
from triage.playbook.language.steps import Ask, Playbook
from triage.playbook.run.answers import answer_ask, check_pattern, yes_or_no
from triage.playbook.run.progress import pen_for
from triage.playbook.run.run_state import RunState
from triage.playbook.run.scope import source_value


@dataclass(frozen=True, slots=True)
class PinnedText:
    """The text of a playbook that another one uses, as it was when the run began."""

    text: str
    sha256: str
    origin: str = ""
    """Path of its file."""


def open_run(
    run_id: str,
    document: Playbook,
    text: str,
    sha256: str,
    context: Context,
    *,
    variables: Mapping[str, Json] | None = None,
    origin: str = "",
    navigator: str = "",
    includes: Mapping[str, PinnedText] | None = None,
) -> list[NewEntry]:
    """Begin a run. The entry carries the whole text: the run stays on it whatever becomes of the file.

    ``includes`` are the playbooks it uses, by id; their texts are kept too. ``variables`` come before what
    ``from:`` gives. Raises `Invalid` for a variable the playbook has not or a value it does not allow, and
    `Refused` for a secret.
    """
    given: dict[str, Json] = {}
    for name, value in (variables or {}).items():
        declared(document, name)
        given[name] = variable_value(document, name, value)
    known = with_sources(document, given, context)
    data: dict[str, Json] = {
        "playbook": document.id, "version": document.version, "sha256": sha256, "text": text,
        "origin": origin, "variables": known, "driver": context.person, "navigator": navigator,
    }  # fmt: skip
    if includes:
        data["includes"] = pinned(includes)
    return [NewEntry("run", run_id, "run.opened", data)]


def pinned(includes: Mapping[str, PinnedText]) -> dict[str, Json]:
    """Used playbooks as an entry keeps them."""
    return {
        name: {"text": one.text, "sha256": one.sha256, "origin": one.origin} for name, one in includes.items()
    }


def with_sources(document: Playbook, given: Mapping[str, Json], context: Context) -> dict[str, Json]:
    """``given`` and, for the variables that are not in it, what their ``from:`` gives now."""
    found: dict[str, Json] = dict(given)
    for name, variable in document.vars.items():
        value = None if name in given or variable.type == "secret" else source_value(variable, context)
        if value is not None:
            found[name] = lenient(document, name, value)
    return {name: value for name, value in found.items() if value is not None}


def set_variable(state: RunState, context: Context, name: str, value: Json) -> list[NewEntry]:
    """Give a variable a value; None says it was asked and is not known. Raises `Invalid`, `Refused`."""
    pen = pen_for(state, context)
    document = state.plan.section_of(name).document
    own = name.rpartition("/")[2]
    saved = {step.save_as: step for step in document.steps if isinstance(step, Ask) and step.save_as}
    if own not in saved:
        declared(document, own)
    if own in document.vars and document.vars[own].type == "secret":
        raise Refused(f"{name} is secret and is never written down", do="give it by config or environment")
    if value is not None and own in document.vars:
        value = variable_value(document, own, value)
    elif value is not None:
        value = answer_ask(saved[own], value, context.now).values["value"]
    pen.write("var.set", {"name": name, "value": value})
    if state.panel and state.panel.kind == "unknown" and state.panel.pending is None:
        pen.write("panel.resolved", {"step": state.position, "panel": "unknown", "choice": "again"})
    return pen.advance()


def declared(document: Playbook, name: str) -> None:
    """Raise `Invalid` unless the playbook declares the variable ``name``."""
    if name not in document.vars:
        advice = did_you_mean(name, document.vars, "it has: " + ", ".join(document.vars))
        raise Invalid(f"the playbook has no variable {name!r}", do=advice if document.vars else "")


def variable_value(document: Playbook, name: str, value: Json) -> Json:
    """``value`` as the variable ``name`` takes it. Raises `Invalid`, and `Refused` for a secret."""
    variable = document.vars[name]
    if variable.type == "secret":
        raise Refused(f"{name} is secret and is never written down", do="give it by config or environment")
    if variable.type == "bool":
        return yes_or_no(value, name)
    if variable.type == "number":
        return _as_number(value, name)
    text = str(value).strip()
    if not text:
        raise Invalid("the value is empty", where=name)
    check_pattern(text, variable.pattern, name)
    allowed = [option.value for option in variable.options]
    if allowed and text not in allowed:
        raise Invalid(
            f"{text!r} is not one of {', '.join(allowed)}", where=name, do=did_you_mean(text, allowed)
        )
    return text


def lenient(document: Playbook, name: str, value: Any) -> Json:
    """A value from outside; one that does not fit is left to be asked for."""
    try:
        return variable_value(document, name, value if isinstance(value, bool | int | float) else str(value))
    except Invalid:
        return None


def _as_number(value: Json, name: str) -> Json:
    try:
        number = float(str(value))
    except ValueError:
        raise Invalid(f"{value!r} is not a number", where=name) from None
    return int(number) if number.is_integer() and abs(number) < 1e15 else number
