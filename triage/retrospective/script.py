"""The script: the questions of an investigation as data, one file for each mode beside this one.

A prompt is written once, in the file of the mode it belongs to; the other modes ``use`` it and may change
its seconds, its fewest rows and whether it is required. Every mistake in a file is an `Invalid` with
file:line:column.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, get_args

from triage.model.errors import Invalid
from triage.model.investigation import LintSection, Mode, PromptColumn
from triage.model.run import Option
from triage.retrospective import codes, strict_yaml
from triage.retrospective.recommendation_status import STATUSES

FOLDER = Path(__file__).with_name("script")
MODES: tuple[Mode, ...] = ("quick", "brief", "full")
DEEPEST_FIRST: tuple[Mode, ...] = ("quick", "full", "brief")
"""The night's questions, then full's; brief asks some of both and perhaps a team's own."""
PARTS = ("quick", "facts", "walk_back", "conclusions")
TYPES = ("text", "lines", "choice", "multi", "number", "time", "rows", "confirm")
COLUMN_TYPES = ("text", "choice", "number", "date", "time", "multi", "bool")
_FIELDS = frozenset({
    "id", "use", "part", "step", "title", "ask", "ask_by", "help", "example", "type", "options", "columns",
    "required", "rows_min", "safeguards", "prefill", "skip_if", "writes", "lint_as", "seconds",
})  # fmt: skip
_MAY_CHANGE = frozenset({"use", "required", "rows_min", "seconds"})


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question of the script, before it meets a case."""

    id: str
    part: str
    ask: str
    type: str
    writes: str
    """What of the investigation it fills; see `triage.retrospective.fold`."""
    title: str = ""
    step: int | None = None
    ask_by: Mapping[str, str] = field(default_factory=dict)
    """Another wording by the excuse claimed."""
    help: str = ""
    example: str = ""
    options: tuple[Option, ...] = ()
    columns: tuple[PromptColumn, ...] = ()
    required: bool = False
    rows_min: int = 0
    safeguards: tuple[str, ...] = ()
    prefill: str = ""
    """Name of a reading in `triage.retrospective.prefill`."""
    skip_if: str = ""
    """Name of a condition in `triage.retrospective.conditions`."""
    lint_as: LintSection = "none"
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Script:
    """The prompts of one mode in order."""

    mode: Mode
    title: str
    ends: str
    prompts: tuple[Prompt, ...]

    @property
    def seconds(self) -> int:
        """The time it asks for, branches not taken included."""
        return sum(one.seconds for one in self.prompts if not one.id.startswith("L") or one.id == "LOCK")


@cache
def script(mode: Mode) -> Script:
    """The script of ``mode`` in force."""
    return _scripts()[mode]


@cache
def known() -> Mapping[str, Prompt]:
    """Every prompt of every mode by id."""
    scripts = _scripts()
    found: dict[str, Prompt] = {}
    for mode in DEEPEST_FIRST:
        for one in scripts[mode].prompts:
            found.setdefault(one.id, one)
    return found


def prompt(name: str, *, where: str = "") -> Prompt:
    """The prompt called ``name`` in any case, or the only one that fills a field of that name.

    Raises `Invalid` with the nearest one.
    """
    found = known().get(name) or known().get(name.strip().upper()) or _filling().get(name.strip().lower())
    if found is not None:
        return found
    near = difflib.get_close_matches(name.upper(), known(), 1, 0.3) or difflib.get_close_matches(
        name.lower(), _filling(), 1, 0.6
    )
    do = f"Did you mean {near[0]}?" if near else f"Prompts are {', '.join(known())}"
    raise Invalid(f"there is no prompt {name!r}", where=where, do=do)


@cache
def _filling() -> Mapping[str, Prompt]:
    """Prompts by what they fill, where no two fill the same."""
    by_field = Counter(one.writes for one in known().values())
    return {one.writes: one for one in known().values() if by_field[one.writes] == 1}


_IN_FORCE: dict[Mode, Script] = {}


def put_in_force(scripts: Mapping[Mode, Script]) -> None:
    """Ask by ``scripts`` from now on in this process; by the built-in ones again when there are none."""
    _IN_FORCE.clear()
    _IN_FORCE.update(scripts)
    script.cache_clear()
    known.cache_clear()
    _filling.cache_clear()


def _scripts() -> Mapping[Mode, Script]:
    return _IN_FORCE or built_in()


@cache
def built_in() -> Mapping[Mode, Script]:
    """The scripts that come with the program."""
    return read_scripts({mode: (FOLDER / f"{mode}.yaml").read_text("utf-8") for mode in MODES})


def read_scripts(texts: Mapping[Mode, str]) -> Mapping[Mode, Script]:
    """The scripts written in ``texts`` by mode. Raises `Invalid` at the first mistake."""
    documents = {mode: strict_yaml.read(text, f"{mode}.yaml") for mode, text in texts.items()}
    written: dict[str, Prompt] = {}
    for document in documents.values():
        for at, entry in _entries(document):
            if "use" not in entry:
                one = _prompt(document, at, entry)
                if one.id in written:
                    raise Invalid(f"{one.id} is written twice", where=document.where("prompts", at))
                written[one.id] = one
    return {mode: _script(mode, document, written) for mode, document in documents.items()}


def _script(mode: Mode, document: strict_yaml.Document, written: Mapping[str, Prompt]) -> Script:
    prompts: list[Prompt] = []
    for at, entry in _entries(document):
        name = str(entry.get("use") or entry["id"])
        if name not in written:
            raise Invalid(f"no script has a prompt {name!r}", where=document.where("prompts", at, "use"))
        changed = {key: entry[key] for key in ("required", "rows_min", "seconds") if key in entry}
        prompts.append(replace(written[name], **changed) if "use" in entry else written[name])
    head: Mapping[str, Any] = document.data  # type: ignore[assignment]
    return Script(mode, str(head.get("title", mode)), str(head.get("ends", "")), tuple(prompts))


def _entries(document: strict_yaml.Document) -> Iterable[tuple[int, dict[str, Any]]]:
    data = document.data
    entries = data.get("prompts") if isinstance(data, Mapping) else None
    if not isinstance(entries, list):
        raise Invalid("a script needs a list of prompts", where=document.where(), do="Begin with 'prompts:'")
    for at, entry in enumerate(entries):
        if not isinstance(entry, dict):
            raise Invalid("a prompt is a mapping", where=document.where("prompts", at))
        allowed = _MAY_CHANGE if "use" in entry else _FIELDS - {"use"}
        for key in entry:
            if key not in allowed:
                near = difflib.get_close_matches(key, allowed, 1)
                do = f"Did you mean {near[0]!r}?" if near else ""
                raise Invalid(f"a prompt has no {key!r}", where=document.where("prompts", at, key), do=do)
        yield at, entry


def _prompt(document: strict_yaml.Document, at: int, entry: dict[str, Any]) -> Prompt:
    return read_prompt(document, ("prompts", at), entry)


def read_prompt(document: strict_yaml.Document, at: tuple[str | int, ...], entry: dict[str, Any]) -> Prompt:
    """The prompt that ``entry``, standing ``at`` that path of the document, says. Raises `Invalid`."""
    for key in entry:
        if key not in _FIELDS - {"use"}:
            raise Invalid(f"a prompt has no {key!r}", where=document.where(*at, key))
    for key in ("id", "part", "ask", "type", "writes"):
        if not isinstance(entry.get(key), str):
            raise Invalid(f"a prompt needs {key!r}", where=document.where(*at))
    for key, allowed in (("part", PARTS), ("type", TYPES), ("lint_as", get_args(LintSection))):
        if key in entry and entry[key] not in allowed:
            where = document.where(*at, key)
            raise Invalid(f"{key} {entry[key]!r} is none of {', '.join(allowed)}", where=where)
    plain = {key: entry[key] for key in _FIELDS & entry.keys() - {"use", "options", "columns", "safeguards"}}
    return Prompt(
        **plain,
        options=_options(entry.get("options"), document, *at, "options"),
        columns=tuple(
            _column(one, document, *at, "columns", number)
            for number, one in enumerate(entry.get("columns", []))
        ),
        safeguards=tuple(entry.get("safeguards", ())),
    )


def _column(one: Any, document: strict_yaml.Document, *path: str | int) -> PromptColumn:
    if not isinstance(one, dict) or "name" not in one:
        raise Invalid("a column needs a name", where=document.where(*path))
    kind = one.get("type", "text")
    if kind not in COLUMN_TYPES:
        where = document.where(*path, "type")
        raise Invalid(f"type {kind!r} is none of {', '.join(COLUMN_TYPES)}", where=where)
    options = _options(one.get("options"), document, *path, "options")
    label = str(one.get("label", one["name"]))
    return PromptColumn(one["name"], label, kind, options, one.get("required", False))


def _options(raw: Any, document: strict_yaml.Document, *path: str | int) -> tuple[Option, ...]:
    if raw is None:
        return ()
    if raw == "codes":
        return tuple(Option(one.id, f"{one.id} {one.name}") for one in codes.codes().values())
    if raw == "statuses":
        return tuple(Option(one.code, f"{one.code} {one.name}") for one in STATUSES.values())
    if not isinstance(raw, list):
        raise Invalid("options are a list", where=document.where(*path))
    return tuple(
        Option(str(one["value"]), str(one.get("label", one["value"])), str(one.get("hotkey", "")))
        if isinstance(one, dict)
        else Option(str(one), str(one).replace("_", " "))
        for one in raw
    )
