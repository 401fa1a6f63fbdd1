"""Answers of a person to the step in hand."""

from __future__ import annotations

from collections.abc import Mapping

from triage.model.entry import NewEntry
from triage.model.errors import Invalid, NeedsInput
from triage.model.json_value import Json
from triage.playbook.language.context import Context
from triage.playbook.language.steps import Ask, Decide, Probe
from triage.playbook.run.answers import UNKNOWN_WORDS, Pick, pick, yes_or_no
from triage.playbook.run.command_run import record_by_hand
from triage.playbook.run.opening import set_variable
from triage.playbook.run.progress import at_step, two_people, write_finished
from triage.playbook.run.run_state import RunState
from triage.playbook.run.scope import question_of, scope_of
from triage.playbook.run.step_answer import finish
from triage.playbook.run.step_view import VARIABLE_PREFIX, decided_branch


def answer(
    state: RunState, context: Context, step_id: str, value: Json, *, typed: str = ""
) -> list[NewEntry]:
    """Finish the step in hand with ``value``; see `triage.playbook.run.step_answer` for what each kind takes.

    ``typed`` is what the navigator typed for a two-person step (its id); ``value`` may also be
    ``{"value": …, "typed": …}``. ``vars.NAME`` as ``step_id`` answers the question for a variable.
    """
    if step_id.startswith(VARIABLE_PREFIX):
        return _answer_variable(state, context, step_id.removeprefix(VARIABLE_PREFIX), value)
    pen, step = at_step(state, context, step_id)
    if isinstance(value, Mapping) and "typed" in value and set(value) <= {"value", "typed"}:
        typed, value = str(value.get("typed")), value.get("value", True)
    if question := question_of(state, context):
        raise NeedsInput(
            f"{question} is needed first", where=step_id, do=f"answer {VARIABLE_PREFIX}{question}"
        )
    if isinstance(step, Probe):
        return _check_by_hand(state, context, step, value)
    if isinstance(step, Decide):
        return _decide_by_value(state, context, step, value)
    if isinstance(step, Ask) and _says_unknown(step, value):
        return answer_unknown(state, context, step_id)
    two_people(step, state, context, typed)
    finish(pen, step, value)
    return pen.advance()


def answer_unknown(state: RunState, context: Context, step_id: str) -> list[NewEntry]:
    """The answer is not known. Raises `Invalid` where a question must be answered."""
    if step_id.startswith(VARIABLE_PREFIX):
        return set_variable(state, context, step_id.removeprefix(VARIABLE_PREFIX), None)
    pen, step = at_step(state, context, step_id)
    if isinstance(step, Probe | Decide) or not isinstance(step, Ask):
        raise Invalid(
            "only a question can be answered with unknown", where=step_id, do="skip it with a reason"
        )
    if not step.allow_unknown:
        raise Invalid("this question needs an answer", where=step_id)
    write_finished(
        pen, step, {"ok": False, "value": None}, saved={step.save_as: None} if step.save_as else {}
    )
    return pen.advance()


def decide(
    state: RunState, context: Context, step_id: str, branch: str, *, reason: str = ""
) -> list[NewEntry]:
    """Leave a decide by ``branch``: a target step, a number from 1, a label, or ``otherwise``.

    Raises `NeedsInput` when it is not the proposed branch, or none is proposed, and no reason is given.
    """
    pen, step = at_step(state, context, step_id)
    if not isinstance(step, Decide):
        raise Invalid(f"{step_id!r} is not a decision", where=state.document.id)
    if question := question_of(state, context):
        raise NeedsInput(
            f"{question} is needed first", where=step_id, do=f"answer {VARIABLE_PREFIX}{question}"
        )
    picks = [Pick(one.next, one.say or one.if_) for one in step.branches] + [
        Pick("otherwise", step.otherwise)
    ]
    chosen = pick(branch, picks, step_id).value
    proposed = decided_branch(step, scope_of(state, context)).value
    target = step.otherwise if chosen == "otherwise" else chosen
    proposed_target = step.otherwise if proposed == "otherwise" else proposed
    if target != proposed_target:
        if not reason.strip():
            why = (
                f"the conditions lead to {proposed_target!r}" if proposed else "the conditions do not decide"
            )
            raise NeedsInput(why, where=step_id, do="give the reason for this branch")
        pen.write(
            "step.overridden", {"step": step_id, "proposed": proposed, "taken": chosen, "reason": reason}
        )
    values: dict[str, Json] = {"ok": True, "value": chosen, "reason": reason}
    write_finished(pen, step, values, next=target, reason=reason)
    return pen.advance()


def _says_unknown(step: Ask, value: Json) -> bool:
    """Whether the answer is that it is not known; an option may have the same name and then wins."""
    if value is None:
        return True
    word = value.strip().lower() if isinstance(value, str) else ""
    return word in UNKNOWN_WORDS and word not in [option.value for option in step.options]


def _check_by_hand(state: RunState, context: Context, step: Probe, value: Json) -> list[NewEntry]:
    if isinstance(value, Mapping):
        ok = yes_or_no(value.get("ok"), step.id) if "ok" in value else None
        if ok is None:
            raise Invalid("say whether it was good", where=step.id, do="{ok: true, saw: what you saw}")
        return record_by_hand(state, context, step.id, ok, str(value.get("saw") or ""))
    return record_by_hand(state, context, step.id, yes_or_no(value, step.id), "")


def _decide_by_value(state: RunState, context: Context, step: Decide, value: Json) -> list[NewEntry]:
    if isinstance(value, Mapping):
        branch, reason = str(value.get("branch", "")), str(value.get("reason") or "")
        return decide(state, context, step.id, branch, reason=reason)
    if value is True:
        proposed = decided_branch(step, scope_of(state, context)).value
        if not proposed:
            raise NeedsInput("the branch cannot be told from what is known", where=step.id, do="choose one")
        return decide(state, context, step.id, proposed)
    return decide(state, context, step.id, str(value))


def _answer_variable(state: RunState, context: Context, name: str, value: Json) -> list[NewEntry]:
    if isinstance(value, str) and value.strip().lower() in UNKNOWN_WORDS:
        value = None
    return set_variable(state, context, name, value)
