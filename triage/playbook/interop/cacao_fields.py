"""Which of our fields a CACAO object carries in properties of its own.

Export keeps beside them, in our extension, every field that would not come back from these; import puts the
two together. So nothing is written twice, and what another program changed in a property of the standard is
what we read.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from triage.playbook.interop.cacao_terms import duration_of, severity_of
from triage.playbook.language.durations import parse_duration


def head_fields(document: Mapping[str, Any], step_names: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a playbook's head that standard properties give."""
    fields: dict[str, Any] = {"title": document.get("name")}
    fields["objective"] = document.get("description")
    if isinstance(document.get("severity"), int) and document["severity"] > 0:
        fields["severity"] = (severity_of(document["severity"]),)
    if document.get("revoked") is True:
        fields["status"] = "deprecated"
    if document.get("workflow_exception"):
        fields["on_exception"] = step_names.get(document["workflow_exception"])
    if document.get("external_references"):
        fields["references"] = tuple(map(reference_of, document["external_references"]))
    return {name: value for name, value in fields.items() if value is not None}


def reference_to(entry: str | Mapping[str, Any]) -> dict[str, Any]:
    """A reference of ours as an external reference."""
    if isinstance(entry, str):
        return {"name": entry}
    known = {"title": "name", "url": "url", "page": "source"}
    return {known[key]: value for key, value in entry.items() if key in known}


def reference_of(entry: Any) -> str | dict[str, Any]:
    """An external reference as one of ours."""
    given = entry if isinstance(entry, Mapping) else {}
    name = str(given.get("name", ""))
    rest = {ours: given[theirs] for ours, theirs in (("url", "url"), ("page", "source")) if given.get(theirs)}
    return {"title": name, **rest} if rest else name


def variable_to(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A declared variable as a CACAO one, without its name."""
    kind = {"number": "float", "bool": "bool"}.get(str(fields.get("type", "text")), "string")
    held: dict[str, Any] = {"type": kind}
    if fields.get("prompt"):
        held["description"] = fields["prompt"]
    if "default" in fields:
        value = fields["default"]
        held["value"] = str(value).lower() if isinstance(value, bool) else str(value)
    held["constant"] = False
    held["external"] = "default" not in fields
    return held


def variable_of(held: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of ours that a CACAO variable gives."""
    fields: dict[str, Any] = {}
    kind = {"bool": "bool", "integer": "number", "long": "number", "float": "number"}.get(
        str(held.get("type"))
    )
    if kind:
        fields["type"] = kind
    if held.get("description"):
        fields["prompt"] = held["description"]
    if isinstance(held.get("value"), str):
        fields["default"] = typed_value(kind, held["value"])
    return fields


def typed_value(kind: str | None, text: str) -> str | int | float | bool:
    """The value a variable of ``kind`` has, whose text is ``text``; the text where it is none."""
    if kind == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind == "number" and re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text):
        return float(text) if "." in text else int(text)
    return text


def milliseconds(duration: str) -> int:
    """A duration of ours in CACAO's unit."""
    return max(round(parse_duration(duration).total_seconds() * 1000), 1)


def shell_line(run: str | tuple[str, ...]) -> str:
    """A command as bash would be given it; items that are a variable stay one."""
    if isinstance(run, str):
        return run
    return " ".join(
        f'"{item}"' if re.fullmatch(r"\$[A-Z][A-Z0-9_]*", item) else shlex.quote(item) for item in run
    )


def step_fields(
    kind: str, step: Mapping[str, Any], following: str, names: Mapping[str, str]
) -> dict[str, Any]:
    """The fields of a step of ``kind`` that standard properties give.

    ``following`` is the id of the next step in the file and ``names`` gives our ids for CACAO's.
    """
    fields: dict[str, Any] = {"title": step.get("name"), "text": step.get("description")}
    if step.get("external_references"):
        fields["refs"] = tuple(map(reference_of, step["external_references"]))
    target = names.get(str(step.get("on_completion") or step.get("on_success") or ""))
    if kind in ("check", "http"):
        fields["on_pass"] = target if target != following else None
        fields["on_fail"] = names.get(str(step.get("on_failure", "")))
        fields["timeout"] = duration_of(step["timeout"]) if step.get("timeout") else None
    elif kind not in ("decide", "end"):
        fields["next"] = target if target != following else None
    if kind == "check":
        fields["run"] = step["commands"][0].get("command")
    if kind == "wait" and step.get("delay"):
        fields["for"] = duration_of(step["delay"])
    return {name: value for name, value in fields.items() if value is not None}
