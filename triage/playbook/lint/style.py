"""PB5xx and PB6xx: whether somebody woken at night can use it."""

from __future__ import annotations

import re
from datetime import date

from triage.playbook.language.reading import Reading
from triage.playbook.language.review import overdue
from triage.playbook.language.steps import Check, Checklist, Decide, DraftReply, End, Instruct, Probe, Step
from triage.playbook.language.yaml_nodes import Path, position

_UNFINISHED = re.compile(r"\b(?:T[O]DO|F[I]XME|T[B]D)\b")
_LONG_TITLE = 60
_NO_ORDER = re.compile(
    r"(?:an?|the|we|you|it|there|this|is|are|was|were|should|must)\b|\w{4,}ing\b", re.IGNORECASE
)
"""Titles of something to do that begin with no verb, as far as that can be told from the first word."""
_LONG_TEXT = 120


def check_style(reading: Reading, today: date | None) -> None:
    """Warnings and hints only; none of them stops a playbook."""
    source, header = reading.source, reading.header
    for found in _UNFINISHED.finditer(source.text):
        line, column = position(source.text, found.start())
        source.add_at(line, column, "PB601", f"{found.group()} left", level="warning")
    for index, step in reading.steps:
        _step_style(reading, ("steps", index), step)
    if header is None:
        return
    if not header.references and not any(step.refs for _, step in reading.steps):
        source.add(("title",), "PB506", "no references", level="info", on="key")
    late = overdue(header.reviewed, header.review_every, today) if today else ""
    if late:
        where: Path = ("reviewed",) if header.reviewed else ("version",)
        source.add(where, "PB502", late, level="warning", advice="go through it and set reviewed:")
    if ("x-imported-from",) in source.places and not header.reviewed:
        advice = "read every step and command, then set reviewed: and status: active"
        source.add(
            ("x-imported-from",),
            "PB602",
            "imported and not reviewed",
            level="warning",
            advice=advice,
            on="key",
        )
    if header.status == "deprecated" and not header.replaced_by:
        source.add(("status",), "PB507", "deprecated, but no replaced_by:", level="warning")


def _step_style(reading: Reading, path: Path, step: Step) -> None:
    source = reading.source
    if len(step.title) > _LONG_TITLE:
        message = f"the title has {len(step.title)} characters; {_LONG_TITLE} are read at a glance"
        source.add((*path, "title"), "PB503", message, level="warning")
    if isinstance(step, Instruct | Checklist | Probe) and _NO_ORDER.match(step.title):
        message = "the title is not an order: begin with what to do"
        source.add((*path, "title"), "PB503", message, level="info")
    words = len((step.text or "").split())
    if words > _LONG_TEXT:
        message = f"the text has {words} words; over {_LONG_TEXT} is not read at night"
        source.add((*path, "text"), "PB504", message, level="warning")
    if isinstance(step, Check) and step.effect == "destructive" and not step.why:
        source.add((*path, "id"), "PB505", "no why: on a destructive step", level="warning")
    if isinstance(step, Decide | End | DraftReply) and step.required:
        source.add((*path, "required"), "PB508", f"required means nothing on {step.kind}", level="info")
