"""What a step reads: its texts with gaps, its conditions, and the variables in both."""

from __future__ import annotations

from collections.abc import Iterator

from triage.playbook.language.expression import compile_expression
from triage.playbook.language.steps import (
    Check,
    Decide,
    DraftReply,
    End,
    FindingStep,
    Handover,
    Http,
    NoteStep,
    RootCause,
    Step,
    SubPlaybook,
    Wait,
)  # fmt: skip
from triage.playbook.language.template import compile_template
from triage.playbook.language.yaml_nodes import Path


def placed_texts(step: Step) -> Iterator[tuple[Path, str]]:
    """Every text of ``step`` in which gaps are filled, with its place in the step."""
    if step.text:
        yield ("text",), step.text
    yield from _written(step)
    yield from _handed_on(step)


def _handed_on(step: Step) -> Iterator[tuple[Path, str]]:
    """Values for a program or another playbook."""
    match step:
        case Check():
            for name, text in step.env.items():
                yield ("env", name), text
        case Http():
            yield ("url",), step.url
            for name, text in step.headers.items():
                yield ("headers", name), text
        case SubPlaybook():
            for name, given in step.with_.items():
                if isinstance(given, str):
                    yield ("with", name), given
        case Wait(until=str() as until):
            yield ("until",), until


def _written(step: Step) -> Iterator[tuple[Path, str]]:
    """Texts for people."""
    match step:
        case NoteStep() | DraftReply():
            yield ("template",), step.template
        case FindingStep():
            yield ("statement",), step.statement
        case RootCause():
            yield ("statement",), step.statement
            for index, text in enumerate(step.contributing):
                yield ("contributing", index), text
            if step.category:
                yield ("category",), step.category
        case Handover():
            yield ("to",), step.to
            yield ("reason",), step.reason
        case End(summary=str() as summary):
            yield ("summary",), summary


def placed_conditions(step: Step) -> Iterator[tuple[Path, str]]:
    """Every expression of ``step``, with its place in the step."""
    if step.when:
        yield ("when",), step.when
    if isinstance(step, Decide):
        for index, branch in enumerate(step.branches):
            yield ("branches", index, "if"), branch.if_


def variables_of(step: Step) -> tuple[str, ...]:
    """The variables ``step`` reads, in order, each once."""
    names = [gap.path for _, text in placed_texts(step) for gap in compile_template(text).gaps]
    names += [name.path for _, text in placed_conditions(step) for name in compile_expression(text).names]
    return tuple(dict.fromkeys(path[1] for path in names if len(path) > 1 and path[0] == "vars"))
