"""Reading a CACAO file without trusting a thing in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from triage.model.errors import Invalid
from triage.playbook.interop.draft import Draft

SIZE_LIMIT = 1024 * 1024
STEP_TYPES = (
    "start", "end", "action", "playbook-action", "parallel", "if-condition", "while-condition",
    "switch-condition", "single",
)  # fmt: skip
"""``single`` is how CACAO 1 called an action."""


def read_document(raw: bytes, draft: Draft) -> dict[str, Any]:
    """The playbook in ``raw``. Raises `Invalid` with line and column for what is none."""
    if len(raw) > SIZE_LIMIT:
        raise Invalid(f"larger than {SIZE_LIMIT // 1024} KiB", where=draft.source)

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) < len(items):
            names = [name for name, _ in items]
            double = next(name for name in names if names.count(name) > 1)
            draft.lose(
                "dropped", f"key {double!r}", "written twice in one object; the last one stands", double
            )
        return found

    try:
        data = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=pairs)
    except UnicodeDecodeError as error:
        raise Invalid("not UTF-8", where=f"{draft.source}, byte {error.start}") from None
    except json.JSONDecodeError as error:
        where = f"{draft.source}:{error.lineno}:{error.colno}"
        raise Invalid(f"not JSON: {error.msg}", where=where, do="CACAO playbooks are JSON files") from None
    except (RecursionError, ValueError):
        raise Invalid("nested too deep, or a number too long", where=draft.source) from None
    if not isinstance(data, dict) or data.get("type") != "playbook":
        raise Invalid('not a CACAO playbook: no "type": "playbook"', where=draft.source)
    return data


def read_workflow(document: Mapping[str, Any], draft: Draft) -> dict[str, dict[str, Any]]:
    """The steps by their ids; the list form of early drafts too. What is no step is recorded."""
    given = document.get("workflow")
    if isinstance(given, list):
        given = _listed(given, draft)
    if not isinstance(given, Mapping) or not given:
        draft.refuse("it has no workflow")
        return {}
    steps: dict[str, dict[str, Any]] = {}
    for key, step in given.items():
        if isinstance(step, dict) and step.get("type") in STEP_TYPES:
            steps[key] = step
        else:
            kind = step.get("type") if isinstance(step, dict) else type(step).__name__
            draft.lose("dropped", f"step {key}", f"no step of CACAO 2.0: {kind}", f"/workflow/{key}")
            steps[key] = {"type": "unknown", "name": str(key)}
    return steps


def _listed(given: list[Any], draft: Draft) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, step in enumerate(given):
        key = text_of(step, "step_uuid") or text_of(step, "id") or f"step {number + 1}"
        if key in found:
            draft.refuse(f"two steps are called {key}")
        found[key] = step
    return found


_OF_STEPS = {
    "type", "name", "description", "on_completion", "on_success", "on_failure", "on_true", "on_false",
    "cases", "next_steps", "condition", "switch", "step_variables", "step_uuid", "id",
}  # fmt: skip
_OF_ACTIONS = {
    "commands",
    "delay",
    "timeout",
    "external_references",
    "agent",
    "targets",
    "in_args",
    "out_args",
}
_OF_COMMANDS = {"type", "command", "command_b64", "content", "content_b64"}


def record_unread(workflow: Mapping[str, Mapping[str, Any]], draft: Draft) -> None:
    """Record every property of a step or a command that nothing here reads."""
    for key, step in workflow.items():
        more = {"playbook-action": {"playbook_id"}, "action": _OF_ACTIONS, "single": _OF_ACTIONS}
        known = _OF_STEPS | more.get(str(step["type"]), set())
        parts = [(f"/workflow/{key}", step, known)] if step["type"] != "unknown" else []
        commands = enumerate(list_of(step, "commands"))
        parts += [(f"/workflow/{key}/commands/{number}", one, _OF_COMMANDS) for number, one in commands]
        for place, part, names in parts:
            unread = [name for name in part if name not in names] if isinstance(part, Mapping) else ["it"]
            for name in unread:
                draft.lose("dropped", str(name), "our format has no place for it", f"{place}/{name}")


def text_of(part: Any, key: str) -> str:
    """The text at ``key``; empty when there is none."""
    value = part.get(key) if isinstance(part, Mapping) else None
    return value if isinstance(value, str) else ""


def list_of(part: Any, key: str) -> list[Any]:
    """The list at ``key``; empty when there is none."""
    value = part.get(key) if isinstance(part, Mapping) else None
    return value if isinstance(value, list) else []


def mapping_of(part: Any, key: str) -> Mapping[str, Any]:
    """The object at ``key``; empty when there is none."""
    value = part.get(key) if isinstance(part, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def ways_of(step: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every property of a step that names another, with the name."""
    for key in ("on_completion", "on_success", "on_failure", "on_true", "on_false"):
        if target := step.get(key):
            yield key, _one(target)
    for value, target in mapping_of(step, "cases").items():
        yield f"cases/{value}", _one(target)
    for number, target in enumerate(list_of(step, "next_steps")):
        yield f"next_steps/{number}", _one(target)


def _one(target: Any) -> str:
    """CACAO 1 wrote a list of one where CACAO 2 writes an id."""
    if isinstance(target, list) and target:
        target = target[0]
    return target if isinstance(target, str) else repr(target)[:80]


def name_of(key: str, step: Mapping[str, Any]) -> str:
    """How a message calls a step."""
    name = text_of(step, "name")
    return f"{name!r}" if name else key
