"""Knowing our own notes again when a pull brings them back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from triage.model.operation import Operation, Step
from triage.model.timeline import TimelineEvent


def stamped(timeline: Sequence[TimelineEvent], operations: Iterable[Operation]) -> tuple[TimelineEvent, ...]:
    """``timeline`` with the step's key as ``marker`` on every event that one of ``operations`` wrote.

    The receipt the helpdesk gave us decides first; then the marker, carried beside the text or in it.
    """
    steps = [step for operation in operations for step in operation.steps]
    if not steps:  # so of nearly every ticket
        return tuple(timeline)
    by_receipt = {step.receipt: step for step in steps if step.receipt}
    by_key = {step.key: step for step in steps}
    pattern = _any_of(by_key)
    return tuple(_stamp(event, by_receipt, by_key, pattern) for event in timeline)


def _stamp(
    event: TimelineEvent,
    by_receipt: dict[str, Step],
    by_key: dict[str, Step],
    pattern: re.Pattern[str] | None,
) -> TimelineEvent:
    names = (event.id, event.source_ref, event.source_ref.rpartition(" ")[2])
    step = next((by_receipt[name] for name in names if name in by_receipt), None) or by_key.get(event.marker)
    if step is None and pattern is not None and event.kind == "message":
        hit = pattern.search(event.text)
        step = by_key[hit.group()] if hit else None
    return replace(event, marker=step.key) if step else event


def _any_of(keys: Iterable[str]) -> re.Pattern[str] | None:
    """Finds any of ``keys`` as a whole word, so that step 1 is not taken for step 10."""
    words = "|".join(re.escape(key) for key in keys)
    return re.compile(rf"(?<!\w)(?:{words})(?![\w-])") if words else None
