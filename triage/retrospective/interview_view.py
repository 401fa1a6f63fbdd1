"""An investigation as the screen shows it: the question in hand with its offer, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from triage.model.case import CaseFacts
from triage.model.investigation import Investigation, InvestigationView, PromptView
from triage.model.run import Option
from triage.retrospective import codes, rules
from triage.retrospective import script as scripts
from triage.retrospective.interview_path import first_open, on_path, path
from triage.retrospective.prefill import Prefill
from triage.retrospective.recommendation_status import may_be
from triage.retrospective.script import Prompt


def view(
    investigation: Investigation, facts: CaseFacts, now: datetime, *, at: str | None = None
) -> InvestigationView:
    """Everything the screen shows, at prompt ``at`` or where the work goes on."""
    asked = path(investigation)
    wanted = scripts.prompt(at) if at else None
    if wanted is not None and all(one.id != wanted.id for one in asked):
        asked = [*asked, on_path(investigation, wanted)]
    prefill = Prefill(facts, investigation, now)
    current = wanted.id if wanted else first_open(investigation, asked)
    # What is offered is read from the whole thread, so only for the question in hand.
    views = tuple(
        _view(prompt, prefill, number, len(asked), offer=prompt.id == current)
        for number, prompt in enumerate(asked, start=1)
    )
    due = [one.due for one in investigation.promises if one.state(now) in {"open", "missed"}]
    return InvestigationView(
        investigation=investigation,
        prompt=next((one for one in views if one.id == current), None),
        prompts=views,
        violations=rules.check(investigation, facts, now),
        seconds_budget=scripts.script(investigation.mode).seconds,
        next_promise_due=min(due, default=None),
    )


def _view(prompt: Prompt, prefill: Prefill, number: int, count: int, *, offer: bool) -> PromptView:
    offered, read_at = prefill.of(prompt) if offer else (None, "")
    given = prefill.investigation.answers.get(prompt.id)
    if prompt.writes == "lock" and prefill.investigation.facts_locked_at is not None:
        given = True
    shown = PromptView(
        id=prompt.id,
        part=prompt.part,
        ask=prompt.ask,
        type=prompt.type,  # type: ignore[arg-type]
        help=prompt.help,
        example=prompt.example,
        options=prompt.options,
        columns=prompt.columns,
        required=prompt.required,
        value=given,
        draft=prefill.investigation.drafts.get(prompt.id, ""),
        prefill=offered,
        prefill_from=read_at,
        prefill_lacks=prefill.lacks(prompt, offered),
        lint_as=prompt.lint_as,
        seconds=prompt.seconds,
        number=number,
        count=count,
        title=prompt.title,
        step=prompt.step,
        safeguards=prompt.safeguards,
    )
    if prompt.writes == "code":
        return _code_view(shown, prefill.investigation)
    if prompt.writes == "recommendations":
        return _with_legal(shown, prefill.investigation)
    return _with_earlier(shown, prefill) if prompt.writes == "recurrence" else shown


def _with_legal(shown: PromptView, it: Investigation) -> PromptView:
    """Of the statuses those that a recommendation of this version may have."""
    issued = [one.status for one in it.recommendations] if it.superseded else []
    legal = {code for status in ("", *issued) for code in may_be(status)}
    columns = tuple(
        replace(one, options=tuple(option for option in one.options if option.value in legal))
        if one.name == "status"
        else one
        for one in shown.columns
    )
    return replace(shown, columns=columns)


def _code_view(shown: PromptView, it: Investigation) -> PromptView:
    """The code proposed first, then its two neighbours, then all others; with what each means.

    Codes of bugs come before those of education gaps, unless Support could have resolved it.
    """
    gap_first = it.resolvable == "yes"
    ordered = sorted(shown.options, key=lambda one: one.value.startswith("E") is not gap_first)
    shown = replace(shown, options=tuple(ordered))
    at = shown.value if isinstance(shown.value, Mapping) else shown.prefill
    name = str(at.get("code", "")) if isinstance(at, Mapping) else ""
    if not name:
        return replace(shown, ask="Code: climb the ladder, or pick one.")
    own, near = codes.code(name), codes.nearest(name)
    first = (own, *near)
    asked = shown.ask.format(code=own.id, name=own.name, near=", ".join(one.id for one in near))
    options = [
        Option(one.id, f"{one.id} {one.name}: {one.definition}. Example: {one.example}") for one in first
    ]
    options += [one for one in shown.options if one.value not in {code.id for code in first}]
    return replace(
        shown, ask=asked, options=tuple(options), prefill=name, value=name if shown.value else None
    )


def _with_earlier(shown: PromptView, prefill: Prefill) -> PromptView:
    offered = shown.prefill if isinstance(shown.prefill, list) else []
    keys = [str(one) for one in offered if one != "chronic"]
    return replace(shown, options=(*(Option(key, key) for key in keys), *shown.options))
