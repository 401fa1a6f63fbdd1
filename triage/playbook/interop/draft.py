"""A playbook being made from something else, with a record of what did not come over."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

from triage.model.clean_text import clean
from triage.model.exchange import ImportFormat, ImportReport, Loss, LossLevel
from triage.playbook.interop.yaml_text import playbook_text
from triage.playbook.language.document import SCHEMA_NAME
from triage.playbook.language.expression import ROOTS
from triage.playbook.lint.load import load_text

STEP_LIMIT = 200
TITLE_LIMIT = 80
LINE_LIMIT = 200
TEXT_LIMIT = 4000
REMARK = "Made from {source}. A draft: read every step, and every command, before you set status: active."
TO_WRITE = "TO" + "DO"
"""The mark that lint finds in a draft (PB601)."""
_GAP = re.compile(r"\{\{")
_OURS = re.compile(r"\{\{\s*(?:" + "|".join(ROOTS) + r")\.")
_WORDS = re.compile(r"[a-z0-9]+")


class Draft:
    """Head and steps of a playbook to be, in the order they are added."""

    def __init__(self, form: ImportFormat, source: str) -> None:
        """``source`` is the name of the file, for messages."""
        self.form = form
        self.source = source
        self.head: dict[str, Any] = {}
        self.steps: list[dict[str, Any]] = []
        self.losses: list[Loss] = []
        self.refusals: list[str] = []
        self._ids: set[str] = set()

    def lose(self, level: LossLevel, what: str, why: str, place: str) -> None:
        """Record something that did not come over as it was."""
        self.losses.append(Loss(level, clean(what)[:LINE_LIMIT], clean(why)[:400], clean(place)[:LINE_LIMIT]))

    def refuse(self, why: str) -> None:
        """Say why there can be no playbook."""
        self.refusals.append(clean(why)[:400])

    def step_id(self, wanted: str) -> str:
        """An id no step has yet, made of the first words of ``wanted``."""
        stem = "_".join(_words(wanted))[:34].strip("_") or "step"
        stem = stem if stem[0].isalpha() else f"s_{stem}"[:34]
        name, number = stem, 2
        while name in self._ids:
            name, number = f"{stem}_{number}", number + 1
        self._ids.add(name)
        return name

    def title(self, wanted: str, place: str) -> str:
        """``wanted`` as a title: one line of at most 80 characters; what is cut is recorded."""
        line = " ".join(clean(wanted).split()) or "Step without a name"
        if len(line) <= TITLE_LIMIT:
            return line
        self.lose("weakened", f"title {line[:40]!r}…", f"cut to {TITLE_LIMIT} characters", place)
        return line[: TITLE_LIMIT - 1].rstrip() + "…"

    def line(self, wanted: str, place: str) -> str:
        """``wanted`` as one line of at most 200 characters."""
        line = " ".join(clean(wanted).split())
        if len(line) > LINE_LIMIT:
            self.lose("weakened", f"line {line[:40]!r}…", f"cut to {LINE_LIMIT} characters", place)
            line = line[: LINE_LIMIT - 1].rstrip() + "…"
        return line

    def prose(self, wanted: str, place: str) -> str:
        """``wanted`` as the text of a step: cleaned, cut, and without gaps that were never ours."""
        text = clean(wanted).replace("\t", "    ").strip()
        if _GAP.search(text):
            self.lose("weakened", "{{ in a text", "written as { {, so that it is not filled in", place)
            text = _GAP.sub("{ {", text)
        if len(text) > TEXT_LIMIT:
            self.lose("weakened", f"text {text[:40]!r}…", f"cut to {TEXT_LIMIT} characters", place)
            text = text[: TEXT_LIMIT - 2].rstrip() + "\n…"
        return "\n".join(line.rstrip() for line in text.split("\n"))

    def command(self, wanted: str, place: str) -> str:
        """``wanted`` as a command, or an empty text when it cannot be one."""
        text = clean(wanted).strip("\n")
        if len(text) > TEXT_LIMIT:
            self.lose("weakened", f"command {text[:40]!r}…", f"longer than {TEXT_LIMIT} characters", place)
            return ""
        if _OURS.search(text):
            why = "it would be a template of ours, which no command may hold; kept as text"
            self.lose("weakened", f"command {text[:40]!r}", why, place)
            return ""
        if text != wanted.strip("\n"):
            self.lose("weakened", f"command {text[:40]!r}", "hidden characters are made visible", place)
        return text

    def add(self, kind: str, title: str, place: str, *, id: str = "", **fields: Any) -> dict[str, Any]:  # noqa: A002 - the field's name
        """Add a step; fields without a value are left out. Returns it, to be filled further."""
        step = {"id": id or self.step_id(title), "kind": kind, "title": self.title(title, place)}
        step.update({name.rstrip("_"): value for name, value in fields.items() if value not in ("", None)})
        self.steps.append(step)
        return step

    def close(self) -> None:
        """Add the last question and its two ends, which a page of prose never has."""
        solved, done, passed = (self.step_id(name) for name in ("solved", "done", "passed_on"))
        options = [
            {"value": "yes", "label": "Yes", "next": done},
            {"value": "no", "label": "No", "next": passed},
        ]
        self.add(
            "ask", "Is it solved?", "the end", id=solved, type="choice", allow_unknown=False, options=options
        )
        self.add("end", "Solved", "the end", id=done, outcome="resolved")
        self.add("end", "Handed over", "the end", id=passed, outcome="handed_over")
        self.lose(
            "assumed", "the ends", "the source does not say how it ends; a last question asks", "the end"
        )

    def finish(self, kept: int, total: int) -> ImportReport:
        """The report, with the playbook's text when nothing speaks against it."""
        if not self.refusals and (not self.steps or not total):
            self.refuse("no steps were found")
        elif not self.refusals and kept * 2 < total:
            self.refuse(f"only {kept} of {total} steps could be kept")
        if len(self.steps) > STEP_LIMIT:
            self.refuse(
                f"it would have {len(self.steps)} steps; a playbook holds {STEP_LIMIT}: split the source"
            )
        name = self.head.get("id", "")
        if self.refusals:
            return ImportReport(self.form, self.source, name, "", kept, total, tuple(self.losses),
                                tuple(self.refusals))  # fmt: skip
        text = playbook_text({**self.head, "steps": self.steps}, REMARK.format(source=self.source))
        found = load_text(text, f"{name}.yaml")[1]
        errors = [f"{one.line}:{one.column}: {one.message}" for one in found if one.level == "error"]
        if errors:
            self.refuse(f"the result is not a playbook: {errors[0]}")
        return ImportReport(
            self.form, self.source, name, "" if errors else text, kept, total, tuple(self.losses),
            tuple(self.refusals), found,
        )  # fmt: skip

    def begin(
        self, title: str, *, name: str = "", owner: str = "", condition: str = "", **fields: Any
    ) -> None:
        """Write the head of a draft; what the source does not say is marked to be written."""
        self.head = {
            "schema": SCHEMA_NAME, "id": slug(name or title or PurePath(self.source).stem),
            "title": self.title(title or PurePath(self.source).stem, "the title"),
            "version": 1, "status": "draft",
            "owner": self.line(owner, "owner") or f"{TO_WRITE}: who keeps it right",
            "condition": self.prose(condition, "condition") or f"{TO_WRITE}: when it fits",
        }  # fmt: skip
        self.head.update({key: value for key, value in fields.items() if value not in ("", None, [], {})})
        self.head["x-imported-from"] = {"format": self.form, "file": clean(PurePath(self.source).name)}


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _WORDS.findall(plain)


def slug(text: str) -> str:
    """``text`` as the id of a playbook."""
    name = "-".join(_words(text))[:64].strip("-")
    return name if len(name) >= 2 else f"imported-{name or 'playbook'}"


def references(items: Iterable[Mapping[str, str]]) -> list[Any]:
    """References without doubles; an address that is none becomes part of the title."""
    found: list[Any] = []
    for item in items:
        title, url = " ".join(clean(item.get("title", "")).split()), item.get("url", "")
        good = bool(re.fullmatch(r"https?://\S{1,500}", url)) and clean(url) == url
        entry: Any = {"title": (title or url)[:LINE_LIMIT], "url": url} if good else f"{title} {url}".strip()
        if isinstance(entry, str):
            entry = clean(entry)[:LINE_LIMIT]
        if entry and entry not in found:
            found.append(entry)
    return found
