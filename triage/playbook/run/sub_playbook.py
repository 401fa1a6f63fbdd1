"""Going into a used playbook and coming back. Nothing passes the border but ``with`` and ``returns``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from triage.model.errors import Invalid, TriageError
from triage.model.json_value import Json
from triage.model.run import Outcome
from triage.playbook.language.expression import UNKNOWN, Scope
from triage.playbook.language.plan import Section
from triage.playbook.language.steps import End, SubPlaybook
from triage.playbook.language.template import Gap, compile_template
from triage.playbook.run.opening import lenient, variable_value, with_sources
from triage.playbook.run.progress import Pen, write_finished
from triage.playbook.run.scope import scope_of

GOOD_OUTCOMES: tuple[Outcome, ...] = ("resolved", "workaround", "not_applicable")
"""Outcomes of a used playbook for which the step that uses it is ``ok``."""


def enter(pen: Pen, step: SubPlaybook, section: Section) -> None:
    """Begin the used playbook. Raises `Invalid` when a value it is given is none it takes."""
    scope = scope_of(pen.state, pen.context)
    document = section.document
    given: dict[str, Json] = {}
    for name, text in step.with_.items():
        variable = document.vars.get(name)
        value = given_value(text, scope)
        if variable is None or variable.type == "secret" or value is None:
            continue
        try:
            given[name] = variable_value(document, name, value)
        except TriageError as error:
            raise Invalid(
                f"{document.id} cannot take this {name}: {error}", where=step.id, do="correct the value first"
            ) from None
    pen.write(
        "step.entered",
        {
            "step": step.id,
            "attempt": pen.state.attempts.get(step.id, 0) + 1,
            "playbook": document.id,
            "sha256": section.sha256,
            "variables": with_sources(document, given, pen.context),
            "next": f"{section.prefix}{document.steps[0].id}",
        },
    )


def given_value(text: str | float | bool, scope: Scope) -> Json:
    """What ``with:`` gives: a text that is one gap keeps the kind of its value; None when it is not known."""
    if not isinstance(text, str):
        return text
    template = compile_template(text)
    if len(template.parts) == 1 and isinstance(template.parts[0], Gap) and template.parts[0].default is None:
        value = scope.get(template.parts[0].path)
        return None if value is UNKNOWN else value
    rendered = template.render(scope)
    return None if rendered.missing else rendered.text


def leave(pen: Pen, step: End, caller: SubPlaybook) -> None:
    """The used playbook ended: the step that uses it is done, and the run goes on behind it."""
    state = pen.state
    own = scope_of(state, pen.context).values["vars"]
    wanted = {name: own[name] for name in caller.returns if own.get(name) is not None}
    values, saved = _result(pen, caller, step.outcome, wanted)
    returned: dict[str, Json] = {"step": caller.id, "values": values, "saved": saved}
    write_finished(pen, step, {"ok": True, "outcome": step.outcome}, returned=returned)


def settle(pen: Pen, step: SubPlaybook, value: Json) -> None:
    """The used playbook was gone through elsewhere: ``{outcome: …, returns: {name: value}}``."""
    outcome, wanted = outcome_of(step, value)
    values, saved = _result(pen, step, outcome, wanted)
    write_finished(pen, step, values, saved=saved)


def outcome_of(step: SubPlaybook, value: Json) -> tuple[Outcome, Mapping[str, Json]]:
    """The outcome an answer names, and what comes back with it. Raises `Invalid`."""
    said: Mapping[str, Json] = value if isinstance(value, Mapping) else {"outcome": value}
    wanted = said.get("returns") or {}
    known: tuple[Outcome, ...] = get_args(Outcome)
    outcome = next((one for one in known if one == said.get("outcome")), None)
    if outcome is None or not isinstance(wanted, Mapping):
        raise Invalid(
            f"{said.get('outcome')!r} is not an outcome", where=step.id, do="one of: " + ", ".join(known)
        )
    stray = next((name for name in wanted if name not in step.returns), None)
    if stray is not None:
        raise Invalid(f"nothing named {stray!r} comes back", where=step.id, do=", ".join(step.returns))
    return outcome, wanted


def _result(
    pen: Pen, caller: SubPlaybook, outcome: Outcome, wanted: Mapping[str, Json]
) -> tuple[dict[str, Json], dict[str, Json]]:
    """The result of ``caller``, and the variables that keep what came back."""
    document = pen.state.plan.section_of(caller.id).document
    saved: dict[str, Json] = {}
    for name, value in wanted.items():
        keeper = caller.returns[name]
        saved[keeper] = lenient(document, keeper, value) if keeper in document.vars else value
    values: dict[str, Json] = {**wanted, "ok": outcome in GOOD_OUTCOMES, "outcome": outcome}
    return values, {name: value for name, value in saved.items() if value is not None}
