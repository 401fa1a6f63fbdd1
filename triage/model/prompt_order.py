"""Which question comes next: one order for the full screen and for plain lines."""

from __future__ import annotations

from triage.model.investigation import InvestigationView
from triage.model.json_value import Json


def is_answered(value: Json) -> bool:
    """Whether a value is an answer; an empty list is one: "nothing"."""
    return value is not None and value != ""


def open_after(view: InvestigationView, prompt_id: str) -> str:
    """The first open question behind ``prompt_id``; where only earlier ones are left, a required one.

    Empty once nothing must be asked any more: an optional question that was passed by is not asked again.
    """
    ids = [one.id for one in view.prompts]
    at = ids.index(prompt_id) if prompt_id in ids else -1
    still_open = [one for one in view.prompts if not is_answered(one.value)]
    behind = next((one.id for one in still_open if ids.index(one.id) > at), "")
    if behind or not any(one.required for one in still_open):
        return behind
    return view.prompt.id if view.prompt is not None and view.prompt.id in ids else ""


def before(view: InvestigationView, prompt_id: str) -> str:
    """The question before ``prompt_id``; the last one from the end, the first one from itself."""
    ids = [one.id for one in view.prompts]
    at = ids.index(prompt_id) if prompt_id in ids else len(ids)
    return ids[max(0, at - 1)] if ids else ""
