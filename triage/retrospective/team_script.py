"""A team's own wording of the script: reword, drop and add prompts in one file beside the settings.

::

    reword:
      Q24: {ask: "Which habit did we bring along?", help: "from cases we knew"}
    drop: [Q25]
    add:
      - {id: T1, after: Q10, part: walk_back, ask: "Who had the pager?", type: text, modes: [full]}

What the rules need cannot be dropped. Added prompts are called ``T`` and a number; their answers are printed
in the report. Every mistake is an `Invalid` with file:line:column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from triage.model.errors import Invalid
from triage.model.investigation import Mode
from triage.retrospective import strict_yaml
from triage.retrospective.script import MODES, Prompt, Script, read_prompt

_SECTIONS = frozenset({"reword", "drop", "add"})
_WORDS = frozenset({"ask", "help", "example", "title"})
_OWN_TYPES = frozenset({"text", "lines", "choice", "multi", "number"})
OWN = "own"
"""What an added prompt writes: nothing of the investigation but its answer."""


def with_team(scripts: Mapping[Mode, Script], text: str, name: str) -> Mapping[Mode, Script]:
    """``scripts`` as the team's file ``text``, called ``name`` in errors, changes them. Raises `Invalid`."""
    document = strict_yaml.read(text, name)
    data = document.data if document.data is not None else {}
    if not isinstance(data, Mapping):
        raise Invalid("a team's script is a mapping", where=document.where(), do="Begin with 'reword:'")
    for key in data:
        if key not in _SECTIONS:
            raise Invalid(f"there is no {key!r}", where=document.where(key), do="Use reword, drop and add")
    known = {one.id: one for script in scripts.values() for one in script.prompts}
    words = _reworded(document, data.get("reword") or {}, known)
    gone = _dropped(document, data.get("drop") or [], known)
    added = _added(document, data.get("add") or [], known)
    return {mode: _changed(script, words, gone, added) for mode, script in scripts.items()}


def _reworded(document: strict_yaml.Document, raw: Any, known: Mapping[str, Prompt]) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise Invalid("reword is a mapping of prompt id to words", where=document.where("reword"))
    for name, words in raw.items():
        _known(document, name, known, "reword", name)
        if not isinstance(words, Mapping):
            raise Invalid("give ask, help, example or title", where=document.where("reword", name))
        for key, value in words.items():
            if key not in _WORDS or not isinstance(value, str) or not value.strip():
                do = "Only ask, help, example and title can be reworded, each with a text"
                raise Invalid(f"{key!r} cannot be that", where=document.where("reword", name, key), do=do)
    return dict(raw)


def _dropped(document: strict_yaml.Document, raw: Any, known: Mapping[str, Prompt]) -> frozenset[str]:
    if not isinstance(raw, list):
        raise Invalid("drop is a list of prompt ids", where=document.where("drop"))
    for at, name in enumerate(raw):
        _known(document, name, known, "drop", at)
        if known[name].required or known[name].writes == "lock":
            do = "Reword it instead"
            raise Invalid(
                f"{name} cannot be dropped: the rules need it", where=document.where("drop", at), do=do
            )
    return frozenset(raw)


def _known(document: strict_yaml.Document, name: Any, known: Mapping[str, Prompt], *path: str | int) -> None:
    if name not in known:
        raise Invalid(f"no script has a prompt {name!r}", where=document.where(*path), do=", ".join(known))


def _added(
    document: strict_yaml.Document, raw: Any, known: Mapping[str, Prompt]
) -> list[tuple[Prompt, str, frozenset[str]]]:
    """Added prompts in an order in which each comes after the one it names."""
    if not isinstance(raw, list):
        raise Invalid("add is a list of prompts", where=document.where("add"))
    found: dict[str, tuple[Prompt, str, frozenset[str]]] = {}
    places: dict[str, int] = {}
    for at, entry in enumerate(raw):
        one, after, modes = _own(document, at, entry)
        if one.id in known or one.id in found:
            raise Invalid(f"{one.id} is there already", where=document.where("add", at, "id"))
        found[one.id], places[one.id] = (one, after, modes), at
    ordered: list[tuple[Prompt, str, frozenset[str]]] = []
    placed = set(known)
    while len(ordered) < len(found):
        ready = [name for name, (_, after, _) in found.items() if name not in placed and after in placed]
        if not ready:
            _no_way(document, found, places, placed)
        ordered += [found[name] for name in ready]
        placed |= set(ready)
    return ordered


def _no_way(
    document: strict_yaml.Document, found: Mapping[str, Any], places: Mapping[str, int], placed: set[str]
) -> None:
    """Say why the prompts not placed yet cannot be: one names nothing, or they go round in a loop."""
    left = [name for name in found if name not in placed]
    for name in left:
        after = found[name][1]
        if after not in found:
            raise Invalid(
                f"no prompt is called {after!r}", where=document.where("add", places[name], "after")
            )
    loop = [left[0]]
    while (after := found[loop[-1]][1]) not in loop:
        loop.append(after)
    told = " after ".join([*loop[loop.index(after) :], after])
    raise Invalid(f"a loop: {told}", where=document.where("add", places[after], "after"), do="Break it")


def _own(document: strict_yaml.Document, at: int, entry: Any) -> tuple[Prompt, str, frozenset[str]]:
    if not isinstance(entry, dict):
        raise Invalid("a prompt is a mapping", where=document.where("add", at))
    plain = {key: value for key, value in entry.items() if key not in {"after", "modes"}}
    one = read_prompt(document, ("add", at), {"writes": OWN, **plain})
    if not (one.id[:1] == "T" and one.id[1:].isdigit()):
        raise Invalid(f"{one.id!r} is no name for it", where=document.where("add", at, "id"), do="Call it T1")
    if one.writes != OWN or one.prefill or one.skip_if or one.type not in _OWN_TYPES:
        do = "Types are text, lines, choice, multi and number; writes, prefill and skip_if are not for it"
        raise Invalid(
            f"{one.id} asks for what only built-in prompts can do", where=document.where("add", at), do=do
        )
    modes = entry.get("modes", ["full"])
    if not isinstance(modes, list) or not modes or not set(modes) <= set(MODES):
        raise Invalid("modes are quick, brief and full", where=document.where("add", at, "modes"))
    after = entry.get("after")
    if not isinstance(after, str):
        raise Invalid(
            f"{one.id} does not say after which prompt", where=document.where("add", at), do="after: Q10"
        )
    return one, after, frozenset(modes)


def _changed(
    script: Script,
    words: Mapping[str, Mapping[str, Any]],
    gone: frozenset[str],
    added: list[tuple[Prompt, str, frozenset[str]]],
) -> Script:
    prompts = [replace(one, **words.get(one.id, {})) for one in script.prompts]
    for own, after, modes in added:
        if script.mode in modes:
            # After a prompt that this mode does not ask, it comes last.
            at = next((n for n, one in enumerate(prompts, start=1) if one.id == after), len(prompts))
            prompts.insert(at, own)
    return replace(script, prompts=tuple(one for one in prompts if one.id not in gone))
