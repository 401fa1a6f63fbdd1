"""A RE&CT response playbook (atc-project/atc-react) as a draft of ours.

A response playbook is a YAML file with lists of response actions for six stages. The actions are files of
their own, in the folder ``response_actions`` beside the playbook's; they are read where they are found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from triage.model.errors import Invalid
from triage.model.exchange import ImportReport
from triage.playbook.interop.draft import Draft, references
from triage.playbook.language.yaml_nodes import SIZE_LIMIT, YamlError, read_tree

STAGES: Mapping[str, tuple[str, str]] = {
    "preparation": ("Preparation", ""), "identification": ("Identification", "investigate"),
    "containment": ("Containment", "fix"), "eradication": ("Eradication", "fix"),
    "recovery": ("Recovery", "fix"), "lessons_learned": ("Lessons learned", ""),
}  # fmt: skip
"""RE&CT's stages with their headings and our lanes, in their order."""

_SEVERITY = {"L": ["low"], "M": ["normal"], "H": ["high"]}
_ACTION = re.compile(r"(RA_?\d{4})(\w{0,120})\Z")
_PLACEHOLDER = re.compile(
    r"description of the (?:single steps|workflow)[^\n]*(?:response action|markdown)", re.IGNORECASE
)
_READ = {
    "title", "id", "description", "author", "severity", "tags", "references", "workflow", "stage", "tlp",
    "pap", "creation_date", "linked_rp", *STAGES,
}  # fmt: skip


def from_react(raw: bytes, path: Path) -> ImportReport:
    """The response playbook, or the single action, in ``raw``, the bytes of ``path``.

    Raises `Invalid` with the place of what cannot be read.
    """
    draft = Draft("react", path.name)
    data = _read(raw, path.name, draft)
    if not (any(stage in data for stage in STAGES) or "workflow" in data):
        raise Invalid("not a RE&CT response playbook: it has no stages and no workflow", where=path.name)
    _head(data, draft)
    total = kept = 0
    if "stage" in data:
        stage = data.get("stage")
        total = kept = 1
        _action(data, str(data.get("title", path.stem)), str(stage), draft, path.name)
    else:
        kept, total = _stages(data, draft, path.parent)
    for name in data:
        if name not in _READ and not name.startswith("x-"):
            draft.lose("dropped", name, "not a field of RE&CT that is read", name)
    if draft.steps:
        draft.close()
    return draft.finish(kept, total)


def _read(raw: bytes, name: str, draft: Draft) -> dict[str, Any]:
    try:
        tree = read_tree(raw[: SIZE_LIMIT + 1].decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Invalid("not UTF-8", where=f"{name}, byte {error.start}") from None
    except YamlError as error:
        raise Invalid(error.message, where=f"{name}:{error.line}:{error.column}", do=error.advice) from None
    if not isinstance(tree.data, dict):
        raise Invalid("not a mapping", where=name, do="RE&CT files are YAML mappings")
    for trouble in tree.errors:
        draft.lose("dropped", trouble.message, "the first one stands", f"line {trouble.line}")
    return tree.data


def _text(value: Any) -> str:
    return (
        value
        if isinstance(value, str)
        else ""
        if value is None or isinstance(value, dict | tuple)
        else str(value)
    )


def _list(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else () if value in (None, "") else (value,)


def _readable(name: str) -> str:
    """``RA_2202_collect_email_message`` as words."""
    words = re.sub(r"^R[AP]_?\d{4}_?", "", name).replace("_", " ").strip() or name
    return words[:1].upper() + words[1:]


def _head(data: Mapping[str, Any], draft: Draft) -> None:
    title = _text(data.get("title"))
    tags = [draft.line(_text(tag), "tags") for tag in _list(data.get("tags")) if _text(tag).strip()]
    description = draft.prose(_text(data.get("description")), "description")
    workflow = _text(data.get("workflow"))
    told = "" if _PLACEHOLDER.search(workflow) or "stage" in data else workflow
    draft.begin(
        _readable(title), name=_text(data.get("id")) and title, owner=_text(data.get("author")),
        condition=description,
        objective=draft.prose(told, "workflow"), severity=_SEVERITY.get(_text(data.get("severity")).upper()),
        applies_to={"field": "tags", "contains_any": tags} if tags else None,
        references=references(_links(data)),
    )  # fmt: skip
    kept = {
        name: _text(data[name]) for name in ("id", "tlp", "pap", "creation_date") if _text(data.get(name))
    }
    kept["linked_rp"] = ", ".join(map(_text, _list(data.get("linked_rp"))))
    draft.head["x-react"] = {name: draft.line(value, name) for name, value in kept.items() if value}
    for name in ("tlp", "pap", "linked_rp"):
        if kept.get(name):
            draft.lose(
                "weakened", f"{name}: {kept[name]}", "kept under x-react, where nothing looks at it", name
            )


def _links(data: Mapping[str, Any]) -> list[dict[str, str]]:
    texts = [_text(one).strip() for one in _list(data.get("references"))]
    return [{"title": "", "url": one} if "://" in one else {"title": one} for one in texts if one]


def _stages(data: Mapping[str, Any], draft: Draft, folder: Path) -> tuple[int, int]:
    kept = total = 0
    for stage in STAGES:
        for number, entry in enumerate(_list(data.get(stage)), 1):
            total += 1
            place = f"{stage}, entry {number}"
            name = _text(entry).strip()
            if not name:
                draft.lose("dropped", f"entry {number}", "it is not the name of an action", place)
                continue
            _action(_action_file(name, folder, draft, place), name, stage, draft, place)
            kept += 1
    return kept, total


def _action(data: Mapping[str, Any], name: str, stage: str, draft: Draft, place: str) -> None:
    heading, lane = STAGES.get(stage, (stage.replace("_", " ").capitalize(), ""))
    workflow = _text(data.get("workflow"))
    if data and (not workflow.strip() or _PLACEHOLDER.search(workflow)):
        draft.lose("weakened", _readable(name), "the action is a stub: it does not say how", place)
        workflow = ""
    description = " ".join(_text(data.get("description")).split())
    text = draft.prose("\n\n".join(part for part in (description, workflow.strip()) if part), place)
    refs = [one for one in references(_links(data)) if "example.com" not in str(one)]
    step = draft.add(
        "instruct", _readable(name), place, text=text, section=heading, refs=refs or None, lane=lane
    )
    if known := _ACTION.match(name):
        step["x-react"] = {"id": known[1]}


def _action_file(name: str, folder: Path, draft: Draft, place: str) -> Mapping[str, Any]:
    """The action called ``name``; empty, and recorded, when no file of it is found."""
    known = _ACTION.match(name)
    for where in (folder, folder / "response_actions", folder.parent / "response_actions") if known else ():
        # Only the listed names are opened: a name in the file never becomes a path.
        try:
            found = sorted(
                one for one in where.glob("RA*.y*ml") if known and one.stem == name and one.is_file()
            )
            found = found or sorted(
                one for one in where.glob("RA*.y*ml") if known and one.name.startswith(known[1])
            )
            if found:
                with found[0].open("rb") as file:
                    return _read(file.read(SIZE_LIMIT + 1), found[0].name, draft)
        except (OSError, Invalid) as error:
            draft.lose("weakened", name, f"its file cannot be read: {error}", place)
            return {}
    draft.lose("weakened", name, "its file was not found; only its name is there", place)
    return {}
