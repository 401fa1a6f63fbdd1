"""Whether the answers in a file are of the kind their steps take, before anything is begun."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from triage.model.errors import Invalid
from triage.model.json_value import Json
from triage.model.run import SKIP_REASONS
from triage.playbook.language.plan import Plan, prefix_of
from triage.playbook.language.steps import (
    Ask,
    Checklist,
    Decide,
    EvidenceStep,
    Instruct,
    Probe,
    RootCause,
    Step,
    SubPlaybook,
    Wait,
)  # fmt: skip
from triage.playbook.run.answers import (
    UNKNOWN_WORDS,
    Pick,
    answer_ask,
    answer_checklist,
    answer_evidence,
    pick,
    text_answer,
    yes_or_no,
)  # fmt: skip
from triage.playbook.run.opening import variable_value
from triage.playbook.run.step_view import VARIABLE_PREFIX
from triage.playbook.run.sub_playbook import outcome_of


def check_answer(plan: Plan, name: str, value: Json, now: datetime) -> None:
    """Raise `Invalid` unless ``value`` is something ``name`` takes: a step, ``vars.NAME`` or ``run.…``."""
    if name == "run.stop":
        if not isinstance(value, Mapping) or value.get("then") not in ("stop", "continue"):
            raise Invalid("it says then: stop or then: continue", where=name)
    elif name.startswith(VARIABLE_PREFIX):
        _variable(plan, name.removeprefix(VARIABLE_PREFIX), value, now)
    elif name in plan.graph.steps:
        _step(plan.graph.steps[name], value, now)


def _unknown(value: Json) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in UNKNOWN_WORDS)


def _variable(plan: Plan, name: str, value: Json, now: datetime) -> None:
    own, document = name.rpartition("/")[2], plan.section_of(name).document
    if _unknown(value):
        return
    if own in document.vars:
        variable_value(document, own, value)
        return
    asks = [one for one in plan.steps if isinstance(one, Ask) and one.save_as == own]
    for step in (one for one in asks if prefix_of(one.id) == prefix_of(name)):
        answer_ask(step, value, now)


def _step(step: Step, value: Json, now: datetime) -> None:
    if isinstance(value, Mapping):
        if "skip" in value:
            pick(value["skip"], [Pick(one) for one in SKIP_REASONS], step.id)
            return
        value = _bare(value)
        if value == {}:
            return
    match step:
        case Ask() if _unknown(value):
            if not step.allow_unknown:
                raise Invalid("this question needs an answer", where=step.id)
        case Ask():
            answer_ask(step, value, now)
        case Checklist():
            answer_checklist(step, value)
        case EvidenceStep():
            answer_evidence(step, value, "")
        case Instruct() | Wait():
            yes_or_no(value, step.id)
        case Probe():
            yes_or_no(value.get("ok") if isinstance(value, Mapping) else value, step.id)
        case _ if value is not True:
            _choice_or_text(step, value)


def _choice_or_text(step: Step, value: Json) -> None:
    match step:
        case Decide():
            _branch(step, value)
        case RootCause() if isinstance(value, str):
            pick(value, [Pick(one.value, one.label or "") for one in step.categories], step.id)
        case SubPlaybook():
            outcome_of(step, value)
        case _ if not isinstance(value, Mapping):
            text_answer(value, step.id)


def _bare(value: Mapping[str, Json]) -> Json:
    """An answer without what is said about the panel that may follow, or who typed it."""
    rest = {name: one for name, one in value.items() if name not in ("then", "reason", "typed")}
    if set(rest) == {"value"}:
        return rest["value"]
    return {**rest, **({"reason": value["reason"]} if "branch" in rest and "reason" in value else {})}


def _branch(step: Decide, value: Json) -> None:
    said = value.get("branch") if isinstance(value, Mapping) else value
    picks = [Pick(one.next, one.say or one.if_) for one in step.branches]
    pick(said, [*picks, Pick("otherwise", step.otherwise)], step.id)
