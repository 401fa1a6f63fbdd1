"""Answers that together take every way a question can lead."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from triage.model.errors import TriageError
from triage.model.json_value import Json
from triage.playbook.language.reads import placed_conditions
from triage.playbook.language.steps import Ask, Playbook
from triage.playbook.run.answers import answer_ask
from triage.playbook.run.opening import variable_value
from triage.playbook.trial.cases import STARTED

_SAMPLES = (
    "When this is done with that, should one thing happen or another?", "example.org", "3.8.4 to 4.1.0",
    "INV-1, INV-2, INV-3", "1024", "2026-01", "https://example.org/path", "abc",
)  # fmt: skip
"""Answers in words to try against a pattern."""


def values_of_variable(document: Playbook, name: str) -> list[str]:
    """Every option of a variable that is asked for; else one value it allows, if any of ours is."""
    variable = document.vars[name]
    if variable.options:
        return [one.value for one in variable.options]
    if variable.type == "bool":
        return ["yes", "no"]
    if variable.type == "number":
        return ["7"]
    return _accepted(lambda sample: variable_value(document, name, sample))


def values_asked(document: Playbook, step: Ask) -> list[Json]:
    """Every option of a question of ``document``, and numbers on both sides of every limit it names."""
    if step.type == "choice":
        return [one.value for one in step.options]
    if step.type == "multi":
        values = [one.value for one in step.options]
        return [*([one] for one in values), values]
    if step.type == "number":
        names = {f"vars.{step.save_as}", f"steps.{step.id}"}
        return list(_numbers(step, _reading(document, names)))
    if step.type == "text":
        return list(_accepted(lambda sample: answer_ask(step, sample, STARTED)))
    if step.type == "bool":
        return [True, False]
    return [{"datetime": "2026-01-14T10:00Z", "duration": "90m"}.get(step.type, "Ines Moura")]


def _reading(document: Playbook, names: set[str]) -> list[str]:
    """The conditions of ``document`` that read one of ``names``."""
    texts = [text for one in document.steps for _, text in placed_conditions(one)]
    texts += [rule.if_ for rule in document.stop_when]
    return [text for text in texts if any(name in text for name in names)]


def _numbers(step: Ask, texts: Sequence[str]) -> list[float]:
    """Numbers on both sides of every limit that ``texts`` name."""
    limits = {float(word) for text in texts for word in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", text)} or {1.0}
    around = sorted({value for limit in limits for value in (limit - 1, limit, limit + 1)})
    low = step.min if step.min is not None else 0
    high = step.max if step.max is not None else float("inf")
    return [value for value in around if low <= value <= high] or [float(low)]


def _accepted(check: Callable[[str], object]) -> list[str]:
    """The first of our samples that ``check`` does not refuse, or none."""
    for sample in _SAMPLES:
        try:
            check(sample)
        except TriageError:
            continue
        return [sample]
    return []
