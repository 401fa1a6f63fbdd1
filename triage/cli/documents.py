"""The shapes of the JSON documents: a stable contract, so nothing here follows a rename elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from triage.cli.output import plain
from triage.model.case import Case
from triage.model.investigation import PromptView
from triage.model.json_value import Json
from triage.model.operation import Change, Operation
from triage.model.queue import QueueItem
from triage.model.timeline import TimelineEvent


def queue_item(item: QueueItem) -> dict[str, Any]:
    """One row of ``triage queue --json``."""
    return {
        "id": item.id,
        "key": item.key,
        "subject": item.subject,
        "status": item.status,
        "priority": item.priority,
        "customer": item.customer,
        "product": item.product,
        "assignee": item.assignee,
        "created_at": plain(item.created_at),
        "updated_at": plain(item.updated_at),
        "waiting_since": plain(item.waiting_since),
        "next_promise_due": plain(item.next_promise_due),
        "unacknowledged": item.unacknowledged,
        "url": item.url,
        "local_state": item.local_state,
        "relationship": item.relationship,
        "tags": list(item.tags),
        "marked": item.marked,
        "to_send": item.to_send,
    }


def event(item: TimelineEvent) -> dict[str, Any]:
    """One event of a case's timeline."""
    return {
        "id": item.id,
        "at": plain(item.at),
        "kind": item.kind,
        "actor_role": item.actor_role,
        "actor": item.actor,
        "visibility": item.visibility,
        "text": item.text,
        "field": item.field,
        "old": item.old,
        "new": item.new,
        "source_ref": item.source_ref,
        "attachments": plain(item.attachments),
    }


def case(value: Case) -> dict[str, Any]:
    """The document of ``triage show --json``."""
    return {
        "ticket": plain(value.facts.ticket),
        "timeline": [event(item) for item in value.facts.timeline],
        "promises": plain(value.facts.promises),
        "runs": plain(value.runs),
        "investigation": plain(value.investigation),
        "operations": [operation(item) for item in value.operations],
        "evidence": plain(value.evidence),
        "earlier": list(value.facts.earlier),
        "pulled_at": plain(value.pulled_at),
        "gone": value.gone,
    }


def operation(value: Operation) -> dict[str, Any]:
    """One item of ``triage outbox list --json``."""
    return {
        "id": value.id,
        "ticket": value.ticket_id,
        "state": value.state,
        "created_at": plain(value.created_at),
        "purpose": value.purpose,
        "problem": value.problem,
        "change": _change(value.change),
        "steps": [
            {
                "key": step.key,
                "kind": step.kind,
                "visibility": step.visibility,
                "state": step.state,
                "attempts": step.attempts,
                "receipt": step.receipt or None,
                "payload": _payload(step.payload),
                "problem": step.problem,
            }
            for step in value.steps
        ],
    }


def _change(value: Change) -> dict[str, Any]:
    """``value`` with its files by name and size: a list of writes is not the place for what is in them."""
    held: dict[str, Any] = plain(value)
    if value.note is not None:
        held["note"]["files"] = [
            {"name": file.name, "media_type": file.media_type, "size": file.size, "sha256": file.sha256}
            for file in value.note.files
        ]
    return held


def _payload(value: Mapping[str, Json]) -> dict[str, Any]:
    held: dict[str, Any] = plain(value)
    if isinstance(held.get("files"), list):
        held["files"] = [file["name"] for file in held["files"]]
    return held


def without_who_speaks(held: dict[str, Any]) -> dict[str, Any]:
    """An investigation as `plain` gives it, changed so that nobody is named who speaks for a side.

    Who speaks is told to nobody outside, and neither are rows of sides that are not given yet.
    """
    _drop_names(held["parties"])
    _drop_names(held["answers"].get("Q5"))
    held["drafts"].pop("Q5", None)
    return held


def question(value: PromptView | None) -> dict[str, Any] | None:
    """What is asked next, under the same rule as `without_who_speaks`."""
    held: dict[str, Any] | None = plain(value)
    if held is not None and held["id"] == "Q5":
        held["draft"] = ""
        _drop_names(held["value"])
        _drop_names(held["prefill"])
    return held


def _drop_names(rows: Any) -> None:
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            row.pop("rep", None)
