"""A CACAO playbook, written by us or elsewhere, as a draft of ours.

What this reads as: manual actions become instructions (or questions, when they return something), bash a
check nobody has trusted, every other command a text for a person. A branch ends at its ``end`` step and goes
on behind the condition that began it (CACAO 2.0, 4.9 to 4.12). What CACAO leaves to the engine is asked of
the engineer.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from triage.model.clean_text import clean
from triage.model.exchange import ImportReport
from triage.playbook.interop.cacao_actions import Actions
from triage.playbook.interop.cacao_branches import Branches
from triage.playbook.interop.cacao_export import CARRIED
from triage.playbook.interop.cacao_fields import typed_value
from triage.playbook.interop.cacao_file import (
    list_of,
    mapping_of,
    read_document,
    read_workflow,
    record_unread,
    text_of,
)
from triage.playbook.interop.cacao_paths import check_paths
from triage.playbook.interop.cacao_return import extension_of, is_ours, own_playbook
from triage.playbook.interop.cacao_terms import VARIABLE, severity_of
from triage.playbook.interop.draft import Draft, references
from triage.playbook.interop.reading_order import in_reading_order
from triage.playbook.interop.variables import Variables

NOT_BRANCHING = ("start", "end")
_READ = (
    "type", "spec_version", "id", "name", "description", "modified", "revoked", "external_references",
    "playbook_variables", "workflow_start", "workflow_exception", "workflow", "agent_definitions",
    "target_definitions", "extension_definitions",
)  # fmt: skip
_NEVER = ("signatures", "authentication_info_definitions")


def from_cacao(raw: bytes, source: str) -> ImportReport:
    """The playbook in ``raw``, the bytes of a file called ``source``. Raises `Invalid` for no CACAO file."""
    draft = Draft("cacao", PurePath(source).name)
    document = read_document(raw, draft)
    workflow = read_workflow(document, draft)
    counted = [key for key, step in workflow.items() if step["type"] not in NOT_BRANCHING]
    if workflow and is_ours(document):
        report = _returned(document, draft, len(counted))
        if report:
            return report
    return _foreign(document, workflow, draft, len(counted))


def _returned(document: Mapping[str, Any], draft: Draft, total: int) -> ImportReport | None:
    """Our own file; None when its extension was damaged, so that it is read as anybody's."""
    try:
        data = own_playbook(document, draft)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        draft.losses.clear()
        why = f"it cannot be read ({clean(str(error))[:100]}); the file is read as one from elsewhere"
        draft.lose("weakened", "our extension", why, "/playbook_extensions")
        return None
    draft.head = {name: value for name, value in data.items() if name != "steps"}
    draft.steps = data["steps"]
    return draft.finish(total, total)


def _foreign(
    document: Mapping[str, Any], workflow: Mapping[str, Mapping[str, Any]], draft: Draft, total: int
) -> ImportReport:
    _head(document, draft)
    variables = Variables(draft)
    _variables(document, workflow, variables)
    if extension_of(document, "playbook_extensions"):
        why = "steps were added by another program; the fields CACAO has no property for are not read"
        draft.lose("weakened", "our extension", why, "/playbook_extensions")
    record_unread(workflow, draft)
    start = text_of(document, "workflow_start") or next(
        (key for key, step in workflow.items() if step["type"] == "start"), next(iter(workflow), "")
    )
    exception = text_of(document, "workflow_exception")
    reached = check_paths(workflow, start, exception, draft) if workflow else set()
    if draft.refusals:
        return draft.finish(0, total)
    branches = Branches(draft, workflow, variables, Actions(draft, document, variables))
    first = branches.place(start)
    if exception:
        draft.head["on_exception"] = branches.place(exception)
    branches.fill_all()
    if not draft.refusals:
        draft.steps = in_reading_order(draft.steps, first)
    if variables.declared:
        draft.head["vars"] = variables.declared
    kept = sum(workflow[key]["type"] not in (*NOT_BRANCHING, "unknown") for key in reached)
    return draft.finish(kept - branches.lost, total)


def _head(document: Mapping[str, Any], draft: Draft) -> None:
    severity = document.get("severity")
    known = isinstance(severity, int) and not isinstance(severity, bool) and 0 < severity <= 100
    labels = [
        draft.line(one, "/labels")
        for one in list_of(document, "labels")
        if isinstance(one, str) and one.strip()
    ]
    links = [
        {"title": text_of(one, "name") or text_of(one, "description"), "url": text_of(one, "url")}
        for one in list_of(document, "external_references")
    ]
    draft.begin(
        text_of(document, "name"), objective=draft.prose(text_of(document, "description"), "/description"),
        severity=[severity_of(int(severity))] if known and severity else None,
        applies_to={"field": "tags", "contains_any": labels} if labels else None,
        references=references(links),
    )  # fmt: skip
    if document.get("revoked") is True:
        draft.head["status"] = "deprecated"
    draft.lose("assumed", "condition", "CACAO has no property for when a playbook fits", "/")
    kept = {name: document[name] for name in ("id", *CARRIED) if name in document}
    draft.head["x-cacao"] = _cleaned(kept)
    for name in _NEVER:
        if document.get(name):
            draft.lose(
                "dropped", name, "never taken over: it would no longer hold, or is a secret", f"/{name}"
            )
    handled = {*_READ, *_NEVER, *CARRIED}
    for name in (name for name in document if name not in handled and not extension_of(document, name)):
        draft.lose("dropped", name, "our format has no place for it", f"/{name}")


def _cleaned(value: Any, depth: int = 0) -> Any:
    """Foreign data as our file may hold it: cleaned, not deep, not large."""
    if isinstance(value, str):
        return clean(value)[:1000]
    if depth > 5:
        return None
    if isinstance(value, Mapping):
        items = list(value.items())[:50]
        return {clean(str(key))[:200] or "unnamed": _cleaned(one, depth + 1) for key, one in items}
    if isinstance(value, list):
        return [_cleaned(one, depth + 1) for one in value[:50]]
    return value if isinstance(value, bool | int) and abs(value) < 10**15 else None


def _variables(
    document: Mapping[str, Any], workflow: Mapping[str, Mapping[str, Any]], variables: Variables
) -> None:
    places = [("/playbook_variables", mapping_of(document, "playbook_variables"))]
    places += [
        (f"/workflow/{key}/step_variables", mapping_of(step, "step_variables"))
        for key, step in workflow.items()
    ]
    for place, given in places:
        for key, held in given.items():
            found = VARIABLE.fullmatch(key) or VARIABLE.fullmatch(key.split(":")[0])
            word = found[1] if found else key
            kind = {"bool": "bool", "integer": "number", "long": "number", "float": "number"}.get(
                text_of(held, "type"), ""
            )
            value = text_of(held, "value")
            default = typed_value(kind, value) if value else None
            variables.declare(
                word, prompt=text_of(held, "description"), kind=kind, default=default, place=f"{place}/{key}"
            )
