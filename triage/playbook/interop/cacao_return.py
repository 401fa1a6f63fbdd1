"""A CACAO file that was written by us, read back: nothing is lost but what another program changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from triage.playbook.interop.cacao_export import plain, to_cacao
from triage.playbook.interop.cacao_fields import head_fields, step_fields, variable_of
from triage.playbook.interop.cacao_terms import EXTENSION, variable
from triage.playbook.interop.draft import Draft
from triage.playbook.interop.yaml_text import playbook_text
from triage.playbook.language.document import Header
from triage.playbook.language.fields import names_of
from triage.playbook.language.graph import STAY
from triage.playbook.language.steps import STEP_MODELS
from triage.playbook.lint.load import load_text


def extension_of(part: Any, key: str) -> Mapping[str, Any]:
    """What of ours stands in ``part``; empty when nothing does."""
    held = part.get(key) if isinstance(part, Mapping) else None
    ours = held.get(EXTENSION) if isinstance(held, Mapping) else None
    return ours if isinstance(ours, Mapping) else {}


def is_ours(document: Mapping[str, Any]) -> bool:
    """Whether every step was written by our export."""
    if not extension_of(document, "playbook_extensions"):
        return False
    steps = document["workflow"].values()
    return all(
        extension_of(step, "step_extensions") or (isinstance(step, Mapping) and step.get("type") == "start")
        for step in steps
    )


def own_playbook(document: Mapping[str, Any], draft: Draft) -> dict[str, Any]:
    """The data of the playbook file ``document`` was made from.

    What differs from a fresh export of it was changed elsewhere and could not be taken over: each such place
    is recorded in ``draft``. Raises `LookupError`, `TypeError` or `ValueError` when the extension is damaged.
    """
    workflow = document["workflow"]
    found = {
        key: (extension_of(step, "step_extensions"), step)
        for key, step in workflow.items()
        if "kind" in extension_of(step, "step_extensions")
    }
    ordered = sorted(found.items(), key=lambda one: int(one[1][0]["position"]))
    names = {key: held["id"] for key, (held, _) in ordered}
    names.update(_guards(workflow))
    steps = []
    for number, (_, (held, step)) in enumerate(ordered):
        following = ordered[number + 1][1][0]["id"] if number + 1 < len(ordered) else STAY
        steps.append(_step(held, step, following, names))
    data = {**_head(document, names), "steps": steps}
    text = playbook_text(data)
    playbook, diagnostics = load_text(text, f"{data.get('id', '')}.yaml")
    if playbook is None:
        raise ValueError(next(one.message for one in diagnostics if one.level == "error"))
    moment = datetime.fromisoformat(str(document.get("modified")).replace("Z", "+00:00"))
    for place in _differences(plain(document), to_cacao(playbook, text, moment), ""):
        draft.lose(
            "dropped",
            f"a change at {place}",
            "changed by another program; our format has no place for it",
            place,
        )
    return data


def _guards(workflow: Mapping[str, Any]) -> dict[str, str]:
    """Our ids for the if-conditions that stand before a step with ``when:``."""
    found = {}
    for key, step in workflow.items():
        held = extension_of(step, "step_extensions")
        target = extension_of(workflow.get(step.get("on_true")), "step_extensions")
        if held.get("part_of") and held["part_of"] == target.get("id"):
            found[key] = str(held["part_of"])
    return found


def _merged(held: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    left_out = held.get("left_out", ())
    return {
        **{name: value for name, value in given.items() if name not in left_out},
        **held.get("fields", {}),
    }


def _step(
    held: Mapping[str, Any], step: Mapping[str, Any], following: str, names: Mapping[str, str]
) -> dict[str, Any]:
    kind = held["kind"]
    fields = {"id": held["id"], "kind": kind, **_merged(held, step_fields(kind, step, following, names))}
    known = names_of(STEP_MODELS[kind])
    return {name: fields[name] for name in (*known, *fields) if name in fields}


def _head(document: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    held = extension_of(document, "playbook_extensions")
    fields = _merged(held, head_fields(document, names))
    if "vars" in held:
        given = document.get("playbook_variables", {})
        fields["vars"] = {
            name: _merged(one, variable_of(given[variable(name)])) for name, one in held["vars"].items()
        }
    return {name: fields[name] for name in (*names_of(Header), *fields) if name in fields}


def _differences(given: Any, ours: Any, place: str) -> Iterator[str]:
    """Where two documents differ, as JSON pointers into ``given``."""
    if isinstance(given, Mapping) and isinstance(ours, Mapping):
        for key in [*given, *(key for key in ours if key not in given)]:
            below = f"{place}/{str(key).replace('~', '~0').replace('/', '~1')}"
            if key not in given or key not in ours:
                yield below
            else:
                yield from _differences(given[key], ours[key], below)
    elif given != ours:
        yield place
