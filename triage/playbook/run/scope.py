"""What the names in a playbook mean for one run at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triage.playbook.language.context import Context, ticket_values
from triage.playbook.language.document import Variable
from triage.playbook.language.expression import UNKNOWN, Scope
from triage.playbook.language.plan import prefix_of
from triage.playbook.language.reads import variables_of
from triage.playbook.language.steps import Step
from triage.playbook.language.template import Rendered, compile_template
from triage.playbook.run.run_state import RunState


def scope_of(state: RunState, context: Context, prefix: str | None = None) -> Scope:
    """``vars``, ``steps``, ``ticket``, ``run`` and ``config`` as one playbook of the run sees them.

    It is the one the step in hand belongs to, or the one under ``prefix``. Secrets are not in it.
    """
    section = state.section if prefix is None else state.plan.sections[prefix]
    declared = {name: one.default for name, one in section.document.vars.items() if one.type != "secret"}
    given = {name: value for name, value in state.variables.items() if value is not None}
    run = {
        "id": state.id, "playbook": state.document.id, "opened_at": state.opened_at.isoformat(),
        "driver": state.driver or None, "navigator": state.navigator or None,
        "minutes": (context.now - state.opened_at).total_seconds() / 60,
    }  # fmt: skip
    values = {
        "vars": {**declared, **_own(given, section.prefix)},
        "steps": _own(state.results, section.prefix),
        "ticket": ticket_values(context.facts),
        "run": run,
        "config": context.hooks,
    }
    return Scope(values, context.now)


def _own(values: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """What stands directly under ``prefix``, by the names it has there."""
    return {name.removeprefix(prefix): value for name, value in values.items() if prefix_of(name) == prefix}


def source_value(variable: Variable, context: Context) -> Any:
    """What ``from:`` gives now, or None."""
    if not variable.source:
        return None
    root, _, rest = variable.source.partition(".")
    if root == "env":
        return context.environment.get(rest)
    values = {"ticket": ticket_values(context.facts), "config": context.hooks}
    found = Scope(values).get((root, *rest.split(".")))
    return None if found is UNKNOWN else found


def render(text: str, state: RunState, context: Context) -> Rendered:
    """A template of the playbook with its gaps filled."""
    return compile_template(text).render(scope_of(state, context))


def question_of(state: RunState, context: Context) -> str:
    """The variable to ask for before the step in hand, with its prefix; empty when there is none."""
    return asked_before(state, state.step) if state.step else ""


def asked_before(state: RunState, step: Step) -> str:
    """The same for any step."""
    known, section = state.variables, state.plan.section_of(step.id)
    for name in variables_of(step):
        variable = section.document.vars.get(name)
        if variable and variable.prompt and variable.type != "secret" and section.prefix + name not in known:
            return section.prefix + name
    return ""
