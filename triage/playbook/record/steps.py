"""From acts to the steps of a draft, each with the answer that a test of it gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from triage.model.clean_text import clean, clean_line
from triage.model.json_value import Json
from triage.playbook.record.literals import Literals
from triage.playbook.record.recording import Act, Ran

TO_WRITE = "TO" + "DO"
"""The mark that lint finds in a draft (PB601)."""
TITLE = 60
_ID = 28
_WORDS = 110
_LINE = 190
_SHOWS = ("ask", "check", "evidence", "instruct", "http")
"""Kinds of steps that can show something."""


@dataclass(slots=True)
class Built:
    """One step of a draft."""

    step: dict[str, Any]
    answer: Json = None
    """What a test answers; None for a step that needs no answer there."""
    result: Mapping[str, Json] | None = None
    """What a command said; None where it was done by hand."""

    @property
    def id(self) -> str:
        """The step's id."""
        return str(self.step["id"])


@dataclass(slots=True)
class Builder:
    """Makes steps with ids of their own, and remembers which act became which."""

    literals: Literals
    ids: set[str] = field(default_factory=set)
    by_ref: dict[str, str] = field(default_factory=dict)
    named: bool = False
    """Whether a step that names the cause was made already."""

    def built(self, acts: Iterable[Act]) -> list[Built]:
        """The steps of ``acts``, in their order."""
        found: list[Built] = []
        for act in acts:
            found.append(self.one(act, found))
        return found

    def step_id(self, wanted: str) -> str:
        """An id that no step has, made of the first words of ``wanted``."""
        stem = ""
        for word in re.findall(r"[a-z0-9]+", wanted.casefold()):
            if stem and len(stem) + len(word) > _ID:
                break
            stem = f"{stem}_{word}"[: _ID + 1] if stem else word[:_ID]
        stem = stem if stem[:1].isalpha() else f"step_{stem}".rstrip("_")
        name, number = stem, 2
        while name in self.ids:
            name, number = f"{stem}_{number}", number + 1
        self.ids.add(name)
        return name

    def one(self, act: Act, before: Sequence[Built]) -> Built:
        """The step of ``act``, which comes after ``before``."""
        # Only to name the step: what is replaced in its title is recorded under that name, below.
        wanted = Literals(self.literals.fields).in_text(act.title or act.text, "", filled=False)
        name = self.step_id(wanted)
        title = clipped(self.literals.in_text(act.title, name, filled=False), TITLE) or "Write it down"
        step: dict[str, Any] = {"id": name, "kind": _KINDS[act.kind], "title": title}
        if act.kind == "do" and act.items:
            step["kind"] = "checklist"
        text = self._text(act.text, name)
        if text and act.kind in ("ask", "look", "do", "check", "evidence") and text != title:
            step["text"] = text
        if act.why:
            step["why"] = _short(self.literals.in_text(clean(act.why), name, filled=False))
        if act.lane:
            step["lane"] = act.lane
        if act.section:
            step["section"] = clipped(act.section, _LINE)
        if act.ref:
            self.by_ref.setdefault(act.ref, name)
        built = Built(step, act.answer)
        self._own_fields(act, built, before)
        return built

    def _own_fields(self, act: Act, built: Built, before: Sequence[Built]) -> None:
        step = built.step
        if act.kind in ("ask", "look"):
            _ask_fields(act, step)
        elif act.ran is not None and act.ran.method:
            self._request(act.ran, built)
        elif act.ran is not None:
            self._command(act.ran, built)
        elif act.kind == "evidence":
            step |= {"accept": ["text", "file", "url"]}
            built.answer = clipped(str(act.answer), _LINE) or "what was seen"
        elif act.kind == "note":
            step["template"] = self._text(act.text, built.id) or step["title"]
        elif act.kind == "finding":
            step["statement"] = self._text(act.text, built.id)
            step["from"] = self._shown(act, before)
            step["strength"] = act.strength
        elif step["kind"] == "checklist":
            texts = [clipped(self.literals.in_text(one, built.id, filled=False), _LINE) for one in act.items]
            step["items"] = texts
            built.answer = None
        else:
            built.answer = None
        if act.kind in ("note", "finding"):
            built.answer = None

    def _request(self, ran: Ran, built: Built) -> None:
        url = self.literals.in_value(str(ran.run), built.id)
        built.step |= {"kind": "http", "method": ran.method, "url": url, "timeout": ran.timeout}
        if ran.status is not None:
            built.step["expect"] = {"status": [ran.status]}
        built.step["manual"] = (
            self._text(ran.manual, built.id) or "Open the address and note what it answers."
        )
        built.answer = {"ok": ran.ok, "saw": clipped(ran.out, _LINE)}

    def _command(self, ran: Ran, built: Built) -> None:
        run, env = self.literals.in_command(
            ran.run if isinstance(ran.run, str) else tuple(ran.run), dict(ran.env), built.id
        )
        manual = self._text(ran.manual, built.id) or f"{TO_WRITE}: what to do by hand where it cannot run."
        built.step |= {"run": run, "effect": "changes", "timeout": ran.timeout, "manual": manual}
        built.step["undo"] = f"{TO_WRITE}: how to take it back, or none; effect: read_only if it only looks"
        if env:
            built.step["env"] = env
        built.answer = None
        if ran.exit is None:
            built.answer = {"ok": ran.ok, "saw": clipped(ran.out, _LINE)}
        else:
            built.step["expect"] = {"exit": [ran.exit]}
            built.result = {"exit": ran.exit, "out": clean(ran.out)[:4000]}

    def _shown(self, act: Act, before: Sequence[Built]) -> list[str]:
        """The steps that show it; the last one that looked at something, where none is named."""
        named = [self.by_ref[one] for one in act.shown_by if one in self.by_ref]
        usable = [one.id for one in before if one.step["kind"] in _SHOWS]
        return list(dict.fromkeys(one for one in named if one in usable)) or usable[-1:] or [before[-1].id]

    def _text(self, text: str, place: str) -> str:
        return _short(self.literals.in_text(clean(text).strip(), place, filled=True))


_KINDS = {
    "ask": "ask", "look": "ask", "do": "instruct", "check": "check", "evidence": "evidence", "note": "note",
    "finding": "finding",
}  # fmt: skip


def _ask_fields(act: Act, step: dict[str, Any]) -> None:
    step["type"] = act.answer_type
    if act.options:
        step["options"] = [
            {"value": value, **({"label": label} if label else {})} for value, label in act.options
        ]
    if act.saves:
        step["save_as"] = act.saves


def clipped(text: str, limit: int) -> str:
    """One line of at most ``limit`` characters, cut between words."""
    line = clean_line(" ".join(text.split()))
    if len(line) <= limit:
        return line
    cut = line[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:.")
    return (cut or line[: limit - 1]) + "…"


def _short(text: str) -> str:
    """``text`` of no more words than are read at night."""
    words = text.split(" ")
    return text[:3900] if len(text.split()) <= _WORDS else " ".join(words[:_WORDS]) + " …"


def as_words(built: Built) -> None:
    """Make a command that a check may not hold into something a person does, the command in its text."""
    step = built.step
    run = step.pop("run", None) or f"{step.pop('method')} {step.pop('url')}"
    line = run if isinstance(run, str) else " ".join(run)
    for name in ("effect", "timeout", "manual", "undo", "env", "expect", "on_fail"):
        step.pop(name, None)
    step["kind"] = "instruct"
    step["text"] = _short(f"{step.get('text', '')}\n\n    {line}".strip().replace("{{", "{ {"))
    built.answer = built.result = None
