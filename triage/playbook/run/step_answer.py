"""Finishing a step with a person's answer, kind by kind.

===========  ==============================================================================================
instruct     ``true`` (done) or ``false`` (could not be done: opens the panel)
checklist    list of the checked items by number from 1 or by text; ``true`` or ``all`` for every one
ask          by its type: option number, value or label; list of them; number; yes/no; text; time; duration
check        ``{ok: bool, saw: text}`` or a bool: done by hand (see the engine)
decide       target step, number, label or ``otherwise``; ``{branch, reason}``; ``true`` for the proposed one
wait         ``true``: over, or no longer worth waiting for
note         ``true`` to keep the proposed text, or the text
evidence     a text, ``{kind, content, summary}``, ``{kind, id, …}`` kept elsewhere, or a list of these
finding      ``true`` or the statement
root_cause   ``true``, a category, or ``{category, statement, confidence, contributing, code}``
draft_reply  ``true`` to keep the proposed text when nothing in it is missing, or the text
handover     ``true`` or the text
playbook     ``true`` to begin it, or its outcome when it was gone through elsewhere (see `sub_playbook`)
end          ``true`` or the summary
===========  ==============================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping

from triage.model.errors import NeedsInput
from triage.model.json_value import Json
from triage.playbook.language.steps import (
    Ask,
    Checklist,
    DraftReply,
    End,
    EvidenceStep,
    FindingStep,
    Handover,
    Instruct,
    NoteStep,
    RootCause,
    Step,
    SubPlaybook,
    Wait,
)  # fmt: skip
from triage.playbook.run.answers import (
    Answered,
    answer_ask,
    answer_checklist,
    answer_evidence,
    answer_root_cause,
    text_answer,
    whole_text,
    yes_or_no,
)  # fmt: skip
from triage.playbook.run.progress import Pen
from triage.playbook.run.proposal import cause_proposal, proposed_text, wait_due
from triage.playbook.run.sub_playbook import enter, leave, settle


def finish(pen: Pen, step: Step, value: Json) -> None:
    """Write what ``value`` makes of ``step``. Raises `Invalid` with one clear line and writes nothing."""
    state, context = pen.state, pen.context
    match step:
        case Instruct():
            _instruct(pen, step, value)
        case Checklist():
            _write(pen, step, answer_checklist(step, value))
        case Ask():
            answered = answer_ask(step, value, context.now)
            _write(
                pen, step, answered, saved={step.save_as: answered.values["value"]} if step.save_as else {}
            )
        case Wait():
            yes_or_no(value, step.id)
            due = wait_due(state, step, context)
            _write(pen, step, Answered({"ok": True, "early": due is not None and context.now < due}))
        case EvidenceStep():
            _evidence(pen, step, value)
        case RootCause():
            answered = answer_root_cause(step, value, cause_proposal(state, step, context))
            _write(pen, step, answered, root_cause={**answered.values, "step": step.id})
        case SubPlaybook():
            _sub_playbook(pen, step, value)
        case End() if caller := pen.state.section.caller:
            used = pen.state.graph.steps[caller]
            assert isinstance(used, SubPlaybook)  # noqa: S101
            leave(pen, step, used)
        case End():
            summary = _text(pen, step, value) if step.summary or not _accepts(value) else ""
            pen.write("run.ended", {"outcome": step.outcome, "summary": summary, "step": step.id})
        case DraftReply():
            _draft(pen, step, whole_text(_text(pen, step, value), step.id))
        case NoteStep() | Handover():
            _draft(pen, step, _text(pen, step, value))
        case FindingStep():
            text = _text(pen, step, value)
            number = f"{state.id}/{step.id}"
            found: dict[str, Json] = {"ok": True, "id": number, "statement": text, "strength": step.strength}
            _write(pen, step, Answered({**found, "from": list(step.from_)}), draft=text)


def _sub_playbook(pen: Pen, step: SubPlaybook, value: Json) -> None:
    section = pen.state.plan.inside(step.id)
    if not _accepts(value):
        settle(pen, step, value)
    elif section is None:
        raise NeedsInput(f"{step.use} is not kept with this run", where=step.id, do="answer with its outcome")
    else:
        enter(pen, step, section)


def _accepts(value: Json) -> bool:
    return value is True


def _text(pen: Pen, step: Step, value: Json) -> str:
    if _accepts(value):
        return proposed_text(pen.state, step, pen.context)
    return text_answer(value, step.id)


def _draft(pen: Pen, step: Step, text: str) -> None:
    _write(pen, step, Answered({"ok": True}), draft=text)


def _instruct(pen: Pen, step: Instruct, value: Json) -> None:
    if yes_or_no(value, step.id):
        _write(pen, step, Answered({"ok": True}))
        return
    attempt = pen.state.attempts.get(step.id, 0) + 1
    say = "The step could not be done."
    pen.write("step.failed", {"step": step.id, "attempt": attempt, "values": {"ok": False}, "say": say})


def _evidence(pen: Pen, step: EvidenceStep, value: Json) -> None:
    answered = answer_evidence(step, value, f"{pen.state.id}/{step.id}")
    for item in answered.evidence:
        pen.write("evidence.added", item)
    _write(pen, step, answered)


def _write(pen: Pen, step: Step, answered: Answered, **more: Json) -> None:
    state = pen.state
    data: dict[str, Json] = {
        "step": step.id,
        "attempt": state.attempts.get(step.id, 0) + 1,
        "values": answered.values,
        "next": answered.next or state.graph.after(step.id),
    }
    extra: Mapping[str, Json] = {name: value for name, value in more.items() if value != {}}
    pen.write("step.finished", {**data, **extra})
